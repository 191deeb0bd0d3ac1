"""The page of a script: commands that clients take, variations by group, what goes in and out, what it does when it runs."""

import os
import re
import shlex
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cmsite.model.repository import Format
from cmsite.site.context import SiteContext
from cmsite.site.neighbourhood import MAX_NODES
from tests.catalog_factory import Tree, article, catalogue, context_of, needs, page_of, renamed, script
from tests.chromium import ENTER, PHONE, chromium
from tests.requirements import CHECKOUT, need, once
from tests.serving import served_by_nginx
from tests.test_build import build, run
from tests.test_site_pages import VERSION

META: dict[str, Any] = {
    "variations": {
        "cpu": {"group": "device", "default": True, "env": {"CM_DEVICE": "cpu"}},
        "cuda": {"group": "device", "deps": [{"tags": "get,cuda"}], "base": ["fast"]},
        "fast": {"env": {f"CM_{number}": "1" for number in range(9)}},
        "batch.#": None,
        "cpu,fast": {"env": {"CM_BOTH": "yes"}},
    },
    "versions": {"1.0": {}, "2.0": {"env": {"CM_X": "1"}}},
    "default_version": "2.0",
    "version_min": "0.9",
    "default_env": {"CM_BATCH": "1"},
    "env": {"CM_DOWNLOAD_URL": "https://example.org/model.bin", "CM_DOWNLOAD_CHECKSUM": "abc", "CM_GIT_URL": "https://example.org/x.git"},
    "input_mapping": {"out": "CM_OUT"},
    "input_description": {"out": {"desc": "Where to write", "default": "here"}, "mode": {"choices": ["a", "b"]}},
    "new_env_keys": ["CM_MODEL_*"],
    "new_state_keys": ["model"],
    "print_env_at_the_end": {"CM_MODEL_PATH": "Where the model is"},
    "docker": {"os": "ubuntu", "mounts": ["a"]},
}  # fmt: skip
RUN_SH = b"#!/bin/bash\n# wget is not used\nsudo apt-get -y install gcc\npip3 install -U numpy\ngit clone https://example.org/x\n"


def page_with(extra: dict[str, Any], files: dict[str, bytes] | None = None, **fields: Any) -> str:
    return article(page_of(context_with(extra, files, **fields)))


def context_with(extra: dict[str, Any], files: dict[str, bytes] | None = None, **fields: Any) -> SiteContext:
    tree = Tree()
    artifact = tree.add(script("one", 1, files or {}, extra=extra, **fields), files or {})
    return context_of(catalogue(artifact, versions={artifact.key: (VERSION,)}, base_url="https://example.org/c/"), tree)


def section(page: str, anchor: str) -> str:
    """Return the words of a section, each run of blanks as one."""
    html = page.partition(f'<h2 id="{anchor}">')[2].partition("<h2 ")[0]
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]*>", " ", html)))


def test_variations_stand_in_their_groups_with_the_default() -> None:
    words = section(page_with(META), "variations")
    assert "device _cpu default _cuda" in words
    assert "Beside the groups, any of: _fast _batch.#" in words
    assert "chosen together: _cpu,_fast" in words
    assert "_cuda 1 dependency _fast" in words
    assert "_fast CM_0, CM_1, CM_2 and 6 more" in words


def test_versions_inputs_and_environment_are_told() -> None:
    page = page_with(META)
    assert "Without a choice: 2.0 . At least 0.9. Known to the script: 1.0 2.0" in section(page, "choose-version")
    assert "--out CM_OUT Where to write here --mode a, b" in section(page, "inputs")
    environment = section(page, "environment")
    assert "CM_BATCH 1 unless set CM_DOWNLOAD_URL https://example.org/model.bin always" in environment
    assert "CM_MODEL_* CM_MODEL_PATH Where the model is State: model" in environment


