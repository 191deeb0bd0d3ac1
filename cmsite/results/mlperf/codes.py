"""The findings about MLPerf trees: code, severity, and what a user reads with `cmsite explain`."""

from cmsite.diagnostics import FindingCode, Place, Severity
from cmsite.documents import Document, Problem

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "CM541",
        _E,
        "MLPerf file cannot be read",
        "A log, accuracy report, system description or summary of an MLPerf tree is damaged, is something else, or is larger than what is read. What depends on it is missing from the row. Put back the file the tool wrote.",
    ),
    (
        "CM542",
        _W,
        "MLPerf file missing",
        "A result needs mlperf_log_summary.txt and mlperf_log_detail.txt, an accuracy.txt, and the description of its system. MLPerf's own checker refuses a submission without them; here the row is kept without what they say.",
    ),
    (
        "CM543",
        _W,
        "INVALID run",
        "The load generator says that the run did not meet its constraints. The result is kept, marked, and compared with nothing. Run it again, longer or with a lower target.",
    ),
    (
        "CM544",
        _W,
        "MLPerf files contradict each other",
        "Two files of a tree tell different numbers of one run: its two logs, or the log and the summary. The detailed log counts. One of them is from another run.",
    ),
    (
        "CM545",
        _N,
        "MLPerf row worked out",
        "Something of a row was not stated by the tree: the round, taken from the version of the load generator; the benchmark, guessed from a folder's name; or a result inferred from another scenario. Give --round, or a model_mapping.json.",
    ),
    (
        "CM546",
        _W,
        "value of an MLPerf row without meaning",
        "A number is NaN, infinite or a text, or a row has no result. It takes part in no comparison.",
    ),
)

MLPERF_CODES: dict[str, FindingCode] = {
    code: FindingCode(code=code, severity=severity, title=title, advice=advice)
    for code, severity, title, advice in _ROWS
}


def problem(code: str, message: str, hint: str = "", *, line: int = 0, pointer: str = "") -> Problem:
    """Return a finding that does not know yet whose file it is; `line` counts from 1, 0 is the whole file."""
    place = Place(line=line, column=1) if line else None
    severity = MLPERF_CODES[code].severity
    return Problem(code=code, severity=severity, message=message, place=place, pointer=pointer, hint=hint)


def unreadable(document: Document) -> tuple[Problem, ...]:
    """Return why a JSON file of an MLPerf tree cannot be read, under the code of this package."""
    found = tuple(
        problem("CM541", item.message, item.hint, line=item.place.line if item.place else 0)
        for item in document.problems
    )
    return found or (problem("CM541", "holds nothing"),)
