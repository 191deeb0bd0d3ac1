"""A catalogue of an attacker's artifacts around one good one: each text of `tests.hostile_texts` in every place."""

import hashlib
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from cmsite.model.names import AUTOMATION_UIDS
from tests.hostile_texts import ADDRESSES, SHAPES, VECTORS
from tests.memory_tree import CMR
from tests.requirements import CHECKOUT, once
from tests.test_build import build

GOOD = "a/team/script/good/"
GOOD_TEXT = "The good one is whole."
COPIES = 6  # Artifacts of each kind, so that most texts meet most fields.
# A meta of each automation with the keys that its page reads; every text in it is replaced.
SHAPED: dict[str, dict[str, Any]] = {
    "challenge": {"date_open": "t", "date_close": "t", "points": 1, "trophies": "t", "prize": "t", "experiments": [{"tags": "t", "name": "t"}]},
    "contributor": {"name": "t", "organization": "t", "urls": ["t"], "url": "t", "challenges": ["t"], "trophies": [{"name": "t"}]},
    "report": {"title": "t", "authors": ["t"], "date": "t", "redirect": "t", "url": "t", "tags": ["t"]},
    "data": {"name": "t", "url": "t", "license": "t", "files": [{"path": "t", "url": "t", "sha256": "t"}], "sources": ["t"], "homepage": "t"},
    "cfg": {"name": "t", "nested": {"key": {"key": ["t", {"t": "t"}]}}},
    "flex.model": {"name": "t", "model": {"name": "t", "url": "t"}, "dataset": "t", "license": "t", "desc": "t", "url": "t"},
    "flex.dataset": {"name": "t", "desc": "t", "url": "t", "dict": {"t": "t"}},
    "docs": {"title": "t", "text": "t", "link": "t"},
    "project": {"name": "t", "website": "t", "repository": "t", "doi": "t", "arxiv": "t"},
    "no-such-automation": {"name": "t", "anything": ["t", {"t": ["t"]}]},
    "script": {
        "name": "t", "category": "t", "author": "t", "authors": ["t"], "license": "t", "default_env": {"T": "t"}, "env": {"T": "t"},
        "new_env_keys": ["t"], "input_mapping": {"t": "t"}, "input_description": {"t": {"desc": "t", "default": "t"}},
        "deps": [{"tags": "t", "names": ["t"], "enable_if_env": {"T": ["t"]}, "version": "t"}],
        "post_deps": [{"tags": "t"}], "prehook_deps": [{"tags": "t"}], "versions": {"t": {"env": {"T": "t"}}}, "default_version": "t",
        "variations": {"t": {"group": "t", "default": True, "env": {"T": "t"}, "deps": [{"tags": "t"}], "alias": "t"}},
        "docker": {"run": "t", "image": "t"}, "usage": "t", "developers": "t",
    },
}  # fmt: skip
# Names of folders that no address may repeat, hide or lead out of.
FOLDERS = (
    "x" * 200, " ", "   ", "日本語", "مرحبا", "index", "con", "CON", "nul", "aux.txt", "Case", "case", "index.html", "a b",
    "a\u202eb", "é", "é".encode().decode().replace("é", "e\u0301"), "...", "-rf", "%2e%2e", "a#b?c", "<b>", "'\"", "`id`", "&amp;",
)  # fmt: skip


def hostile_site() -> Path:
    """Return the site of the hostile catalogue, built once in a run of the tests; nobody writes into it."""

    def make(folder: Path) -> None:
        result = build(write_catalogue(folder), folder / "site")
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr

    return once("hostile-site", make) / "site"


