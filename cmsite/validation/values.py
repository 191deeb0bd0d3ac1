"""Value rules over one meta, by its automation: what a schema cannot say, because several values belong together."""

from collections.abc import Iterator

from cmsite.documents import Document, Problem
from cmsite.validation.dates import is_before
from cmsite.validation.problems import problem
from cmsite.validation.scripts import check_script


def check_values(document: Document, automation: str, format_: str) -> Iterator[Problem]:
    """Yield what is wrong with the values of one parsed meta of CM or MLC."""
    if automation == "script":
        yield from check_script(document, format_)
    elif automation == "challenge":
        yield from _dates(document)


def _dates(document: Document) -> Iterator[Problem]:
    opens, closes = document.data.get("date_open"), document.data.get("date_close")
    if is_before(closes, opens):
        yield problem(
            "CM207",
            f"the challenge closes on {closes}, before it opens on {opens}",
            document,
            "/date_close",
            "correct one of the two: the playground shows the challenge as finished from the start",
        )
