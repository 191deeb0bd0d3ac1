"""The cache: limit, age, commands, places that cannot be written. Numbers: facts/index.md §4."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite.client import cache_limits
from cmsite.client.cache import Cache
from cmsite.client.cache_limits import IN_USE_S, LEFTOVER_S, Kept, configured_max_bytes, kept_files, parse_size
from cmsite.client.fetching import Validators
from cmsite.client.locks import best_lock, try_lock
from cmsite.errors import ConfigurationError, IntegrityError, OutputError

LONG_AGO_S = time.time() - 10 * IN_USE_S


def content(number: int) -> bytes:
    return f"{number:04}".encode() * 250


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add(cache: Cache, data: bytes) -> Path:
    def bring(sink) -> None:
        sink.begin()
        sink.write(data)

    return cache.add(digest_of(data), bring, size_bytes=len(data))


def age(path: Path, used_s: float) -> None:
    os.utime(path, (used_s, used_s))


def cmsite(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "cmsite", *arguments], capture_output=True, text=True, check=False)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path):
    cache = Cache(tmp_path, max_bytes=5000)
    for number in range(5):
        age(add(cache, content(number)), LONG_AGO_S + number)
    add(cache, content(5))
    assert [cache.read(digest_of(content(number))) is not None for number in range(6)] == [False, *[True] * 5]


def test_use_counts_not_age(tmp_path: Path):
    cache = Cache(tmp_path, max_bytes=5000)
    for number in range(5):
        age(add(cache, content(number)), LONG_AGO_S + number)
    assert cache.file(digest_of(content(0))) is not None
    assert cache.read(digest_of(content(1))) is not None
    add(cache, content(5))
    assert [cache.read(digest_of(content(number))) is not None for number in range(4)] == [True, True, False, True]


def test_what_may_be_in_use_stays_whatever_the_limit(tmp_path: Path):
    cache = Cache(tmp_path, max_bytes=1)
    paths = [add(cache, content(number)) for number in range(3)]
    assert all(path.exists() for path in paths)
    for path in paths:
        age(path, LONG_AGO_S)
    add(cache, content(3))
    assert [path.exists() for path in paths] == [False] * 3


def test_leftovers_of_killed_processes_go_after_a_week(tmp_path: Path):
    cache = Cache(tmp_path, max_bytes=10**9)
    folder = add(cache, content(0)).parent
    (tmp_path / "partial").mkdir()
    old = [folder / ".cmsite-old", tmp_path / "partial" / "a", tmp_path / "partial" / "a.lock"]
    new = [folder / ".cmsite-new", tmp_path / "partial" / "b"]
    for path in (*old, *new):
        path.write_bytes(b"half")
    for path in old:
        age(path, time.time() - LEFTOVER_S - 10)
    Cache(tmp_path, max_bytes=10**9, now=lambda: time.time() + 2 * IN_USE_S).write(digest_of(b"x"), b"x")
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)
    assert (folder / digest_of(content(0))).exists()


def test_the_whole_is_looked_at_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    looks: list[Path] = []

    def look(root: Path) -> Iterator[Kept]:
        looks.append(root)
        return iter(())

    monkeypatch.setattr(cache_limits, "kept_files", look)
    for _process in range(3):
        cache = Cache(tmp_path, max_bytes=10**9)
        for number in range(50):
            add(cache, content(number))
    assert len(looks) == 1


def test_without_a_limit_nothing_goes(tmp_path: Path):
    cache = Cache(tmp_path)
    age(add(cache, content(0)), 1)
    add(cache, content(1))
    assert len(list(kept_files(tmp_path))) == 2


def test_what_is_not_ours_in_the_folder_stays(tmp_path: Path):
    (tmp_path / "git").mkdir()
    (tmp_path / "git" / "clone").write_bytes(b"x" * 10_000)
    age(tmp_path / "git" / "clone", 1)
    cache = Cache(tmp_path, max_bytes=1)
    add(cache, content(0))
    assert (tmp_path / "git" / "clone").exists()


@pytest.mark.parametrize(("text", "size_bytes"), [("10", 10), ("1k", 1000), ("2 MB", 2_000_000), ("3G", 3 * 10**9)])
def test_sizes(text: str, size_bytes: int):
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "ten", "-1", "1.5G", "9" * 40, "1P"])
def test_sizes_that_are_none(text: str):
    with pytest.raises(ConfigurationError, match=r"CMSITE_CACHE_MAX: .* is no size; give a number with k, M, G or T"):
        parse_size(text)


def test_the_environment_sets_the_limit(monkeypatch: pytest.MonkeyPatch):
    assert configured_max_bytes() == 10**10
    monkeypatch.setenv("CMSITE_CACHE_MAX", "5M")
    assert configured_max_bytes() == 5_000_000


# Trouble.


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_case_39_a_read_only_cache_is_replaced_by_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    def refuse(path: Path, **_named: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    cache = Cache(tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        path = add(cache, content(0))
        assert path.read_bytes() == content(0)
        assert cache.file(digest_of(content(0))) == path
        cache.write(digest_of(b"x"), b"x")
        large = os.urandom(1_100_000)
        assert add(cache, large).read_bytes() == large
    assert not (tmp_path / "cache").exists()
    (note,) = cache.notes
    assert str(tmp_path / "cache") in note
    assert os.strerror(number) in note
    assert "name another folder with CMSITE_CACHE" in note


def test_case_39_a_cache_that_may_only_be_read_still_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    add(Cache(tmp_path), content(0))
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    cache = Cache(tmp_path)
    assert cache.read(digest_of(content(0))) == content(0)
    assert add(cache, content(1)).is_relative_to(tmp_path) is False
    assert cache.notes


def test_case_39_a_full_disk_is_no_reason_to_fill_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    cache = Cache(tmp_path / "cache")
    with pytest.raises(OutputError, match=r"No space left on device; free some space \(`cmsite cache clean`"):
        add(cache, content(0))
    cache.write(digest_of(b"x"), b"x")
    assert cache.notes == []


@pytest.mark.parametrize("data", [b"small", b"x" * 1_100_000], ids=["small", "large"])
def test_case_39_other_bytes_leave_nothing(tmp_path: Path, data: bytes):
    with pytest.raises(IntegrityError, match=f"is {digest_of(data)}, expected 0{{64}}; it was not kept"):
        Cache(tmp_path).add("0" * 64, lambda sink: sink.write(data), size_bytes=len(data))
    assert [file for file in kept_files(tmp_path) if file.size_bytes] == []


@pytest.mark.parametrize("name", ["../../x", "A" * 64, "0" * 63, "", "0" * 64 + "\n"])
def test_case_65_names_that_are_no_digests_never_become_paths(tmp_path: Path, name: str):
    cache = Cache(tmp_path)
    for act in (cache.read, cache.file, lambda sha256: cache.write(sha256, b"")):
        with pytest.raises(ValueError, match="not a sha256"):
            act(name)


def test_case_99_a_poisoned_file_is_not_handed_out(tmp_path: Path):
    cache = Cache(tmp_path)
    path = add(cache, content(0))
    path.write_bytes(b"poison")
    assert cache.read(digest_of(content(0))) is None
    assert not path.exists()
    add(cache, content(0)).write_bytes(b"poison")
    assert cache.file(digest_of(content(0))) is None
    assert not path.exists()


@pytest.mark.parametrize("note", [b"", b"[1]", b"{}", b"\xff", b'{"sha256": "../x", "etag": "", "last_modified": ""}'])
def test_case_99_a_poisoned_note_about_a_root_counts_for_nothing(tmp_path: Path, note: bytes):
    cache = Cache(tmp_path)
    cache.keep_root("https://ada:secret@example.org/", digest_of(b"root"), b"root", Validators(etag='"1"'))
    held = cache.root_of("https://example.org/")
    assert held is not None
    assert (held.data, held.validators.etag) == (b"root", '"1"')
    (path,) = (tmp_path / "roots").iterdir()
    assert b"secret" not in path.read_bytes()
    path.write_bytes(note)
    assert cache.root_of("https://example.org/") is None


def test_case_100_two_registries_share_bytes_not_names(tmp_path: Path):
    cache = Cache(tmp_path)
    cache.keep_root("https://one.example/", digest_of(b"root"), b"root", Validators())
    assert cache.read(digest_of(b"root")) == b"root"
    assert cache.root_of("https://two.example/") is None


def test_case_37_many_processes_fill_one_cache(tmp_path: Path):
    script = (
        "import sys, hashlib; from pathlib import Path; from cmsite.client.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1]), max_bytes=100_000)\n"
        "for number in list(range(100)) * 2:\n"
        "    data = f'{number:04}'.encode() * 250; name = hashlib.sha256(data).hexdigest()\n"
        "    path = cache.file(name) or cache.add(name, lambda sink: (sink.begin(), sink.write(data)), size_bytes=1000)\n"
        "    assert path.read_bytes() == data\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    names = [file.path.name for file in kept_files(tmp_path)]
    assert sorted(names) == sorted(digest_of(content(number)) for number in range(100))


def test_a_lock_is_held_once(tmp_path: Path):
    with try_lock(tmp_path / "lock") as first, try_lock(tmp_path / "lock") as second:
        assert (first, second) == (True, False)
    with try_lock(tmp_path / "lock") as again:
        assert again
    with try_lock(tmp_path / "no folder" / "lock") as none:
        assert not none


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    import fcntl

    def refuse(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    reached = []
    with try_lock(tmp_path / "lock") as held:
        assert not held
    with best_lock(tmp_path / "trust" / "lock"):
        reached.append("inside")
    assert reached == ["inside"]
    large = os.urandom(1_100_000)
    assert add(Cache(tmp_path), large).read_bytes() == large


# Commands.


def test_cache_dir_size_and_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CMSITE_CACHE", str(tmp_path / "here"))
    assert cmsite("cache", "dir").stdout == f"{tmp_path / 'here'}\n"
    assert cmsite("cache", "size").stdout == f"0 files, 0 B of at most 10.0 GB, in {tmp_path / 'here'}\n"
    cache = Cache(tmp_path / "here")
    age(add(cache, content(0)), time.time() - 40 * 86_400)
    add(cache, content(1))
    document = json.loads(cmsite("cache", "size", "--json").stdout)
    assert document == {
        "schema": "cmsite-cache/1",
        "folder": str(tmp_path / "here"),
        "files": 2,
        "bytes": 2000,
        "max_bytes": 10**10,
    }
    assert json.loads(cmsite("cache", "dir", "--json").stdout) == {
        "schema": "cmsite-cache/1",
        "folder": str(tmp_path / "here"),
    }
    done = cmsite("cache", "clean", "--older-than", "30d")
    assert done.stdout == f"deleted 1 file, 1.0 kB, from {tmp_path / 'here'}\n"
    assert cache.read(digest_of(content(1))) == content(1)
    document = json.loads(cmsite("cache", "clean", "--json").stdout)
    assert (document["deleted_files"], document["deleted_bytes"]) == (1, 1000)
    assert list(kept_files(tmp_path / "here")) == []


def test_an_age_that_is_none(tmp_path: Path):
    done = cmsite("cache", "clean", "--older-than", "a month")
    assert done.returncode == 2
    assert "'a month' is no span of time; give a number with s, m, h, d or w, for instance 30d" in done.stderr


def test_a_limit_that_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CMSITE_CACHE_MAX", "lots")
    done = cmsite("cache", "size")
    assert (done.returncode, done.stderr) == (
        2,
        "cmsite: error: CMSITE_CACHE_MAX: 'lots' is no size; give a number with k, M, G or T, for instance 2G\n",
    )


def test_the_temporary_place_goes_with_the_process(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path; from cmsite.client.cache import Cache; import hashlib\n"
        "cache = Cache(Path(sys.argv[1])); data = b'x'\n"
        "path = cache.add(hashlib.sha256(data).hexdigest(), lambda sink: sink.write(data), size_bytes=1)\n"
        "assert path.exists(); print(path)\n"
    )
    (tmp_path / "file").write_text("no folder")
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "file")], capture_output=True, text=True, check=True
    )
    assert not Path(done.stdout.strip()).parent.exists()
