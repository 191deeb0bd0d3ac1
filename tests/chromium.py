"""A real Chromium for tests, driven through chromedriver: widths, palettes, keys, logs, and no JavaScript where asked.

Speaks WebDriver (https://www.w3.org/TR/webdriver2/) and, by chromedriver's own command, the protocol of the browser's
developer tools. Scripts of a test run outside the page's Content-Security-Policy; scripts of the page within it.
"""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import need
from tests.serving import free_port, wait_for

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
TIMEOUT_S = 180.0
WAIT_S = 90.0  # For what a script of a page is to show.
DESKTOP, PHONE = (1280, 900), (390, 844)
# Keys as WebDriver writes them.
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"


class Browser:
    """One window."""

    def __init__(self, address: str) -> None:
        self._session = address
        self._steps = 0

    def call(self, method: str, path: str, values: dict[str, Any] | None = None) -> Any:
        """Send a WebDriver command and return its value; raises `RuntimeError` with the driver's words."""
        body = json.dumps(values or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            f"{self._session}{path}", body, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def devtools(self, command: str, **values: Any) -> Any:
        """Send a command of the developer tools, such as `Emulation.setEmulatedMedia`."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": values})

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.call("POST", "/url", {"url": address})
        end = time.monotonic() + TIMEOUT_S
        # On a busy machine the driver answers while the page is still being read.
        while self.run("return document.readyState") != "complete" and time.monotonic() < end:
            time.sleep(0.02)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page and return what it returns; a promise is waited for."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def step(self, by: int) -> None:
        """Go forward in the history, or back where `by` is negative: once, however often a busy driver sends a script."""
        self._steps += 1
        once = "if (window.cmsiteStep !== arguments[0]) { window.cmsiteStep = arguments[0]; "
        self.run(f"{once}setTimeout(() => history.go(arguments[1])) }}", self._steps, by)

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def view(self, size: tuple[int, int] = DESKTOP, *, dark: bool = False, **media: str) -> None:
        """Set width, height and palette; `media` are further features, `forced_colors="active"` for instance."""
        width, height = size
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        features = {"prefers-color-scheme": "dark" if dark else "light"} | {
            name.replace("_", "-"): value for name, value in media.items() if name != "medium"
        }
        self.devtools(
            "Emulation.setEmulatedMedia",
            media=media.get("medium", ""),
            features=[{"name": name, "value": value} for name, value in features.items()],
        )

    def events(self, method: str) -> list[dict[str, Any]]:
        """Return the events of the developer tools since the last call, such as `Network.requestWillBeSent`.

        Those of other kinds are forgotten.
        """
        messages = (
            json.loads(entry["message"])["message"] for entry in self.call("POST", "/se/log", {"type": "performance"})
        )
        return [message["params"] for message in messages if message["method"] == method]

    def forget(self) -> None:
        """Empty the logs: `events` and `complaints` tell only what comes after."""
        for kind in ("performance", "browser"):
            self.call("POST", "/se/log", {"type": kind})

    def complaints(self) -> list[str]:
        """Return what the browser reported on its console since the last call: errors, refusals of the policy."""
        entries = self.call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self) -> bytes:
        """Return a picture (PNG) of what the window shows."""
        return base64.b64decode(self.call("GET", "/screenshot"))


def wait(browser: Browser, script: str, expected: object = True) -> None:  # noqa: FBT002 - what most scripts return.
    """Return when a script of the page returns what is expected."""
    end, found = time.monotonic() + WAIT_S, None
    while time.monotonic() < end:
        found = browser.run(script)
        if found == expected:
            return
        time.sleep(0.05)
    raise AssertionError(f"{script}: {found!r}, expected {expected!r}")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser that the tests of a module share."""
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Return the window at desktop size with scripts; no page may complain of anything, before or after.

    A module whose tests ask for what is not there lists in `EXPECTED` what stands in complaints of that.
    """
    window.view(DESKTOP)
    window.devtools("Emulation.setScriptExecutionDisabled", value=False)
    window.open("about:blank")
    window.forget()
    yield window
    expected = ("favicon", *getattr(request.module, "EXPECTED", ()))
    complaints = [text for text in window.complaints() if not any(words in text for words in expected)]
    assert not complaints, complaints


@contextmanager
def chromium(scratch: Path) -> Iterator[Browser]:
    """Start Chromium with an empty profile below `scratch`; tests that need it are listed where it is missing."""
    browser, driver = need("chromium"), need("chromedriver")
    port = free_port()
    options = {
        "binary": str(browser),
        "args": [*FLAGS, f"--user-data-dir={scratch / f'profile-{port}'}"],
    }
    capabilities = {
        "browserName": "chrome",
        "timeouts": {"script": int(TIMEOUT_S * 1000)},
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
    }
    with subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            server = Browser(f"http://127.0.0.1:{port}")
            session = server.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]
            window = Browser(f"http://127.0.0.1:{port}/session/{session}")
            window.view()
            window.open("about:blank")  # Leaves the browser's own first page, which asks for files of its own.
            window.forget()
            try:
                yield window
            finally:
                window.call("DELETE", "")
        finally:
            process.terminate()
