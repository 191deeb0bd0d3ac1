"""Rows → an `experiment` artifact of a CM repository: `_cm.yaml`, `README.md` and `<time>/cm-result.json`.

Source: facts/results.md §1 (CM keeps experiments as lists of flat mappings in a folder named by the time).
"""

import json
import re
from collections.abc import Sequence

from cmsite.outputs import OutputFile
from cmsite.results.mlperf.layout import SCENARIOS
from cmsite.results.mlperf.notices import NOTICE, PUBLISHED_NOTE, is_published
from cmsite.results.mlperf.values import Row
from cmsite.results.mlperf.wording import amount

AUTOMATION = "experiment"
AUTOMATION_UID = "a0a2d123ef064bcb"
MAX_README_ROWS = 40
_MAX_TAGS = 40
_MAX_CELL = 60  # Characters.
_NO_TIME = "results"
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)Z?")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|&~@]|:(?=//))")


def alias_of(rows: Sequence[Row]) -> str:
    """Return an alias that says what the rows are: suite, rounds and submitters.

    >>> alias_of([{"version": "v5.0", "Organization": "Acme & Co"}])
    'mlperf-inference--v5.0--acme-co'
    """
    versions = _distinct(rows, "version")
    names = _distinct(rows, "Organization")
    parts = [
        "mlperf-inference",
        versions[0] if len(versions) == 1 else "all" if versions else "",
        _slug(names[0]) if len(names) == 1 else f"{len(names)}-submitters" if names else "",
    ]
    return "--".join(part for part in parts if part)


def experiment_files(rows: Sequence[Row], *, alias: str, uid: str) -> tuple[OutputFile, ...]:
    """Return the files of the artifact below the folder of its repository."""
    folder = f"{AUTOMATION}/{alias}"
    results = json.dumps(list(rows), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    return (
        OutputFile(path=f"{folder}/_cm.yaml", content=_meta(rows, alias, uid).encode("utf-8", "replace")),
        OutputFile(path=f"{folder}/README.md", content=_readme(rows).encode("utf-8", "replace")),
        OutputFile(path=f"{folder}/{time_of(rows)}/cm-result.json", content=results.encode("utf-8", "replace")),
    )


def time_of(rows: Sequence[Row]) -> str:
    """Return the newest start of a run as CM names folders of experiments; `results` where no row has one.

    >>> time_of([{"test_datetime": "2025-02-12T19:25:40Z"}, {}])
    '2025-02-12.19-25-40.000000'
    """
    found = [match for row in rows if (match := _TIME.fullmatch(str(row.get("test_datetime", ""))))]
    times = [f"{match[1]}.{match[2]}-{match[3]}-{match[4]}.000000" for match in found]
    return max(times, default=_NO_TIME)


def _meta(rows: Sequence[Row], alias: str, uid: str) -> str:
    return (
        f"alias: {_quoted(alias)}\n"
        f"uid: {_quoted(uid)}\n"
        f"automation_alias: {AUTOMATION}\n"
        f"automation_uid: {_quoted(AUTOMATION_UID)}\n"
        f"name: {_quoted(_title(rows))}\n"
        f"tags: [{', '.join(_quoted(tag) for tag in _tags(rows))}]\n"
    )


def _title(rows: Sequence[Row]) -> str:
    versions, names = _distinct(rows, "version"), _distinct(rows, "Organization")
    of = f" of {names[0][:60]}" if len(names) == 1 else f" of {len(names)} submitters" if names else ""
    word = "" if all(map(is_published, rows)) else "unverified "
    return f"MLPerf inference {', '.join(versions[:3])}: {len(rows)} {word}results{of}".replace(" :", ":")


def _tags(rows: Sequence[Row]) -> list[str]:
    found = ["mlperf", "mlperf-inference"]
    found += [version for version in _distinct(rows, "version") if _slug(version) == version]
    for name in ("SystemType", "Division", "MlperfModel", "Scenario", "Organization"):
        found += [_slug(part) for value in _distinct(rows, name) for part in value.split(",")]
    return [tag for tag in dict.fromkeys(found) if tag][:_MAX_TAGS]


def _readme(rows: Sequence[Row]) -> str:
    published = sum(map(is_published, rows))
    inferred = sum(bool(row.get("inferred")) for row in rows)
    invalid = sum(row.get("validity") == "INVALID" for row in rows)
    lines = [
        f"# {_escaped(_title(rows))}",
        "",
        *([NOTICE, ""] if published < len(rows) else []),
        f"{len(rows)} results, {inferred} of them inferred from another scenario, {invalid} INVALID, {published} with a result ID.",
        f"Read by `cmsite mlperf` into `{time_of(rows)}/cm-result.json`.",
        *(["", PUBLISHED_NOTE] if published else []),
        "",
        "| system | benchmark | scenario | result | unit | accuracy | status |",
        "|---|---|---|--:|---|--:|---|",
        *map(_line, rows[:MAX_README_ROWS]),
    ]
    if len(rows) > MAX_README_ROWS:
        lines += ["", f"{len(rows) - MAX_README_ROWS} more rows are in the file."]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    status = f"published as {row['ID']}" if is_published(row) else "unverified"
    marks = [
        mark
        for mark in (status, "INVALID" * (row.get("validity") == "INVALID"), "inferred" * bool(row.get("inferred")))
        if mark
    ]
    cells = [
        row.get("SystemName") or row.get("Platform") or "",
        row.get("MlperfModel") or "",
        SCENARIOS.get(str(row.get("Scenario", "")).lower(), row.get("Scenario") or ""),
        amount(row.get("Result")),
        row.get("Result_Units") or "",
        amount(row.get("Accuracy")),
        ", ".join(marks),
    ]
    return f"| {' | '.join(_escaped(str(cell)) for cell in cells)} |"


def _distinct(rows: Sequence[Row], name: str) -> list[str]:
    return sorted({str(row[name]) for row in rows if row.get(name)})


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:60]


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text[:_MAX_CELL].split()))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
