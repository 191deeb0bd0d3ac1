"""Findings about the shape of one meta: types, keys, tags."""

from cmsite.diagnostics import FindingCode, Fix, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM201",
        severity=_E,
        title="wrong type",
        advice="The value has a type that the clients cannot use here.",
        fix=Fix.ASKED,
    ),
    FindingCode(
        code="CM202",
        severity=_E,
        title="missing key",
        advice="The clients need this key.",
    ),
    FindingCode(
        code="CM203",
        severity=_W,
        title="value not allowed",
        advice="The value is none of those the clients know.",
    ),
    FindingCode(
        code="CM204",
        severity=_W,
        title="value of the wrong form",
        advice="The value does not have the form that is needed here.",
    ),
    FindingCode(
        code="CM205",
        severity=_W,
        title="wrong number of values",
        advice="There are too few or too many values here.",
    ),
    FindingCode(
        code="CM210",
        severity=_W,
        title="misspelt key",
        advice="The clients ignore a key they do not know, in silence. This one looks like a known key.",
        fix=Fix.ASKED,
    ),
    FindingCode(
        code="CM211",
        severity=_N,
        title="unknown key",
        advice="The clients ignore a key they do not know. It is kept and shown; if it is your own, nothing needs to be done.",
    ),
    FindingCode(
        code="CM212",
        severity=_N,
        title="disabled key?",
        advice="A known key with a `1`, `_off` or `_disabled` behind it, or a `_` before it, is switched off on purpose or by mistake.",
    ),
    FindingCode(
        code="CM213",
        severity=_W,
        title="blank or repeated tag",
        advice="Tags are compared letter by letter; a blank tag matches nothing and a repeated one says nothing.",
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM214",
        severity=_W,
        title="key not allowed",
        advice="The value has a fixed set of keys, and this is none of them, so nothing reads it.",
    ),
)