def test_run_time_says_what_was_seen_and_where() -> None:
    tree = Tree()
    files = {"run.sh": RUN_SH}
    one = tree.add(script("one", 1, files, extra=META), files)
    dependencies = (
        needs(one, tags=("get", "generic-python-lib"), variations=("package.numpy",)).dependency,
        needs(one, tags=("get", "cuda"), condition="if CM_DEVICE is cuda").dependency,
        needs(one, tags=("get", "sys-util", "generic"), variations=("cmake",)).dependency,
    )
    words = section(
        article(page_of(context_of(catalogue(renamed(one, dependencies=dependencies)), tree))), "at-run-time"
    )
    assert "Downloads https://example.org/model.bin : a checksum or commit is stated beside it metadata" in words
    assert "Clones git clone run.sh" in words or "Downloads git clone run.sh" in words
    assert "Python packages numpy dependencies" in words
    assert "pip install run.sh" in words
    assert "System packages cmake dependencies" in words
    assert "apt-get install run.sh" in words
    assert "Root sudo run.sh" in words
    assert "Accelerator get,cuda : only with some variation or condition dependencies" in words
    assert "Containers os: ubuntu metadata" in words
    assert "wget" not in words
    assert "Looked for known words in _cm.yaml, run.sh, ran nothing" in words


def test_a_script_that_shows_nothing_says_what_was_looked_at() -> None:
    words = section(page_with({}), "at-run-time")
    assert (
        "No download, system package, root, accelerator or container was seen. Looked for known words in _cm.yaml"
        in words
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"variations": ["a"]}, {"variations": {"a": 3, "b": {"group": ["x"], "env": [1], "base": {"a": 1}, "default": []}}},
        {"versions": "3"}, {"env": "x", "default_env": [1], "new_env_keys": {"a": 1}, "input_mapping": 3},
        {"input_description": {"a": None, "b": [1]}, "print_env_at_the_end": [1], "docker": "yes", "warnings": {"a": 1}},
        {"env": {1: 2, "CM_X_URL": {"a": 1}}, "deps": [{"env": 3}, 4], "version_min": [1]},
    ],
)  # fmt: skip
def test_values_of_the_wrong_type_do_no_harm(odd: dict[str, Any]) -> None:
    assert '<h2 id="at-run-time">' in page_with(odd)


def test_hostile_values_stay_text_and_long_lists_are_counted() -> None:
    evil = '"><script>alert(1)</script>'
    meta = {
        "variations": {f"{evil}{number}": {"group": evil, "env": {evil: evil}} for number in range(900)},
        "versions": {f"{evil}{number}": {} for number in range(900)},
        "env": {f"CM_{number}_URL": f"https://x/{evil}{number}" for number in range(900)},
        "input_mapping": {f"{evil}{number}": evil for number in range(900)},
        "new_env_keys": [f"{evil}{number}" for number in range(900)],
        "warnings": [evil] * 900,
    }
    files = {"run.sh": b"sudo " * 15_000, "customize.py": evil.encode()}
    page = page_with(meta, files)
    assert "<script>" not in page
    assert "more in the metadata" in page
    assert len(page) < 60_000


def test_each_format_has_the_commands_of_its_clients() -> None:
    def clients(page: str) -> list[str]:
        return re.findall(r'<label for="client-\d">([^<]*)</label>', page)

    assert clients(page_with({})) == ["cmsite", "cm", "Python", "curl"]
    assert clients(page_with({}, format=Format.MLC)) == ["cmsite", "mlc", "Python", "curl"]
    assert clients(page_with({}, format=Format.CK)) == ["cmsite", "curl"]
    page = unescape(page_with({}, tags=("get", "a b")))
    assert "cm run script --tags='get,a b'" in page
    assert 'cmind.access({"action": "run", "automation": "script", "tags": "get,a b"})' in page
    assert "mlcr test,one" in page_with({}, format=Format.MLC)
    page = unescape(page_with({}, automation="data"))
    assert "cm find data,84d8ef6914bf4d78 one --common" in page


def test_neighbours_are_drawn_on_both_sides_and_the_rest_is_counted() -> None:
    tree = Tree()
    one = tree.add(script("one", 1), {})
    others = [tree.add(script(f"need-{number:02}<b>", number + 2), {}) for number in range(9)]
    user = tree.add(script("user", 90), {})
    edges = (
        *(needs(one, other) for other in others[:8]),
        needs(one, others[8], within="variation x"),
        needs(user, one),
    )
    context = context_of(catalogue(one, user, *others, edges=edges), tree)
    keys = list(context.catalog.artifacts)
    page = article(page_of(context, keys.index(one.key)))
    picture = page.partition("<svg")[2].partition("</svg>")[0]
    assert picture.count("<a ") == MAX_NODES + 1 + 1
    assert "and 2 more" in picture
    assert "need-00&lt;b&gt;" in picture
    assert 'href="../user/"' in picture
    assert "style" not in picture
    lonely = article(page_of(context_with({})))
    assert "<svg" not in lonely


