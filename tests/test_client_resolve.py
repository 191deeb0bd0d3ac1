"""References and what they mean among records; pure. Numbers: facts/index.md §4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.client.resolve import matching, select
from cmsite.errors import AmbiguousError, CmsiteError, IntegrityError, NotFoundError, UsageError
from cmsite.index.records import Record, Status
from cmsite.model.names import NamePair
from cmsite.model.reference import Page, Pin, near_names, parse_reference, without_label
from tests.index_values import SCRIPT, digest, record, record_lists, version

UID = "5b4e0237da074764"
SHA256 = "ab" * 32


def resolve(text: str, *records: Record):
    reference = parse_reference(text)
    return select(reference, matching(reference, records))


@pytest.mark.parametrize(
    ("text", "repository", "automation", "name", "pin"),
    [
        ("script:detect-os", "", "script", NamePair(alias="detect-os"), None),
        (" script:detect-os ", "", "script", NamePair(alias="detect-os"), None),
        ("team/script:detect-os", "team", "script", NamePair(alias="detect-os"), None),
        ("mlcommons@cm4mlops/script:a@r12", "mlcommons@cm4mlops", "script", NamePair(alias="a"), Pin(revision=12)),
        ("script:a@1.0", "", "script", NamePair(alias="a"), Pin(label="1.0")),
        ("script:a@r0", "", "script", NamePair(alias="a"), Pin(label="r0")),
        ("script:a@b@r2", "", "script", NamePair(alias="a@b"), Pin(revision=2)),
        (f"script:a@sha256:{SHA256}", "", "script", NamePair(alias="a"), Pin(sha256=SHA256)),
        (f"script:a@sha256:{SHA256.upper()}", "", "script", NamePair(alias="a"), Pin(sha256=SHA256)),
        (UID.upper(), "", "", NamePair(uid=UID), None),
        (f"{UID}@r2", "", "", NamePair(uid=UID), Pin(revision=2)),
        (f"{UID}@sha256:{SHA256}", "", "", NamePair(uid=UID), Pin(sha256=SHA256)),
        (f"mlcommons@ck/{UID}", "mlcommons@ck", "", NamePair(uid=UID), None),
        (f"detect-os,{UID}", "", "", NamePair(alias="detect-os", uid=UID), None),
        (f"script:detect-os,{UID}", "", "script", NamePair(alias="detect-os", uid=UID), None),
        ("flex.model:a/b", "", "flex.model", NamePair(alias="a/b"), None),
    ],
)
def test_references(text: str, repository: str, automation: str, name: NamePair, pin: Pin | None):
    reference = parse_reference(text)
    assert (reference.repository, reference.automation.alias, reference.name) == (repository, automation, name)
    assert reference.pin == pin


def test_the_uid_of_an_automation_stands_for_its_alias():
    assert parse_reference(f"{SCRIPT}:a").key == "script:a"
    assert parse_reference(f"script,{SCRIPT}:a").key == "script:a"


def test_variations_are_split_off():
    reference = parse_reference("script:get-model,_onnx,_fp32@r2")
    assert (reference.name.alias, reference.variations, reference.pin) == (
        "get-model",
        ("onnx", "fp32"),
        Pin(revision=2),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/c/a/team/script/x/", Page(site="https://h/c/", repository="team", automation="script", folder="x")),
        ("http://h/a/a/b/c/index.html?q#z", Page(site="http://h/", repository="a", automation="b", folder="c")),
        (
            "file:///srv/site/a/t/script/x",
            Page(site="file:///srv/site/", repository="t", automation="script", folder="x"),
        ),
    ],
)
def test_pages(text: str, expected: Page):
    assert parse_reference(text).page == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no reference"),
        ("   ", "is no reference"),
        ("detect-os", "the automation is missing; write .*automation:name"),
        ("script:", "the name is missing"),
        (":x", "the automation before the colon is missing"),
        ("script:a@", "a version must follow the @"),
        ("script:a@sha256:abc", "a digest has 64 hexadecimal digits"),
        ("script:a,b,c", "at most an alias and a uid"),
        ("https://example.org/", "not the address of an artifact's page"),
        ("script:a\x1b[31m", "is no reference"),
        ("script:a\nb", "is no reference"),
        ("script:" + "x" * 3000, "is no reference"),
    ],
)
def test_what_is_no_reference(text: str, message: str):
    with pytest.raises(UsageError, match=message):
        parse_reference(text)


@given(st.text(max_size=40))
def test_any_text_is_a_reference_or_refused(text: str):
    try:
        reference = parse_reference(text)
    except UsageError:
        return
    assert reference.name.alias or reference.name.uid or reference.page


def test_the_other_reading_of_an_at_sign():
    other = without_label(parse_reference("repo:mlcommons@ck"))
    assert other is not None
    assert (other.name.alias, other.pin) == ("mlcommons@ck", None)
    assert without_label(parse_reference("script:a@r1")) is None
    assert without_label(parse_reference(f"{UID}@1.0")) is None


def test_near_names():
    names = ["script:get-dataset-coco", "script:get-dataset-imagenet", "data:coco"]
    assert near_names("script:Get-Dataset-Coco", names)[0] == "script:get-dataset-coco"
    assert near_names("script:coco", names) == ("data:coco", "script:get-dataset-coco")
    assert near_names("script:zzz", names) == ()


def test_origins_of_one_uid_are_no_ambiguity():
    first, second = record(repository="zeta", rank=0), record(repository="alpha", rank=1)
    resolved = resolve("script:detect-os", second, first)
    assert (resolved.record, resolved.others) == (first, (second,))
    assert resolved.notes == ("script:detect-os is taken from zeta; also in alpha",)
    assert resolve("alpha/script:detect-os", second, first).record == second


def test_case_87_one_name_with_two_uids_is_ambiguous():
    other = record(repository="copy", rank=1, uid="f" * 16)
    with pytest.raises(AmbiguousError, match="2 different artifacts have this name") as caught:
        resolve("script:detect-os", record(), other)
    assert caught.value.candidates == (
        f"team/script:detect-os,{digest('detect-os')[:16]}",
        f"copy/script:detect-os,{'f' * 16}",
    )
    for candidate in caught.value.candidates:
        assert resolve(candidate, record(), other).record in (record(), other)


def test_case_87_one_uid_with_two_names_in_one_repository_is_ambiguous():
    twins = (record("a", uid=UID), record("b", uid=UID))
    with pytest.raises(AmbiguousError):
        resolve(UID, *twins)
    assert resolve("script:b", *twins).record == twins[1]


def test_equal_names_without_uids_are_different_artifacts():
    with pytest.raises(AmbiguousError):
        resolve("script:a", record("a", uid=""), record("a", uid="", repository="copy", rank=1))


def test_one_uid_of_two_automations():
    both = (record("a", uid=UID), record("a", uid=UID, automation="data", automation_uid="84d8ef6914bf4d78"))
    with pytest.raises(AmbiguousError):
        resolve(UID, *both)
    assert resolve(f"data:{UID}", *both).record == both[1]


def test_case_89_revisions_are_numbers():
    many = record(versions=tuple(version(number, content=str(number)) for number in range(1, 12)))
    assert resolve("script:detect-os", many).version.revision == 11
    assert resolve("script:detect-os@r2", many).version.revision == 2
    assert resolve(f"script:detect-os@sha256:{digest('tar 5')}", many).version.revision == 5
    assert resolve(f"script:detect-os@sha256:{digest('archive 6')}", many).version.revision == 6
    with pytest.raises(NotFoundError, match=r"has no version r12; there are r11, r10, .* r2 and 1 older"):
        resolve("script:detect-os@r12", many)
    with pytest.raises(NotFoundError, match="no revision of .* has this digest; there are r11"):
        resolve(f"script:detect-os@sha256:{SHA256}", many)


def test_case_90_yanked_versions():
    some = record(versions=(version(1, label="1.0"), version(2, content="b", label="2.0", yanked="leaks")))
    assert resolve("script:detect-os", some).version.revision == 1
    pinned = resolve("script:detect-os@r2", some)
    assert pinned.version.revision == 2
    assert pinned.notes[-1].endswith("r2 is yanked: leaks")
    assert resolve("script:detect-os@1.0", some).version.revision == 1
    with pytest.raises(NotFoundError, match=r"2.0 is yanked \(leaks\); pin r2"):
        resolve("script:detect-os@2.0", some)
    with pytest.raises(NotFoundError, match=r"every revision of .* is yanked \(\w+\); an exact pin"):
        resolve("script:detect-os", record(versions=(version(yanked="bad"),)))


def test_a_label_means_its_newest_revision():
    some = record(versions=(version(1, label="1.0"), version(2, content="b", label="1.0"), version(3, content="c")))
    assert resolve("script:detect-os@1.0", some).version.revision == 2


@pytest.mark.parametrize("pin", ["", "@r1", f"@sha256:{digest('tar team detect-os')}"])
def test_case_90_quarantined_artifacts_are_refused(pin: str):
    with pytest.raises(IntegrityError, match="is quarantined by its publisher"):
        resolve(f"script:detect-os{pin}", record(status=Status.QUARANTINED), record(repository="copy", rank=1))


def test_deprecated_artifacts_resolve_with_a_note():
    assert (
        resolve("script:detect-os", record(status=Status.DEPRECATED))
        .notes[0]
        .endswith("is deprecated by its publisher")
    )


def test_removed_artifacts_resolve_by_an_exact_pin_only():
    gone = record(status=Status.REMOVED, versions=(version(label="1.0"),))
    for text in ("script:detect-os", "script:detect-os@1.0"):
        with pytest.raises(NotFoundError, match=r"was removed from its source; .* there are r1 \(1.0\)"):
            resolve(text, gone)
    for text in ("script:detect-os@r1", f"script:detect-os@sha256:{digest('tar content')}"):
        assert resolve(text, gone).notes[0].endswith("this is what was published before")
    # A living copy elsewhere answers instead.
    assert resolve("script:detect-os", gone, record(repository="copy", rank=1)).record.repository == "copy"


def test_a_record_without_versions():
    with pytest.raises(NotFoundError, match="has no published revision"):
        resolve("script:detect-os", record(versions=()))


def test_nothing_of_this_name():
    with pytest.raises(NotFoundError, match="no artifact of this name"):
        resolve("script:x", record())


@given(record_lists)
def test_resolving_any_records_ends_in_an_answer_or_a_clear_refusal(some: list[Record]):
    for one in some:
        if one.uid != one.uid.lower() or len(one.uid) != 16:
            continue
        try:
            assert resolve(one.uid, *some).record.uid == one.uid
        except CmsiteError as error:
            assert str(error)  # noqa: PT017 - either end is right.
