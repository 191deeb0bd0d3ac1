"""What Material and Python-Markdown write and HTML or a Content-Security-Policy does not allow, put right as text.

Each repair names its reason; where a later Material writes something else, a repair finds nothing and does no harm, and
the test of valid HTML tells whether it is still needed.
"""

import re

# A checkbox has nothing to complete.
_COMPLETED_BOX = re.compile(r"(<input\b[^>]*\btype=\"checkbox\"[^>]*?) autocomplete=\"off\"")
# The title of the contents is a label of a box that only pages of the navigation have.
_TOC_LABEL = '<label class="md-nav__title" for="__toc">'
_TOC_BOX = 'id="__toc"'
# Python-Markdown aligns the cells of a table by an inline style.
_ALIGNED = re.compile(r"<(t[hd])\b([^<>]*?) style=\"text-align: ?(left|center|right);?\"([^<>]*)>")
_CLASS = re.compile(r" class=\"([^\"]*)\"")


def repaired(page: str) -> str:
    """Return a page of the theme as valid HTML.

    >>> repaired('<input type="checkbox" id="__drawer" autocomplete="off">')
    '<input type="checkbox" id="__drawer">'
    """
    page = _COMPLETED_BOX.sub(r"\1", page)
    return page if _TOC_BOX in page else page.replace(_TOC_LABEL, '<label class="md-nav__title">')


def with_alignment_classes(html: str) -> str:
    """Turn the inline styles of aligned table cells into our classes.

    >>> with_alignment_classes('<td style="text-align: right;">1</td>')
    '<td class="cm-right">1</td>'
    >>> with_alignment_classes('<td class="x" style="text-align: center;">1</td>')
    '<td class="x cm-center">1</td>'
    """
    return _ALIGNED.sub(_aligned, html)


def _aligned(found: re.Match[str]) -> str:
    attributes = found[2] + found[4]
    classes = _CLASS.search(attributes)
    others = f"{classes[1]} " if classes else ""
    return f'<{found[1]} class="{others}cm-{found[3]}"{_CLASS.sub("", attributes)}>'
