"""`cmsite record`: real commands run and are measured, numbers are refused or kept, and nothing is written over."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.errors import UsageError
from cmsite.records import machine
from cmsite.records.execution import MAX_OUTPUT_BYTES, execute
from cmsite.records.logs import KEPT_BYTES, MAX_LOG_BYTES, log_of
from cmsite.records.matching import values_in
from cmsite.records.meta_text import Spelled, emit, spelled
from cmsite.records.patterns import values_of
from tests.test_build import run
from tests.test_serve import is_running

PAPER = """alias: fast-sort
uid: "9732a9113ec20212"
automation_alias: paper
automation_uid: "9911c86491d84b7e"
name: Sorting fast
tags: [paper, sorting]
paper: {title: Sorting fast, authors: [{name: A. Author}], reference: "https://doi.org/10.1000/1", year: 2020}
metrics:
- {id: accuracy, name: Accuracy, unit: "%", scale: percent, lower_is_better: false}
- {id: time, name: Time, unit: s, scale: ratio, lower_is_better: true}
claims:
- id: C1
  text: LDA is right in 98.9 %.
  kind: value
  metric: accuracy
  value: 98.9
  unit: "%"
  tolerance: {type: absolute, value: 0.5, source: author}
  parameters: {classifier: LDA}
  compatible_with: {dataset: {name: wine, split: test}}
- id: C2
  text: QDA is right in 99.4 %.
  kind: value
  metric: accuracy
  value: 99.4
  unit: "%"
  tolerance: {type: absolute, value: 0.5, source: author}
  parameters: {classifier: QDA}
- id: C3
  text: It takes 2 s.
  kind: value
  metric: time
  value: 2
  unit: s
  tolerance: {type: relative, value: 0.1, source: author}
