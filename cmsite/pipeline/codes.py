"""All codes of all packages in one table, for `cmsite rules` and `cmsite explain`."""

from cmsite.diagnostics import FindingCode
from cmsite.results.codes import RESULT_CODES
from cmsite.results.mlperf.codes import MLPERF_CODES
from cmsite.validation.codes import CODES

FAMILIES: dict[str, str] = {
    "CM0": "Reading a file",
    "CM1": "Identity: uids, aliases, repositories, decisions",
    "CM2": "The shape of a meta: types, keys, tags",
    "CM3": "Dependencies, variations and bases",
    "CM4": "Files and folders",
    "CM5": "Papers, reproductions and experiments",
    "CM54": "MLPerf trees (`cmsite mlperf`)",
}
"""Beginning of a code → what the codes are about; the longest beginning counts."""


def all_codes() -> dict[str, FindingCode]:
    """Return code → what it means, sorted by code."""
    return dict(sorted({**CODES, **RESULT_CODES, **MLPERF_CODES}.items()))


def family_of(code: str) -> str:
    """Return the beginning of `FAMILIES` that a code belongs to.

    >>> family_of("CM104"), family_of("CM541")
    ('CM1', 'CM54')
    """
    return max((start for start in FAMILIES if code.startswith(start)), key=len)
