"""A real headless Chromium, driven over the WebDriver protocol: plain JSON over HTTP, so no library is needed.

`chromedriver` (Debian: chromium-driver) stands between; it is started here on a port of its own and stopped at the end.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
# How an answer names an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# How a script is refused whose page goes while it runs.
UNDER_WAY = ("javascript error", "unknown error")

# It calls nobody, and keeps nothing.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",  # what is clicked does not glide away
)


class Refused(AssertionError):
    """What the browser would not do: WebDriver's own word, and its sentence."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error


class Browser:
    """One window."""

    def __init__(self, port: int, profile: Path) -> None:
        self._port = port
        self._base = ""
        options = {
            "binary": CHROMIUM,
            "args": [*ARGUMENTS, f"--user-data-dir={profile}"],
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": 10_000},  # a page that a click leads to takes its time
        }
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._base = f"/session/{session['sessionId']}"

    def _call(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            data = json.dumps(body if body is not None else {}) if method == "POST" else None
            connection.request(method, self._base + path, data, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise Refused(value["error"], value["message"])
        return value

    def open(self, address: str) -> None:
        """Goes to an address and waits until it is there."""
        self._call("POST", "/url", {"url": address})

    def run(self, script: str, *arguments: object) -> Any:
        """Runs JavaScript in the page, which may `return` something."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        """The element that a selector finds; there must be one."""
        found: str = self._call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]
        return found

    def click(self, selector: str) -> None:
        """Clicks on what stays on its page; `follow` is for what leads away."""
        self._call("POST", f"/element/{self.find(selector)}/click")

    def follow(self, selector: str) -> None:
        """Clicks on what leads to another page, and waits until that one is there, whole.

        A click returns before its page has gone: what is looked for then is found there, and is out of date when it is used.
        """
        self.run("window.left = true")
        self.click(selector)
        end = time.monotonic() + PATIENCE
        while not self._has_arrived():
            assert time.monotonic() < end, f"`{selector}` led to no other page"
            time.sleep(0.02)

    def _has_arrived(self) -> bool:
        try:
            arrived: bool = self.run("return !window.left && document.readyState === 'complete'")
        except Refused as refused:
            if refused.error not in UNDER_WAY:
                raise
            return False
        return arrived

    def write(self, selector: str, text: str) -> None:
        """Types into a control."""
        self._call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def text(self, selector: str) -> str:
        """What somebody reads there."""
        found: str = self._call("GET", f"/element/{self.find(selector)}/text")
        return found

    def narrow(self, width: int, height: int) -> None:
        """Makes the page as wide as a screen of that size, phones included."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)

    def dark(self, on: bool) -> None:
        """Asks for dark colours."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self._devtools("Emulation.setEmulatedMedia", {"features": [feature]})

    def _devtools(self, command: str, parameters: object) -> None:
        self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def complaints(self) -> list[str]:
        """What the browser said against the pages since it was last asked: errors of scripts, things not allowed."""
        found = self._call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in found if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self) -> bytes:
        """What is seen, as a PNG."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def close(self) -> None:
        self._call("DELETE", "")


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile."""
    assert DRIVER
    driver = subprocess.Popen(
        [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert driver.stdout
        started = (re.search(r"on port (\d+)\.", line) for line in driver.stdout)
        port = next(int(found[1]) for found in started if found)
        browser = Browser(port, profile)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        driver.terminate()
        driver.communicate()
