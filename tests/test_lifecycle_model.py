"""What decisions make of records, build after build; pure, with the code that `cmsite build` runs.

Numbers: facts/index.md §4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.catalog.catalog import Catalog
from cmsite.errors import AmbiguousError, ConfigurationError, NotFoundError, UsageError
from cmsite.index.emit import emit_index
from cmsite.index.read import read_index
from cmsite.index.records import Record, Status
from cmsite.index.root import Root
from cmsite.model.artifact import Artifact
from cmsite.pipeline.decided import Decided, decide
from cmsite.pipeline.deciding import compose, compose_rename
from cmsite.pipeline.decisions import Action, Decision, appended, parse_decisions
from cmsite.pipeline.ingest import Packed
from cmsite.pipeline.past import Past
from cmsite.pipeline.purging import purges_of
from cmsite.pipeline.versions import records_of, with_versions
from tests.catalog_factory import repository, script
from tests.index_values import REGISTRY_ID, by_path, digest

FILE = Path("decisions.yml")


@dataclass
class Publisher:
    """A source (name → uid and content), decisions.yml, and the index that was published last."""

    source: dict[str, tuple[str, str]] = field(default_factory=dict)
    decisions: bytes = b""
    past: Past = field(default_factory=lambda: Past(is_first=True))
    decided: Decided = field(default_factory=Decided)
    catalog: Catalog | None = None

    @property
    def records(self) -> dict[str, Record]:
        return {f"{one.alias},{one.uid}": one for one in self.past.records}

    @property
    def entries(self) -> tuple[Decision, ...]:
        return parse_decisions(self.decisions, FILE)

    def record(self, alias: str) -> Record:
        (found,) = (one for one in self.past.records if one.alias == alias)
        return found

    def decide(self, action: Action, text: str, **more: str) -> None:
        self.add(compose(action, text, self.past.records, reason=more.pop("reason", "why"), **more))

    def rename(self, old: str, new: str) -> None:
        self.add(compose_rename(old, new, self.past.records))

    def add(self, decision: Decision) -> None:
        self.decisions = appended(self.decisions, decision, FILE)

    def undo(self, number: int) -> None:
        kept = [entry for at, entry in enumerate(self.entries) if at != number % max(1, len(self.entries))]
        self.decisions = b""
        for entry in kept:
            self.add(entry)

    def build(self) -> Root:
        """Build as `cmsite build` does, without rendering a page."""
        entries, before = self.entries, self.past.records
        purges = purges_of(entries, before)
        artifacts = (replace(script(alias), uid=uid) for alias, (uid, _) in self.source.items())
        packed = {one.key: self.packed(one) for one in artifacts}
        living = {
            one.key: one
            for one in sorted(
                (replace(script(alias), uid=uid) for alias, (uid, _) in self.source.items()), key=lambda one: one.key
            )
            if purges.of_artifact(one) is None and packed[one.key].tar_sha256 not in purges.digests
        }
        catalog = Catalog(title="t", registry_id=REGISTRY_ID, repositories=(repository(),), artifacts=living)
        catalog = with_versions(catalog, {key: packed[key] for key in living}, self.past.versions())
        self.decided = decide(
            entries, purges, records_of(catalog, {}, {}), before, path=FILE, was_published=self.past.index is not None
        )
        self.catalog = self.decided.catalog(catalog, before)
        records = self.decided.records(records_of(self.catalog, {}, {}), before)
        root = self.past.index.root if self.past.index else None
        files = emit_index(records, registry_id=REGISTRY_ID, previous=root, first=root is None)
        index = read_index(by_path(files).__getitem__)
        self.past = Past(index=index)
        return index.root

    def packed(self, artifact: Artifact) -> Packed:
        content = self.source[artifact.alias][1]
        return Packed(tar_sha256=digest(f"tar {content}"), archive_sha256=digest(f"archive {content}"), size_bytes=1)


A, B, C = "a" * 16, "b" * 16, "c" * 16


@pytest.fixture
def team() -> Publisher:
    made = Publisher({"a": (A, "one"), "b": (B, "two")})
    made.build()
    return made


def test_case_90_a_yank_holds_and_can_be_undone(team: Publisher):
    team.decide(Action.YANK, "script:a")
    team.source["a"] = (A, "changed")
    for _ in range(2):
        team.build()
        assert [one.yanked for one in team.record("a").versions] == ["why", None]
    team.undo(0)
    team.build()
    assert [one.yanked for one in team.record("a").versions] == [None, None]


@pytest.mark.parametrize(
    ("action", "status"), [(Action.DEPRECATE, Status.DEPRECATED), (Action.QUARANTINE, Status.QUARANTINED)]
)
def test_case_90_a_status_holds_and_can_be_undone(team: Publisher, action: Action, status: Status):
    team.decide(action, "script:a", reason="because")
    team.build()
    gen = team.build().gen
    assert (team.record("a").status, team.record("a").reason, gen) == (status, "because", 2)
    team.undo(0)
    assert team.build().gen == 3
    assert (team.record("a").status, team.record("a").reason) == (Status.ACTIVE, "")


def test_a_quarantined_artifact_that_vanishes_stays_quarantined(team: Publisher):
    team.decide(Action.QUARANTINE, "script:a")
    del team.source["a"]
    team.build()
    assert team.record("a").status is Status.QUARANTINED


def test_deprecation_names_its_successor(team: Publisher):
    team.decide(Action.DEPRECATE, "script:a", use="script:b")
    team.build()
    assert team.record("a").successor == f"team/script:b,{B}"
    assert team.catalog is not None
    ((_, standing),) = team.catalog.standings.items()
    assert standing.successor_key is not None
    assert standing.successor_key.folder == "b"
    del team.source["b"]
    team.build()
    assert "names nothing in the catalogue" in team.decided.findings[0].message


def test_a_purged_revision_never_comes_back(team: Publisher):
    team.source["a"] = (A, "clean")
    team.build()
    team.decide(Action.PURGE, "script:a@r1", reason="a key leaked")
    team.build()
    first, second = team.record("a").versions
    assert (first.purged, first.url, first.tar_sha256) == ("a key leaked", "", digest("tar one"))
    assert (second.purged, second.url) == (None, None)
    team.undo(0)
    team.source["a"] = (A, "one")  # The source went back to what leaked.
    team.source["copy"] = (C, "one")  # And somebody copied it.
    team.build()
    assert [one.purged for one in team.record("a").versions] == ["a key leaked", None]
    assert team.record("a").status is Status.REMOVED
    assert "copy" not in {one.alias for one in team.past.records}


def test_a_purged_artifact_is_a_tombstone_that_says_nothing_of_itself(team: Publisher):
    team.decide(Action.PURGE, "script:a", reason="a key leaked")
    for _ in range(2):
        team.build()
        gone = team.record("a")
        assert (gone.status, gone.reason, gone.tags, gone.description) == (Status.PURGED, "a key leaked", (), "")
        assert [one.url for one in gone.versions] == [""]
        team.undo(0)  # Which changes nothing: the content is gone.
    team.source["a"] = (A, "clean")
    team.build()
    assert (team.record("a").status, len(team.record("a").versions)) == (Status.ACTIVE, 2)
    assert team.record("a").versions[0].purged == "a key leaked"


def test_a_renamed_folder_leads_on_and_keeps_what_was_published(team: Publisher):
    team.source["new"] = (A, "renamed")
    del team.source["a"]
    team.build()
    team.rename("script:a", "script:new")
    team.build()
    old = team.record("a")
    assert (old.status, old.moved, len(old.versions)) == (Status.MOVED, f"team/script:new,{A}", 1)
    assert team.build().gen == 3
    team.undo(0)
    team.build()
    assert (team.record("a").status, team.record("a").moved) == (Status.REMOVED, "")


def test_a_new_uid_in_the_same_folder_leads_on(team: Publisher):
    team.source["a"] = (C, "with another uid")
    team.add(
        parse_decisions(
            f"- {{action: rename, reference: 'team/script:a,{A}', to: 'team/script:a,{C}'}}\n".encode(), FILE
        )[0]
    )
    team.build()
    bare, living = team.records[f"a,{A}"], team.records[f"a,{C}"]
    assert (bare.status, bare.moved, bare.versions) == (Status.MOVED, f"team/script:a,{C}", ())
    assert [one.revision for one in living.versions] == [1, 2]
    team.build()
    assert set(team.records) == {f"a,{A}", f"a,{C}", f"b,{B}"}
    team.undo(0)
    team.build()
    assert set(team.records) == {f"a,{C}", f"b,{B}"}


def test_a_chain_of_renames_leads_to_its_end_at_once(team: Publisher):
    for old, new in (("a", "a2"), ("a2", "a3")):
        team.source[new] = team.source.pop(old)
        team.build()
        team.rename(f"script:{old}", f"script:{new}")
    team.build()
    assert {team.record(name).moved for name in ("a", "a2")} == {f"team/script:a3,{A}"}


def test_renames_in_a_circle_are_refused(team: Publisher):
    del team.source["a"], team.source["b"]
    team.build()
    team.rename("script:a", "script:b")
    team.rename("script:b", "script:a")
    with pytest.raises(ConfigurationError, match=r"decisions.yml:3: renames lead in a circle \(.* → .* → .*\); remove"):
        team.build()


def test_a_rename_waits_for_its_source_and_says_so(team: Publisher):
    team.rename("script:a", "script:new")
    team.build()
    assert "is the name of a living artifact" in team.decided.findings[0].message
    assert team.record("a").status is Status.ACTIVE
    del team.source["a"]
    team.build()
    assert "names nothing in the catalogue" in team.decided.findings[0].message
    assert team.record("a").status is Status.REMOVED


def test_the_old_name_of_a_quarantined_artifact_is_refused_too(team: Publisher):
    team.source["new"] = (A, "renamed")
    del team.source["a"]
    team.build()
    team.rename("script:a", "script:new")
    team.decide(Action.QUARANTINE, A)
    team.build()
    assert {team.record(name).status for name in ("a", "new")} == {Status.QUARANTINED}


def test_an_entry_that_names_nothing_is_a_finding(team: Publisher):
    text = "- {action: quarantine, reference: 'script:nowhere', reason: x}\n"
    team.decisions = text.encode() + b"- {action: yank, reference: 'script:a', revision: r7, reason: x}\n"
    team.build()
    first, second = team.decided.findings
    assert (first.code, first.place and first.place.line) == ("CM112", 1)
    assert "quarantine script:nowhere: names nothing that is published" in first.message
    assert second.message.endswith(f"team/script:a,{A} has no r7")
    content = digest("tar other")
    team.decisions = f"- {{action: yank, reference: 'script:a', revision: r1, sha256: {content}, reason: x}}\n".encode()
    team.build()
    assert "has no r1 with the content" in team.decided.findings[0].message
    assert team.record("a").versions[0].yanked is None


def test_an_entry_that_means_two_artifacts_is_refused(team: Publisher):
    team.source["b"] = (A, "two")  # The uid of the other.
    team.build()
    team.decisions = b"- {action: quarantine, reference: 'script:a', reason: x}\n"
    team.build()
    other = replace(script("a"), uid=C)
    records = (*team.past.records, replace(team.record("a"), uid=other.uid, repository="copy"))
    with pytest.raises(ConfigurationError, match=r"decisions.yml:1: script:a means 2 different artifacts \(copy/"):
        decide(team.entries, purges_of((), ()), records, (), path=FILE, was_published=True)


ALIASES = ("a", "b", "c")
steps = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(ALIASES), st.sampled_from([A, B, C]), st.sampled_from("123456")),
    st.tuples(st.just("delete"), st.sampled_from(ALIASES)),
    st.tuples(
        st.just("decide"),
        st.sampled_from([one for one in Action if one is not Action.RENAME]),
        st.sampled_from([*ALIASES, A, B]),
        st.sampled_from(["", "@r1", "@r2"]),
    ),
    st.tuples(st.just("rename"), st.sampled_from(ALIASES), st.sampled_from(ALIASES)),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("build")),
)


def _take(team: Publisher, step: tuple[object, ...]) -> None:
    match step:
        case ("write", str(alias), str(uid), str(content)):
            # The meta is part of the content: another name or uid is another content.
            team.source[alias] = (uid, f"{alias} {uid} {content}")
        case ("delete", str(alias)):
            team.source.pop(alias, None)
        case ("decide", Action() as action, str(name), str(pin)):
            text = (
                f"{name if len(name) > 1 else f'script:{name}'}{pin if action in (Action.YANK, Action.PURGE) else ''}"
            )
            team.decide(action, text)
        case ("rename", str(old), str(new)):
            team.rename(f"script:{old}", f"script:{new}")
        case ("undo", int(number)):
            team.undo(number)


def _published(records: Iterable[Record]) -> dict[tuple[object, ...], tuple[str, str, bool]]:
    return {
        (*one.key, version.revision): (version.tar_sha256, version.archive_sha256, version.purged is not None)
        for one in records
        for version in one.versions
    }


@settings(max_examples=150)
@given(st.lists(steps, max_size=14))
def test_cases_70_and_88_no_decision_changes_or_loses_what_was_published(sequence: list[tuple[object, ...]]):
    team = Publisher({"a": (A, "a a 0")})
    root = team.build()
    for step in [*sequence, ("build",)]:
        before, content = _published(team.past.records), team.past.records
        entries = team.decisions
        try:
            _take(team, step)
            if step[0] != "build":
                continue
            again = team.build()
        except (NotFoundError, AmbiguousError, UsageError, ConfigurationError):
            team.decisions = entries if step[0] != "build" else b""
            continue
        after = _published(team.past.records)
        for key, (tar, archive, purged) in before.items():
            assert after[key][:2] == (tar, archive)  # Never other bytes under one revision, and none lost.
            assert after[key][2] or not purged  # What was purged stays so.
        assert (again.gen > root.gen) == (sorted(content, key=repr) != sorted(team.past.records, key=repr))
        assert again.gen - root.gen in (0, 1)
        gone = {one.tar_sha256 for record in team.past.records for one in record.versions if one.purged is not None}
        offered = {one.tar_sha256 for record in team.past.records for one in record.versions if one.purged is None}
        assert not gone & offered
        assert team.build() == again  # The same inputs, the same bytes.
        root = again
