"""Hostile archives at the client: each is refused for its reason and leaves nothing, inside or outside.

The numbers are those of the list of attacks the archives have to withstand.
"""

import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmsite.archives import Archive, Member, pack_archive
from cmsite.client import swapping
from cmsite.client.scratch import PREFIX
from cmsite.client.store import ArchiveLimits, UnpackedFile, unpack
from cmsite.errors import CmsiteError, IntegrityError, OutputError
from cmsite.member_names import NameRegister, NameRule, check_member_name, shown
from tests.case_names import parameter_ids, rows_of_its_cases
from tests.foreign_archives import TAR_END, gz, member, names, pax, record, sha256, snapshot, tar

GOOD = member("good.txt", b"good")
LONG = "d" * 247


def cve_2025_4517(outside: str) -> bytes:
    """Return folders and links that only a path longer than PATH_MAX resolves, and a write through the last of them."""
    members, path = [], ""
    for step in "abcdefghijklmnop":
        members += [_long(f"{path}{LONG}", b"5"), _long(f"{path}{step}", b"2", LONG)]
        path += f"{LONG}/"
    link = f"{'/'.join('abcdefghijklmnop')}/{'l' * 254}"
    members += [_long(link, b"2", "../" * 16), _long("escape", b"2", f"{link}/../{outside}")]
    return tar(*members, member("escape/written", b"outside"))


def _long(name: str, flag: bytes, target: str = "") -> bytes:
    records = record("path", name) + (record("linkpath", target) if target else b"")
    return pax(records) + member("x", flag=flag)


# (attack, what the tar is, what the refusal says)
TARS: tuple[tuple[str, bytes, str], ...] = (
    ("01-parent", tar(GOOD, member("../evil", b"x")), r"'\.\./evil' leads out of the archive"),
    ("01-parent-inside", tar(GOOD, member("a/../../evil", b"x")), "leads out of the archive"),
    ("02-absolute", tar(GOOD, member("/tmp/evil", b"x")), "'/tmp/evil' is absolute"),
    ("03-symlink", tar(GOOD, member("d", flag=b"2", target="/tmp"), member("d/evil", b"x")), "symbolic link; .* regular"),
    ("04-chain", tar(member("a", flag=b"2", target="b"), member("b", flag=b"2", target="..")), "symbolic link"),
    ("05-path-max", cve_2025_4517("outside"), "archives of artifacts"),
    ("06-damaged-header", tar(GOOD, b"\1" * 512, member("b", b"x")), "does not match its checksum"),
    ("07-empty-name", tar(GOOD, member("", flag=b"2", target="/tmp")), "symbolic link"),
    ("07-empty-file-name", tar(GOOD, member("", b"x")), "is empty"),
    ("08-hard-link", tar(GOOD, member("h", flag=b"1", target="../../etc/passwd")), "hard link"),
    ("09-hard-link-to-link", tar(member("s", flag=b"2", target="/x"), member("h", flag=b"1", target="s")), "symbolic"),
    ("10-device", tar(GOOD, member("dev", flag=b"3")), "device or pipe"),
    ("10-block-device", tar(GOOD, member("dev", flag=b"4")), "device or pipe"),
    ("10-fifo", tar(GOOD, member("pipe", flag=b"6")), "device or pipe"),
    ("10-folder", tar(GOOD, member("folder/", flag=b"5")), "folder; .* regular files only"),
    ("12-sparse-gnu", tar(GOOD, member("s", b"x" * 512, flag=b"S")), "is sparse"),
    ("12-sparse-pax", tar(pax(record("GNU.sparse.realsize", str(2**40))), member("s", b"x")), "is sparse"),
    ("12-size-of-a-tebibyte", tar(member("s", size_field=b"\x80" + (2**40).to_bytes(11, "big"))), "cut off inside"),
    ("14-negative-octal", tar(member("n", size_field=b"-0000000777\0"), GOOD), "negative or no number"),
    ("14-negative-binary", tar(member("n", size_field=b"\xff" * 12), GOOD), "negative or no number"),
    ("15-pax-size", tar(pax(record("path", "a") + record("size", "1024")), member("a"), GOOD, GOOD), "archives of"),
    ("15-pax-other-key", tar(pax(record("linkpath", "a")), GOOD), "extended header that archives of artifacts"),
    ("15-pax-global", tar(pax(record("path", "a"), b"g"), GOOD), "extended header that archives of artifacts"),
    ("15-gnu-long-name", tar(member("L", b"name\0", flag=b"L"), GOOD), "extended header that archives of artifacts"),
    ("15-pax-twice", tar(pax(record("path", "a")), pax(record("path", "b")), GOOD), "a second time"),
    ("15-pax-repeated-key", tar(pax(record("path", "a") * 2), GOOD), "repeated record"),
    ("15-pax-length", tar(pax(b"99 path=a\n"), GOOD), "damaged pax header"),
    ("15-pax-without-member", tar(GOOD, pax(record("path", "a"))), "a member that is missing"),
    ("17-gzip-again", gz(tar(GOOD)), "cut off|checksum"),
    ("19-deep", tar(pax(record("path", "d/" * 60 + "f")), member("x")), "61 parts, at most 48"),
    ("19-long", tar(pax(record("path", "/".join(["n" * 200] * 6))), member("x")), "1205 bytes, at most 1024"),
    ("19-long-part", tar(pax(record("path", "n" * 256)), member("x")), "part of more than 255 bytes"),
    ("20-duplicate", tar(GOOD, GOOD), "stands in the archive twice"),
    ("21-file-then-folder", tar(member("a", b"x"), member("a/b", b"x")), "as a folder and as a file"),
    ("21-folder-then-file", tar(member("a/b", b"x"), member("a", b"x")), "as a folder and as a file"),
    ("22-case", tar(member("A.TXT"), member("a.txt")), "'a.txt' differs from 'A.TXT' only in case"),
    ("22-case-of-folder", tar(member("D/x"), member("d/y")), "differs from 'D' only in case"),
    ("23-sharp-s", tar(member("straße"), member("STRASSE")), "only in case"),
    ("24-normal-form", tar(member("caf\u00e9"), member("cafe\u0301")), "only in case or normal form"),
    *((f"25-reserved-{name}", tar(member(f"a/{name}", b"x")), "a device on Windows") for name in ("CON", "NUL.tar.gz", "COM¹", "aux.c", "lpt9 .x")),
    *((f"25-trailing-{name!r}", tar(member(f"{name}/b", b"x")), "dot or blank") for name in ("a.", "a ", "...")),
    ("26-backslash", tar(member("a\\..\\b", b"x")), "backslash"),
    ("26-drive", tar(member("C:/b", b"x")), "drive of Windows"),
    ("26-stream", tar(member("file.txt:hidden", b"x")), "stream on Windows"),
    ("26-unc", tar(member("\\\\server\\share", b"x")), "network path"),
    ("27-nul", tar(pax(record("path", b"a\0b")), member("x")), "control character"),
    ("27-escape", tar(member("a\x1b[2J", b"x")), "control character"),
    ("27-bidi", tar(member("a\u202egpj.exe", b"x")), "reverses the text"),
    ("27-not-utf-8", tar(member(b"caf\xe9", b"x")), "is not UTF-8"),
    *((f"28-git-{shown(name)}", tar(member(f"a/{name}/hooks/post-checkout", b"x", mode=0o755)), "git folder") for name in (".git", ".GIT", ".g\u200cit", "git~1")),
    ("34-cut-in-header", tar(GOOD, GOOD)[:700], "cut off"),
    ("34-cut-in-data", tar(member("a", b"x" * 2000))[:1000], "cut off inside"),
    ("34-no-end-mark", GOOD, "cut off .* before its end mark"),
    ("31-behind-end-mark", tar(GOOD) + member("hidden", b"x") + TAR_END, "follows the end mark"),
)  # fmt: skip