def test_the_lines_for_curl_get_and_check_the_archive(tmp_path: Path) -> None:
    nginx, curl = need("nginx"), need("curl")
    config = tmp_path / "registry.yml"
    port_page = example_site()
    with served_by_nginx(nginx, port_page, tmp_path) as address:
        config.write_text(
            f"title: T\nregistry_id: {'e' * 32}\nbase_url: {address}\nsources: [{{folder: {CHECKOUT / 'registry/artifacts'}}}]\n"
        )
        assert run("build", "--config", config, "--site-dir", tmp_path / "site").returncode == 0
    page = next((tmp_path / "site").glob("a/*/script/*/index.html")).read_text("utf-8")
    blocks = [unescape(block) for block in re.findall(r"<pre><code>(curl.*?)</code></pre>", page, re.DOTALL)]
    assert len(blocks) == 1
    (served := tmp_path / "served").mkdir()
    with served_by_nginx(nginx, tmp_path / "site", served) as now:
        lines = blocks[0].replace(address, now)
        environment = {**os.environ, "PATH": f"{curl.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["sh", "-ec", lines], cwd=served, env=environment, capture_output=True, text=True, check=True
        )
    assert done.stdout.endswith(".tar.gz: OK\n")
    assert list(served.glob("*/_cm.yaml"))


def example_site() -> Path:
    def make(folder: Path) -> None:
        assert build(CHECKOUT / "registry/registry.yml", folder / "site").returncode == 0

    return once("browser-site", make) / "site"


@pytest.mark.browser
@pytest.mark.server
def test_tabs_answer_to_keys_and_the_button_copies_the_pull_command(tmp_path: Path) -> None:
    nginx = need("nginx")
    site = example_site()
    page = next(site.glob("a/*/script/*/index.html")).parent.relative_to(site).as_posix()
    with served_by_nginx(nginx, site, tmp_path) as address, chromium(tmp_path) as browser:
        browser.devtools(
            "Browser.grantPermissions",
            permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
            origin=address.rstrip("/"),
        )
        browser.devtools("Emulation.setFocusEmulationEnabled", enabled=True)  # Reading the clipboard needs the focus.
        browser.open(f"{address}{page}/")
        shown = "return [...document.querySelectorAll('.cm-tabs > div')].findIndex(panel => panel.offsetHeight > 0)"
        assert browser.run(shown) == 0
        browser.run(
            "const pre = document.querySelector('.cm-tabs pre');"
            "return new Promise(done => { const wait = () => { const button = pre.querySelector('button');"
            "if (!button) return setTimeout(wait, 50); button.focus(); done(); }; wait(); })"
        )
        browser.press(ENTER)
        text = browser.run(
            "return new Promise(done => { const wait = async left => { const text = await navigator.clipboard.readText();"
            "text || !left ? done(text) : setTimeout(wait, 100, left - 1); }; wait(600); })"
        )
        assert shlex.split(text)[:2] == ["cmsite", "pull"]
        browser.run("document.querySelector('.cm-tabs > input').focus()")
        browser.press("\ue014")  # Arrow right.
        assert browser.run(shown) == 1
        browser.view(PHONE)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.corpus
def test_the_real_clients_take_the_shown_commands(tmp_path: Path) -> None:
    need("cm")
    nginx = need("nginx")
    site = example_site()
    reference = "script:reproduce-wine-classifiers"
    with served_by_nginx(nginx, site, tmp_path) as address:
        (cwd := tmp_path / "cwd").mkdir()
        program = Path(need("cm"))
        environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        pulled = run("pull", reference, "--registry", address, "--into", cwd / "artifacts")
        assert pulled.returncode == 0, pulled.stderr
    lines = "(cd artifacts && cm init repo)\ncm reindex repo\ncm find script,5b4e0237da074764 reproduce-wine-classifiers --common\n"
    done = subprocess.run(["sh", "-ec", lines], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(cwd / "artifacts/script/reproduce-wine-classifiers") in done.stdout
