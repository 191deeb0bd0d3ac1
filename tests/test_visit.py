"""A visit, as a consumer makes it: from the front page over a facet to an artifact, its command, its bytes on disk."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chromium import DESKTOP, ENTER, PHONE, Browser, chromium, wait
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.test_find_page import NAMES, click
from tests.test_script_page import example_site

pytestmark = [pytest.mark.browser, pytest.mark.server]

ARTIFACT = "get-dataset-wine"
COPIED = (
    "return new Promise(done => { const wait = async left => { const text = await navigator.clipboard.readText();"
    "text || !left ? done(text) : setTimeout(wait, 100, left - 1); }; wait(600); })"
)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_front_page_to_verified_bytes(tmp_path: Path, size: tuple[int, int]) -> None:
    with served_by_nginx(need("nginx"), example_site(), tmp_path) as address, chromium(tmp_path) as browser:
        browser.view(size)
        go_to_the_artifact(browser, address)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
        command = copied_command(browser, address)
        run(tmp_path, "cmsite", "registry", "add", "demo", address)
        run(tmp_path, *shlex.split(command))
        assert (tmp_path / "artifacts" / "script" / ARTIFACT / "_cm.yaml").is_file()
        run(tmp_path, "cmsite", "verify")
        (tmp_path / "artifacts" / "script" / ARTIFACT / "customize.py").write_text("changed", "utf-8")
        assert run(tmp_path, "cmsite", "verify", code=6)


def test_without_javascript_everything_is_there_to_read(tmp_path: Path) -> None:
    with served_by_nginx(need("nginx"), example_site(), tmp_path) as address, chromium(tmp_path) as browser:
        browser.view(PHONE)
        browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(address)
        leads_to(browser, address, "script")
        leads_to(browser, address, ARTIFACT)
        text = browser.run("return document.querySelector('article').innerText")
        for words in (f"cmsite pull script:{ARTIFACT}", "Dependencies", "Versions", "Provenance", "How to cite"):
            assert words in text


def go_to_the_artifact(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.run("document.querySelector('form.cm-ask input, article form input').focus()")
    browser.press(*"wine", ENTER)
    wait(browser, "return location.pathname + location.search", "/find/?q=wine")
    wait(browser, "return document.querySelectorAll('#find-list .cm-list__name').length > 3")
    click(browser, ".cm-find__value", "script")
    assert ARTIFACT in browser.run(NAMES)
    click(browser, "#find-list a", ARTIFACT)
    wait(browser, "return location.pathname", f"/a/cmsite-examples/script/{ARTIFACT}/")


def copied_command(browser: Browser, address: str) -> str:
    """Press the button of the first command and return what the clipboard holds then."""
    browser.devtools(
        "Browser.grantPermissions",
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
        origin=address.rstrip("/"),
    )
    browser.devtools("Emulation.setFocusEmulationEnabled", enabled=True)
    wait(browser, "return document.querySelector('.cm-tabs pre button') !== null")
    browser.run("document.querySelector('.cm-tabs pre button').focus()")
    browser.press(ENTER)
    text: str = browser.run(COPIED)
    assert text.startswith("cmsite pull ")
    return text


def leads_to(browser: Browser, address: str, words: str) -> None:
    """Follow the link of these words as a browser without scripts does."""
    link = browser.run(
        "return Array.from(document.querySelectorAll('article a')).filter(a => a.textContent.trim() === arguments[0])"
        ".map(a => a.href)[0]",
        words,
    )
    assert link.startswith(address)
    browser.open(link)


def run(folder: Path, *command: str, code: int = 0) -> str:
    """Run a command of the page in a folder of its own."""
    environment = {
        **os.environ,
        "CMSITE_CONFIG": str(folder / "config"),
        "CMSITE_CACHE": str(folder / "cache"),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]),
    }
    assert command[0] == "cmsite"
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr
