"""Archives as sources: what is read from each form, and how those that lie are refused."""

import bz2
import io
import json
import lzma
import multiprocessing
import os
import stat
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.archive_limits import ArchiveLimits
from cmsite.errors import IntegrityError, OutputError, SourceError
from cmsite.member_names import check_member_name
from cmsite.model.tree import FileEntry
from cmsite.sources.archive import ArchiveTree
from cmsite.sources.folder import FolderTree
from cmsite.sources.opening import tree_of_path
from tests.case_names import parameter_ids, rows_of_its_cases
from tests.foreign_archives import TAR_END, gz, member, names, pax, raw_zip, record, sha256, tar, zip_entry
from tests.requirements import need, need_module
from tests.test_archive_attacks import cve_2025_4517

FILES = {
    "cmr.yaml": b"alias: team@repo\n",
    "script/a/_cm.yaml": b"alias: a\n",
    "script/a/run.sh": b"#!/bin/sh\n",
    "script/" + "long-" * 18 + "/_cm.json": b"{}",
    "data/stra\u00dfe": os.urandom(5000) + bytes(100_000),
    "data/empty": b"",
}
EXECUTABLE = "script/a/run.sh"
LINKS = {"script/a/link.yaml": "_cm.yaml", "script/b": "a"}
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gz,
    "tar.xz": lzma.compress,
    "tar.bz2": bz2.compress,
}


def a_tar(prefix: str = "", *, form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as made:
        for name, content in FILES.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.size, entry.mode = len(content), 0o755 if name == EXECUTABLE else 0o644
            made.addfile(entry, io.BytesIO(content))
        for name, target in LINKS.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            made.addfile(entry)
    return stream.getvalue()


def a_zip(prefix: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in FILES.items():
            made.writestr(zip_entry(prefix + name, stat.S_IFREG | (0o755 if name == EXECUTABLE else 0o644)), content)
        for name, target in LINKS.items():
            made.writestr(zip_entry(prefix + name, stat.S_IFLNK | 0o777), target)
    return stream.getvalue()


def open_tree(folder: Path, content: bytes, name: str = "archive.tar", **options: object) -> ArchiveTree:
    path = folder / name
    path.write_bytes(content)
    return ArchiveTree(path, label="here", **options)  # type: ignore[arg-type]


def view(tree: ArchiveTree | FolderTree) -> dict[str, tuple[FileEntry, bytes]]:
    return {entry.path: (entry, tree.read(entry.path)) for entry in tree.entries}


def refused(tree: ArchiveTree) -> dict[str, str]:
    return {entry.path: entry.code for entry in tree.refused}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> FolderTree:
    root = tmp_path_factory.mktemp("unpacked")
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / EXECUTABLE).chmod(0o755)
    for name, target in LINKS.items():
        (root / name).symlink_to(target)
    return FolderTree(root, label="here", location="here")


@pytest.mark.parametrize("prefix", ["", "top/", "./", "./top/"])
@pytest.mark.parametrize("ending", [*COMPRESSED, "zip"])
def test_every_form_gives_the_tree_of_the_folder(
    tmp_path: Path, unpacked: FolderTree, ending: str, prefix: str
) -> None:
    content = a_zip(prefix) if ending == "zip" else COMPRESSED[ending](a_tar(prefix))
    tree = open_tree(tmp_path, content, f"archive.{ending}", sha256=sha256(content))
    assert view(tree) == view(unpacked)
    assert tree.entries == unpacked.entries
    assert tree.refused == ()
    assert tree.last_changes(("script",)) == {}
    provenance = tree.provenance
    assert (provenance.kind, provenance.location, provenance.sha256) == (
        "archive",
        f"archive.{ending}",
        sha256(content),
    )
    assert names(tmp_path) == [f"archive.{ending}"]


def test_zstd_gives_the_tree_of_the_folder(tmp_path: Path, unpacked: FolderTree) -> None:
    zstandard = need_module("zstandard")
    content = zstandard.ZstdCompressor(write_checksum=True).compress(a_tar("top/"))
    tree = open_tree(tmp_path, content, "archive.tar.zst")
    assert (view(tree), tree.refused) == (view(unpacked), ())


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_format_of_tar_headers_is_read(tmp_path: Path, unpacked: FolderTree, form: int) -> None:
    assert view(open_tree(tmp_path, a_tar("top/", form=form))) == view(unpacked)


def test_headers_from_before_ustar_are_read(tmp_path: Path) -> None:
    old = tar(member("a/", flag=b"\0", magic=bytes(8)), member("a/b", b"old", flag=b"\0", magic=bytes(8)))
    assert {path: content for path, (_, content) in view(open_tree(tmp_path, old)).items()} == {"b": b"old"}


def test_streams_that_follow_each_other_are_one(tmp_path: Path, unpacked: FolderTree) -> None:
    content = a_tar()
    half = len(content) // 2
    for name, compress in (("gz", gz), ("xz", lzma.compress), ("bz2", bz2.compress)):
        two = compress(content[:half]) + compress(content[half:]) + bytes(512)
        assert view(open_tree(tmp_path, two, f"a.tar.{name}")) == view(unpacked)


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz"])
def test_an_export_of_git_is_read(tmp_path: Path, ending: str) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "a.txt").write_text("a")
    (repository / "run.sh").write_text("#!/bin/sh\n")
    (repository / "run.sh").chmod(0o755)
    (repository / "link").symlink_to("a.txt")
    path = tmp_path / f"export.{ending}"
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["archive", "--prefix=team-1.0/", "-o", str(path), "HEAD"],
    ):
        subprocess.run(["git", *command], cwd=repository, check=True)
    tree = ArchiveTree(path, label="here")
    assert tree.entries == (
        FileEntry(path="a.txt", size_bytes=1),
        FileEntry(path="link", size_bytes=1, link="a.txt"),
        FileEntry(path="run.sh", size_bytes=10, executable=True),
    )
    assert [tree.read(entry.path) for entry in tree.entries] == [b"a", b"a", b"#!/bin/sh\n"]
    assert tree.refused == ()


