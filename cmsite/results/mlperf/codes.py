"""The findings about MLPerf trees: code, severity, and what a user reads with `cmsite explain`."""

from cmsite.diagnostics import FindingCode, Place, Severity
from cmsite.documents import Document, Problem

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_CODES = (
    FindingCode(
        code="CM541",
        severity=_E,
        title="MLPerf file cannot be read",
        advice="A log, accuracy report, system description or summary of an MLPerf tree is damaged, is something else, or is larger than what is read. What depends on it is missing from the row. Put back the file the tool wrote.",
        source="https://github.com/mlcommons/inference/tree/master/loadgen; https://github.com/mlcommons/policies/blob/master/submission_rules.adoc",
    ),
    FindingCode(
        code="CM542",
        severity=_W,
        title="MLPerf file missing",
        advice="A result needs mlperf_log_summary.txt and mlperf_log_detail.txt, an accuracy.txt, and the description of its system. MLPerf's own checker refuses a submission without them; here the row is kept without what they say.",
        source="https://github.com/mlcommons/policies/blob/master/submission_rules.adoc; https://github.com/mlcommons/inference/tree/master/tools/submission",
    ),
    FindingCode(
        code="CM543",
        severity=_W,
        title="INVALID run",
        advice="The load generator says that the run did not meet its constraints. The result is kept, marked, and compared with nothing. Run it again, longer or with a lower target.",
        source="https://github.com/mlcommons/inference_policies/blob/master/inference_rules.adoc; https://github.com/mlcommons/inference/tree/master/loadgen",
    ),
    FindingCode(
        code="CM544",
        severity=_W,
        title="MLPerf files contradict each other",
        advice="Two files of a tree tell different numbers of one run: its two logs, or the log and the summary. The detailed log counts. One of them is from another run.",
        source="docs/mlperf.md; https://github.com/mlcommons/inference/tree/master/loadgen",
    ),
    FindingCode(
        code="CM545",
        severity=_N,
        title="MLPerf row worked out",
        advice="Something of a row was not stated by the tree: the round, taken from the version of the load generator; the benchmark, guessed from a folder's name; or a result inferred from another scenario. Give --round, or a model_mapping.json.",
        source="docs/mlperf.md; https://github.com/mlcommons/inference_policies/blob/master/inference_rules.adoc",
    ),
    FindingCode(
        code="CM546",
        severity=_W,
        title="value of an MLPerf row without meaning",
        advice="A number is NaN, infinite or a text, or a row has no result. It takes part in no comparison.",
        source="docs/mlperf.md; https://github.com/mlcommons/inference/tree/master/loadgen",
    ),
)

MLPERF_CODES: dict[str, FindingCode] = {code.code: code for code in _CODES}


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
