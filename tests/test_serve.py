"""`cmsite serve`: what it answers and refuses, what it builds again and when, and how it ends."""

import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers import Observer

from cmsite import settings
from cmsite.serving import watching
from cmsite.serving.board import Board, Stage
from cmsite.serving.files import Redirect, content_type, find
from cmsite.serving.server import SiteServer
from cmsite.serving.watching import Watched, Watcher, watched_paths
from tests.chromium import chromium
from tests.memory_tree import script
from tests.test_build import build, catalogue, run

PATIENCE_S = 180.0  # A build takes a second; a busy machine many.
PAGE = "a/team/script/a/"
TEXT = "return document.body?.innerText || ''"  # A page that is loaded again has no body for a moment.


def until(what: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Return the first true value, or fail."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if value := what():
            return value
        time.sleep(0.02)
    raise AssertionError(f"nothing came of it in {patience_s:g} s")


def save(project: Path, path: str, text: str) -> None:
    """Write a file elsewhere and move it into place: it changes once, and no build finds it half written."""
    aside = project.with_name("saved")
    aside.write_text(text, "utf-8")
    aside.replace(project / path)


@dataclass
class Served:
    """A running `cmsite serve`."""

    process: "subprocess.Popen[str]"
    address: str
    log: Path

    def get(self, path: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        return request(self.address, f"/{path}", **headers)

    def text(self, path: str = "") -> str:
        return self.get(path)[2].decode()

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def builds(self) -> int:
        return len(re.findall(r"built in [0-9.]+ s$", self.said(), re.MULTILINE))


def request(address: str, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask exactly for `target`, which no library tidied up."""
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=PATIENCE_S)
    try:
        connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


@contextmanager
def serving(folder: Path, *arguments: object) -> Iterator[Served]:
    log = folder / f"serve-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "cmsite", "serve", "--port", "0", *map(str, arguments)]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("http://127.0.0.1:"), log.read_text()
            yield Served(process, line.split()[0], log)
        finally:
            process.terminate()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    catalogue(folder, a=script("a", "0123456789abcdef"), b=script("b", "f" * 16))
    return folder


def is_running(process: int) -> bool:
    """Return whether a process runs; one that ended and waits for its parent to take note does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return done.stdout.strip()[:1] not in ("", "Z")


def state_of(served: Served) -> dict[str, str]:
    """Return how things stand, as a page is told."""
    connection = http.client.HTTPConnection(served.address.split("/")[2], timeout=PATIENCE_S)
    try:
        connection.request("GET", "/__cmsite__/events")
        line = connection.getresponse().readline()
        found: dict[str, str] = json.loads(line.removeprefix(b"data: "))
        return found
    finally:
        connection.close()


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("served")
    (top / "secret.txt").write_text("secret")
    folder = top / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "index.html").write_text("<html><body>home</body></html>")
    (folder / "sub/index.html").write_text("sub")
    (folder / "404.html").write_text("<body>not here</body>")
    (folder / "digits.bin").write_bytes(b"0123456789")
    (folder / "a b.js").write_text("1;")
    (folder / "leaf.gz").write_bytes(gzip.compress(b"{}", mtime=0))
    (folder / "way-out").symlink_to(top)
    return folder


@contextmanager
def running(site: Path, board: Board | None = None) -> Iterator[str]:
    with SiteServer(site, 0, board) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.address
        finally:
            if board is not None:
                board.close()
            server.shutdown()


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/../../secret.txt", "//secret.txt", "/way-out/secret.txt",
        "/..%5csecret.txt", "/%00", "/sub/%00", "/empty/", "/none", "/" + "x" * 5000, "/digits.bin/", "*", "x", "/./index.html",
        "/__cmsite__/events", "/__cmsite__/livereload.js",
    ],
)  # fmt: skip
def test_nothing_outside_the_site_and_no_listing_is_served(site: Path, target: str):
    with running(site) as address:
        status, _, body = request(address, target)
    assert (status, body) == (404, b"<body>not here</body>")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200), ("127.0.0.1", 200), ("[::1]:1", 200), ("LOCALHOST", 200), ("evil.example", 403),
        ("127.0.0.1.evil.example", 403), ("evil.example:8000", 403), ("localhost@evil.example", 403), ("", 403),
    ],
)  # fmt: skip
def test_only_names_of_this_machine_are_answered(site: Path, host: str, status: int):
    with running(site, Board("x")) as address:
        for path in ("/", "/digits.bin", "/__cmsite__/livereload.js"):
            assert request(address, path, Host=host)[0] == status