- {id: C4, text: QDA is better., kind: ranking, metric: accuracy, unit: "%", order: [C2, C1]}
- {id: C5, text: It is pleasant to use., kind: qualitative}
"""
ADA = ("--evaluator", "Ada")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "paper/fast-sort").mkdir(parents=True)
    (folder / "cmr.yaml").write_text('alias: team\nuid: "aaaaaaaaaaaaaaaa"\ngit: true\n')
    (folder / "LICENSE").write_text("Free.\n")
    (folder / "paper/fast-sort/_cm.yaml").write_text(PAPER)
    (folder / "paper/fast-sort/README.md").write_text("# Sorting fast\n")
    return folder


def record(repository: Path, *arguments: object, code: int = 0, **environment: str) -> str:
    """Run `cmsite record --paper fast-sort …` in the repository and return what it printed."""
    done = run("record", *arguments, cwd=repository, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def of_paper(repository: Path, *arguments: object, code: int = 0, **environment: str) -> str:
    return record(repository, "--paper", "fast-sort", *arguments, code=code, **environment)


def only(repository: Path, automation: str = "reproduction") -> Path:
    (folder,) = (repository / automation).iterdir()
    return folder


def meta_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "_cm.yaml").read_text("utf-8"))
    return found


def block_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = meta_of(folder)[folder.parent.name]
    return found


def script(repository: Path, text: str) -> tuple[str, ...]:
    (repository.parent / "tried.py").write_text(text)
    return ("--run", "--", sys.executable, str(repository.parent / "tried.py"))


def warnings_of(repository: Path) -> list[str]:
    done = run("validate", "--json", repository)
    return [
        f"{item['code']} {item['message']}"
        for item in json.loads(done.stdout)["findings"]
        if item["severity"] != "note"
    ]


def test_numbers_become_a_record_that_is_valid(repository: Path):
    printed = of_paper(repository, *ADA, "--claim", "C1", "--value", "98.90", "--value", "99.1", "--seed", "7")
    folder = only(repository)
    assert str(folder) in printed
    meta, block = meta_of(folder), block_of(folder)
    assert meta["alias"] == folder.name == f"fast-sort-{block['check_time']}"
    assert (meta["automation_uid"], len(meta["uid"])) == ("34f9999284cc4817", 16)
    assert block["paper"] == "fast-sort,9732a9113ec20212"
    assert block["agent"] == [{"name": "Ada", "role": "evaluator"}]
    (tried,) = block["runs"]
    assert (tried["samples"], tried["metric"], tried["unit"], tried["seed"]) == ([98.90, 99.1], "accuracy", "%", 7)
    assert tried["actionStatus"] == "CompletedActionStatus"
    assert "samples: [98.90, 99.1]" in (folder / "_cm.yaml").read_text()  # As printed.
    assert "startTime" not in tried  # Nobody knows when.
    assert warnings_of(repository) == []
    assert {path.name for path in folder.iterdir()} == {"_cm.yaml", "README.md"}
    assert (folder.stat().st_mode & 0o777) == 0o755


def test_a_command_is_run_measured_and_read(repository: Path):
    code = (
        "import json, sys, time\nblock = bytearray(60_000_000)\nend = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\nprint('hello')\nprint('on the side', file=sys.stderr)\n"
        "print(json.dumps({'metric': 'accuracy', 'unit': '%', 'samples': {'LDA': [98.10, 98.2], 'QDA': [99.5]},"
        " 'environment': {'framework': 'numpy 2'}}))"
    )
    of_paper(
        repository,
        *ADA,
        "--claim",
        "C1",
        "--claim",
        "C2",
        "--claim",
        "C4",
        "--as-claimed",
        "--repeat",
        "2",
        *script(repository, code),
    )
    folder = only(repository)
    block = block_of(folder)
    assert [(tried["claims"], tried.get("samples"), tried.get("order")) for tried in block["runs"]] == [
        (["C1"], [98.1, 98.2], None), (["C2"], [99.5], None), (["C4"], None, ["C2", "C1"]),
    ] * 2  # fmt: skip
    first = block["runs"][0]
    assert first["processor_s"] >= 0.15
    assert first["wall_s"] >= first["processor_s"] * 0.9
    assert first["peak_memory_bytes"] > 60_000_000
    assert first["exit_code"] == 0
    assert first["startTime"] <= first["endTime"]
    assert first["parameters"] == {"classifier": "LDA"}
    assert first["compatible_with"] == {"dataset": {"name": "wine", "split": "test"}}
    assert block["runs"][2]["inferred"] is True
    assert block["environment"]["framework"] == "numpy 2"
    for entry in block["evidence"]:
        content = (folder / entry["path"]).read_bytes()
        assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
        assert content.startswith(b"hello\n")
        assert content.endswith(b"[standard error]\non the side\n")
    assert len(block["evidence"]) == 2
    assert warnings_of(repository) == []


FAILURES = {
    "exit": ("import sys\nprint('half way')\nsys.exit('it broke')", (), "exit code 1"),
    "killed": ("import os\nos.kill(os.getpid(), 9)", (), "killed by signal SIGKILL"),
    "timeout": ("import time\ntime.sleep(60)", ("--timeout", "0.5"), "stopped after the 0.5 s of --timeout"),
    "no JSON": ("print('done')", (), "it printed no line of JSON"),
    "no value": ("print('{\"recall\": 1}')", (), "no value for C3 (time); it has recall"),
    "other unit": ('print(\'{"time": 1, "unit": "ms"}\')', (), "the unit differs: C3 is in 's', the numbers in 'ms'"),
    "NaN": ("print('{\"time\": NaN}')", (), "'NaN' is no finite number"),
    "text": ('print(\'{"time": [1, {"a": 2}]}\')', (), "which is no number"),
    "deep": ("print('{\"time\": ' + '[' * 100000 + ']' * 100000 + '}')", (), "cannot be read"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_is_recorded_as_a_failure(repository: Path, case: str):
    code, options, words = FAILURES[case]
    printed = of_paper(repository, *ADA, "--claim", "C3", *options, *script(repository, code))
    assert words in printed
    (tried,) = block_of(only(repository))["runs"]
    assert (tried["actionStatus"], tried["claims"]) == ("FailedActionStatus", ["C3"])
    assert words in tried["error"]
    assert "samples" not in tried
    assert warnings_of(repository) == []


def test_a_program_that_is_not_there_is_a_failed_run(repository: Path):
    of_paper(repository, *ADA, "--claim", "C3", "--run", "--", "no-such-program-here")
    (tried,) = block_of(only(repository))["runs"]
    assert tried["error"] == "the command could not be started: No such file or directory"


def test_a_stopped_command_takes_its_children_along(tmp_path: Path):
    code = "import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\nprint(child.pid, flush=True)\ntime.sleep(60)"
    for number, timeout_s in enumerate((1.5, 6, 20, 50)):  # On a busy machine two programs are slow to start.
        execution = execute((sys.executable, "-c", code), tmp_path, number + 1, timeout_s=timeout_s)
        assert execution.exit_code is None
        if execution.stdout.read_text():
            break
    child = int(execution.stdout.read_text())
    # Killed, though the system may take a moment over it; by itself it would run for a minute.
    end = time.monotonic() + 20
    while is_running(child):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_torrent_of_output_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert MAX_OUTPUT_BYTES == 1_000_000_000
    monkeypatch.setattr("cmsite.records.execution.MAX_OUTPUT_BYTES", 100_000)
    execution = execute((sys.executable, "-c", "while True: print('x' * 1000)"), tmp_path, 1, timeout_s=60)
    assert "printed more than 100,000 bytes" in execution.error


REFUSALS = {
    "unknown claim": (("--claim", "c1", "--value", "1"), "'c1' is no claim of fast-sort; did you mean 'C1'? (it has C1, C2, C3, C4, C5)"),
    "no claim": (("--value", "1"), "which claims were tried?"),
    "no number": (("--claim", "C1"), "no number is given: add --value C1=NUMBER"),
    "NaN": (("--claim", "C1", "--value", "nan"), "'nan' is no finite number"),
    "infinity": (("--claim", "C1", "--value", "inf"), "'inf' is no finite number"),
    "word": (("--claim", "C1", "--value", "good"), "'good' is no finite number"),
    "unit": (("--claim", "C1", "--value", "1", "--unit", "s"), "C1 is in '%', the numbers in 's'"),
    "which": (("--claim", "C1", "--claim", "C2", "--value", "1"), "say which a number is of, as --value C1=0.961"),
    "qualitative": (("--claim", "C5", "--value", "1"), "C5 is qualitative: no number tells of it"),
    "verdict": (("--claim", "C5", "--verdict", "C5=reproducd"), "did you mean 'reproduced'?"),
    "order": (("--claim", "C4", "--order", "C4=C2,C7"), "--order C4: 'C7' is no claim"),
    "ranking": (("--claim", "C4"), "give --order C4="),
    "run and value": (("--claim", "C1", "--value", "1", "--run", "--", "true"), "leave out --value"),
    "forgotten --run": (("--claim", "C1", "--", "python", "x.py"), "a command is run with --run -- COMMAND"),
    "status": (("--claim", "C1", "--value", "1", "--status", "works"), "record one after the other"),
    "alias": (("--claim", "C1", "--value", "1", "--alias", "../x"), "cannot be the name of a folder"),
    "no log": (("--claim", "C1", "--from-log", "nowhere.log", "--pattern", "x"), "nowhere.log"),
    "twice": (("--claim", "C1", "--key", "C1=a", "--key", "C1=b", "--value", "1"), "--key: C1 is given twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_makes_no_sense_is_refused_and_nothing_written(repository: Path, case: str):
    options, words = REFUSALS[case]
    done = run("record", "--paper", "fast-sort", *ADA, *options, cwd=repository)
    assert done.returncode in (2, 3), done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (repository / "reproduction").exists()


def test_a_paper_that_is_not_there_is_named_with_its_neighbours(repository: Path):
    done = run("record", "--paper", "fast-sorte", *ADA, "--claim", "C1", "--value", "1", cwd=repository)
    assert done.returncode == 4
    assert "near: paper:fast-sort" in done.stderr
    done = run("record", "--paper", "fast-sort", *ADA, "--claim", "C1", "--value", "1", cwd=repository.parent)
    assert done.returncode == 2
    assert "neither a registry.yml nor a repository" in done.stderr


def test_the_paper_is_found_in_a_registry_and_the_record_goes_where_it_is_told(repository: Path, tmp_path: Path):
    (tmp_path / "registry.yml").write_text("title: T\nsources: [{folder: repository}]\n")
    of_paper(tmp_path, *ADA, "--claim", "C1", "--value", "99")
    assert only(repository).is_dir()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "cmr.yaml").write_text('alias: mine\nuid: "bbbbbbbbbbbbbbbb"\nprefix: cm\n')
    record(tmp_path, "--paper", "fast-sort,9732a9113ec20212", *ADA, "--claim", "C1", "--value", "99", "--into", mine)
    assert only(mine / "cm").is_dir()


def test_nothing_is_written_over(repository: Path):
    of_paper(repository, *ADA, "--claim", "C1", "--value", "99")
    before = (only(repository) / "_cm.yaml").read_bytes()
    assert "nothing is written over it; add runs to it with --add-to" in of_paper(
        repository, *ADA, "--claim", "C1", "--value", "98", code=7
    )
    assert (only(repository) / "_cm.yaml").read_bytes() == before


def test_runs_are_added_to_a_record_that_people_edited(repository: Path):
    of_paper(repository, *ADA, "--claim", "C1", "--value", "99")
    folder = only(repository)
    path = folder / "_cm.yaml"
    edited = path.read_text().replace(
        "  evidence: []\n", "  # what I think of it\n  verdict_stated: {C1: reproduced}\n\n"
    )
    path.write_text("# by hand\n" + edited + "  evidence: []\n")
    refused = of_paper(repository, "--evaluator", "Bob", "--claim", "C1", "--value", "97", "--add-to", folder, code=2)
    assert "its evaluators are ['Ada'], here ['Bob']" in refused
    of_paper(repository, *ADA, "--claim", "C2", "--value", "99.50", "--add-to", folder)
    text = path.read_text()
    assert "# by hand\n" in text
    assert "# what I think of it\n  verdict_stated: {C1: reproduced}" in text
    block = block_of(folder)
    assert [tried["samples"] for tried in block["runs"]] == [[99], [99.5]]
    assert block["claims"] == ["C1", "C2"]
    assert "samples: [99.50]" in text
    code = "print('{\"time\": 2.5}')"
    of_paper(repository, *ADA, "--claim", "C3", "--add-to", folder, *script(repository, code))
    of_paper(repository, *ADA, "--claim", "C3", "--add-to", folder, "--key", "C3=time", *script(repository, code))
    (first, second) = block_of(folder)["evidence"]
    assert first["path"] != second["path"]
    path.write_text(path.read_text().replace("  claims: [C1, C2, C3]", "  claims: [C1,\n    C2, C3]"))
    refused = of_paper(repository, *ADA, "--claim", "C4", "--order", "C4=C2,C1", "--add-to", folder, code=2)
    assert "laid out in a way that cannot be added to as text; nothing was changed" in refused
    assert block_of(folder)["claims"] == ["C1", "C2", "C3"]
    assert warnings_of(repository) == []


def test_a_log_and_a_pattern_give_the_numbers(repository: Path):
    log = repository.parent / "my log.txt"
    log.write_text("epoch 1 accuracy: 97.5 %\nepoch 2 accuracy: 98.0 %\n")
    of_paper(repository, *ADA, "--claim", "C1", "--from-log", log, "--pattern", r"accuracy: ([0-9.]+)")
    folder = only(repository)
    (tried,) = block_of(folder)["runs"]
    assert (tried["samples"], tried["log"]) == ([97.5, 98.0], "logs/my-log.txt")
    assert (folder / "logs/my-log.txt").read_bytes() == log.read_bytes()
    assert "matches no line" in of_paper(
        repository, *ADA, "--claim", "C1", "--from-log", log, "--pattern", "loss", "--alias", "x", code=2
    )


def test_a_pattern_that_runs_for_ever_is_stopped(tmp_path: Path):
    log = tmp_path / "a.log"
    log.write_text("a" * 60 + "!\n")
    with pytest.raises(UsageError, match=r"had not ended after 0\.5 s.*nested repetitions"):
        values_of(log, r"(a+)+$", deadline_s=0.5)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "it is no regular expression"),
        ("(a)(b)", "none is called value"),
        ("(" * 5000 + ")" * 5000, "nested too deeply|no regular expression"),
    ],
)
def test_a_pattern_that_is_none_is_refused(tmp_path: Path, pattern: str, words: str):
    log = tmp_path / "a.log"
    log.write_text("ab\n")
    with pytest.raises(UsageError, match=words):
        values_of(log, pattern)


def test_a_binary_log_is_kept_but_not_searched(repository: Path):
    log = repository.parent / "trace.bin"
    log.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(UsageError, match="is a binary file"):
        values_of(log, "x")
    of_paper(repository, *ADA, "--claim", "C1", "--value", "99", "--from-log", log)
    assert (only(repository) / "logs/trace.bin").read_bytes() == log.read_bytes()


def test_named_groups_choose_value_and_claim(tmp_path: Path):
    log = tmp_path / "a.log"
    log.write_text("C1: 5 s\r\nC2: 6 s\n")
    assert values_in(log, r"(?P<claim>C\d): (?P<value>\d) (s)")["values"] == [("C1", "5"), ("C2", "6")]


def test_a_long_log_is_kept_in_part_and_hashed_whole(repository: Path):
    log = repository.parent / "long.log"
    content = b"".join(b"line %09d\n" % number for number in range(800_000))
    assert len(content) > 10_000_000 > MAX_LOG_BYTES
    log.write_bytes(content)
    of_paper(repository, *ADA, "--claim", "C1", "--value", "99", "--from-log", log)
    folder = only(repository)
    (entry,) = block_of(folder)["evidence"]
    kept = (folder / entry["path"]).read_bytes()
    assert entry["whole"] == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    assert entry["sha256"] == hashlib.sha256(kept).hexdigest()
    assert len(kept) < 2 * KEPT_BYTES + 300
    assert kept.startswith(b"line 000000000\n")
    assert kept.endswith(b"line 000799999\n")
    assert f"{len(content):,} bytes, sha256".encode() in kept
    assert warnings_of(repository) == []
    log.write_bytes(b"\0" * (MAX_LOG_BYTES + 1))
    with pytest.raises(UsageError, match="over 5,000,000 only logs of text are kept"):
        log_of(log, "x.log", None)


def test_ten_megabytes_of_samples_end_in_a_sentence(repository: Path):
    code = "print('{\"time\": [' + ', '.join(['1.5'] * 2_000_000) + ']}')"
    printed = of_paper(repository, *ADA, "--claim", "C3", *script(repository, code))
    assert "2,000,000 numbers for C3" in printed


def test_a_failed_run_may_hold_what_is_no_number(repository: Path):
    of_paper(repository, *ADA, "--claim", "C1", "--value", "nan", "--failed", "it diverged")
    (tried,) = block_of(only(repository))["runs"]
    assert (tried["actionStatus"], tried["error"], tried["samples"]) == ("FailedActionStatus", "it diverged", ["nan"])


def test_one_number_may_belong_to_several_claims_by_name(repository: Path):
    code = 'print(\'{"samples": {"lda_acc": [98.7]}, "unit": {"lda_acc": "%"}}\')'
    of_paper(repository, *ADA, "--claim", "C1", "--key", "C1=lda_acc", *script(repository, code))
    assert block_of(only(repository))["runs"][0]["samples"] == [98.7]


def test_the_machine_is_described_from_its_own_files(tmp_path: Path):
    files = {
        "proc/cpuinfo": "processor\t: 0\nmodel name\t: Fast CPU 9\nphysical id\t: 0\n\nprocessor\t: 1\nphysical id\t: 1\n",
        "proc/meminfo": "MemTotal:       16384000 kB\n",
        "etc/os-release": 'PRETTY_NAME="Some OS 1"\nBAD="\n',
        "proc/driver/nvidia/gpus/0/information": "Model: \t\t NVIDIA X\n",
        "proc/driver/nvidia/gpus/1/information": "Model: \t\t NVIDIA X\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = machine.describe_machine(tmp_path)
    assert found["host_processor_model_name"] == "Fast CPU 9"
    assert found["host_processors_per_node"] == 2
    assert found["host_memory_capacity"] == "16 GiB"
    assert str(found["operating_system"]).startswith("Some OS 1, kernel ")
    assert (found["accelerators_per_node"], found["accelerator_model_name"]) == (2, "NVIDIA X")


def test_what_the_machine_does_not_say_is_left_out(tmp_path: Path):
    found = machine.describe_machine(tmp_path)
    assert not {"host_processor_model_name", "host_memory_capacity", "accelerators_per_node"} & set(found)
    for number, (class_, count, name) in enumerate(
        [("0x120000", 1, None), ("0x020000", 0, "N/A"), ("0x030000", None, None)]
    ):
        root = tmp_path / str(number)
        device = root / "sys/bus/pci/devices/0000:00:01.0"
        device.mkdir(parents=True)
        (device / "class").write_text(f"{class_}\n")
        found = machine.accelerators(root)
        assert (found.get("accelerators_per_node"), found.get("accelerator_model_name")) == (count, name)


_texts = st.text(max_size=20) | st.sampled_from(
    ["yes", "1e5", "0x1F", "a: b", "- a", "'", "#", "2026-11-21", "~", "[a]", "12:30"]
)
_values = st.recursive(
    _texts | st.integers(-(10**9), 10**9) | st.booleans() | st.none(),
    lambda inner: st.dictionaries(_texts.filter(bool), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None)
@given(
    st.dictionaries(
        _texts.filter(bool),
        _values
        | st.lists(_texts, max_size=30)
        | st.lists(st.dictionaries(_texts.filter(bool), _values, min_size=1, max_size=2), max_size=3),
        min_size=1,
        max_size=4,
    )
)
def test_a_meta_that_is_written_is_read_back(data: dict[str, Any]):
    surrogates = any(0xD800 <= ord(sign) < 0xE000 for sign in repr(data))
    read = documents.parse("_cm.yaml", emit(data).encode("utf-8", "replace"))
    assert surrogates or (
        read.data == data and not [problem for problem in read.problems if problem.severity.word == "error"]
    )


@settings(deadline=None)
@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr) | st.decimals(-1000, 1000, places=3).map(str)
)
def test_a_number_keeps_its_digits(text: str):
    read = documents.parse("_cm.yaml", emit({"a": [Spelled(text)]}).encode()).data["a"][0]
    assert float(read) == float(text)
    assert isinstance(read, int | float)


def test_a_number_is_written_as_yaml_reads_numbers():
    assert [spelled(text) for text in ("0.10", "1e-5", "1E5", "007", "+1", "abc")] == [
        "0.10", "1.0e-5", "1.0e+5", "7", "1", '"abc"',
    ]  # fmt: skip


def test_the_command_is_not_given_to_a_shell(repository: Path):
    code = "import json, sys\nprint(json.dumps({'time': 2, 'got': sys.argv[1:]}))"
    of_paper(repository, *ADA, "--claim", "C3", *script(repository, code), "$(touch hacked); echo", "a b")
    assert not (repository / "hacked").exists()
    (tried,) = block_of(only(repository))["runs"]
    assert tried["command"].endswith("'$(touch hacked); echo' 'a b'")


def test_the_evaluator_is_gits_user_unless_told(repository: Path):
    git = shutil.which("git") or "git"
    subprocess.run([git, "init", "-q"], cwd=repository, check=True)
    assert "who tried it?" in of_paper(repository, "--claim", "C1", "--value", "99", code=2)
    subprocess.run([git, "config", "user.name", "Grace Hopper"], cwd=repository, check=True)
    of_paper(repository, "--claim", "C1", "--value", "99")
    assert block_of(only(repository))["agent"][0]["name"] == "Grace Hopper"