def test_one_parent_is_peeled_and_no_more(tmp_path: Path) -> None:
    def paths(*found: str) -> list[str]:
        return [entry.path for entry in open_tree(tmp_path, tar(*(member(name) for name in found))).entries]

    assert paths("top/a/b", "top/a/c") == ["a/b", "a/c"]
    assert paths("top/a", "other") == ["other", "top/a"]
    assert paths("top/a", "two/b") == ["top/a", "two/b"]
    assert paths("file") == ["file"]
    assert paths() == []


def test_forked_processes_read_side_by_side(tmp_path: Path, unpacked: FolderTree) -> None:
    expected = {path: content for path, (_, content) in view(unpacked).items()}
    for name, content in (("a.zip", a_zip("top/")), ("a.tar", a_tar()), ("a.tar.xz", lzma.compress(a_tar()))):
        tree = open_tree(tmp_path, content, name)

        def read_all(tree: ArchiveTree = tree) -> None:
            for _ in range(50):
                assert {entry.path: tree.read(entry.path) for entry in tree.entries} == expected

        children = [multiprocessing.get_context("fork").Process(target=read_all) for _ in range(3)]
        for child in children:
            child.start()
        read_all()
        for child in children:
            child.join(60)
        assert [child.exitcode for child in children] == [0, 0, 0]


def test_a_missing_entry_and_an_archive_that_changes_are_errors(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, a_tar())
    with pytest.raises(SourceError, match=r"here: archive.tar: 'x\\x1b' is not a file"):
        tree.read("x\x1b")
    (tmp_path / "archive.tar").write_bytes(tar())
    with pytest.raises(SourceError, match=r"cmr.yaml.*changed meanwhile"):
        tree.read("cmr.yaml")


def test_the_digest_is_checked(tmp_path: Path) -> None:
    content = a_tar()
    with pytest.raises(IntegrityError, match=f"archive.tar has sha256:{sha256(content)}, expected sha256:{'0' * 64}"):
        open_tree(tmp_path, content, sha256="0" * 64)