def test_files_are_sent_raw_with_their_types(site: Path):
    with running(site) as address:
        status, headers, body = request(address, "/leaf.gz")
        assert (status, headers["Content-Type"], gzip.decompress(body)) == (200, "application/gzip", b"{}")
        assert "Content-Encoding" not in headers
        assert request(address, "/a%20b.js")[1]["Content-Type"] == "text/javascript; charset=utf-8"
        assert request(address, "/sub/?x=1")[2] == b"sub"
        assert (*request(address, "/sub?x=1")[:1], request(address, "/sub?x=1")[1]["Location"]) == (301, "/sub/?x=1")
        assert request(address, "/digits.bin", "HEAD")[1]["Content-Length"] == "10"
        assert request(address, "/digits.bin", "HEAD")[2] == b""
        assert request(address, "/", "POST")[0] == 501
    assert content_type(Path("x.unknown")) == "application/octet-stream"
    assert find(site, "/sub") == Redirect(location="/sub/")


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"), ("bytes=7-", 206, b"789"), ("bytes=-2", 206, b"89"), ("bytes=0-99", 206, b"0123456789"),
        ("bytes=-99", 206, b"0123456789"), ("bytes=10-", 416, b""), ("bytes=4-2", 416, b""), ("bytes=-0", 416, b""),
        ("bytes=0-1,3-4", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"), ("bytes=-", 200, b"0123456789"),
        ("bytes=" + "9" * 400 + "-", 200, b"0123456789"),
    ],
)  # fmt: skip
def test_ranges(site: Path, asked: str, status: int, body: bytes):
    with running(site) as address:
        got = request(address, "/digits.bin", Range=asked)
    assert (got[0], got[2]) == (status, body)
    if status == 206:
        assert re.fullmatch(r"bytes \d+-\d+/10", got[1]["Content-Range"])


def test_what_the_browser_has_is_not_sent_again_and_a_change_is_seen_within_the_same_second(tmp_path: Path):
    (tmp_path / "x.css").write_text("a")
    with running(tmp_path) as address:
        tag = request(address, "/x.css")[1]["ETag"]
        assert request(address, "/x.css", If_None_Match=tag)[0] == 304
        (tmp_path / "x.css").write_text("b")
        assert request(address, "/x.css", If_None_Match=tag)[2] == b"b"
        assert request(address, "/x.css", Range="bytes=0-0", If_Range=tag)[0] == 200


def test_a_site_is_served_as_it_stands_without_a_script(site: Path, tmp_path: Path):
    before = {path: path.read_bytes() for path in site.glob("*.html")}
    with serving(tmp_path, "--site-dir", site) as served:
        assert served.get()[2] == before[site / "index.html"]
        assert served.get("none/")[::2] == (404, b"<body>not here</body>")
        assert served.get()[1]["Cache-Control"] == "no-cache"
    with running(site, Board("run")) as address:
        script = b'<script src="/__cmsite__/livereload.js" data-build="run-0" defer></script></body>'
        assert script in request(address, "/")[2]
        assert request(address, "/none")[2].endswith(script)
        assert request(address, "/sub/")[2] == b"sub" + script.removesuffix(b"</body>")
    assert before == {path: path.read_bytes() for path in site.glob("*.html")}


def test_pages_are_told_of_each_state_and_let_go_at_the_end(site: Path):
    board = Board("run")
    with running(site, board) as address:
        connection = http.client.HTTPConnection(address.split("/")[2], timeout=PATIENCE_S)
        connection.request("GET", "/__cmsite__/events")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/event-stream"
        told = [answer.readline(), answer.readline()]
        board.post(Stage.FAILED, 'a "message"\nof two lines')
        told += [answer.readline(), answer.readline()]
        board.post(Stage.BUILT)
        told += [answer.readline(), answer.readline()]
        assert [line for line in told if line != b"\n"] == [
            b'data: {"build": "run-0", "stage": "building", "message": ""}\n',
            b'data: {"build": "run-0", "stage": "failed", "message": "a \\"message\\"\\nof two lines"}\n',
            b'data: {"build": "run-1", "stage": "built", "message": ""}\n',
        ]
        board.close()
        assert answer.read() == b""
        connection.close()


