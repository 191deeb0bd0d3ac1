"""The Python API: what it answers, what it loads, its types, and that docs/python-api.md tells the truth."""

import dataclasses
import inspect
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import cmsite
from cmsite import api
from tests.requirements import CHECKOUT
from tests.site_kinds import bundled_site
from tests.small_registry import SmallRegistry, cm_meta

PAGE = CHECKOUT / "docs" / "python-api.md"
OTHER_ID = "f" * 32
PUBLISHING = ("jinja2", "mkdocs", "markdown", "comrak", "nh3", "material", "pygments")
CALLABLES = (
    *("Registry", "Registry.search", "Registry.resolve", "Registry.records", "Registry.dependencies", "Registry.pull"),
    *("registries", "search", "resolve", "pull", "plan_pull", "PullPlan.carry_out", "pull_locked", "using"),
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return published(tmp_path / "site", "team", cmsite_id="0" * 32)


def published(folder: Path, repository: str, *, cmsite_id: str, names: tuple[str, ...] = ("detect-os",)) -> Path:
    registry = SmallRegistry(folder, registry_id=cmsite_id)
    for number, name in enumerate(names):
        uid = f"{number + 1:x}" * 16
        files = {"_cm.yaml": cm_meta(name, uid), "readme.txt": repository.encode()}
        registry.add(name, files, uid=uid, repository=repository)
    registry.publish()
    return folder


def test_a_folder_a_path_and_an_address_are_one_registry(site: Path):
    found = [cmsite.Registry(location) for location in (str(site), site, site.as_uri())]
    assert {(one.registry_id, one.generation, one.url) for one in found} == {("0" * 32, 1, site.as_uri() + "/")}
    assert [record.name for record in found[0].records()] == ["script:detect-os"]


def test_search_resolve_and_pull_by_what_was_found(site: Path, tmp_path: Path):
    registry = cmsite.Registry(site)
    answer = registry.search("detect", tags=["test", "-missing"], automation="script")
    (hit,) = answer
    assert answer.total == 1
    assert registry.resolve(hit.reference).record == hit.record
    into = tmp_path / "into"
    done = registry.pull(hit.reference, into=into)
    (pulled,) = done
    assert (pulled.action, pulled.folder) == (cmsite.Action.PULL, into / "script" / "detect-os")
    assert (pulled.folder / "readme.txt").read_bytes() == b"team"
    assert (pulled.record.name, pulled.version.revision) == ("script:detect-os", 1)
    (again,) = registry.pull(hit.reference, into=str(into))
    assert again.action is cmsite.Action.KEEP
    (pulled.folder / "readme.txt").write_bytes(b"mine")
    with pytest.raises(cmsite.OutputError, match="changed"):
        registry.pull(hit.reference, into=into)
    (forced,) = registry.pull(hit.reference, into=into, force=True)
    assert (forced.folder / "readme.txt").read_bytes() == b"team"


def test_a_plan_writes_nothing_and_a_locked_pull_brings_what_it_led_to(site: Path, tmp_path: Path):
    registry, into = cmsite.Registry(site), tmp_path / "into"
    plan = cmsite.plan_pull(tags="test", into=into, registries=[registry])
    assert [item.choice.origin for item in plan.wanted] == ["team/script:detect-os"]
    assert not into.exists()
    plan.carry_out()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "cmsite.lock").write_bytes((into / "cmsite.lock").read_bytes())
    (restored,) = cmsite.pull_locked(into=fresh, registries=[registry])
    assert restored.action is cmsite.Action.PULL
    assert (restored.folder / "readme.txt").read_bytes() == b"team"
    with pytest.raises(cmsite.NotFoundError, match="no cmsite.lock"):
        cmsite.pull_locked(into=tmp_path / "nothing")


def test_the_first_registry_that_has_the_name_wins(site: Path, tmp_path: Path):
    other = published(tmp_path / "other", "copy", cmsite_id=OTHER_ID, names=("detect-os", "detect-cpu"))
    both = [cmsite.Registry(site), cmsite.Registry(other)]
    resolved = cmsite.resolve("script:detect-os", registries=both)
    assert (resolved.record.repository, resolved.registry.registry_id) == ("team", "0" * 32)
    assert cmsite.resolve("script:detect-cpu", registries=both).registry.registry_id == OTHER_ID
    answer = cmsite.search("detect", registries=both)
    assert [hit.record.repository for hit in answer] == ["team", "copy", "copy"]
    assert answer.total == 3
    assert [hit.record.alias for hit in cmsite.search("detect", limit=1, registries=both)] == ["detect-os"]
    pulled = cmsite.pull("script:detect-cpu", "script:detect-os", into=tmp_path / "into", registries=both)
    assert [item.record.repository for item in pulled] == ["copy", "team"]


