"""cmsite.lock: what one change looks like to version control, and what is refused of a foreign lock."""

import copy
import difflib
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.client import lock as lock_module
from cmsite.client.lock import Lock, LockedArtifact, LockedFile, LockedLicenses, emit_lock, make_lock, parse_lock
from cmsite.errors import IntegrityError
from cmsite.member_names import fold

REGISTRY = "0" * 31 + "1"
OTHER_REGISTRY = "f" * 32


def artifact(folder: str, uid: str = "", **changes: Any) -> LockedArtifact:
    made = LockedArtifact(
        automation="script",
        folder=folder,
        alias=folder,
        uid=uid or f"{sum(folder.encode()):016x}",
        automation_uid="5b4e0237da074764",
        repository="team",
        registry=REGISTRY,
        reference=f"script:{folder}",
        format="cm",
        revision=1,
        label="",
        tar_sha256="1" * 64,
        archive_sha256="2" * 64,
        size_bytes=9,
        files=(
            LockedFile(path="_cm.yaml", sha256="3" * 64),
            LockedFile(path="meta.yaml", sha256="3" * 64, generated=True),
        ),
    )
    return replace(made, **changes)


def licenses(folder: str, registry: str = REGISTRY) -> LockedLicenses:
    return LockedLicenses(
        folder=folder, registry=registry, repository=folder, blob="4" * 64, files=(("LICENSE", "5" * 64),)
    )


def lock_of(*artifacts: LockedArtifact) -> Lock:
    registries = {one.registry: "https://example.org/c/" for one in artifacts}
    owners = {(one.registry, one.repository): licenses(one.repository, one.registry) for one in artifacts}
    return make_lock(artifacts, registries.items(), owners.values())


def changed_lines(before: Lock, after: Lock) -> tuple[list[str], list[str]]:
    old, new = (emit_lock(lock).decode().splitlines() for lock in (before, after))
    lines = difflib.ndiff(old, new)
    marked = [line for line in lines if line[0] in "+-"]
    return [line for line in marked if line[0] == "+"], [line for line in marked if line[0] == "-"]


@pytest.mark.parametrize("added", ["a", "m", "z"])
def test_adding_an_artifact_changes_only_its_lines(added: str) -> None:
    before = lock_of(artifact("b"), artifact("n"), artifact("y"))
    after = lock_of(*before.artifacts, artifact(added, repository="zoo", registry=OTHER_REGISTRY))
    gained, lost = changed_lines(before, after)
    assert lost == []
    assert changed_lines(after, before)[0] == []
    assert len(gained) == len(emit_lock(after).splitlines()) - len(emit_lock(before).splitlines())


def test_two_branches_that_each_add_an_artifact_merge(tmp_path: Path) -> None:
    base = lock_of(artifact("b"), artifact("n"), artifact("y"))
    ours = lock_of(*base.artifacts, artifact("a", repository="ours"))
    theirs = lock_of(*base.artifacts, artifact("z", repository="theirs", registry=OTHER_REGISTRY))
    both = lock_of(*base.artifacts, ours.artifacts[0], theirs.artifacts[-1])
    for name, lock in (("ours", ours), ("base", base), ("theirs", theirs)):
        (tmp_path / name).write_bytes(emit_lock(lock))
    merged = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True, check=False
    )
    assert merged.returncode == 0, merged.stdout.decode()
    assert emit_lock(parse_lock(merged.stdout)) == emit_lock(both)


def test_a_new_revision_changes_only_its_own_lines() -> None:
    before = lock_of(artifact("a"), artifact("b"))
    gained, lost = changed_lines(before, lock_of(artifact("a"), artifact("b", revision=2, tar_sha256="9" * 64)))
    assert [line.split(":")[0].strip(' -"') for line in lost] == ["revision", "tar_sha256"]
    assert len(gained) == 2


def test_the_order_of_pulling_leaves_no_trace() -> None:
    one, other = artifact("a"), artifact("b", repository="zoo", registry=OTHER_REGISTRY)
    assert emit_lock(lock_of(one, other)) == emit_lock(lock_of(other, one))


def test_a_lock_holds_only_what_its_artifacts_need() -> None:
    full = lock_of(artifact("a"), artifact("b", repository="zoo", registry=OTHER_REGISTRY))
    assert make_lock((artifact("a"),), full.registries, full.licenses) == lock_of(artifact("a"))