# --- usage -----------------------------------------------------------------------------------------------------------


def test_without_anything_to_show_it_says_what_to_do(tmp_path: Path):
    done = run("serve", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no registry.yml here to build, and site holds no built site" in done.stderr
    assert "cmsite new DIR" in done.stderr
    done = run("serve", "--site-dir", "x", cwd=tmp_path)
    assert (done.returncode, "x holds no built site: run `cmsite build --site-dir x` first" in done.stderr) == (2, True)
    done = run("serve", "--config", "none.yml", cwd=tmp_path)
    assert (done.returncode, "none.yml: there is no registry.yml here" in done.stderr) == (2, True)


def test_a_port_in_use_is_named(site: Path, tmp_path: Path):
    with running(site) as address:
        port = address.split(":")[2].strip("/")
        done = run("serve", "--site-dir", site, "--port", port, cwd=tmp_path)
    assert done.returncode == 2
    assert f"port {port} is in use: choose another with --port" in done.stderr


def test_a_published_site_is_never_built_over(project: Path, tmp_path: Path):
    published = tmp_path / "published"
    (tmp_path / "nothing").mkdir()
    assert build(project / "registry.yml", published, "--previous", tmp_path / "nothing").returncode == 0
    before = {path: path.read_bytes() for path in published.rglob("*") if path.is_file()}
    done = run("serve", "--config", "registry.yml", "--site-dir", published, cwd=project)
    assert done.returncode == 2
    assert "holds a published index" in done.stderr
    assert before == {path: path.read_bytes() for path in published.rglob("*") if path.is_file()}


def test_two_servers_do_not_build_into_one_folder(project: Path):
    with serving(project):
        done = run("serve", "--port", "0", cwd=project)
    assert done.returncode == 2
    assert "another `cmsite serve` shows registry.yml already" in done.stderr


# --- builds ----------------------------------------------------------------------------------------------------------


def test_a_change_is_built_and_the_project_itself_stays_as_it_was(project: Path):
    before = {path for path in project.rglob("*") if path.suffix != ".log"}
    with serving(project) as served:
        assert "Text of a" in served.text(PAGE)
        first = state_of(served)
        save(project, "artifacts/script/a/README.md", "# a\n\nChanged text.\n")
        until(lambda: "Changed text" in served.text(PAGE))
        until(lambda: state_of(served)["stage"] == "built" and state_of(served)["build"] != first["build"])
        assert "artifacts/script/a/README.md changed: built in" in served.said()
        assert served.builds() == 2
        assert json.loads(served.text("cm-index/v1/root.json"))["gen"] == 0
    assert {path for path in project.rglob("*") if path.suffix != ".log"} == before


def test_many_changes_make_one_build_and_builds_make_none(project: Path):
    with serving(project) as served:
        served.process.send_signal(signal.SIGSTOP)  # Meanwhile the system remembers: no build can begin in between.
        for number in range(20):
            folder = project / f"artifacts/script/new{number}"
            folder.mkdir()
            (folder / "_cm.yaml").write_bytes(script(f"new{number}", f"{number + 1:016x}").encode())
        served.process.send_signal(signal.SIGCONT)
        until(lambda: served.get("a/team/script/new19/")[0] == 200)
        until(lambda: state_of(served)["stage"] == "built")
        time.sleep(1.5)  # Longer than any wait for quiet: would a build make the next, it would be there.
        assert served.builds() <= 3  # The second begins while a slow machine still tells of new folders.
        assert " more changed: built in" in served.said()


def test_noise_of_editors_and_git_builds_nothing(project: Path):
    with serving(project) as served:
        folder = project / "artifacts/script/a"
        for name in ("README.md~", ".README.md.swp", "4913", ".#README.md", "#README.md#", "__pycache__/x.pyc"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("x")
        time.sleep(1.5)
        assert served.builds() == 1
        (folder / ".README.md.new.swp").write_text("# Moved into place\n")
        (folder / ".README.md.new.swp").rename(folder / "README.md")
        until(lambda: "Moved into place" in served.text(PAGE))


def test_a_broken_registry_yml_is_reported_until_it_is_mended(project: Path):
    good = (project / "registry.yml").read_text()
    with serving(project) as served:
        save(project, "registry.yml", good + "sorces: []\n")
        failed = until(lambda: (state := state_of(served))["stage"] == "failed" and state)
        assert failed["message"].startswith("registry.yml:4:")
        assert "did you mean 'sources'?" in failed["message"]
        assert "cmsite: error: registry.yml:4:" in served.said()
        assert served.get(PAGE)[0] == 200
        (project / "registry.yml").write_text(good)
        until(lambda: state_of(served)["stage"] == "built")


def test_hand_written_pages_and_the_look_are_followed(project: Path):
    with serving(project) as served:
        (project / "mkdocs.yml").write_text(
            "site_name: Small\ntheme: {name: material, font: false, custom_dir: theme}\n"
        )
        until(lambda: "mkdocs.yml changed: not built" in served.said())  # There is no docs/ yet.
        (project / "theme/partials").mkdir(parents=True)
        (project / "docs").mkdir()
        (project / "docs/guide.md").write_text("# Guide\n")
        until(lambda: served.get("guide/")[0] == 200)
        (project / "docs/guide.md").write_text("# Guide\n\nSecond edition.\n")
        until(lambda: "Second edition" in served.text("guide/"))
        (project / "theme/partials/footer.html").write_text("<footer>My own footer</footer>")
        until(lambda: "My own footer" in served.text(PAGE))


def test_templates_are_followed_and_a_broken_one_is_named(project: Path):
    (project / "registry.yml").write_text((project / "registry.yml").read_text() + "custom_dir: mine\n")
    template = project / "mine/lists/facet.html"
    template.parent.mkdir(parents=True)
    with serving(project) as served:
        template.write_text('<h1 id="start">First edition</h1>')
        until(lambda: "First edition" in served.text("automation/script/"))
        template.write_text('<h1 id="start">\n{{ facet.nmae }}</h1>')
        failed = until(lambda: (state := state_of(served))["stage"] == "failed" and state)
        assert "mine/lists/facet.html:2: " in failed["message"]
        assert "nmae" in failed["message"]
        assert failed["message"] in served.said()
        template.write_text('<h1 id="start">Second edition</h1>')
        until(lambda: "Second edition" in served.text("automation/script/"))


def test_a_first_build_that_fails_leaves_a_page_that_says_so(project: Path):
    (project / "mkdocs.yml").write_text("site_name: Other\n")
    with serving(project) as served:
        status, _, body = served.get()
        assert (status, b"livereload.js" in body) == (503, True)
        assert "docs_dir" in state_of(served)["message"]
        (project / "mkdocs.yml").unlink()
        until(lambda: served.get()[0] == 200)


def test_no_reload_builds_once_and_adds_nothing(project: Path):
    with serving(project, "--no-reload") as served:
        assert "livereload" not in served.text(PAGE)
        assert served.get("__cmsite__/events")[0] == 404
        (project / "artifacts/script/a/README.md").write_text("# Changed\n")
        time.sleep(1.0)
        assert "built in" in served.said()
        assert served.builds() == 1


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_it_ends_at_once_with_the_build_that_runs(project: Path, name: str):
    with serving(project) as served:
        (project / "docs").mkdir()
        (project / "hook.py").write_text(
            "import os, time\nfrom pathlib import Path\n\ndef on_config(config):\n"
            "    Path('child').write_text(str(os.getpid()))\n    time.sleep(600)\n"
        )
        (project / "mkdocs.yml").write_text("site_name: Small\ntheme: material\nhooks: [hook.py]\n")
        child = int(until(lambda: (project / "child").exists() and (project / "child").read_text()))
        served.process.send_signal(getattr(signal, name))
        assert served.process.wait(PATIENCE_S) == 0  # The build would take longer.
    until(lambda: not is_running(child))
    assert "Traceback" not in served.said()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_it_ends_in_order_as_soon_as_a_build_may_run(project: Path):
    code = (
        "import os, signal, threading\nfrom cmsite.cli import cli\nstart = threading.Thread.start\n"
        "def hasty(thread):\n    start(thread)\n    if getattr(thread._target, '__name__', '') == '_build_on':\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "threading.Thread.start = hasty\ncli(['serve', '--port', '0'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


# --- watching --------------------------------------------------------------------------------------------------------


def test_everything_that_a_catalogue_names_is_watched(tmp_path: Path):
    for name in ("one", "two/sub", "repo/.git/refs", "docs", "theme", "mine"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "x.zip").write_bytes(b"")
    (tmp_path / "registry.yml").write_text(
        "title: Small\ncustom_dir: mine\nrequires: [{folder: later}]\nsources:\n- folder: one\n- {folder: two, subfolder: sub}\n"
        "- git: repo\n- archive: x.zip\n- git: https://example.org/x\n"
    )
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\ntheme: {name: material, custom_dir: theme}\nhooks: [hook.py]\n"
    )
    found = watched_paths(settings.load(tmp_path / "registry.yml"))
    assert {tmp_path / name for name in ("one", "two/sub", "repo/.git/refs", "docs", "theme", "mine")} <= found.folders
    names = ("registry.yml", "mkdocs.yml", "x.zip", "repo/.git/HEAD", "repo/.git/packed-refs", "later", "hook.py")
    assert {tmp_path / name for name in names} <= found.files


@pytest.mark.parametrize("polls", [False, True])
def test_a_system_that_cannot_tell_of_changes_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, polls: object):
    class Refusing(Observer):  # type: ignore[valid-type, misc]
        def start(self) -> None:
            raise OSError(28, "inotify watch limit reached")

    if polls:
        monkeypatch.setattr(watching, "Observer", Refusing)
        monkeypatch.setattr(watching, "_POLL_S", 0.1)
    (tmp_path / "folder").mkdir()
    changed: list[Path] = []
    notes: list[str] = []
    watcher = Watcher(changed.append, notes.append)
    watcher.follow(Watched(folders=frozenset({tmp_path / "folder"}), files=frozenset({tmp_path / "file"})))
    try:
        (tmp_path / "folder/x").write_text("x")
        (tmp_path / "file").write_text("x")
        (tmp_path / "other").write_text("x")
        until(lambda: {tmp_path / "folder/x", tmp_path / "file"} <= set(changed))
        assert tmp_path / "other" not in changed
    finally:
        watcher.close()
    assert len(notes) == (1 if polls else 0)


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_an_open_page_follows_keeps_its_place_and_shows_what_fails(project: Path, tmp_path: Path):
    template = project / "mine/pages/artifact.html"
    template.parent.mkdir(parents=True)
    ours = Path(__file__).resolve().parent.parent / "site_templates/pages/artifact.html"
    (project / "registry.yml").write_text((project / "registry.yml").read_text() + "custom_dir: mine\n")
    readme = project / "artifacts/script/a/README.md"
    long = "".join(f"Paragraph {number}.\n\n" for number in range(300))
    readme.write_text(f"# a\n\n{long}")
    banner = "return document.querySelector('.cmsite-serve-banner:not([hidden])')?.innerText || ''"
    with serving(project) as served, chromium(tmp_path) as browser:
        browser.open(served.address + PAGE)
        browser.run("window.scrollTo(0, 3000)")
        save(project, "artifacts/script/a/README.md", f"# a\n\n{long}The last line.\n")
        until(lambda: "The last line." in browser.run(TEXT))
        assert until(lambda: abs(browser.run("return window.scrollY") - 3000) < 5)

        save(project, "mine/pages/artifact.html", ours.read_text("utf-8") + "<p>My own part</p>\n")
        until(lambda: "My own part" in browser.run(TEXT))
        save(project, "mine/pages/artifact.html", "<p>\n{{ artefact.name }}</p>\n")
        shown = until(lambda: browser.run(banner))
        assert "The last build failed" in shown
        assert "mine/pages/artifact.html:2: 'artefact' is undefined" in shown
        picture = browser.screenshot()
        (tmp_path / "banner.png").write_bytes(picture)
        assert "My own part" in browser.run(TEXT)
        save(project, "mine/pages/artifact.html", ours.read_text("utf-8"))
        until(lambda: "The last line." in (text := browser.run(TEXT)) and "My own part" not in text)
        until(lambda: browser.run(banner) == "")
        assert [line for line in browser.complaints() if "livereload" in line or "__cmsite__" in line] == []
