"""Records for tests of the index and the client: small ones by hand, arbitrary ones by hypothesis."""

import hashlib
from collections.abc import Iterable

from hypothesis import strategies as st

from cmsite.index.emit import emit_index
from cmsite.index.records import Record, Status, Version
from cmsite.outputs import OutputFile

REGISTRY_ID = "0123456789abcdef0123456789abcdef"
SCRIPT = "5b4e0237da074764"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def version(revision: int = 1, *, content: str = "content", **more) -> Version:
    return Version(
        revision=revision,
        tar_sha256=digest(f"tar {content}"),
        archive_sha256=digest(f"archive {content}"),
        size_bytes=len(content),
        **more,
    )


def record(alias: str = "detect-os", *, repository: str = "team", rank: int = 0, **more) -> Record:
    values = {
        "automation": "script",
        "automation_uid": SCRIPT,
        "uid": digest(alias)[:16],
        "folder": alias,
        "format": "cm",
        "tags": ("detect", alias),
        "description": f"About {alias}",
        "versions": (version(content=f"{repository} {alias}"),),
    }
    return Record(alias=alias, repository=repository, rank=rank, **(values | more))


def many(count: int) -> list[Record]:
    return [record(f"artifact-{number}") for number in range(count)]


def site_of(records: Iterable[Record], **more) -> dict[str, bytes]:
    """Return the files of an index by path, of the first generation unless said otherwise."""
    more.setdefault("first", "previous" not in more)
    return by_path(emit_index(records, registry_id=REGISTRY_ID, **more))


def by_path(files: Iterable[OutputFile]) -> dict[str, bytes]:
    return {file.path: file.content for file in files}


# Text as metas may hold it, without the half surrogates that no UTF-8 file can.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
sizes = st.integers(min_value=0, max_value=2**53 - 1)
versions = st.builds(
    Version,
    revision=st.integers(min_value=1, max_value=2**31),
    label=texts,
    tar_sha256=digests,
    archive_sha256=digests,
    size_bytes=sizes,
    time_s=sizes,
    url=st.none() | texts,
    yanked=st.none() | texts,
    purged=st.none() | texts,
)
version_lists = st.lists(versions, max_size=3, unique_by=lambda one: one.revision).map(
    lambda some: tuple(sorted(some, key=lambda one: one.revision))
)
records = st.builds(
    Record,
    automation=names,
    automation_uid=texts,
    alias=names,
    uid=texts,
    repository=names,
    rank=st.integers(min_value=0, max_value=1000),
    folder=names,
    format=st.sampled_from(["cm", "ck", "mlc"]),
    tags=st.lists(texts, max_size=4).map(tuple),
    description=texts.map(lambda text: " ".join(text.split())),
    status=st.sampled_from(Status),
    reason=texts,
    successor=texts,
    moved=texts,
    licenses=st.just("") | digests,
    dependencies=st.just("") | digests,
    versions=version_lists,
)
record_lists = st.lists(records, max_size=8, unique_by=lambda one: one.key)
