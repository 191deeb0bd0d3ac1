"""`results/method/`: what verdicts mean and how they and the dashboard's other words are found."""

from cmsite.model.results import Verdict
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, TocEntry, stamp_page
from cmsite.site.paper_pages import METHOD_ADDRESS
from cmsite.site.result_rows import verdict_view
from cmsite.site.shell import Section, base_of

_SECTIONS = (
    ("The verdicts", "verdicts"),
    ("The arithmetic", "arithmetic"),
    ("Certainty", "certainty"),
    ("Hardware", "hardware"),
    ("Several reproductions", "several"),
    ("Dates and staleness", "dates"),
    ("Comparing two rows", "comparing"),
    ("What is missing", "missing"),
    ("What a verdict is not", "limits"),
)


def render_method(context: SiteContext) -> OutputFile:
    """Return the page; it depends on no record."""
    content = context.render(
        "dashboards/method.html",
        base=base_of(METHOD_ADDRESS),
        verdicts=tuple(verdict_view(verdict) for verdict in Verdict),
        results="results/",
    )
    return stamp_page(
        context,
        Page(
            address=METHOD_ADDRESS,
            section=Section.RESULTS,
            title="How verdicts are found",
            description="What the verdicts of reproduced results mean and how they are computed",
            content=content,
            kind="WebPage",
            toc=tuple(TocEntry(title=title, anchor=anchor) for title, anchor in _SECTIONS),
        ),
    )
