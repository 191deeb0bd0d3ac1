"""What a client makes of withdrawn, renamed and ambiguous artifacts. Numbers: facts/index.md §4."""

import json
import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.client.citing import cite_bibtex, cite_cff
from cmsite.client.moves import MAX_HOPS, followed
from cmsite.client.query import parse_query
from cmsite.client.registries import open_address
from cmsite.client.resolve import Resolved, matching, select
from cmsite.client.search import scan
from cmsite.errors import AmbiguousError, IntegrityError, NotFoundError
from cmsite.index.emit import Before, emit_index
from cmsite.index.layout import ROOT_PATH, IndexLimits
from cmsite.index.records import Record, Status
from cmsite.index.root import Root, parse_root
from cmsite.model.reference import Reference, parse_reference
from cmsite.outputs import OutputFolder
from tests.index_values import REGISTRY_ID, digest, record, record_lists, site_of, version
from tests.test_client_commands import cmsite

OLD_UID, NEW_UID = "1" * 16, "2" * 16
GONE = (Status.REMOVED, Status.MOVED, Status.PURGED)


def resolve(text: str, *records: Record) -> Resolved:
    def look_up(asked: Reference) -> tuple[Record, ...]:
        return matching(asked, records)

    reference, hits, _ = followed(parse_reference(text), look_up)
    return select(reference, hits, look_up=look_up)


def notes(text: str, *records: Record) -> tuple[str, ...]:
    return followed(parse_reference(text), lambda asked: matching(asked, records))[2]


def moved(alias: str, to: str, **more) -> Record:
    return record(alias, status=Status.MOVED, moved=to, **({"versions": ()} | more))


NEW = record("new", uid=NEW_UID, versions=(version(1), version(2, content="b")))


def test_a_renamed_artifact_resolves_with_a_note():
    old = moved("old", f"team/script:new,{NEW_UID}", uid=OLD_UID)
    for text in ("script:old", "team/script:old", OLD_UID, f"script:old,{OLD_UID}", f"{OLD_UID}@r2"):
        assert resolve(text, old, NEW).record == NEW
        assert notes(text, old, NEW) == (f"team/script:old,{OLD_UID} was renamed to team/script:new,{NEW_UID}",)
    assert resolve("script:old@r1", old, NEW).version.revision == 1
    assert notes("script:new", old, NEW) == ()


def test_what_was_published_under_the_old_name_is_still_there_by_pin():
    before = (version(1, content="first"), version(2, content="second"))
    old = moved("old", f"team/script:new,{NEW_UID}", uid=NEW_UID, versions=before)
    pinned = resolve("script:old@r2", old, NEW)
    assert (pinned.record, pinned.version) == (old, before[1])
    assert "this is what was published under its old name" in pinned.notes[-1]
    assert resolve(f"script:old@sha256:{before[0].tar_sha256}", old, NEW).version == before[0]
    with pytest.raises(NotFoundError, match=r"has no version r3"):  # Never revision 3 of another count.
        resolve("script:old@r3", old, NEW)
    assert resolve(NEW_UID, old, NEW).record == NEW


def test_a_living_artifact_has_its_name_before_a_renamed_one():
    old = moved("new", f"team/script:other,{OLD_UID}", uid=OLD_UID)
    assert resolve("script:new", old, NEW).record == NEW


def chain(length: int) -> list[Record]:
    """Return records `a0` → `a1` → … and the living one at the end."""
    steps = [moved(f"a{number}", f"team/script:a{number + 1}") for number in range(length)]
    return [*steps, record(f"a{length}")]


def test_five_renames_are_followed_and_no_more():
    assert resolve("script:a0", *chain(MAX_HOPS)).record.alias == f"a{MAX_HOPS}"
    assert len(notes("script:a0", *chain(MAX_HOPS))) == MAX_HOPS == 5
    with pytest.raises(IntegrityError, match="renamed more than 5 times in a row"):
        resolve("script:a0", *chain(MAX_HOPS + 1))


