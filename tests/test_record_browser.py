"""Records in a real browser, on what the first hour publishes: found, looked at and decided again, on a desk and on a phone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from api.app import create_app
from api.config import Config
from policies.registry.store.connect import open_store
from policies.samples.publish import EXAMPLE, FOLLOWED, GRADED, THEN, fill
from tests.browser import Browser
from tests.test_browser import CONTRASTS, DESK, PHONE, ROOT, WIDE, browser, window

__all__ = ["browser", "window"]

MASKING = "protected_attributes"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of the first hour's store, with the worked example and a policy that masks facts."""
    folder = tmp_path_factory.mktemp("filled")
    for name in (f"{EXAMPLE}.tier", f"{EXAMPLE}.tests.yaml", f"{MASKING}.tier"):
        (folder / name).write_bytes((ROOT / "policies" / name).read_bytes())
    store = open_store(f"sqlite:///{folder}/store.db")
    fill(store, folder)
    app = create_app(Config(), store=store)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["recorder"].close()
    store.close()


def rows(browser: Browser) -> int:
    count: int = browser.run("return document.querySelectorAll('table.records tbody tr').length")
    return count


def test_a_decision_is_found_and_made_again(browser: Browser, address: str) -> None:
    browser.open(f"{address}/?lang=en")
    browser.follow('.hero a[href^="/decisions"]')
    assert rows(browser) > 2 * GRADED
    browser.write("#customer", "C0002")
    browser.follow("form.facts button")
    assert "C0002" in browser.text("table.records")
    assert rows(browser) == 2, "one by each version"
    browser.follow("table.records tbody tr:last-child a")
    assert browser.text("h1") == "Decision on C0002"
    assert f"{THEN}" in browser.text("dl")
    assert "Version 1" in browser.text("dl")
    browser.follow("form#replay button")
    assert "Identical" in browser.text("#outcome")
    browser.follow(".top .switch")
    assert "完全一致" in browser.text("#outcome")
    browser.follow("a.to-line")
    line = browser.run("return location.hash")
    assert browser.run("return document.querySelector(arguments[0]) !== null", line)
    assert "version=1" in browser.run("return location.search")


def test_an_answer_leads_to_its_record(browser: Browser, address: str) -> None:
    browser.open(f"{address}/policies/{EXAMPLE}?lang=en")
    browser.write("#f-order_amount", "500,000")
    browser.write("#f-stage", "contract")
    browser.follow("form.facts button[type=submit]")
    browser.follow('#answer a[href^="/decisions/"]')
    assert "500,000 CNY" in browser.text("dl + p, section:nth-of-type(2)")
    assert "local" in browser.text("dl")


def test_masked_values_are_given_again(browser: Browser, address: str) -> None:
    browser.open(f"{address}/decisions?policy={MASKING}&customer=E0001")
    browser.follow("table.records tbody a")
    assert "masked" in browser.text("main")
    browser.follow("form#replay button")
    assert "masked values are needed" in browser.text("#outcome")
    browser.write("#f-gender", "Female")
    browser.write("#f-faith", "Buddhist")
    browser.follow("form#replay button")
    assert "was not what is given now" in browser.text("#outcome")
    browser.write("#f-faith", "Muslim")
    browser.follow("form#replay button")
    assert "Identical" in browser.text("#outcome")
    browser.complaints()  # the page that refused was no success, which the browser says


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_records_fit_and_can_be_read(
    browser: Browser, address: str, lang: str, size: tuple[int, int], tmp_path: Path
) -> None:
    browser.narrow(*size)
    for name, query in (("followed", f"customer={FOLLOWED}"), ("masked", f"policy={MASKING}")):
        browser.open(f"{address}/decisions?{query}&lang={lang}")
        check(browser, size, name)
        (tmp_path / f"{name}-list-{lang}.png").write_bytes(browser.picture())
        browser.follow("table.records tbody tr:nth-child(2) a")
        check(browser, size, name)
        browser.follow("form#replay button")
        browser.find("#outcome")
        check(browser, size, name)
        (tmp_path / f"{name}-{lang}.png").write_bytes(browser.picture())


def check(browser: Browser, size: tuple[int, int], name: str) -> None:
    for dark in (True, False):
        browser.dark(dark)
        scroll, width = browser.run(WIDE)
        assert scroll <= width == size[0], name
        assert browser.run(CONTRASTS) == [], (name, dark)
