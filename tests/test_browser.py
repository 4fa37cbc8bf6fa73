"""The pages as somebody sees and uses them, in a real browser: on a desk and on a phone, in both languages, light and dark."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from api.app import create_app
from api.config import Config
from tests.browser import CHROMIUM, DRIVER, PATIENCE, Browser, browsing
from tests.lacking import lacking

ROOT = Path(__file__).parent.parent

DESK, PHONE = (1400, 900), (390, 844)
FIRST = "/policies/b2b_grading"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The service with the policies that come along, on a port of its own."""
    server = make_server("127.0.0.1", 0, create_app(Config(policies=ROOT / "policies")), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not (CHROMIUM and DRIVER):
        lacking("Chromium", "chromium chromium-driver")
    with browsing(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """The window as wide as a desk's; nothing may have been said against the pages at the end."""
    window.narrow(*DESK)
    window.dark(False)
    yield window
    assert window.complaints() == []


def ask(browser: Browser, address: str, **facts: str) -> None:
    """Opens the worked example, fills its form in and sends it."""
    browser.open(address + FIRST)
    for key, text in facts.items():
        browser.write(f"#f-{key}", text)
    browser.follow("form.facts button[type=submit]")
    browser.find("#answer")


def until(what: Any) -> Any:
    """Waits until something is so; gives it."""
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def test_a_customer_is_graded_by_hand(browser: Browser, address: str) -> None:
    browser.open(address + "/?lang=en")
    browser.follow('a[href^="/policies/b2b_grading?"]')
    assert browser.text("h1") == "B2B customer grading"
    ask(
        browser,
        address,
        order_amount="500,000",
        referrals="2",
        demand_types="4",
        listed="no",
        valuation="high",
        stage="contract",
    )
    assert "D Potential customer" in browser.text("#answer .verdict")
    assert "5%" in browser.text("#answer .gains")
    assert "short by 5" in browser.text("#answer details.better")
    line = browser.run("return document.querySelector('a.to-line').hash")
    browser.click("a.to-line")
    top, height = browser.run(
        "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
        "return [box.top, window.innerHeight]",
        line,
    )
    assert 0 <= top < height
    assert browser.run("return document.activeElement.hash || location.hash") == line


def test_a_reason_under_the_pointer_lights_its_line(browser: Browser, address: str) -> None:
    ask(browser, address, order_amount="500000", stage="contract")
    lit = "return document.querySelectorAll('li.lit').length"
    assert browser.run(lit) == 0
    browser.run("document.querySelector('a.to-line').focus()")
    assert browser.run(lit) == 1


def test_what_is_missing_leads_into_its_field(browser: Browser, address: str) -> None:
    ask(browser, address, stage="contract")
    browser.click(".missing a")
    assert browser.run("return document.activeElement.id") == "f-order_amount"


def test_a_call_is_tried_out_from_the_documentation(browser: Browser, address: str) -> None:
    browser.open(address + "/docs")
    form = 'form.try[data-path="/v1/decisions"]'
    browser.run("document.querySelector(arguments[0]).closest('details').open = true", form)
    browser.click(f"{form} button")
    assert until(lambda: browser.text(f"{form} .status")).startswith("200 application/json")
    assert '"status": "decided"' in browser.text(f"{form} .reply pre")
    form = 'form.try[data-path="/v1/policies/{name}/text"]'
    browser.run("document.querySelector(arguments[0]).closest('details').open = true", form)
    browser.write(f"{form} input[name=name]", "b2b_grading")
    browser.click(f"{form} button")
    assert until(lambda: browser.text(f"{form} .status")).startswith("200 text/plain")
    assert "policy b2b_grading" in browser.text(f"{form} .reply pre")


WIDE = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"

# Of every element with text of its own, the contrast with what is behind it, by the rule of WCAG 2.
CONTRASTS = """
const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
const behind = (element) => {
  for (; element; element = element.parentElement) {
    const color = numbers(getComputedStyle(element).backgroundColor);
    if (color.length === 3 || color[3] > 0.9) return color;
  }
  return [255, 255, 255];
};
const faint = new Set();
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility() || element.matches("option, .skip")) continue;
  const [one, other] = [light(numbers(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
  if ((one + 0.05) / (other + 0.05) < 4.5) faint.add(element.outerHTML.slice(0, 80));
}
return [...faint];
"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_fits_and_can_be_read(
    browser: Browser, address: str, lang: str, size: tuple[int, int], tmp_path: Path
) -> None:
    browser.narrow(*size)
    pages = {"home": "/", "policy": f"{FIRST}?example=1", "docs": "/docs"}
    for name, path in pages.items():
        browser.open(f"{address}{path}{'&' if '?' in path else '?'}lang={lang}")
        for dark in (False, True):
            browser.dark(dark)
            scroll, width = browser.run(WIDE)
            assert scroll <= width == size[0], name
            assert browser.run(CONTRASTS) == [], (name, dark)
        browser.dark(False)
        picture = browser.picture()
        (tmp_path / f"{name}.png").write_bytes(picture)
        assert struct.unpack(">II", picture[16:24]) == size
        assert len(picture) > 10_000  # not an empty sheet
    browser.open(f"{address}{pages['policy']}&lang={lang}")
    browser.follow("form.facts button[type=submit]")
    assert ("潜力客户" if lang == "zh" else "Potential customer") in browser.text("#answer .tier")
    scroll, width = browser.run(WIDE)
    assert scroll <= width
    assert browser.run(CONTRASTS) == []


def test_chinese_has_a_font(browser: Browser, address: str) -> None:
    """A character that no font has is drawn as a box, and every such box is alike."""
    browser.open(address + "/?lang=zh")
    drawn = browser.run(
        "return ['级', '户', '\\u{10fff0}'].map((letter) => {"
        "  const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');"
        "  pen.font = '40px ' + getComputedStyle(document.body).fontFamily; pen.fillText(letter, 5, 50);"
        "  return canvas.toDataURL(); })"
    )
    assert len(set(drawn)) == 3