def test_renames_in_a_circle_are_refused():
    with pytest.raises(IntegrityError, match=r"lead in a circle \(script:a → team/script:b → team/script:a → team"):
        resolve("script:a", moved("a", "team/script:b"), moved("b", "team/script:a"))
    with pytest.raises(IntegrityError, match="lead in a circle"):
        resolve("team/script:a", moved("a", "team/script:a"))


@pytest.mark.parametrize("target", ["", "nonsense", "script:a@r1", "https://example.org/a/b/c/d/", "script:\x1b[31m"])
def test_a_rename_to_what_is_no_name_is_refused(target: str):
    with pytest.raises(IntegrityError, match="the index is wrong"):
        resolve("script:old", moved("old", target))


def test_a_rename_that_leads_to_nothing_says_so():
    with pytest.raises(NotFoundError, match="was renamed to team/script:new, which this registry does not have"):
        resolve("script:old", moved("old", "team/script:new"))


def test_a_name_given_up_for_two_artifacts_is_ambiguous():
    both = (moved("old", f"team/script:new,{NEW_UID}"), moved("old", "copy/script:x", repository="copy", rank=1))
    with pytest.raises(AmbiguousError) as caught:
        resolve("script:old", *both, NEW)
    assert caught.value.candidates == ("copy/script:x", f"team/script:new,{NEW_UID}")


@given(record_lists)
def test_what_is_gone_is_never_searched(records: list[Record]):
    found = {one.key for hit in scan(records, parse_query()).hits for one in (hit.record, *hit.others)}
    assert found == {one.key for one in records if one.status not in GONE}


def test_case_90_quarantined_says_why():
    with pytest.raises(IntegrityError, match="not handed out: holds a virus"):
        resolve("script:detect-os@r1", record(status=Status.QUARANTINED, reason="holds a virus"))


def test_case_90_deprecated_says_why_and_what_to_use():
    old = record(status=Status.DEPRECATED, reason="slow", successor="team/script:new")
    assert (
        resolve("script:detect-os", old).notes[0].endswith("is deprecated by its publisher: slow; use team/script:new")
    )


def test_case_90_a_yanked_revision_is_never_chosen_by_name_or_label():
    versions = (version(1, label="1.0"), version(2, content="b", label="1.0", yanked="leaks"))
    assert resolve("script:detect-os", record(versions=versions)).version.revision == 1
    assert resolve("script:detect-os@1.0", record(versions=versions)).version.revision == 1
    assert resolve("script:detect-os@r2", record(versions=versions)).notes[-1].endswith("r2 is yanked: leaks")


def test_purged_revisions_are_named_with_their_reason_and_never_handed_out():
    versions = (version(1, label="1.0"), version(2, content="b", label="2.0", url="", purged="a key leaked"))
    some = record(versions=versions)
    assert resolve("script:detect-os", some).version.revision == 1
    for pin in ("@r2", "@2.0", f"@sha256:{digest('tar b')}"):
        with pytest.raises(NotFoundError, match=r"purged by its publisher.*a key leaked; there are r1 \(1.0\)$"):
            resolve(f"script:detect-os{pin}", some)
    with pytest.raises(NotFoundError, match=r"every revision of .* was purged \(a key leaked\)"):
        resolve("script:detect-os", record(versions=versions[1:]))
    whole = record(status=Status.PURGED, reason="a key leaked", versions=versions[1:])
    for pin in ("", "@r2", f"@sha256:{digest('tar b')}"):
        with pytest.raises(NotFoundError, match="purged by its publisher, its bytes are gone for ever: a key leaked"):
            resolve(f"script:detect-os{pin}", whole)


def test_case_89_labels_are_never_sorted_as_text():
    labels = ("1.9", "1.10", "1.9")
    many = record(
        versions=tuple(version(number, content=str(number), label=label) for number, label in enumerate(labels, 1))
    )
    assert resolve("script:detect-os", many).version.revision == 3
    assert resolve("script:detect-os@1.10", many).version.revision == 2
    assert resolve("script:detect-os@1.9", many).version.revision == 3  # The newest that bears it.
    newest_is_1_10 = record(versions=many.versions[:2])
    assert resolve("script:detect-os", newest_is_1_10).version.label == "1.10"


