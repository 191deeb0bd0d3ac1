"""Every kind of finding about repositories, metas and references; papers and results have theirs in `results.codes`.

A code never changes its meaning. One module a family: CM0 reading, CM1 identity, CM2 shape, CM3 dependencies, CM4 files.
Source: facts/formats.md §5 (what stops the clients) and §7 (defects that real repositories hold).
"""

from cmsite.diagnostics import FindingCode
from cmsite.validation.codes import dependencies, files, identity, reading, shape, variations

CODES: dict[str, FindingCode] = {
    code.code: code
    for family in (reading.CODES, identity.CODES, shape.CODES, dependencies.CODES, variations.CODES, files.CODES)
    for code in family
}
