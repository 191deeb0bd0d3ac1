"""`results/method/`: what verdicts mean and how they and the dashboard's other words are found."""

from dataclasses import dataclass

from cmsite.model.results import Verdict
from cmsite.outputs import OutputFile
from cmsite.results.presets import PRESETS
from cmsite.results.wording import preset_text
from cmsite.site.context import SiteContext
from cmsite.site.page import Page, TocEntry, stamp_page
from cmsite.site.paper_pages import METHOD_ADDRESS
from cmsite.site.result_rows import verdict_view
from cmsite.site.shell import Section, base_of

_SECTIONS = (
    ("The verdicts", "verdicts"),
    ("The arithmetic", "arithmetic"),
    ("Published allowances", "presets"),
    ("Rankings, trends and ratios", "orders"),
    ("Certainty", "certainty"),
    ("Hardware", "hardware"),
    ("Several reproductions", "several"),
    ("Dates and staleness", "dates"),
    ("Comparing two rows", "comparing"),
    ("What is missing", "missing"),
    ("What a verdict is not", "limits"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetView:
    """A published allowance: its name, what it allows in words, and whose it is."""

    name: str
    allows: str
    origin: str


def render_method(context: SiteContext) -> OutputFile:
    """Return the page; it depends on no record."""
    content = context.render(
        "dashboards/method.html",
        base=base_of(METHOD_ADDRESS),
        verdicts=tuple(verdict_view(verdict) for verdict in Verdict),
        presets=tuple(
            PresetView(name=item.name, allows=preset_text(item), origin=item.origin) for item in PRESETS.values()
        ),
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