def write_catalogue(folder: Path) -> Path:
    """Write the catalogue and return its registry.yml."""
    artifacts = folder / "artifacts"
    _write(artifacts / "cmr.yaml", CMR)
    good = {"alias": "good", "uid": "900d900d900d900d", "tags": ["good"], "desc": "A good artifact."}
    _artifact(artifacts, "script", "good", good, {"README.md": f"# good\n\n{GOOD_TEXT}\n"})
    for number, name in enumerate(SHAPES):
        texts = {"README.md": SHAPES[name](300_000 if number % 2 else 100_000)}
        _artifact(artifacts, "script", f"shape-{number}", {"alias": f"shape-{number}", "uid": _uid(1, number)}, texts)
    _artifact(
        artifacts, "script", "large", {"alias": "large", "uid": _uid(2, 1)}, {"README.md": "# x\n\nword\n" * 500_000}
    )
    many = {
        "alias": "many",
        "uid": _uid(2, 2),
        "tags": [f"tag {number}" for number in range(1000)] + ["index.html", "index", "2", "a", "page", "other", "con"],
    }
    _artifact(artifacts, "script", "many", many, {f"file{number}": "x" for number in range(300)})
    for number, name in enumerate(FOLDERS):
        _artifact(
            artifacts,
            "data",
            name,
            {"alias": name, "uid": _uid(3, number), "tags": ["odd"]},
            {"README.md": f"odd {number}"},
        )
    _readmes(artifacts)
    _metas(artifacts)
    contact = "https://example.org/new?title={reference}"
    registry = {
        "title": f"H {VECTORS[0]}",
        "registry_id": "f" * 32,
        "contact": contact,
        "sources": [{"folder": "artifacts"}],
    }
    _write(folder / "registry.yml", json.dumps(registry))
    return folder / "registry.yml"


def _readmes(artifacts: Path) -> None:
    for number in range(0, len(VECTORS), 20):
        vectors = VECTORS[number : number + 20]
        alone = "\n\n".join(vectors)
        within = "\n\n".join(
            f'- text {one} text\n\n[link]({one}) ![image]({one} "{one}") <a href="{one}">a</a> `{one}`'
            for one in vectors
        )
        for kind, text in (("alone", alone), ("within", within), ("code", f"```{vectors[0]}\n{alone}\n```")):
            name = f"readme-{kind}-{number}"
            _artifact(artifacts, "script", name, {"alias": name, "uid": _uid(4, hash_of(name))}, {"README.md": text})
    # Each alone, since one that opens something may hide what follows.
    for number, vector in enumerate(VECTORS):
        _artifact(
            artifacts,
            "cfg",
            f"single-{number}",
            {"alias": f"single-{number}", "uid": _uid(5, number)},
            {"README.md": vector},
        )


def _metas(artifacts: Path) -> None:
    texts = cycle((*VECTORS, *ADDRESSES))
    for kind, shape in {**_bundled(), **SHAPED}.items():
        for copy in range(COPIES):
            name = f"{kind}-{copy}"
            meta = _replaced(shape, texts) | {
                "alias": next(texts) if copy % 2 else name,
                "uid": _uid(6, hash_of(name)),
                "tags": [*islice(texts, 6)],
                "desc": next(texts),
            }
            files = {_file_name(text): text for text in islice(texts, 12)}
            _artifact(artifacts, kind, name, meta, files)


def _bundled() -> dict[str, dict[str, Any]]:
    """Return a meta of each automation of the bundled catalogue, the largest."""
    import yaml

    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for path in sorted((CHECKOUT / "registry/artifacts").glob("*/*/_cm.*")):
        text = path.read_text("utf-8")
        kind = path.parent.parent.name
        found[kind] = max(found.get(kind, (0, {})), (len(text), yaml.safe_load(text)), key=lambda one: one[0])
    return {kind: meta for kind, (_, meta) in found.items()}


def _replaced(value: Any, texts: Iterator[str]) -> Any:
    """Return the same shape with another text wherever one stands; keys that say where to look stay."""
    if isinstance(value, dict):
        return {
            (next(texts) if key == "t" else key): (
                one if key in ("automation_uid", "automation_alias") else _replaced(one, texts)
            )
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_replaced(one, texts) for one in value]
    return next(texts) if isinstance(value, str) else value


def _artifact(artifacts: Path, automation: str, folder: str, meta: dict[str, Any], files: dict[str, str]) -> None:
    place = artifacts / automation / folder
    known = {"automation_alias": automation, "automation_uid": AUTOMATION_UIDS.get(automation, "00000000000000aa")}
    _write(place / "_cm.json", json.dumps({**known, **meta}, default=str))
    for name, text in files.items():
        _write(place / name, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")


def _file_name(text: str) -> str:
    name = "".join(sign for sign in text if sign not in "/\0")[:60].encode("utf-8", "replace").decode()
    return name if name.strip(". ") else "_"


def _uid(family: int, number: int) -> str:
    return f"{family:08x}{number:08x}"


def hash_of(name: str) -> int:
    """Return the same number for a name in every process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
