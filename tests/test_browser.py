"""The built site in a real Chromium, served by a real nginx: pages show, every file they ask for is there, nothing
leaves the machine, in both palettes and at phone width."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, need, once
from tests.serving import served_by_nginx
from tests.test_build import build

pytestmark = [pytest.mark.browser, pytest.mark.server]

PAGES = {
    "": "cmsite example catalogue",
    "a/cmsite-examples/script/reproduce-wine-classifiers/": "reproduce-wine-classifiers",
    "results/": "Reproduced results",
    "paper/aeberhard-1992-wine/": "Comparison of Classifiers",
    "automation/script/": "reproduce-wine-classifiers",
}
VIEWS = {"desktop light": ("1280,900", "0"), "phone dark": ("390,844", "1")}
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=4000",
)  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Path:
    def make(folder: Path) -> None:
        assert build(CHECKOUT / "registry/registry.yml", folder / "site").returncode == 0

    return once("browser-site", make) / "site"


@pytest.mark.parametrize("view", VIEWS)
def test_pages_show_and_ask_only_for_files_that_are_there(site: Path, tmp_path: Path, view: str) -> None:
    chromium, nginx = need("chromium"), need("nginx")
    size, dark = VIEWS[view]
    with served_by_nginx(nginx, site, tmp_path) as address:
        for number, (page, words) in enumerate(PAGES.items()):
            command = [
                str(chromium), *FLAGS, f"--user-data-dir={tmp_path / f'profile{number}'}", f"--window-size={size}",
                f"--blink-settings=preferredColorScheme={dark}", "--dump-dom", address + page,
            ]  # fmt: skip
            shown = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
            assert words in shown.stdout
            assert 'data-md-color-scheme="' in shown.stdout
            assert len(re.findall(r"<h1[ >]", shown.stdout)) == 1
        log = next(tmp_path.glob("nginx-*/access.log")).read_text()
    requests = re.findall(r'"GET ([^ ]+) HTTP/[0-9.]+" (\d+)', log)
    assert len({path for path, _ in requests}) > len(PAGES)
    assert [path for path, status in requests if status not in {"200", "304"} and "favicon.ico" not in path] == []


def test_no_page_names_a_file_on_another_host(site: Path) -> None:
    loads = re.compile(
        r"<(?:script|img|iframe|link|source|video|audio|embed|object)\b[^>]*?(?:src|href|data)=[\"']?((?:https?:)?//[^\"' >]*)",
        re.IGNORECASE,
    )
    found = {
        (page.relative_to(site).as_posix(), address)
        for page in site.rglob("*.html")
        for address in loads.findall(page.read_text("utf-8"))
        if 'rel="canonical"' not in address
    }
    assert found == set()