def test_no_room_for_the_temporary_file_is_an_output_error(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gz(a_tar()))
    code = f"""
import resource
from pathlib import Path
from cmsite.sources.archive import ArchiveTree
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
ArchiveTree(Path({str(path)!r}), label="here")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "OutputError: here: cannot expand a.tar.gz to a temporary file" in done.stderr
    assert OutputError.exit_code == 7


@pytest.mark.parametrize(
    ("content", "named", "form", "better"),
    [
        (tar(member("a")), "a.zip", "tar", ".tar"),
        (raw_zip((b"a", b"", 0)), "a.tar.gz", "zip", ".zip"),
        (gz(tar(member("a"))), "a.tar.xz", "gzip", ".tar.gz"),
        (lzma.compress(tar(member("a"))), "data", "xz", ".tar.xz"),
    ],
)
def test_case_33_a_wrong_ending_is_noted(tmp_path: Path, content: bytes, named: str, form: str, better: str) -> None:
    tree = open_tree(tmp_path, content, named)
    assert [entry.path for entry in tree.entries] == ["a"]
    (note,) = tree.refused
    assert (note.path, note.code, note.hint) == ("", "CM410", f"rename it to end in {better}")
    assert f"'{named}' is {form}" in note.message


# What is left out of an archive that is otherwise read: (attack, members, code by path).
LEFT_OUT: tuple[tuple[str, tuple[bytes, ...], dict[str, str]], ...] = (
    ("01-parent", (member("../evil"),), {"../evil": "CM405"}),
    ("02-absolute", (member("/etc/evil"),), {"/etc/evil": "CM405"}),
    (
        "03-write-through-a-link",
        (member("d", flag=b"2", target="/tmp"), member("d/evil")),
        {"d": "CM403", "d/evil": "CM405"},
    ),
    (
        "04-chain",
        (member("a", flag=b"2", target="b"), member("b", flag=b"2", target="..")),
        {"a": "CM403", "b": "CM403"},
    ),
    ("04-circle", (member("a", flag=b"2", target="b"), member("b", flag=b"2", target="a")), {"a": "CM403", "b": "CM403"}),
    ("04-absolute", (member("a", flag=b"2", target="/etc/passwd"),), {"a": "CM403"}),
    ("07-empty-name", (member("", flag=b"2", target="/x"), member("e", flag=b"2")), {"e": "CM403"}),
    ("08-hard-link", (member("h", flag=b"1", target="../../etc/passwd"),), {"h": "CM403"}),
    (
        "09-hard-link-to-link",
        (member("s", flag=b"2", target="/etc/passwd"), member("h", flag=b"1", target="s")),
        {"s": "CM403", "h": "CM403"},
    ),
    (
        "10-devices",
        (member("c", flag=b"3"), member("b", flag=b"4"), member("p", flag=b"6")),
        {"c": "CM404", "b": "CM404", "p": "CM404"},
    ),
    ("19-deep", (pax(record("path", "d/" * 60 + "f")), member("x")), {"d/" * 60 + "f": "CM405"}),
    ("20-duplicate", (member("twice", b"1"), member("twice", b"2")), {"twice": "CM405"}),
    ("21-file-and-folder", (member("f/b"), member("f", b"x")), {"f/b": "CM405"}),
    ("22-case", (member("A.TXT"), member("a.txt")), {"a.txt": "CM405"}),
    ("23-sharp-s", (member("straße"), member("STRASSE")), {"straße": "CM405"}),
    ("24-normal-form", (member("caf\u00e9"), member("cafe\u0301")), {"caf\u00e9": "CM405"}),
    ("25-reserved", (member("NUL.tar.gz"), member("a./b")), {"NUL.tar.gz": "CM405", "a./b": "CM405"}),
    ("26-windows", (member("a\\b"), member("C:/c")), {"a\\b": "CM405", "C:/c": "CM405"}),
    ("27-signs", (member("\x1b"), member("\u202e"), member(b"\xe9")), {"\\x1b": "CM405", "\\u202e": "CM405", "\\udce9": "CM405"}),
    ("28-git", (member(".git/hooks/x"), member("a/.GIT/config")), {}),
)  # fmt: skip


@rows_of_its_cases(LEFT_OUT, "members", "codes")
def test_case_1_2_3_4_7_8_9_10_members_that_lead_elsewhere_are_left_out(
    tmp_path: Path, members: tuple[bytes, ...], codes: dict[str, str]
) -> None:
    leave_out(tmp_path, members, codes)


@rows_of_its_cases(LEFT_OUT, "members", "codes")
def test_case_19_20_21_22_23_24_25_26_27_28_members_of_bad_names_are_left_out(
    tmp_path: Path, members: tuple[bytes, ...], codes: dict[str, str]
) -> None:
    leave_out(tmp_path, members, codes)


def leave_out(tmp_path: Path, members: tuple[bytes, ...], codes: dict[str, str]) -> None:
    """See that members are left out with these codes and that what stands beside them is read."""
    tree = open_tree(tmp_path, tar(member("good", b"good"), *members))
    assert refused(tree) == codes
    assert all(entry.message and entry.hint for entry in tree.refused)
    assert tree.read("good") == b"good"
    assert not {entry.path for entry in tree.entries} & (set(codes) - {"twice"})


def test_case_20_the_first_of_two_stays(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, tar(member("a", b"1"), member("a", b"2")))
    assert (tree.read("a"), refused(tree)) == (b"1", {"a": "CM405"})


def test_case_5_a_path_beyond_path_max_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    tree = open_tree(tmp_path, cve_2025_4517("outside"))
    assert tree.entries == ()
    assert refused(tree)["escape/written"] == "CM405"
    assert refused(tree)["escape"] == "CM403"
    assert (tmp_path / "outside").read_text() == "secret"


def test_case_9_a_hard_link_to_a_file_is_a_copy(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, tar(member("z", b"bytes", mode=0o755), member("a", flag=b"1", target="./z")))
    assert tree.entries == (
        FileEntry(path="a", size_bytes=5, executable=True),
        FileEntry(path="z", size_bytes=5, executable=True),
    )
    assert tree.read("a") == b"bytes"


# Archives that lie as a whole: (attack, bytes, what the error says).
LIES: tuple[tuple[str, bytes, str], ...] = (
    ("06-damaged-header", tar(member("a"), b"\1" * 512, member("b")), "member 2 .* does not match its checksum"),
    ("12-sparse", tar(member("a", bytes(512), flag=b"S")), "is sparse"),
    ("12-tebibyte", tar(member("a", size_field=b"\x80" + (2**40).to_bytes(11, "big"))), "cut off"),
    ("14-negative", tar(member("a", size_field=b"-0000000777\0")), "negative or no number"),
    ("15-sizes", tar(pax(record("size", "1024")), member("a"), member("b")), "has 0 bytes in one header and '1024'"),
    ("15-global-path", tar(pax(record("path", "x"), b"g"), member("b")), "gives one path or size to all members"),
    ("15-link-with-data", tar(member("a", b"x" * 512, flag=b"2", target="b")), "symbolic link that claims 512 bytes"),
    ("17-gzip-again", gz(gz(tar(member("a")))), "the gzip stream holds gzip again; expected a tar"),
    ("17-no-tar", gz(b"hello, this is text"), "holds no tar: it starts with"),
    ("31-tar-behind-the-end", tar(member("a")) + member("b") + TAR_END, "follows the end mark"),
    ("31-gzip-with-more", gz(tar(member("a"))) + b"more", "something follows the end of the gzip"),
    ("33-tar-and-zip", tar(member("a")) + raw_zip((b"b", b"", 0)), "both tar and zip"),
    ("33-gzip-and-zip", gz(tar(member("a"))) + raw_zip((b"b", b"", 0)), "both gzip and zip"),
    ("33-unknown", b"MZ" + raw_zip((b"b", b"", 0)), "neither zip nor tar .*: it starts with the bytes 4d 5a 50 4b"),
    ("33-empty", b"", "neither zip nor tar .*: it is empty"),
    ("34-tar-cut", tar(member("a", b"x" * 3000))[:2048], "cut off"),
    ("34-gzip-cut", gz(tar(member("a", os.urandom(3000))))[:-20], "gzip stream is truncated"),
    ("34-xz-cut", lzma.compress(tar(member("a")))[:-20], "xz stream is truncated"),
    ("34-bzip2-cut", bz2.compress(tar(member("a")))[:-20], "bzip2 stream is truncated"),
    ("34-zip-cut", raw_zip((b"a", b"x" * 100, 0))[:-1], "no end record at its end: it is cut off"),
    ("31-zip-with-more", raw_zip((b"a", b"x", 0)) + b"more", "no end record at its end"),
    ("31-zip-behind-something", raw_zip((b"a", b"x", 0), prefix=b"PK\3\4 and more"), "13 bytes before the first member"),
    ("31-two-end-records", raw_zip((b"a", b"x", 0), comment=raw_zip((b"b", b"y", 0))), "two end records"),
    ("31-end-record-in-comment", raw_zip((b"a", b"x", 0), comment=b"PK\5\6"), "two end records"),
    ("35-unknown-method", raw_zip((b"a", b"x", 99)), "member 'a' is packed by method 99; expected 0"),
)  # fmt: skip


@rows_of_its_cases(LIES, "content", "message")
def test_case_6_12_14_15_headers_that_lie_refuse_the_archive(tmp_path: Path, content: bytes, message: str) -> None:
    refuse(tmp_path, content, message)


@rows_of_its_cases(LIES, "content", "message")
def test_case_17_31_33_34_35_streams_that_lie_refuse_the_archive(tmp_path: Path, content: bytes, message: str) -> None:
    refuse(tmp_path, content, message)


def refuse(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=f"here: archive.tar: .*{message}"):
        open_tree(tmp_path, content)


def test_every_attack_of_the_tables_is_tested() -> None:
    assert parameter_ids(globals().values()) >= {name for table in (LEFT_OUT, LIES) for name, *_ in table}


def _patched(content: bytes, place: int, new: bytes) -> bytes:
    return content[:place] + new + content[place + len(new) :]


ONE = raw_zip((b"name", b"content", 0))
CENTRAL = ONE.index(b"PK\1\2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_patched(ONE, 30, b"nAme"), "has the name b'nAme' in its local header and b'name' in the central directory"),
        (_patched(ONE, 8, b"\x08"), "has the method 8 in its local header and 0"),
        (_patched(ONE, 22, b"\x06"), "has the size 6 in its local header and 7"),
        (_patched(ONE, 14, b"\0\0\0\0"), "has the checksum 0 in its local header"),
        (_patched(ONE, 6, b"\x08"), "has the flags 8 in its local header and 0"),
        (_patched(_patched(ONE, 6, b"\x01"), CENTRAL + 8, b"\x01"), "is encrypted"),
        (_patched(ONE, CENTRAL + 42, b"\x09"), "9 bytes before the first member"),
        (_patched(ONE, CENTRAL + 46, b"nAme"), "has the name b'name' in its local header and b'nAme'"),
        (_patched(ONE, 34, b"C"), "member 'name' has the checksum [0-9a-f]{8}, its header states"),
        (_patched(ONE, len(ONE) - 12, b"\2"), "ends after 1 of 2 members|one part of several"),
        (_patched(ONE, len(ONE) - 6, b"\1"), "should end at byte"),
    ],
    ids=["name", "method", "size", "crc", "flags", "encrypted", "offset", "central-name", "34-data", "count", "place"],
)
def test_case_31_34_35_a_zip_that_says_two_things(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_tree(tmp_path, content, "a.zip")


def _zip_of_two_records_on_one_member() -> bytes:
    local, rest = ONE[:CENTRAL], ONE[CENTRAL:-22]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, 2 * len(rest), len(local), 0)
    return local + rest + rest + end


def _zip_with_a_gap() -> bytes:
    local, rest = ONE[:CENTRAL], ONE[CENTRAL:-22]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(rest), len(local) + 5, 0)
    return local + b"extra" + rest + end


def test_case_32_overlapping_entries_and_hidden_bytes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="member 'name' overlaps what stands behind it by"):
        open_tree(tmp_path, _zip_of_two_records_on_one_member(), "a.zip")
    with pytest.raises(SourceError, match="5 bytes behind member 'name' belong to no member"):
        open_tree(tmp_path, _zip_with_a_gap(), "a.zip")


def test_case_32_a_member_quoted_inside_another(tmp_path: Path) -> None:
    inner = raw_zip((b"inner", b"secret", 0))
    outer = raw_zip((b"outer", inner, 0))
    tree = open_tree(tmp_path, outer, "a.zip")
    assert tree.read("outer") == inner
    # A record for the inner member, which lies within the data of the outer one.
    central = outer.index(b"PK\1\2", 30 + 5 + len(inner))
    records = outer[central:-22]
    second = bytearray(raw_zip((b"inner", b"secret", 0))[30 + 5 + 6 : -22])
    second[42:46] = struct.pack("<L", 35)
    both = records + bytes(second)
    lying = outer[:central] + both + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(both), central, 0)
    with pytest.raises(SourceError, match="member 'outer' overlaps what stands behind it"):
        open_tree(tmp_path, lying, "b.zip")


def test_case_29_a_parent_in_a_zip_does_not_replace_its_neighbour(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, raw_zip((b"a.txt", b"good", 0), (b"../a.txt", b"evil", 0), (b"/b", b"", 0)), "a.zip")
    assert (tree.read("a.txt"), refused(tree)) == (b"good", {"../a.txt": "CM405", "/b": "CM405"})


def test_case_30_links_in_a_zip(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(zip_entry("dir/file"), b"bytes")
        for name, target in {"in": "dir/file", "out": "../../etc/passwd", "absolute": "/etc/passwd"}.items():
            made.writestr(zip_entry(name, stat.S_IFLNK | 0o777), target)
        made.writestr(zip_entry("pipe", stat.S_IFIFO | 0o644), b"")
    tree = open_tree(tmp_path, stream.getvalue(), "a.zip")
    assert refused(tree) == {"absolute": "CM403", "out": "CM403", "pipe": "CM404"}
    assert tree.read("in") == b"bytes"
    assert [(entry.path, entry.link) for entry in tree.entries] == [("dir/file", ""), ("in", "dir/file")]


def test_a_zip_written_as_a_stream_is_read(tmp_path: Path, unpacked: FolderTree) -> None:
    class Pipe(io.RawIOBase):
        """A file that cannot seek, so that sizes follow the data."""

        def __init__(self) -> None:
            self.content = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            self.content += memoryview(data)  # type: ignore[arg-type]
            return len(memoryview(data))  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as made:
        for name, content in FILES.items():
            with made.open(zip_entry(name, stat.S_IFREG | 0o644), "w", force_zip64=name == "cmr.yaml") as stream:
                stream.write(content)
    assert b"PK\x07\x08" in pipe.content
    tree = open_tree(tmp_path, bytes(pipe.content), "a.zip")
    assert {path: content for path, (_, content) in view(tree).items()} == FILES
    damaged = pipe.content.replace(b"PK\x07\x08", b"PK\x07\x09", 1)
    with pytest.raises(SourceError, match="data descriptor that does not match"):
        open_tree(tmp_path, bytes(damaged), "b.zip")


def test_names_of_a_zip_without_the_sign_of_utf_8(tmp_path: Path) -> None:
    field = b"\1" + struct.pack("<L", zlib.crc32(b"caf\x82")) + "café!".encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        entry = zip_entry("cafX")
        entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
        made.writestr(entry, b"")
        made.writestr(zip_entry("othX"), b"")
        made.writestr(zip_entry("unXX"), b"")
    # A field of its own, code page 437, and plain UTF-8 as Info-ZIP writes it on Unix.
    content = stream.getvalue()
    for old, new in ((b"cafX", b"caf\x82"), (b"othX", b"oth\x82"), (b"unXX", "uné".encode())):
        content = content.replace(old, new)
    tree = open_tree(tmp_path, content, "a.zip")
    assert [entry.path for entry in tree.entries] == ["café!", "othé", "uné"]


def test_case_31_a_zip_with_a_second_name_is_refused(tmp_path: Path) -> None:
    field = b"\1" + struct.pack("<L", zlib.crc32("é".encode())) + b"other"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        entry = zip_entry("é")
        entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
        made.writestr(entry, b"")
    with pytest.raises(SourceError, match="has a second name, 'other'"):
        open_tree(tmp_path, stream.getvalue(), "a.zip")


def test_case_16_bombs_stop_at_the_cap(tmp_path: Path) -> None:
    limits = ArchiveLimits(expanded_floor_bytes=2**20)
    content = tar(member("zeros", bytes(4 * 2**20)))
    bombs = {name: compress(content) for name, compress in COMPRESSED.items() if name != "tar"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(4 * 2**20))
    bombs["zip"] = stream.getvalue()
    zstandard = need_module("zstandard")
    bombs["tar.zst"] = zstandard.ZstdCompressor(level=19).compress(content)
    for name, bomb in bombs.items():
        with pytest.raises(SourceError, match="a bomb"):
            open_tree(tmp_path, bomb, f"a.{name}", limits=limits)


def test_case_16_a_zip_that_expands_to_more_than_it_states(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(2**20))
    stated = struct.pack("<L", 2**20)
    content = stream.getvalue().replace(stated, struct.pack("<L", 1000))
    with pytest.raises(SourceError, match="member 'zeros' expands to more than the 1000 bytes it states"):
        open_tree(tmp_path, content, "a.zip")


def test_case_16_zstd_expands_in_constant_memory(tmp_path: Path) -> None:
    zstandard = need_module("zstandard")
    # 64 MiB in about 6 kB: one call with all of the input would answer with all of it.
    content = zstandard.ZstdCompressor(level=19).compress(tar(member("zeros", bytes(64 * 2**20))))
    assert len(content) < 20_000
    tracemalloc.start()
    try:
        tree = open_tree(tmp_path, content, "a.tar.zst")
        assert tracemalloc.get_traced_memory()[1] < 40 * 2**20
    finally:
        tracemalloc.stop()
    assert tree.entries[0].size_bytes == 64 * 2**20


def test_case_16_a_window_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    content = tar(member("a", os.urandom(2**21)))
    limits = ArchiveLimits(decoder_bytes=2**20)
    with pytest.raises(SourceError, match="xz stream is damaged .*[Mm]emory"):
        open_tree(tmp_path, lzma.compress(content), "a.tar.xz", limits=limits)


def test_case_18_a_flood_of_members_stops_at_the_limit(tmp_path: Path) -> None:
    limits = ArchiveLimits(members=5)
    with pytest.raises(SourceError, match="more than 5 members"):
        open_tree(tmp_path, tar(*(member(f"f{number}") for number in range(6))), limits=limits)
    with pytest.raises(SourceError, match="it has 6 members .* at most 5"):
        open_tree(tmp_path, raw_zip(*((b"f%d" % number, b"", 0) for number in range(6))), "a.zip", limits=limits)


@pytest.mark.corpus
def test_the_archives_of_the_corpora_hold_what_their_manifest_says() -> None:
    corpus = need("corpus")
    for name, stated in json.loads((corpus / "MANIFEST.json").read_text("utf-8")).items():
        tree = ArchiveTree(corpus / stated["archive"], label=name, sha256=stated["sha256"])
        assert len(tree.entries) == stated["files"], name
        assert sum(entry.size_bytes for entry in tree.entries) == stated["bytes"], name
        assert tree.refused == ()
        assert sum(len(tree.read(entry.path)) for entry in tree.entries[:50]) > 0


@pytest.mark.corpus
def test_an_archive_of_72_mb_is_read_in_little_memory() -> None:
    path = need("corpus") / "mlcommons+cm4mlperf-results.tar.xz"
    code = f"""