def _set(*keys: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = to

    return change


_HERE = ("artifacts", "script/a")


@pytest.mark.parametrize(
    ("change", "key", "why"),
    [
        (_set("schema", to="cmsite-lock/9"), "`schema`", "must be 'cmsite-lock/1'"),
        (_set("more", to=1), "`more`", "a newer cmsite may have written the lock"),
        (_set(*_HERE, "more", to=1), "`artifacts.script/a.more`", "is unknown"),
        (_set("licenses", to=[]), "`licenses`", "must be an object"),
        (_set("artifacts", to=None), "`artifacts`", "must be an object"),
        (_set("artifacts", "../x", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", "script/../../x", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", ".cmsite/x", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", "script/-rf", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", "script/CON", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", "/etc", to={}), "`artifacts`", "named by automation/folder"),
        (_set("artifacts", "script/" + "x" * 1_000_000, to={}), "`artifacts`", "named by automation/folder"),
        (_set(*_HERE, to=7), "`artifacts.script/a`", "must be an object, got 7"),
        (_set(*_HERE, "files", "../../x", to="0" * 64), "`artifacts.script/a.files.../../x`", "a safe name"),
        (_set(*_HERE, "files", "/x", to="0" * 64), "`artifacts.script/a.files./x`", "a safe name"),
        (_set(*_HERE, "files", ".git/hooks/x", to="0" * 64), "files..git/hooks/x`", "a safe name"),
        (_set(*_HERE, "files", "_CM.yaml", to="0" * 64), "`artifacts.script/a.files.", "a safe name"),
        (_set(*_HERE, "files", "_cm.yaml/x", to="0" * 64), "`artifacts.script/a.files.", "a safe name"),
        (_set(*_HERE, "files", "x\x1b[2J", to="0" * 64), "files.x\\x1b[2J`", "a safe name"),
        (_set(*_HERE, "files", "_cm.yaml", to="0"), "`artifacts.script/a.files._cm.yaml`", "64 hexadecimal digits"),
        (_set(*_HERE, "tar_sha256", to="../" * 21 + "0"), "`artifacts.script/a.tar_sha256`", "64 hexadecimal digits"),
        (_set(*_HERE, "revision", to=True), "`artifacts.script/a.revision`", "a whole number"),
        (_set(*_HERE, "revision", to=2**63), "`artifacts.script/a.revision`", "a whole number"),
        (_set(*_HERE, "size_bytes", to=-1), "`artifacts.script/a.size_bytes`", "a whole number"),
        (_set(*_HERE, "asked", to="yes"), "`artifacts.script/a.asked`", "true or false"),
        (_set(*_HERE, "uid", to=6152538690744623), "`artifacts.script/a.uid`", "a text"),
        (_set(*_HERE, "reference", to="x\x1b[2J"), "`artifacts.script/a.reference`", "printable"),
        (_set(*_HERE, "alias", to="x" * 1_000_000), "`artifacts.script/a.alias`", "a text"),
        (_set(*_HERE, "generated", to=["other"]), "`artifacts.script/a.generated`", "stand in `files`"),
        (_set(*_HERE, "generated", to=[{}]), "`artifacts.script/a.generated`", "stand in `files`"),
        (_set(*_HERE, "registry", to="9" * 32), "`artifacts.script/a.registry`", "one of `registries`"),
        (_set("registries", "x", to={"url": "https://example.org"}), "`registries`", "32 hexadecimal digits"),
        (_set("registries", REGISTRY, to="https://example.org"), f"`registries.{REGISTRY}`", "must be an object"),
        (_set("registries", REGISTRY, "url", to="file:///etc"), f"`registries.{REGISTRY}.url`", "an address of http"),
        (_set("registries", REGISTRY, "url", to="/etc"), f"`registries.{REGISTRY}.url`", "a relative folder"),
        (_set("registries", REGISTRY, "url", to="https://a:b@c/"), f"`registries.{REGISTRY}.url`", "an address"),
        (_set("registries", REGISTRY, "url", to="ext::sh -c x"), f"`registries.{REGISTRY}.url`", "an address"),
        (_set("licenses", "..", to={}), "`licenses`", "named by safe folders"),
        (_set("licenses", "team", "files", "../LICENSE", to="0" * 64), "`licenses.team.files.", "a safe name"),
        (_set("licenses", "team", "blob", to="x"), "`licenses.team.blob`", "64 hexadecimal digits"),
        (_set("licenses", "team", "registry", to="9" * 32), "`licenses.team.registry`", "one of `registries`"),
    ],
)
def test_case_86_a_hostile_lock_is_refused_by_the_name_of_its_key(
    change: Callable[[dict[str, Any]], None], key: str, why: str
) -> None:
    data = json.loads(emit_lock(lock_of(artifact("a"))))
    change(data)
    with pytest.raises(IntegrityError) as raised:
        parse_lock(json.dumps(data).encode())
    message = str(raised.value)
    assert key in message
    assert why in message
    assert message.isprintable()
    assert len(message) < 1000


def test_case_87_what_the_clients_would_mix_up_is_refused() -> None:
    data = json.loads(emit_lock(lock_of(artifact("a"))))
    for name, uid, why in (
        ("script/b", data["artifacts"]["script/a"]["uid"], "another uid"),
        ("script/A", "f" * 16, "folder"),
    ):
        both = copy.deepcopy(data)
        both["artifacts"][name] = both["artifacts"]["script/a"] | {"uid": uid}
        with pytest.raises(IntegrityError, match=why):
            parse_lock(json.dumps(both).encode())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no lock"),
        (b"[]", "must be an object"),
        (b'{"schema": "cmsite-lock/1", "schema": "x"}', "the key 'schema' stands twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": NaN}', "is not an integer"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff", "is not UTF-8"),
        (b'{\n<<<<<<< HEAD\n "a": 1\n=======\n>>>>>>> x\n}', "unfinished merge"),
    ],
)
def test_case_83_what_is_no_lock_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(IntegrityError, match=why):
        parse_lock(content, "here/cmsite.lock")


def test_a_huge_lock_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "MAX_LOCK_BYTES", 10)
    with pytest.raises(IntegrityError, match="a lock has at most 10"):
        parse_lock(b" " * 11)


_DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
_DEVICES = {"con", "nul", "aux", "prn"}
_NAME = st.text("abcXYZ019_-", min_size=1, max_size=9).filter(
    lambda name: not name.startswith("-") and name.lower() not in _DEVICES
)
_TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
_FILES = st.dictionaries(_NAME.map(str.lower), st.tuples(_DIGEST, st.booleans()), max_size=4)
_SIZE = st.integers(0, 10**12)


@st.composite
def _artifacts(draw: st.DrawFn) -> LockedArtifact:
    return LockedArtifact(
        automation=draw(_NAME),
        folder=draw(_NAME),
        alias=draw(_TEXT),
        uid=draw(_TEXT),
        automation_uid=draw(_TEXT),
        repository=draw(_TEXT),
        registry=draw(st.sampled_from([REGISTRY, OTHER_REGISTRY])),
        reference=draw(_TEXT),
        format=draw(_TEXT),
        revision=draw(_SIZE),
        label=draw(_TEXT),
        tar_sha256=draw(_DIGEST),
        archive_sha256=draw(_DIGEST),
        size_bytes=draw(_SIZE),
        files=tuple(
            LockedFile(path=path, sha256=digest, generated=generated)
            for path, (digest, generated) in sorted(draw(_FILES).items())
        ),
        asked=draw(st.booleans()),
    )


@given(
    st.lists(_artifacts(), max_size=3, unique_by=(lambda one: fold(one.path), lambda one: one.identity)),
    st.dictionaries(_NAME, _DIGEST, max_size=3),
)
def test_a_lock_survives_writing_and_reading(artifacts: list[LockedArtifact], blobs: dict[str, str]) -> None:
    owners = [(one.registry, one.repository) for one in artifacts]
    locked = [
        LockedLicenses(folder=folder, registry=registry, repository=repository, blob=blob, files=())
        for (folder, blob), (registry, repository) in zip(blobs.items(), owners, strict=False)
    ]
    lock = make_lock(artifacts, [(REGISTRY, "https://example.org/"), (OTHER_REGISTRY, "../site")], locked)
    assert parse_lock(emit_lock(lock)) == lock
    assert emit_lock(parse_lock(emit_lock(lock))) == emit_lock(lock)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_FULL = emit_lock(lock_of(artifact("a"), artifact("b", repository="zoo", registry=OTHER_REGISTRY)))


def _places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = (
        [place for key, one in value.items() for place in _places(one, (*path, key))] if isinstance(value, dict) else []
    )
    return [path, *below] if path else below


def _read(content: bytes) -> Lock | str:
    """Return the lock, or what is said of it."""
    try:
        return parse_lock(content)
    except IntegrityError as error:
        return str(error)


@given(st.sampled_from(_places(json.loads(_FULL))), _JSON)
def test_a_lock_with_any_value_replaced_is_read_or_refused(place: tuple[str, ...], value: Any) -> None:
    data = json.loads(_FULL)
    _set(*place, to=value)(data)
    read = _read(json.dumps(data).encode())
    if isinstance(read, Lock):
        assert parse_lock(emit_lock(read)) == read
    else:
        assert read.isprintable()


@given(st.integers(0, len(_FULL) - 1), st.integers(0, 255))
def test_a_lock_with_any_byte_changed_is_read_or_refused(position: int, byte: int) -> None:
    changed = _FULL[:position] + bytes([byte]) + _FULL[position + 1 :]
    read = _read(changed)
    assert isinstance(read, Lock) or read.isprintable()