def test_configured_registries_are_asked_in_their_order(site: Path, tmp_path: Path):
    assert cmsite.registries() == ()
    with pytest.raises(cmsite.ConfigurationError, match="cmsite registry add"):
        cmsite.search("detect")
    other = published(tmp_path / "other", "copy", cmsite_id=OTHER_ID)
    for name, folder in (("second", other), ("first", site)):
        subprocess.run([sys.executable, "-m", "cmsite", "registry", "add", name, str(folder)], check=True)
    assert [registry.name for registry in cmsite.registries()] == ["second", "first"]
    assert cmsite.resolve("script:detect-os").record.repository == "copy"
    assert cmsite.Registry("first").resolve("script:detect-os").record.repository == "team"
    assert repr(cmsite.Registry("first")) == "Registry('first')"


def test_what_makes_no_sense_is_a_usage_error(site: Path, tmp_path: Path):
    registry = cmsite.Registry(site)
    for call in (
        lambda: cmsite.Registry(""),
        lambda: cmsite.Registry(tmp_path / "none"),
        lambda: cmsite.Registry(site, fingerprint="short"),
        lambda: registry.search("detect", limit=-1),
        lambda: registry.search("?!"),
        lambda: cmsite.search("detect", registries=[]),
        registry.pull,
        lambda: registry.pull("script:detect-os", automation="script"),
        lambda: registry.pull("script:detect-os", all_dependencies=True),
        lambda: registry.pull(tags="test", limit=0),
        lambda: registry.resolve(""),
    ):
        with pytest.raises(cmsite.UsageError):
            call()
    with pytest.raises(cmsite.NotFoundError) as caught:
        registry.resolve("script:detect-o")
    assert caught.value.near == ("script:detect-os",)
    with pytest.raises(cmsite.NotFoundError, match="`cmsite search` finds artifacts by words and tags"):
        cmsite.resolve("script:zzz", registries=[registry])
    for address in ("http://[::1/", "http://a b/", "http://", "ftp://example.org/", "http://a:99999/"):
        with pytest.raises(cmsite.UsageError, match="or a folder"):
            cmsite.Registry(address)
    registry.pull("script:detect-os", into=tmp_path / "into")
    with pytest.raises(cmsite.NotFoundError, match="not in the lock, which pins script:detect-os"):
        cmsite.pull_locked("script:nope", into=tmp_path / "into")
    with pytest.raises(cmsite.NotFoundError, match="neither a configured registry nor a folder"):
        cmsite.Registry("nowhere")


def test_a_fingerprint_is_held_against_the_root(site: Path):
    digest = cmsite.Registry(site).remote.root.sha256
    assert cmsite.Registry(site, fingerprint=f"sha256:{digest}").generation == 1
    with pytest.raises(cmsite.IntegrityError):
        _ = cmsite.Registry(site, fingerprint="0" * 64).generation


def test_offline_opens_no_connection(site: Path):
    with serving_folder(site) as address:
        with pytest.raises(cmsite.NetworkError, match="offline"):
            cmsite.Registry(address, offline=True).search("detect")
        assert cmsite.Registry(address).resolve("script:detect-os").version.revision == 1
    assert cmsite.Registry(address, offline=True).resolve("script:detect-os").version.revision == 1
    with cmsite.using(offline=True):
        assert cmsite.Registry(address).search("detect").total == 1


