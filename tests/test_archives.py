"""Archives: the same bytes whatever the order and machine, readable by foreign tar, no more than files."""

import gzip
import hashlib
import io
import subprocess
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from cmsite.archives import Member, pack_archive, tar_bytes

MEMBERS = [
    Member(path="run.sh", content=b"echo\n", executable=True),
    Member(path="_cm.yaml", content=b"alias: a\n"),
    Member(path="d/" + "x" * 120 + "/\u00e4.txt", content=b"\0" * 700),
    Member(path="empty", content=b""),
]


def test_order_does_not_matter_and_members_are_sorted_by_bytes():
    assert pack_archive(MEMBERS) == pack_archive(reversed(MEMBERS))
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(MEMBERS))) as tar:
        names = [member.name for member in tar]
    assert names == sorted(names, key=str.encode)


def test_members_carry_nothing_of_this_machine():
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(MEMBERS))) as tar:
        for member in tar:
            assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")
            assert member.mode == (0o755 if member.name == "run.sh" else 0o644)
            assert member.isreg()


def test_the_digests_are_those_of_the_bytes():
    archive = pack_archive(MEMBERS)
    assert archive.sha256 == hashlib.sha256(archive.content).hexdigest()
    assert archive.tar_sha256 == hashlib.sha256(gzip.decompress(archive.content)).hexdigest()


def test_the_tar_of_the_system_unpacks_it(tmp_path):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(pack_archive(MEMBERS).content)
    subprocess.run(["tar", "-xzf", archive], cwd=tmp_path, check=True)
    for member in MEMBERS:
        assert (tmp_path / member.path).read_bytes() == member.content


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-zA-Z0-9._-]{1,60}){0,4}", fullmatch=True), st.binary(max_size=600), max_size=6
    )
)
def test_any_files_come_back(files):
    tar = tar_bytes(Member(path=path, content=content) for path, content in files.items())
    with tarfile.open(fileobj=io.BytesIO(tar)) as reader:
        assert {member.name: reader.extractfile(member).read() for member in reader} == files  # type: ignore[union-attr]