@pytest.fixture
def room(tmp_path: Path) -> Path:
    room = tmp_path / "room"
    room.mkdir()
    return room


def published(room: Path, *, seed: int = 0, files: int = 3) -> tuple[Path, Archive]:
    """Return an archive as the publisher makes it, written to disk."""
    members = [Member(path=f"folder/{number:05}", content=bytes([seed]) * 3000) for number in range(files)]
    archive = pack_archive([Member(path="run.sh", content=b"#!/bin/sh\n", executable=True), *members])
    path = room / "archive.tar.gz"
    path.write_bytes(archive.content)
    return path, archive


def refuse(room: Path, stored: bytes, tar_sha256: str, message: str, limits: ArchiveLimits | None = None) -> None:
    """See that an archive is refused with this message, and that nothing at all has changed on the disk."""
    path = room / "archive.tar.gz"
    path.write_bytes(stored)
    before = snapshot(room.parent)
    with pytest.raises(IntegrityError, match=message):
        unpack(path, room / "new" / "artifact", tar_sha256=tar_sha256, limits=limits or ArchiveLimits())
    assert snapshot(room.parent) == before


def refuse_tar(room: Path, content: bytes, message: str) -> None:
    refuse(room, gz(content), sha256(content), message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_1_2_paths_that_lead_out(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_3_4_5_7_8_9_10_what_is_no_regular_file(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_12_14_15_headers_that_lie(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_6_17_31_34_streams_that_are_damaged_or_go_on(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_19_20_21_22_23_24_names_that_cannot_stand_on_every_disk(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


@rows_of_its_cases(TARS, "content", "message")
def test_case_25_26_27_28_names_that_mean_something_else(room: Path, content: bytes, message: str) -> None:
    refuse_tar(room, content, message)


def test_every_attack_of_the_table_is_tested() -> None:
    assert parameter_ids(globals().values()) >= {name for name, *_ in TARS}


def test_the_archives_of_the_attacks_are_taken_without_their_sting(room: Path) -> None:
    content = tar(GOOD, pax(record("path", "long/" * 30 + "name")), member("x", b"1", mode=0o755))
    (room / "a").write_bytes(gz(content))
    files = unpack(room / "a", room / "b", tar_sha256=sha256(content))
    assert [(file.path, file.size_bytes, file.executable) for file in files] == [
        ("good.txt", 4, False),
        ("long/" * 30 + "name", 1, True),
    ]


def test_case_11_setuid_and_open_modes_become_0644_and_0755(room: Path) -> None:
    content = tar(
        member("setuid", b"x", mode=0o6755), member("open", b"x", mode=0o777), member("sub/none", b"x", mode=0)
    )
    (room / "a").write_bytes(gz(content))
    old = os.umask(0o077)
    try:
        unpack(room / "a", room / "b", tar_sha256=sha256(content))
    finally:
        os.umask(old)
    modes = {path.relative_to(room / "b").as_posix(): path.stat().st_mode & 0o7777 for path in (room / "b").rglob("*")}
    assert modes == {"setuid": 0o755, "open": 0o755, "sub": 0o755, "sub/none": 0o644}
    assert (room / "b").stat().st_mode & 0o7777 == 0o755


def test_case_13_a_pax_header_of_a_gibibyte_costs_no_memory(room: Path) -> None:
    # The header claims 1 GiB and has 64 MiB, which gzip stores in 64 kB.
    content = member("PaxHeader", flag=b"x", size_field=b"%011o\0" % 2**30) + bytes(64 * 2**20)
    stored, digest = gz(content), sha256(content)
    tracemalloc.start()
    try:
        refuse(room, stored, digest, "extended header of 1073741824 bytes; at most 65536")
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_case_16_a_bomb_stops_at_the_cap(room: Path) -> None:
    content = tar(member("zeros", bytes(8 * 2**20)))
    limits = ArchiveLimits(expanded_floor_bytes=2**20)
    refuse(room, gz(content), sha256(content), "expands to more than 1048576 bytes: a bomb", limits)


def test_case_18_a_flood_of_members_stops_at_the_limit(room: Path) -> None:
    content = tar(*(member(f"f{number}") for number in range(11)))
    refuse(room, gz(content), sha256(content), "more than 10 members", ArchiveLimits(members=10))
    assert unpack(room / "archive.tar.gz", room / "b", tar_sha256=sha256(content), limits=ArchiveLimits(members=11))


def test_case_31_a_second_gzip_member_or_anything_behind_is_refused(room: Path) -> None:
    content = tar(GOOD)
    for behind in (gz(TAR_END), b"\0", b"PK\5\6" + bytes(18)):
        refuse(room, gz(content) + behind, sha256(content), "something follows the end of the gzip stream")


def test_case_34_truncated_and_bad_crc(room: Path) -> None:
    content = tar(GOOD)
    stored = gz(content)
    for end in (0, 5, 10, 40, len(stored) - 8, len(stored) - 1):
        refuse(room, stored[:end], sha256(content), "truncated")
    damaged = bytearray(stored)
    damaged[-8] ^= 1
    refuse(room, bytes(damaged), sha256(content), "damaged .*incorrect data check")


def test_a_wrong_digest_names_what_was_got_and_expected(room: Path) -> None:
    content = tar(GOOD)
    refuse(room, gz(content), "0" * 64, f"sha256:{sha256(content)}, expected sha256:{'0' * 64}")
    with pytest.raises(IntegrityError, match="stored bytes is sha256:"):
        unpack(room / "archive.tar.gz", room / "b", tar_sha256=sha256(content), archive_sha256="1" * 64)
    assert not (room / "b").exists()


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_case_34_42_any_byte_changed_in_a_published_archive_is_refused_and_leaves_nothing(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    room = tmp_path_factory.mktemp("room")
    path, archive = published(room, files=2)
    stored = bytearray(archive.content)
    stored[place % len(stored)] ^= value
    path.write_bytes(stored)
    before = snapshot(room)
    with pytest.raises(IntegrityError):
        unpack(path, room / "b", tar_sha256=archive.tar_sha256, archive_sha256=archive.sha256)
    assert snapshot(room) == before
    # Without the digest of the stored bytes, what is taken has the promised content all the same.
    try:
        unpack(path, room / "b", tar_sha256=archive.tar_sha256)
    except IntegrityError:
        assert snapshot(room) == before
    else:
        path.write_bytes(archive.content)
        unpack(path, room / "c", tar_sha256=archive.tar_sha256)
        assert snapshot(room / "b") == snapshot(room / "c")


@given(name=st.text(max_size=40))
def test_a_name_that_passes_stays_below_its_folder(name: str) -> None:
    if check_member_name(name, writing=True) is None:
        assert os.path.normpath(name) == name
        assert not name.startswith(("/", "../"))
        assert name.encode("utf-8").decode("utf-8") == name
        assert shown(name).isprintable()


@given(st.lists(st.sampled_from(["a", "A", "a/b", "a/B", "A/b", "ß", "ss", "b", "b/c/d"]), max_size=6))
def test_names_that_a_register_takes_are_distinct_when_case_is_ignored(given_names: list[str]) -> None:
    register = NameRegister()
    taken = [name for name in given_names if register.add(name) is None]
    assert len({name.casefold() for name in taken}) == len(taken)
    folders = {parent for name in taken for parent in _parents(name)}
    assert not folders & set(taken)


def _parents(name: str) -> set[str]:
    parts = name.split("/")
    return {"/".join(parts[:end]) for end in range(1, len(parts))}


def test_case_28_reading_a_git_folder_is_no_harm() -> None:
    assert check_member_name(".git/config", writing=False) is None
    fault = check_member_name(".git/config", writing=True)
    assert fault is not None
    assert (fault.rule, bool(fault.hint)) == (NameRule.GIT, True)


# 36: the destination


def test_case_36_a_destination_that_exists_is_left_as_it_is(room: Path) -> None:
    path, archive = published(room)
    (room / "folder").mkdir()
    (room / "file").write_text("mine")
    (room / "link").symlink_to(room / "folder")
    (room / "nowhere").symlink_to("missing")
    before = snapshot(room)
    for name in ("folder", "file", "link", "nowhere"):
        with pytest.raises(OutputError, match="stands there already"):
            unpack(path, room / name, tar_sha256=archive.tar_sha256)
    assert snapshot(room) == before


@pytest.mark.parametrize("kind", ["folder", "file", "link", "nowhere"])
def test_case_36_a_destination_that_comes_meanwhile_is_left_as_it_is(room: Path, kind: str) -> None:
    path, archive = published(room)
    victim = room / "victim"
    victim.mkdir()
    (victim / "kept").touch()
    destination = room / "b"

    def swap(_: Path) -> None:
        if kind == "folder":
            destination.mkdir()
            (destination / "mine").touch()
        elif kind == "file":
            destination.write_text("mine")
        else:
            destination.symlink_to(victim if kind == "link" else "missing")

    with pytest.raises(OutputError, match="stands there already"):
        unpack(path, destination, tar_sha256=archive.tar_sha256, check=swap)
    assert [entry.name for entry in victim.iterdir()] == ["kept"]
    assert destination.is_symlink() == (kind in ("link", "nowhere"))
    assert _leftovers(room) == []


def test_case_36_a_parent_swapped_for_a_link_leads_nothing_elsewhere(room: Path) -> None:
    path, archive = published(room)
    parent, elsewhere = room / "parent", room / "elsewhere"
    parent.mkdir()
    elsewhere.mkdir()

    def swap(_: Path) -> None:
        parent.rename(room / "moved")
        parent.symlink_to(elsewhere)

    unpack(path, parent / "b", tar_sha256=archive.tar_sha256, check=swap)
    assert names(elsewhere) == []
    assert names(room / "moved") == ["b"]


@pytest.mark.parametrize("old", ["folder", "file", "link"])
def test_case_36_replacing_swaps_and_removes_the_old(room: Path, old: str) -> None:
    path, archive = published(room)
    destination = room / "b"
    kept = room / "kept"
    kept.mkdir()
    (kept / "mine").touch()
    if old == "folder":
        (destination / "deep").mkdir(parents=True)
    elif old == "file":
        destination.touch()
    else:
        destination.symlink_to(kept)
    files = unpack(path, destination, tar_sha256=archive.tar_sha256, replace=True)
    assert (destination / "run.sh").read_bytes() == b"#!/bin/sh\n"
    assert names(room) == ["archive.tar.gz", "b", "kept"]
    assert names(kept) == ["mine"]
    assert [file.path for file in files] == ["folder/00000", "folder/00001", "folder/00002", "run.sh"]
    assert files[3] == UnpackedFile(path="run.sh", sha256=sha256(b"#!/bin/sh\n"), size_bytes=10, executable=True)


def test_a_refusal_while_replacing_keeps_the_old(room: Path) -> None:
    path, archive = published(room)
    unpack(path, room / "b", tar_sha256=archive.tar_sha256)
    before = snapshot(room)

    def no(folder: Path) -> None:
        assert (folder / "run.sh").exists()
        raise IntegrityError("the meta would stop the client")

    with pytest.raises(IntegrityError, match="would stop"):
        unpack(path, room / "b", tar_sha256=archive.tar_sha256, check=no, replace=True)
    assert snapshot(room) == before


def test_replacing_without_an_exchange_of_names_loses_nothing(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, archive = published(room)
    monkeypatch.setattr(swapping, "_exchanged", lambda *_: False)
    (room / "b").mkdir()
    (room / "b" / "old").touch()
    before = snapshot(room)
    real, calls = os.rename, []

    def second_fails(source: str, target: str, **folders: int) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(source, target, **folders)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(OutputError, match="No space left"):
        unpack(path, room / "b", tar_sha256=archive.tar_sha256, replace=True)
    assert len(calls) == 3
    assert snapshot(room) == before
    unpack(path, room / "b", tar_sha256=archive.tar_sha256, replace=True)
    assert names(room / "b") == ["folder", "run.sh"]


def test_an_old_folder_put_aside_by_a_killed_run_comes_back(room: Path) -> None:
    path, archive = published(room)
    aside = room / f"{PREFIX}0123456789abcdef" / "old.b"
    aside.mkdir(parents=True)
    (aside / "mine").write_text("kept")
    unpack(path, room / "other", tar_sha256=archive.tar_sha256)
    assert (room / "b" / "mine").read_text() == "kept"
    assert names(room) == ["archive.tar.gz", "b", "other"]


# 37, 38: two runs at once, and killed ones


def test_case_37_of_several_at_once_one_wins_and_nothing_is_left(room: Path) -> None:
    path, archive = published(room)
    barrier = threading.Barrier(4)

    def wait(_: Path) -> None:
        barrier.wait(120)

    def run(_: int) -> CmsiteError | None:
        try:
            unpack(path, room / "b", tar_sha256=archive.tar_sha256, check=wait)
        except CmsiteError as error:
            return error
        return None

    with ThreadPoolExecutor(4) as pool:
        errors = list(pool.map(run, range(4)))
    assert sum(error is None for error in errors) == 1
    assert {type(error) for error in errors if error} == {OutputError}
    assert names(room) == ["archive.tar.gz", "b"]
    assert len(snapshot(room / "b")) == 5


_CHILD = """
import sys, time
from pathlib import Path
from cmsite.client.store import unpack
archive, destination, digest, wait = sys.argv[1:]
def check(_):
    print("checking", flush=True)
    time.sleep(float(wait))
print("starting", flush=True)
unpack(Path(archive), Path(destination), tar_sha256=digest, check=check, replace=True)
"""


# Opens 1,000 files to write, and is then ended as by `kill -9`.
_KILLED_AT = """
import os, signal, sys
opened = 0
def count(event, arguments):
    global opened
    if event == "open" and arguments[2] & os.O_CREAT:
        opened += 1
        if opened > 1000:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""


def _child(path: Path, destination: Path, archive: Archive, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + _CHILD, str(path), str(destination), archive.tar_sha256, "60"],
        stdout=subprocess.PIPE,
        text=True,
    )


def _leftovers(room: Path) -> list[Path]:
    return [path for path in room.iterdir() if path.name.startswith(PREFIX)]


def _kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    assert child.wait(120) == -signal.SIGKILL
    assert child.stdout is not None
    child.stdout.close()


def test_case_38_killed_before_the_rename_then_again(room: Path) -> None:
    path, archive = published(room)
    child = _child(path, room / "b", archive)
    try:
        assert child.stdout is not None
        assert [child.stdout.readline() for _ in range(2)] == ["starting\n", "checking\n"]
        # While it lives, another run does not take its folder away.
        unpack(path, room / "other", tar_sha256=archive.tar_sha256)
        assert len(_leftovers(room)) == 1
    finally:
        _kill(child)
    assert not (room / "b").exists()
    assert len(_leftovers(room)) == 1
    unpack(path, room / "b", tar_sha256=archive.tar_sha256)
    assert names(room) == ["archive.tar.gz", "b", "other"]
    assert snapshot(room / "b") == snapshot(room / "other")


def test_case_38_killed_while_writing_then_again(room: Path) -> None:
    path, archive = published(room, files=8000)
    (room / "b").mkdir()
    (room / "b" / "old").touch()
    child = _child(path, room / "b", archive, _KILLED_AT)
    assert child.wait(120) == -signal.SIGKILL
    assert child.stdout is not None
    assert child.stdout.read() == "starting\n"
    child.stdout.close()
    assert names(room / "b") == ["old"]
    assert 5 < _written(_leftovers(room)[0]) < 8000
    unpack(path, room / "b", tar_sha256=archive.tar_sha256, replace=True)
    assert names(room) == ["archive.tar.gz", "b"]
    assert len(names(room / "b" / "folder")) == 8000


def _written(scratch: Path) -> int:
    try:
        return len(names(scratch / "tree" / "folder"))
    except FileNotFoundError:
        return 0


def test_a_folder_of_the_user_that_looks_alike_but_is_a_link_is_left_alone(room: Path) -> None:
    path, archive = published(room)
    mine = room / "mine"
    mine.mkdir()
    (room / f"{PREFIX}link").symlink_to(mine)
    (mine / "kept").touch()
    unpack(path, room / "b", tar_sha256=archive.tar_sha256)
    assert (room / f"{PREFIX}link").is_symlink()
    assert names(mine) == ["kept"]


# 39: the disk


def test_case_39_a_full_disk_leaves_nothing(room: Path) -> None:
    content = tar(GOOD, member("large", bytes(200_000)))
    path = room / "archive.tar.gz"
    path.write_bytes(gz(content))
    before = snapshot(room)
    code = f"""
import resource, sys
from pathlib import Path
from cmsite.client.store import unpack
from cmsite.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    unpack(Path({str(path)!r}), Path({str(room / "new" / "b")!r}), tar_sha256={sha256(content)!r})
except OutputError as error:
    sys.exit(str(error))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot unpack archive.tar.gz" in done.stderr
    assert "File too large" in done.stderr
    assert snapshot(room) == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda room: (room / "a.tar.gz", room / "file" / "b"), "cannot unpack"),
        (lambda room: (room / "missing", room / "b"), "No such file"),
        (lambda room: (room / "fifo", room / "b"), "no regular file"),
        (lambda room: (room / "a.tar.gz", room / ".."), "names no new folder"),
    ],
    ids=["parent-is-a-file", "archive-missing", "archive-is-a-fifo", "no-name"],
)
def test_what_the_disk_refuses_is_an_output_error(
    room: Path, make: Callable[[Path], tuple[Path, Path]], message: str
) -> None:
    path, archive = published(room)
    path.rename(room / "a.tar.gz")
    (room / "file").touch()
    os.mkfifo(room / "fifo")
    before = names(room)
    with pytest.raises(OutputError, match=message):
        unpack(*make(room), tar_sha256=archive.tar_sha256)
    assert names(room) == before


def test_the_client_does_not_load_tarfile_or_yaml() -> None:
    code = "import sys, cmsite.client.store; print([n for n in ('tarfile', 'yaml', 'zipfile') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_published_archive_unpacks_to_what_was_packed(room: Path) -> None:
    contents: dict[str, bytes] = {
        "a": b"",
        "b/" + "long-" * 25 + "/c": b"1" * 511,
        "b/straße": b"2" * 512,
        "b.txt": b"3" * 513,
        "日本/語": os.urandom(300_000),
    }
    archive = pack_archive(Member(path=path, content=content) for path, content in contents.items())
    (room / "a").write_bytes(archive.content)
    unpack(room / "a", room / "b", tar_sha256=archive.tar_sha256, archive_sha256=archive.sha256)
    got = {str(path.relative_to(room / "b")): path.read_bytes() for path in (room / "b").rglob("*") if path.is_file()}
    assert got == contents