def loaded_after(program: str, *arguments: str) -> set[str]:
    """Return the modules that a fresh process has loaded after a program."""
    code = f"import sys, json\nimport cmsite\n{program}\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_loads_nothing_and_each_use_what_it_needs(site: Path, tmp_path: Path):
    bare = {name for name in loaded_after("") if name.startswith("cmsite")}
    assert bare == {"cmsite"}
    search = loaded_after("list(cmsite.Registry(sys.argv[1]).search('detect'))", str(site))
    resolve = loaded_after("cmsite.Registry(sys.argv[1]).resolve('script:detect-os')", str(site))
    heavy = {*PUBLISHING, "yaml", "jsonschema_rs", "click", "urllib3", "cmsite.client.pull", "cmsite.documents"}
    assert "cmsite.client.search" in search
    assert not heavy & search
    assert not heavy & resolve
    pull = loaded_after(
        "cmsite.Registry(sys.argv[1]).pull('script:detect-os', into=sys.argv[2])", str(site), str(tmp_path / "into")
    )
    assert "yaml" in pull
    assert not {*PUBLISHING, "jsonschema_rs", "click"} & pull


def test_the_stub_names_what_the_module_has():
    assert {"Registry", "search"} <= set(dir(cmsite))
    for name in cmsite.__all__:
        assert getattr(cmsite, name) is not None
    stub = (CHECKOUT / "cmsite" / "__init__.pyi").read_text("utf-8")
    (block,) = re.findall(r"__all__ = \[(.*?)\]", stub, re.DOTALL)
    assert sorted(re.findall(r'"(\w+)"', block)) == list(cmsite.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(cmsite, "nothing")  # noqa: B009 - by a name that mypy does not know.


def test_results_are_frozen():
    results = (cmsite.Answer, cmsite.Hit, cmsite.Resolved, cmsite.Record, cmsite.Version, cmsite.Pull, cmsite.Pulled)
    for kind in (*results, cmsite.PullPlan, cmsite.Choice, cmsite.DependencyPlan, cmsite.Removed):
        assert dataclasses.is_dataclass(kind)
        with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
            object.__new__(kind).notes = ()  # type: ignore[attr-defined]


def signature(name: str) -> str:
    """Return the signature of one callable of the API as the page has it."""
    owner, _, method = name.partition(".")
    called = getattr(getattr(cmsite, owner), method) if method else getattr(cmsite, owner)
    text = str(inspect.signature(called)).replace("self, ", "").replace("(self)", "()")
    text = re.sub(r"(?<=[ :])'([^']+)'", r"\1", text).replace("''", '""').replace("str | os.PathLike[str]", "Location")
    return name + re.sub(r"\b(?:cmsite|collections|contextlib|os|pathlib|typing)(?:\.\w+)*\.(?=\w)", "", text)


def wrapped(text: str) -> str:
    """Return a signature in lines of one parameter where it is long."""
    if len(text) <= 100:
        return text
    head, _, rest = text.partition("(")
    inside, close, result = rest.rpartition(") ->")
    parts = re.split(r", (?=\*|\w+: )", inside)
    return f"{head}(\n" + "".join(f"    {part},\n" for part in parts) + f"{close}{result}"


def test_the_page_has_the_signatures():
    expected = "\n".join(wrapped(signature(name)) for name in CALLABLES)
    text = PAGE.read_text("utf-8")
    if os.environ.get("CMSITE_REFRESH_GOLDEN"):
        head, tail = text.split("## Signatures")
        block = re.sub(r"```text\n.*?```", lambda _: f"```text\n{expected}\n```", tail, count=1, flags=re.DOTALL)
        PAGE.write_text(f"{head}## Signatures{block}", "utf-8")
        return
    assert f"```text\n{expected}\n```" in text


def test_the_page_names_every_export():
    text = PAGE.read_text("utf-8")
    missing = [name for name in cmsite.__all__ if name not in ("__version__", "errors") and name not in text]
    assert missing == []
    codes = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d) \|$", text, re.MULTILINE))
    assert codes == {name: str(getattr(cmsite.errors, name).exit_code) for name in codes}
    assert len(codes) == 7


def test_the_examples_of_the_page_and_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    readme = re.findall(r"```python\n(.*?)```", (CHECKOUT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    assert len(readme) == 1
    with serving_folder(bundled_site()) as address:
        names: dict[str, object] = {}
        for block in blocks:
            code = block.replace("https://example.org/catalogue/", address)
            exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own page.
        exec(compile(readme[0].replace("http://127.0.0.1:8000/", address), "README.md", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert "script:get-sorting-algorithms" in printed
    assert "pulled pulled/script/get-sorting-algorithms 1" in printed
    assert "no such artifact" in printed
    assert isinstance(names["resolved"], api.Resolved)
