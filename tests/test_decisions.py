"""decisions.yml: what is read, what is refused and with which words, and what is added to it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.errors import AmbiguousError, ConfigurationError, NotFoundError, UsageError
from cmsite.index.records import Record, Status
from cmsite.model.reference import parse_reference
from cmsite.pipeline.deciding import compose, compose_rename
from cmsite.pipeline.decisions import Action, Decision, appended, parse_decisions, read_decisions
from tests.index_values import digest, record, version

PATH = Path("decisions.yml")
UID = "0123456789abcdef"
YANK = f'- action: yank\n  reference: "team/script:a,{UID}"\n  revision: r2\n  reason: wrong\n  date: 2026-11-21\n'


def parse(text: str) -> tuple[Decision, ...]:
    return parse_decisions(text.encode(), PATH)


def test_an_entry_is_read():
    (found,) = parse(YANK)
    assert (found.action, found.revision, found.reason, found.date) == (Action.YANK, 2, "wrong", "2026-11-21")
    assert found.reference.name.uid == UID
    assert found.place.line == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "[]\n"])
def test_a_file_without_entries(text: str):
    assert parse(text) == ()


def test_no_file_is_no_decision(tmp_path: Path):
    assert read_decisions(tmp_path / "decisions.yml") == ()


MISTAKES = {
    "unknown key": ("- action: yank\n  reasn: x\n", r"decisions.yml:2:3: unknown key 'reasn'; did you mean 'reason'\?"),
    "unknown action": ("- action: yankk\n", r"one of yank, deprecate, .*got 'yankk'; did you mean 'yank'\?"),
    "no action": ("- reference: script:a\n", "needs `action:`"),
    "no reason": ("- {action: quarantine, reference: 'script:a'}\n", "`quarantine` needs `reason:`"),
    "no revision": (
        "- {action: yank, reference: 'script:a', reason: x}\n",
        "needs `revision:`, for instance `revision: r2`",
    ),
    "revision as a number": (YANK.replace("r2", "2"), "`revision` must be a text, got a number: put it in quotes"),
    "revision as a word": (YANK.replace("r2", "two"), "must be r1, r2, …, got 'two'"),
    "key of another action": (YANK + "  use: script:b\n", "`use` says nothing of `yank`, only of deprecate"),
    "version in the reference": (
        YANK.replace(f",{UID}", "@r1"),
        "must be without a version, got 'team/script:a@r1'; a revision has its own key",
    ),
    "no reference": (YANK.replace(f"team/script:a,{UID}", "detect os"), "the automation is missing"),
    "an address": (YANK.replace("team/script:a,", "https://e.org/a/t/script/"), "must be repository/automation"),
    "digest": (YANK + "  sha256: abc\n", "must be 64 hexadecimal digits in lower case, got 'abc'"),
    "date": (YANK.replace("2026-11-21", "yesterday"), "must be a day such as 2027-01-31, got 'yesterday'"),
    "two lines of reason": (YANK.replace("wrong", '"a\\nb"'), "one line of printable characters"),
    "long reason": (YANK.replace("wrong", "x" * 501), "has 501 characters, at most 500"),
    "a mapping": (
        "decisions:\n- action: yank\n",
        "must be a list of entries that begin with `- action:`, got a mapping",
    ),
    "a text as entry": ("- yank\n", "must be a mapping that begins with `action:`, got a text"),
    "not yaml": ("- action: [\n", "decisions.yml:2"),
    "alias bomb": ("- &a [*a]\n", "decisions.yml"),
    "an object": ("- !!python/object:os.system {}\n", "decisions.yml:1"),
    "rename to a uid": (f"- {{action: rename, reference: 'script:a', to: '{UID}'}}\n", "needs automation and alias"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_named_with_its_place(case: str):
    text, message = MISTAKES[case]
    with pytest.raises(ConfigurationError, match=message):
        parse(text)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ConfigurationError) as caught:
        parse("- action: yank\n- action: purge\n")
    assert len(str(caught.value).splitlines()) == 5


DECISION = parse(YANK)[0]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# mine\n",
        "# mine\n- action: purge  # because\n  reference: script:b\n  reason: leaked\n# the end",
        "  - action: purge\n    reference: script:b\n    reason: leaked\n",
        "- {action: purge, reference: 'script:b', reason: leaked}\n",
        "- action: purge\r\n  reference: script:b\r\n  reason: leaked\r\n",
    ],
)
def test_an_entry_is_added_behind_what_stands_there(before: str):
    after = appended(before.encode(), DECISION, PATH)
    assert after.decode().startswith(before)
    *others, last = parse_decisions(after, PATH)
    assert last.says_the_same(DECISION)
    assert [(one.action, one.reason) for one in others] == [(one.action, one.reason) for one in parse(before)]


@pytest.mark.parametrize("before", ["[{action: purge, reference: 'script:b', reason: leaked}]\n", "[]\n", "---\n[]\n"])
def test_a_list_that_cannot_be_added_to_is_left_alone(before: str):
    with pytest.raises(ConfigurationError, match="write this entry yourself:\n- action: yank\n  reference"):
        appended(before.encode(), DECISION, PATH)


@given(st.text(max_size=80).filter(lambda text: text.isprintable() and text.strip()))
def test_any_reason_is_read_as_it_was_written(reason: str):
    try:
        decision = compose(Action.QUARANTINE, "script:detect-os", (record(),), reason=reason, date="2026-01-01")
    except UsageError:
        assert not reason.isprintable() or any("\ud800" <= sign <= "\udfff" for sign in reason)
        return
    (read,) = parse_decisions(appended(b"", decision, PATH), PATH)
    assert read.reason == reason


TWO = record(versions=(version(1, label="1.0"), version(2, content="b")))


def composed(action: Action, text: str, *records: Record, **more: str) -> Decision:
    return compose(action, text, records, reason="wrong", **more)


def test_a_yank_is_of_the_newest_revision_where_none_is_pinned():
    found = composed(Action.YANK, "script:detect-os", TWO)
    assert (found.reference.text, found.revision) == (f"team/script:detect-os,{TWO.uid}", 2)
    assert found.sha256 == digest("tar b")
    assert composed(Action.YANK, "script:detect-os@1.0", TWO).revision == 1
    assert composed(Action.YANK, f"{TWO.uid}@sha256:{digest('tar content')}", TWO).revision == 1
    with pytest.raises(NotFoundError, match="has no such revision; there are: r2, r1"):
        composed(Action.YANK, "script:detect-os@r3", TWO)


def test_without_a_repository_all_copies_are_meant():
    copy = record(repository="copy", rank=1)
    assert (
        composed(Action.QUARANTINE, "script:detect-os", record(), copy).reference.text == f"script:detect-os,{TWO.uid}"
    )
    named = composed(Action.QUARANTINE, "copy/script:detect-os", record(), copy)
    assert named.reference.text == f"copy/script:detect-os,{TWO.uid}"
    with pytest.raises(UsageError, match="is of all revisions, write it without @r1"):
        composed(Action.DEPRECATE, "script:detect-os@r1", TWO)


def test_an_odd_alias_is_named_by_its_uid():
    odd = record("a@b,c")
    found = composed(Action.QUARANTINE, odd.uid, odd).reference
    assert (found.text, found.name.uid) == (f"script:{odd.uid}", odd.uid)
    assert composed(Action.YANK, odd.uid, odd).reference.text == f"team/script:{odd.uid}"
    with pytest.raises(UsageError, match="cannot be renamed by a reference"):
        compose_rename(odd.uid, "script:new", (odd,))


def test_nothing_published_and_two_artifacts():
    with pytest.raises(NotFoundError, match="nothing is published under this name") as caught:
        composed(Action.PURGE, "script:detect-oz", record())
    assert caught.value.near == ("script:detect-os",)
    with pytest.raises(AmbiguousError):
        composed(Action.PURGE, "script:detect-os", record(), record(uid=UID, folder="x"))


def test_a_successor_may_be_published_later():
    new = record("new", uid=UID)
    assert composed(Action.DEPRECATE, "script:detect-os", record(), new, use="script:new").use == parse_reference(
        f"team/script:new,{UID}"
    )
    assert composed(Action.DEPRECATE, "script:detect-os", record(), use="script:later").use == parse_reference(
        "script:later"
    )
    with pytest.raises(UsageError, match="without a version"):
        composed(Action.DEPRECATE, "script:detect-os", record(), use="script:later@r1")


def test_a_rename_before_and_after_the_new_name_is_published():
    old, new = record("old", status=Status.REMOVED), record("new", uid=UID)
    before = compose_rename("script:old", "script:new", (old,))
    assert (before.reference.text, before.to) == (f"team/script:old,{old.uid}", parse_reference("team/script:new"))
    after = compose_rename("script:old", "script:new", (old, new))
    assert after.to == parse_reference(f"team/script:new,{UID}")
    for same in ("script:old", f"team/script:old,{old.uid}"):
        with pytest.raises(UsageError, match="are one name"):
            compose_rename("script:old", same, (old,))
    with pytest.raises(UsageError, match="nothing is published under this uid"):
        compose_rename("script:old", "f" * 16, (old,))
    with pytest.raises(UsageError, match="without a version"):
        compose_rename("script:old@r1", "script:new", (old,))