def test_case_88_one_label_with_two_contents_means_the_newest_and_the_old_one_stays():
    both = record(versions=(version(1, label="1.0"), version(2, content="b", label="1.0")))
    assert resolve("script:detect-os@1.0", both).version.revision == 2
    assert resolve("script:detect-os@r1", both).version.tar_sha256 == digest("tar content")


ODD = ("a", "my name", "a@b", "a,b", "a:b", "a/b", "$(x)", "-rf", "é", "a@r1")
candidates = st.lists(
    st.builds(
        lambda alias, uid, repository, automation, content: record(
            alias, uid=uid * 16, repository=repository, automation=automation, versions=(version(content=content),)
        ),
        st.sampled_from(ODD),
        st.sampled_from("123"),
        st.sampled_from(["team", "other@repo"]),
        st.sampled_from(["script", "data"]),
        st.sampled_from("xyz"),
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=400)
@given(candidates, st.randoms(use_true_random=False))
def test_case_87_every_listed_spelling_works_when_pasted(records: list[Record], chance):
    for number, one in enumerate(records):
        records[number] = record(
            one.alias,
            uid=one.uid,
            repository=one.repository,
            rank=0 if one.repository == "team" else 1,
            automation=one.automation,
            folder=f"folder-{number}",
            versions=one.versions,
        )
    chance.shuffle(records)
    asked = records[0].uid
    try:
        resolve(asked, *records)
    except AmbiguousError as error:
        named = matching(parse_reference(asked), records)
        for spelling, meant in zip(error.candidates, named, strict=True):
            assert shlex.split(spelling) == [spelling]
            same = [one for one in named if one.versions == meant.versions and one.identity == meant.identity]
            assert resolve(spelling, *records).record in same
    else:
        found = matching(parse_reference(asked), records)
        assert len({one.identity for one in found}) == 1
        assert [one.repository for one in found].count(found[0].repository) == 1


def test_case_87_an_alias_shared_within_one_repository():
    twins = (record("x", uid=OLD_UID), record("x", uid=NEW_UID, folder="x2"))
    with pytest.raises(AmbiguousError, match="2 different artifacts have this name; name one of them") as caught:
        resolve("script:x", *twins)
    assert caught.value.candidates == (f"team/script:x,{OLD_UID}", f"team/script:x,{NEW_UID}")
    assert [resolve(text, *twins).record for text in caught.value.candidates] == list(twins)


def test_case_87_two_records_of_one_origin_are_a_damaged_index():
    twice = (record("x", uid=OLD_UID), record("x", uid=OLD_UID, description="Another text"))
    with pytest.raises(
        IntegrityError, match="the index has two records of team/script:x,1+ in folder 'x', expected one"
    ):
        resolve("script:x", *twice)
    beside = replace(moved("x", f"team/script:new,{OLD_UID}", uid=OLD_UID), folder="x")
    assert resolve("script:x", twice[0], beside).record == twice[0]


def test_case_87_twins_of_one_uid_are_told_apart_by_their_content():
    twins = (
        record("x", uid=OLD_UID, versions=(version(content="one"),)),
        record("x", uid=OLD_UID, folder="x2", versions=(version(content="two"),)),
    )
    with pytest.raises(AmbiguousError) as caught:
        resolve("script:x", *twins)
    assert [resolve(text, *twins).record for text in caught.value.candidates] == list(twins)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    versions = (
        version(1, label="1.9", time_s=1_700_000_000),
        version(2, content="b", label="1.10", yanked="wrong\x1b[31m"),
        version(3, content="c", url="", purged="a key leaked"),
        version(4, content="d"),
    )
    records = [
        record("detect-os", versions=versions, status=Status.DEPRECATED, reason="slow", successor="team/script:new"),
        record("new", uid=NEW_UID),
        moved("old", f"team/script:new,{NEW_UID}", uid=OLD_UID, versions=(version(),)),
        record("bad", status=Status.QUARANTINED, reason="a virus"),
        record("two", uid="a" * 16),
        record("two", uid="b" * 16, folder="two2"),
    ]
    for path, content in site_of(records).items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(content)
    return tmp_path / "site"


def test_history_shows_every_revision_with_its_marks(site: Path):
    done = cmsite("history", "script:detect-os", "--registry", str(site))
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.endswith("  team  deprecated: slow; use team/script:new")
    assert [line.split()[0] for line in lines] == ["r4", "r3", "r2", "r1"]
    assert lines[1].endswith("purged: a key leaked")
    assert "1.10" in lines[2]
    assert "yanked: wrong\ufffd[31m" in lines[2]
    assert lines[3] == f"r1  2023-11-14  1.9  7 bytes  sha256:{digest('tar content')}"


def test_history_as_json_holds_digests_and_marks(site: Path):
    done = cmsite("history", "script:detect-os@r1", "--json", "--registry", str(site))
    document = json.loads(done.stdout)
    (shown,) = document["records"]
    assert (document["schema"], shown["status"], shown["reason"]) == ("cmsite-history/1", "deprecated", "slow")
    assert [one["purged"] for one in shown["versions"]] == [None, "a key leaked", None, None]
    assert shown["versions"][3]["archive_sha256"] == digest("archive content")


def test_history_of_what_is_withheld_or_renamed(site: Path):
    assert "quarantined: a virus" in cmsite("history", "script:bad", "--registry", str(site)).stdout
    done = cmsite("history", "script:old", "--registry", str(site))
    assert f"moved to team/script:new,{NEW_UID}" in done.stdout
    assert f"\nscript:new  {NEW_UID}" in done.stdout


def test_history_of_nothing_and_of_two(site: Path):
    done = cmsite("history", "script:detect-oz", "--registry", str(site))
    assert done.returncode == 4
    assert "near: script:detect-os" in done.stderr
    done = cmsite("history", "script:two", "--registry", str(site))
    assert done.returncode == 4
    assert f"- team/script:two,{'b' * 16}" in done.stderr


def test_show_says_what_the_publisher_decided(site: Path):
    done = cmsite("show", "script:detect-os", "--registry", str(site))
    assert "deprecated: slow; use team/script:new" in done.stdout
    assert "r4, r3 (purged), r2 (yanked), r1" in done.stdout
    document = json.loads(cmsite("show", "script:old", "--json", "--registry", str(site)).stdout)
    assert document["alias"] == "new"
    assert document["notes"] == [f"team/script:old,{OLD_UID} was renamed to team/script:new,{NEW_UID}"]
    refused = cmsite("show", "script:bad", "--registry", str(site))
    assert (refused.returncode, "a virus" in refused.stderr) == (6, True)


def test_cite_pins_revision_and_content(site: Path):
    done = cmsite("cite", "script:new", "--registry", str(site))
    assert done.returncode == 0, done.stderr
    digest_of = digest("tar team new")
    assert f"note         = {{script:new, uid {NEW_UID}, revision r1, sha256 {digest_of}}}," in done.stdout
    assert "url" not in done.stdout  # The address of a folder means nothing to others.
    assert "is deprecated" in cmsite("cite", "script:detect-os", "--registry", str(site)).stderr
    assert cmsite("cite", "script:bad", "--registry", str(site)).returncode == 6


@pytest.mark.parametrize("limits", [IndexLimits(), IndexLimits(all_bytes=0)], ids=["all", "tree of terms"])
def test_cite_names_the_authors_however_the_index_is_cut(tmp_path: Path, limits: IndexLimits):
    ada = record("cited", authors=("Ada King", "Charles Babbage"), versions=(version(),))
    crowd = record("crowd", authors=tuple(f"Author {number}" for number in range(60)), versions=(version(),))
    for file in emit_index([ada, crowd], registry_id=REGISTRY_ID, limits=limits):
        OutputFolder(tmp_path).write(file)
    done = cmsite("cite", "script:cited", "--registry", str(tmp_path))
    assert "author       = {Ada King and Charles Babbage}" in done.stdout
    done = cmsite("cite", "script:crowd", "--registry", str(tmp_path))
    assert "Author 38 and Author 39 and others}" in done.stdout


HOSTILE = 'a "quoted": # \x1b[31m\n- {}_%\u2028 name'


def test_citations_of_hostile_names_are_what_they_are_called():
    import yaml

    evil = record("x", authors=("Ada", HOSTILE), description=HOSTILE, versions=(version(time_s=1_700_000_000),))
    resolved = Resolved(record=evil, version=evil.versions[0])
    read = yaml.safe_load(cite_cff(resolved, "https://e.org/c/"))
    assert [one["name"] for one in read["authors"]] == ["Ada", HOSTILE]
    assert (read["version"], read["type"], read["url"]) == ("r1", "software", "https://e.org/c/a/team/script/x/")
    assert str(read["date-released"]) == "2023-11-14"
    assert read["identifiers"][1]["value"] == f"sha256:{digest('tar content')}"
    text = cite_bibtex(resolved, "https://e.org/c/")
    assert "\\_\\%" in text
    assert text.count("{") == text.count("}")
    assert yaml.safe_load(cite_cff(Resolved(record=record("y"), version=version()), ""))["authors"] == [
        {"name": "team"}
    ]


@pytest.mark.parametrize("limits", [IndexLimits(), IndexLimits(all_bytes=20_000)], ids=["all", "tree of terms"])
def test_decisions_reach_who_asks_however_the_index_is_cut(tmp_path: Path, limits: IndexLimits):
    """Published one generation after the other: the second has a delta where there is a tree of terms."""
    records = {f"artifact-{number}": record(f"artifact-{number}") for number in range(400)}
    first = _publish(tmp_path, records.values(), None, limits)
    marks: dict[str, dict[str, Any]] = {
        "artifact-1": {"status": Status.DEPRECATED, "reason": "slow", "successor": "team/script:artifact-2"},
        "artifact-3": {"status": Status.QUARANTINED, "reason": "bad"},
        "artifact-4": {"status": Status.MOVED, "moved": "team/script:artifact-5"},
        "artifact-6": {"status": Status.PURGED, "reason": "leaked", "tags": (), "description": ""},
        "artifact-7": {"uid": NEW_UID},
    }
    decided = records | {alias: replace(records[alias], **more) for alias, more in marks.items()}
    bare = moved("artifact-7", f"team/script:artifact-7,{NEW_UID}")
    second = _publish(tmp_path, [*decided.values(), bare], first, limits)
    assert (second.gen, second.delta is not None) == (2, limits.all_bytes == 20_000)
    assert _found(tmp_path) == {"artifact-1", "artifact-3", "artifact-5", "artifact-7"}
    registry = open_address(tmp_path.as_uri())
    assert registry.resolve("script:artifact-4").record.alias == "artifact-5"
    assert registry.resolve(bare.uid).record.uid == NEW_UID
    assert registry.resolve("script:artifact-1").notes[0].endswith(": slow; use team/script:artifact-2")
    with pytest.raises(IntegrityError, match="bad"):
        registry.resolve("script:artifact-3")
    with pytest.raises(NotFoundError, match="leaked"):
        registry.resolve("script:artifact-6")
    third = _publish(tmp_path, records.values(), second, limits)
    assert third.gen == 3
    assert _found(tmp_path) == {f"artifact-{number}" for number in (1, 3, 4, 5, 6, 7)}


def _publish(site: Path, records: Iterable[Record], previous: Root | None, limits: IndexLimits) -> Root:
    before = Before(root=previous, read=lambda path: (site / path).read_bytes()) if previous else None
    files = emit_index(
        records, registry_id=REGISTRY_ID, previous=previous, before=before, first=previous is None, limits=limits
    )
    for file in files:
        (site / file.path).parent.mkdir(parents=True, exist_ok=True)
        (site / file.path).write_bytes(file.content)
    return parse_root((site / ROOT_PATH).read_bytes(), ROOT_PATH)


def _found(site: Path) -> set[str]:
    registry = open_address(site.as_uri())
    names = [f"artifact-{number}" for number in (1, 3, 4, 5, 6, 7)]
    return {
        hit.record.alias
        for name in names
        for hit in registry.search(parse_query([name])).hits
        if hit.record.alias == name
    }
