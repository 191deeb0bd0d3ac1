"""What a registry serves in place of an artifact: other bytes, other kinds of archives, metas that are traps.

Numbers: facts/index.md §4.
"""

import bz2
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.client import registries
from cmsite.client.fetching import TransportLimits
from cmsite.client.pull import pull
from cmsite.client.store import unpack
from cmsite.client.transport import Transport
from cmsite.errors import CmsiteError, IntegrityError, NetworkError, NotFoundError, UsageError
from cmsite.index.layout import archive_path
from cmsite.validation.client_metas import judge_meta
from tests.case_names import parameter_ids, rows_of_its_cases
from tests.foreign_archives import gz, member, raw_zip, sha256, snapshot, tar, zip_entry
from tests.hostile_server import answer, hostile_server
from tests.small_registry import SmallRegistry, cm_meta

UID = "1111111111111111"
FILES = {"_cm.yaml": cm_meta("detect", UID), "run.sh": b"#!/bin/sh\n" * 20}
LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=2, backoff_s=0.01)
ONE = raw_zip((b"name", b"content", 0))
CENTRAL = ONE.index(b"PK\1\2")


def pulled_into(folder: Path, registry: SmallRegistry, reference: str = "script:detect") -> Path:
    pull(
        (reference,), registries=(registry.open(),), into=folder, check=judge_meta, draw_uid=lambda: "00000000deadbeef"
    )
    return folder / "script" / "detect"


def small(folder: Path, files: dict[str, bytes]) -> SmallRegistry:
    made = SmallRegistry(folder)
    made.add("detect", files, uid=UID)
    made.publish()
    return made


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_case_42_any_byte_changed_in_a_served_archive_ends_the_pull(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    room = tmp_path_factory.mktemp("room")
    registry = small(room / "site", FILES)
    (version,) = registry.records[("team", "script", "detect")].versions
    served = room / "site" / archive_path(version.archive_sha256)
    good = served.read_bytes()
    bad = bytearray(good)
    bad[place % len(bad)] ^= value
    served.write_bytes(bad)
    # An example never finds in its cache what an earlier one fetched.
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CMSITE_CACHE", str(room / "cache"))
        with pytest.raises(IntegrityError, match=f"expected .*{version.archive_sha256}"):
            pulled_into(room / "work", registry)
        assert not (room / "work" / "script").exists()
        served.write_bytes(good)
        assert (pulled_into(room / "work", registry) / "run.sh").read_bytes() == FILES["run.sh"]


def _patched(place: int, new: bytes) -> bytes:
    return ONE[:place] + new + ONE[place + len(new) :]


def _zip_with_a_link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(zip_entry("link", 0o120777), "/etc/passwd")
    return stream.getvalue()


_ZEROS = tar(member("zeros", bytes(2**22)))

# What an artifact's archive never is, although its digests are those of the record.
STRANGERS: tuple[tuple[str, bytes], ...] = (
    ("16-bzip2-bomb", bz2.compress(_ZEROS)),
    ("16-xz-bomb", lzma.compress(_ZEROS)),
    ("29-parent-in-a-zip", raw_zip((b"a.txt", b"good", 0), (b"../a.txt", b"evil", 0))),
    ("30-link-in-a-zip", _zip_with_a_link()),
    ("31-two-names", _patched(30, b"nAme")),
    ("31-two-end-records", raw_zip((b"a", b"x", 0), comment=raw_zip((b"b", b"y", 0)))),
    ("32-one-member-twice", ONE[: ONE.rindex(b"PK\5\6")] + ONE[CENTRAL:]),
    ("33-plain-tar", tar(member("a", b"x"))),
    ("33-tar-and-zip", tar(member("a", b"x")) + ONE),
    ("33-gzip-and-zip", gz(tar(member("a", b"x"))) + ONE),
    ("33-zip-in-gzip", gz(ONE)),
    ("33-zip-before-gzip", ONE + gz(tar(member("a", b"x")))),
    ("35-unknown-method", raw_zip((b"a", b"x", 99))),
    ("35-encrypted", _patched(6, b"\1")),
)


@rows_of_its_cases(STRANGERS, "content")
def test_case_16_29_30_31_32_33_35_an_archive_of_another_kind_is_refused_unread(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archive.tar.gz"
    path.write_bytes(content)
    before = snapshot(tmp_path)
    with pytest.raises(IntegrityError, match=r"archive\.tar\.gz"):
        unpack(path, tmp_path / "new" / "artifact", tar_sha256=sha256(content), archive_sha256=sha256(content))
    assert snapshot(tmp_path) == before


def test_every_archive_of_the_table_is_tested() -> None:
    assert parameter_ids(globals().values()) >= {name for name, _ in STRANGERS}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("a: &a [x, x]\nb: &b [" + ", ".join(["*a"] * 9) + "]\n"
         + "".join(f"c{n}: &c{n} [{', '.join([f'*c{n - 1}' if n else '*b'] * 9)}]\n" for n in range(9)), "expands to more than"),
        ("a: !!python/object/apply:os.system ['touch ran']\n", "python/object"),
        ("version: 1.10\non: yes\ntime: 12:30:45\n", ""),
    ],
    ids=["bomb", "object", "spellings"],
)  # fmt: skip
def test_case_84_a_meta_that_is_a_trap_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    meta = cm_meta("detect", UID, more=more)
    registry = small(tmp_path / "site", {"_cm.yaml": meta})
    if not message:
        assert (pulled_into(tmp_path / "work", registry) / "_cm.yaml").read_bytes() == meta
        return
    with pytest.raises(IntegrityError, match=f"script:detect.*{message}"):
        pulled_into(tmp_path / "work", registry)
    assert not (tmp_path / "work" / "script").exists()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("status", [401, 403])
def test_case_50_a_realm_on_another_host_is_never_asked(status: int) -> None:
    with hostile_server() as world, hostile_server() as other:
        challenge = f'Bearer realm="{other.url}token",service="registry",scope="pull"'
        world.answers["file"] = answer(status, b"{}", WWW_Authenticate=challenge)
        home = world.url.replace("//", "//ada:secret@")
        with pytest.raises(CmsiteError) as caught:
            Transport(home, limits=LIMITS).fetch(f"{home}file", max_bytes=1000)
        assert isinstance(caught.value, (NetworkError, NotFoundError))
        assert "secret" not in str(caught.value)
        assert (world.count("file"), other.asked) == (1, [])


@pytest.mark.parametrize("digest", ["sha512:" + "0" * 128, "md5:" + "0" * 32, "sha256:" + "0" * 128, "sha256:xyz"])
def test_case_98_a_digest_of_another_algorithm_pins_nothing(tmp_path: Path, digest: str) -> None:
    registry = small(tmp_path / "site", FILES)
    with pytest.raises((UsageError, NotFoundError)) as caught:
        pulled_into(tmp_path / "work", registry, f"script:detect@{digest}")
    assert digest in str(caught.value)
    assert not (tmp_path / "work" / "script").exists()
    with pytest.raises(UsageError, match="expected sha256: and 64 hexadecimal digits"):
        registries.add("main", (tmp_path / "site").as_uri(), digest)
