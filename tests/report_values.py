"""Findings of every odd kind, for the tests of reports."""

from cmsite.diagnostics import Diagnostic, Place, Severity
from cmsite.pipeline.codes import all_codes
from cmsite.reporting.report import Report

HOSTILE = "a\x1b[31m <b>&\"' 100%\r\n::error::x, :\x00\ufffe\ud800 ]]> [click](http://evil.example) 漢😀"


def finding(code="CM103", path="script/a/_cm.yaml", message="alias 'b' differs", place=(1, 1), **changed):
    return Diagnostic(
        **{
            "code": code,
            "severity": all_codes()[code].severity,
            "repository": "team",
            "path": path,
            "message": message,
            "place": Place(line=place[0], column=place[1]) if place else None,
            **changed,
        }
    )


def report(*findings, **changed):
    return Report(**{"findings": findings, "artifacts": 1, "codes": all_codes(), **changed})


def odd_findings():
    """One of each severity, one without a place, one about the whole source, one of registry.yml, a hostile one."""
    return (
        finding(repository="", path="registry.yml", code="CM519", message="no such metric"),
        finding(path="", code="CM409", message="holds no artifact", place=None),
        finding(),
        finding(code="CM104", hint="draw a new uid", pointer="/uid"),
        finding(code="CM211", path="script/b c/ä%:#?.yaml", severity=Severity.NOTE, place=None),
        finding(code="CM210", path="script/z/_cm.yaml", message=HOSTILE, hint=HOSTILE, pointer="/a~1b/0", place=(3, 9)),
    )
