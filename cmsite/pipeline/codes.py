"""All codes of all packages in one table, for `cmsite rules` and `cmsite explain`."""

from cmsite.diagnostics import FindingCode
from cmsite.results.codes import RESULT_CODES
from cmsite.results.mlperf.codes import MLPERF_CODES
from cmsite.validation.codes import CODES


def all_codes() -> dict[str, FindingCode]:
    """Return code → what it means, sorted by code."""
    return dict(sorted({**CODES, **RESULT_CODES, **MLPERF_CODES}.items()))