import resource
from pathlib import Path
from cmsite.sources.archive import ArchiveTree
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tree = ArchiveTree(Path({str(path)!r}), label="results")
total = sum(len(tree.read(entry.path)) for entry in tree.entries)
print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    total, grown_kib = map(int, done.stdout.split())
    assert total > 70_000_000
    # The dictionary of xz (8 MiB), the largest file (3.9 MB, twice while its pieces are joined), the index.
    assert grown_kib < 32 * 1024


def test_a_path_of_the_command_line_may_be_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(a_zip("top/"))
    assert "cmr.yaml" in {entry.path for entry in tree_of_path(path).entries}


WHOLE = {"a.tar": a_tar("top/"), "a.zip": a_zip("top/"), "a.tar.xz": lzma.compress(a_tar("top/"))}


@given(name=st.sampled_from(sorted(WHOLE)), place=st.integers(0, 10**6), value=st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_damaged_archive_is_read_or_refused_and_never_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: int, value: bytes
) -> None:
    content = WHOLE[name]
    folder = tmp_path_factory.mktemp("damaged")
    try:
        # From the end: there are the records of a zip, and the index of xz.
        tree = open_tree(folder, _patched(content, len(content) - 1 - place % len(content), value), name)
    except SourceError:
        return
    assert all(check_member_name(entry.path, writing=False) is None for entry in tree.entries)
    assert all(len(tree.read(entry.path)) == entry.size_bytes for entry in tree.entries)
