"""Writing outputs and working in parallel: nothing half, nothing lost, the same whatever the number of workers."""

import os
import time

import pytest

from cmsite import parallel
from cmsite.errors import OutputError
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.parallel import Spread, map_chunks


def test_equal_files_are_left_untouched(tmp_path):
    folder = OutputFolder(tmp_path)
    file = OutputFile(path="a/b.html", content=b"x")
    assert folder.write(file)
    os.utime(tmp_path / "a/b.html", (1, 1))
    assert not folder.write(file)
    assert (tmp_path / "a/b.html").stat().st_mtime == 1
    assert folder.write(OutputFile(path="a/b.html", content=b"y"))


def test_an_atomic_write_leaves_no_temporary_file_and_is_readable_by_others(tmp_path):
    folder = OutputFolder(tmp_path)
    folder.write_atomically(OutputFile(path="r/root.json", content=b"{}"))
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["root.json"]
    assert (tmp_path / "r/root.json").stat().st_mode & 0o777 == 0o644
    assert folder.holds(OutputFile(path="r/root.json", content=b"{}"))


def test_a_refused_write_names_file_and_reason(tmp_path):
    (tmp_path / "a").write_text("in the way")
    for write in (OutputFolder(tmp_path).write, OutputFolder(tmp_path).write_atomically):
        with pytest.raises(OutputError, match="a/b"):
            write(OutputFile(path="a/b", content=b""))


def double(shared, items):
    return [shared * item for item in items]


def noted(folder, items):
    (folder / str(items[0])).touch()


def doubled(items):
    return [2 * item for item in items]


def fail_at_once(items):
    raise OutputError(f"cannot write {items[0]}")


def fail(_shared, items):
    raise OutputError(f"cannot write {items[0]}")


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(jobs):
    results = [value for chunk in map_chunks(double, 3, range(1000), jobs=jobs) for value in chunk]
    assert results == [3 * item for item in range(1000)]


def test_an_error_of_a_worker_keeps_its_message():
    with pytest.raises(OutputError, match="cannot write 0"):
        list(map_chunks(fail, None, range(1000), jobs=2))


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_a_stream_keeps_its_order_and_draws_few_items_ahead(jobs, monkeypatch):
    monkeypatch.setattr(parallel, "_STREAMED", 10)
    drawn = []

    def items():
        for number in range(95):
            drawn.append(number)
            yield number

    found: list[int] = []
    for some in Spread(jobs).stream(doubled, items()):
        assert len(drawn) <= len(found) + 10 * (jobs + 2)
        found += some
    assert found == [2 * number for number in range(95)]
    assert list(Spread(jobs).stream(doubled, ())) == []
    with pytest.raises(OutputError, match="cannot write 0"):
        list(Spread(jobs).stream(fail_at_once, range(95)))


def test_what_workers_made_waits_only_in_small_numbers(tmp_path):
    """Nobody takes the first result, and so only a few chunks are begun."""
    results = map_chunks(noted, tmp_path, range(6_400), jobs=2)
    next(results)
    time.sleep(0.3)
    begun = len(list(tmp_path.iterdir()))
    assert begun <= 1 + 2 * parallel._GOING_A_WORKER
    assert 1 + sum(1 for _ in results) == len(list(tmp_path.iterdir())) > 2 * begun
