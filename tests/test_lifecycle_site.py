"""Pages of withdrawn, renamed and purged artifacts in a real browser, and as valid HTML."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import DESKTOP, PHONE, TIMEOUT_S, Browser, browser, window  # noqa: F401 - fixtures.
from tests.command_line import cmsite as run
from tests.memory_tree import script
from tests.requirements import need
from tests.serving import served_by_nginx
from tests.test_accessibility import TOO_WIDE, axe_findings
from tests.test_build import catalogue
from tests.test_valid_html import html_errors

PAGES = ("a/team/script/yanked/", "a/team/script/old/", "a/team/script/bad/", "a/team/script/gone/")
LONG = "This reason is long, as reasons of careful people are, and holds " + "a-word-that-no-line-can-hold" * 4


def made(folder: Path) -> Path:
    """Return the site of a catalogue in which one artifact was yanked, deprecated, quarantined, renamed and purged each."""
    names = ("yanked", "old", "bad", "gone", "before")
    config = catalogue(folder, **{name: script(name, f"{number:016x}") for number, name in enumerate(names, 1)})
    (folder / "nothing").mkdir()

    def cmsite(*arguments: str) -> None:
        done = run(*arguments, cwd=folder, SOURCE_DATE_EPOCH="1790000000")
        assert done.returncode == 0, done.stderr

    cmsite("build", "-q", "--previous", "nothing")
    (folder / "artifacts/script/yanked/README.md").write_text("# Second\n\nText.\n")
    (folder / "artifacts/script/before").rename(folder / "artifacts/script/behind")
    meta = folder / "artifacts/script/behind/_cm.yaml"
    meta.write_text(meta.read_text().replace("alias: before", "alias: behind"))
    cmsite("build", "-q")
    cmsite("yank", "script:yanked", "--reason", LONG)
    cmsite("deprecate", "script:old", "--reason", LONG, "--use", "script:yanked")
    cmsite("quarantine", "script:bad", "--reason", LONG)
    cmsite("purge", "script:gone", "--reason", LONG, "--yes")
    cmsite("rename", "script:before", "script:behind", "--reason", "The name said nothing.")
    assert config.is_file()
    cmsite("build", "-q")
    return folder / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("lifecycle"))


@pytest.fixture
def address(site: Path, tmp_path: Path) -> Iterator[str]:
    """Serve the site at an address of its own, where the browser remembers no palette."""
    with served_by_nginx(need("nginx"), site, tmp_path) as served:
        yield served


def arrived(browser: Browser, expected: str) -> None:  # noqa: F811
    """Return when the browser is at an address; it is asked without a script."""
    end = time.monotonic() + TIMEOUT_S
    while (found := browser.call("GET", "/url")) != expected and time.monotonic() < end:
        time.sleep(0.05)
    assert found == expected


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_old_address_leads_on(browser: Browser, address: str, scripts: bool) -> None:  # noqa: F811, FBT001
    browser.devtools("Emulation.setScriptExecutionDisabled", value=not scripts)
    browser.open(f"{address}a/team/script/before/") if scripts else browser.call(
        "POST", "/url", {"url": f"{address}a/team/script/before/"}
    )
    arrived(browser, f"{address}a/team/script/behind/")


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, (320, 640)], ids=["desktop", "phone", "320"])
def test_notices_can_be_read_by_everybody(browser: Browser, address: str, size: tuple[int, int], dark: bool) -> None:  # noqa: F811, FBT001
    axe = need("axe").read_text("utf-8")
    browser.view(size, dark=dark, prefers_reduced_motion="reduce")
    for page in PAGES:
        assert axe_findings(browser, f"{address}{page}", axe, dark=dark) == []
        assert browser.run(TOO_WIDE) == []
        assert browser.run("return document.querySelectorAll('.cm-standing[role=note]').length") == 1
        if folder := os.environ.get("CMSITE_PICTURES"):
            name = f"{page.split('/')[-2]}-{size[0]}-{'dark' if dark else 'light'}.png"
            (Path(folder) / name).write_bytes(browser.screenshot())


def test_the_pages_are_valid_html(site: Path) -> None:
    assert html_errors(site) == []
