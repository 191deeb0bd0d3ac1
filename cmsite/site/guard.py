"""What every page of the theme passes last: repairs, the Content-Security-Policy, and a warning of what it refuses.

Knows nothing of mkdocs: `cmsite.site.material` calls it from mkdocs' events and hands in the theme's own scripts.
"""

import re
from collections.abc import Callable, Iterable

from cmsite.site.markup import repaired, with_plain_tables
from cmsite.site.security import Refused, inline_scripts, refused_in, with_policy

_EXPRESSION = re.compile(r"\{\{.*?\}\}")
_REMEDIES = {
    "inline script": "move it to a file and name that under extra_javascript in mkdocs.yml",
    "event attribute": "move it to a file named under extra_javascript in mkdocs.yml, with addEventListener",
    "style element": "move it to a file and name that under extra_css in mkdocs.yml",
    "style attribute": "give the element a class and style that in a file named under extra_css in mkdocs.yml",
    "file of another host": "a page asks no other host for anything: put a copy into docs/",
}


class PageGuard:
    """Finishes pages; it remembers only what it warned of already.

    `warn` takes one sentence; a page that is `served` while it is written gets no policy, since the server puts a
    script of its own into it.
    """

    def __init__(self, own: re.Pattern[str], warn: Callable[[str], None], *, served: bool = False) -> None:
        self.own = own
        self.warn = warn
        self.served = served
        self._warned: set[Refused] = set()

    def content(self, html: str, name: str) -> str:
        """Return the content of the hand-written page `name`, and warn of what the policy will refuse in it."""
        html = with_plain_tables(html)
        self._check(html, name)
        return html

    def page(self, html: str, name: str = "an override of the theme") -> str:
        """Return a whole page, and warn of what is refused in it and stands in no content that was seen before."""
        html = repaired(html)
        self._check(html, name)
        return html if self.served else with_policy(html, self.own)

    def _check(self, html: str, name: str) -> None:
        for refused in refused_in(html, self.own):
            if refused not in self._warned:
                self._warned.add(refused)
                self.warn(
                    f"{name}: {refused.what} {refused.source!r} has no effect, since the pages' "
                    f"Content-Security-Policy refuses it: {_REMEDIES[refused.what]}"
                )


def pattern_of_scripts(templates: Iterable[str]) -> re.Pattern[str]:
    """Return what matches the inline scripts of templates; where a template fills something in, an address may stand.

    >>> bool(pattern_of_scripts(['<script>a("{{ base_url }}")</script>']).fullmatch('a("../..")'))
    True
    """
    patterns = (
        r"[\w./:-]*".join(map(re.escape, _EXPRESSION.split(script)))
        for template in templates
        for script in inline_scripts(template)
    )
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)")
