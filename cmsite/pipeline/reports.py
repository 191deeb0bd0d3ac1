"""A report of findings in the formats of other programs, with the surroundings each of them names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cmsite import __version__
from cmsite.diagnostics import Severity
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.ingest import Scan
from cmsite.pipeline.report_paths import ReportPaths
from cmsite.pipeline.source_lines import SourceLines
from cmsite.reporting.report import Report, plural
from cmsite.sources.work_tree import work_tree_of
from cmsite.validation.rule_pages import DOCUMENTATION_URL, rule_page

_ADDRESS = re.compile(r"https://[^\s;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The text of a report, and what its user must be told besides."""

    text: str
    notes: tuple[str, ...] = field(default=())


def rendered(report: Report, format_: str, scans: Iterable[Scan], *, fail_on: Severity, statistics: bool) -> Rendered:
    """Return a report as json, sarif, github or junit.

    Paths are relative to the root of the git work tree around the working directory, or without one to that directory.
    """
    scans = tuple(scans)
    if format_ == "json":
        from cmsite.reporting.json import report_json, statistics_json

        return Rendered(text=f"{statistics_json(report) if statistics else report_json(report)}\n")
    if format_ == "sarif":
        return _sarif(report, scans)
    tree = work_tree_of(Path.cwd())
    path = ReportPaths(scans, tree.root if tree else Path.cwd().resolve()).path
    if format_ == "github":
        from cmsite.reporting.github import report_github

        return Rendered(text="".join(f"{line}\n" for line in report_github(report, path)))
    from cmsite.reporting.junit import report_junit

    return Rendered(text=report_junit(report, path, fail_on))


def _sarif(report: Report, scans: tuple[Scan, ...]) -> Rendered:
    from cmsite.reporting.sarif import MAX_RESULTS, Checkout, SarifView, report_sarif

    tree = work_tree_of(Path.cwd())
    found = report_sarif(
        report,
        SarifView(
            version=__version__,
            path=ReportPaths(scans, tree.root if tree else Path.cwd().resolve()).path,
            source_line=SourceLines(scans).line,
            home=DOCUMENTATION_URL,
            rule_page=_rule_page,
            checkout=Checkout(address=tree.address, commit=tree.commit, branch=tree.branch) if tree else Checkout(),
        ),
    )
    if not found.left_out:
        return Rendered(text=found.text)
    note = (
        f"{plural(found.left_out, 'finding')} left out of the SARIF file, the least severe first: code scanning takes "
        f"at most {MAX_RESULTS:,} results and 10 MB; use --select, --ignore or --baseline"
    )
    return Rendered(text=found.text, notes=(note,))


def _rule_page(code: str) -> str:
    """Return the page of a rule where it is published, else the first address of its sources; "" where there is none."""
    known = all_codes().get(code)
    named = _ADDRESS.search(f"{rule_page(code)} {known.source if known else ''}")
    return named.group() if named else ""
