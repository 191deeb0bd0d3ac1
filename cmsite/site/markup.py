"""What Material and Python-Markdown write and HTML or a Content-Security-Policy does not allow, put right as text.

Each repair names its reason; where a later Material writes something else, a repair finds nothing and does no harm, and
the test of valid HTML tells whether it is still needed.
"""

import re

# A checkbox has nothing to complete.
_COMPLETED_BOX = re.compile(r"(<input\b[^>]*\btype=\"checkbox\"[^>]*?) autocomplete=\"off\"")
# A section that stands open always is no stop for the keyboard, and an attribute without a number says nothing.
_NO_PLACE = ' tabindex=""'
# The title of the contents is a label of a box that only pages of the navigation have.
_TOC_LABEL = '<label class="md-nav__title" for="__toc">'
_TOC_BOX = 'id="__toc"'
# The box that opens the navigation of a narrow window has no name: the navigation names it. The link past all of this
# comes first.
_DRAWER = 'id="__drawer"'
_NAVIGATION = re.compile(r"<nav class=\"[^\"]*\bmd-nav--primary\b[^\"]*\" (aria-label=\"[^\"]*\")")
_SKIP_LINK = re.compile(r"(<input class=\"md-toggle\".*?)(<div data-md-component=\"skip\">.*?</div>\s*)", re.DOTALL)
# Python-Markdown aligns the cells of a table by an inline style.
_ALIGNED = re.compile(r"<(t[hd])\b([^<>]*?) style=\"text-align: ?(left|center|right);?\"([^<>]*)>")
# A heading cell without words heads nothing.
_EMPTY_HEADING = re.compile(r"<th\b([^<>]*)></th>")
_SCOPE = re.compile(r" scope=\"[a-z]*\"")
_CLASS = re.compile(r" class=\"([^\"]*)\"")


def repaired(page: str) -> str:
    """Return a page of the theme as valid HTML that a keyboard reaches all of.

    >>> repaired('<input type="checkbox" id="__drawer" autocomplete="off"><nav class="x md-nav--primary" aria-label="Menu">')
    '<input type="checkbox" id="__drawer" aria-label="Menu"><nav class="x md-nav--primary" aria-label="Menu">'
    """
    page = _COMPLETED_BOX.sub(r"\1", page).replace(_NO_PLACE, "")
    if navigation := _NAVIGATION.search(page):
        page = page.replace(_DRAWER, f"{_DRAWER} {navigation[1]}", 1)
    page = _SKIP_LINK.sub(r"\2\1", page, count=1)
    return page if _TOC_BOX in page else page.replace(_TOC_LABEL, '<label class="md-nav__title">')


def with_plain_tables(html: str) -> str:
    """Turn the inline styles of aligned table cells into our classes, and empty heading cells into plain ones.

    >>> with_plain_tables('<td style="text-align: right;">1</td>')
    '<td class="cm-right">1</td>'
    >>> with_plain_tables('<td class="x" style="text-align: center;">1</td>')
    '<td class="x cm-center">1</td>'
    """
    return without_empty_headings(_ALIGNED.sub(_aligned, html))


def without_empty_headings(html: str) -> str:
    """Turn heading cells without words into plain ones.

    >>> without_empty_headings('<th class="cm-left" scope="col"></th><th scope="col">a</th>')
    '<td class="cm-left"></td><th scope="col">a</th>'
    """
    return _EMPTY_HEADING.sub(lambda found: f"<td{_SCOPE.sub('', found[1])}></td>", html)


def _aligned(found: re.Match[str]) -> str:
    attributes = found[2] + found[4]
    classes = _CLASS.search(attributes)
    others = f"{classes[1]} " if classes else ""
    return f'<{found[1]} class="{others}cm-{found[3]}"{_CLASS.sub("", attributes)}>'
