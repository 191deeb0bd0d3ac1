"""The frames of all pages that mkdocs does not render: the theme's `main.html` with markers where pages differ.

What is relied on is named in `cmsite.site.material`.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, TemplateError, pass_context
from mkdocs import utils
from mkdocs.commands.build import get_context
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Link, Navigation
from mkdocs.utils.templates import script_tag_filter

from cmsite.errors import ConfigurationError
from cmsite.site.shell import Section, Slot
from cmsite.site.site_data import SECTION_ADDRESSES

_FRAME = "cmsite-frame.html"  # Extends the user's main.html, so that overrides of its blocks hold on every page.


def rendered_frames(
    env: Environment, nav: Navigation, files: Files, config: MkDocsConfig
) -> dict[tuple[Section, bool], str]:
    """Render the frame of each section, with and without a table of contents, the slots' markers in their places.

    Raises `ConfigurationError` where the theme, or an override of it, fails.
    """
    context = get_context(nav, files, config, None, Slot.BASE.value)
    environment = _marking_environment(env)
    rendered = {}
    for section in Section:
        _activate(nav, section)
        for toc in (False, True):
            try:
                template = environment.get_template(_FRAME)
                rendered[section, toc] = template.render({**context, "page": _page(toc=toc)})
            except TemplateError as error:
                raise ConfigurationError(f"the theme failed to render main.html: {error}") from error
    _activate(nav, None)
    return rendered


def _marking_environment(env: Environment) -> Environment:
    """Return the theme's environment with markers where pages differ: content, contents, addresses."""
    marked = {
        _FRAME: f'{{% extends "main.html" %}}{{% block extrahead %}}{{{{ super() }}}}{Slot.HEAD.value}{{% endblock %}}',
        "partials/content.html": Slot.CONTENT.value,
        "partials/toc-item.html": Slot.TOC.value,
    }
    loaders = [DictLoader(marked), *([env.loader] if env.loader else [])]
    marking: Environment = env.overlay(loader=ChoiceLoader(loaders))
    marking.filters = {**env.filters, "url": _marked_url, "script_tag": _marked_script}
    return marking


def _marked_url(value: object) -> str:
    return utils.normalize_url(str(value), None, Slot.BASE.value)


@pass_context
def _marked_script(context: Mapping[str, Any], script: Any) -> str:
    marked: Any = {**context, "page": None, "base_url": Slot.BASE.value}
    return script_tag_filter(marked, script)


def _page(*, toc: bool) -> SimpleNamespace:
    """Return what the theme asks of a page; its one heading becomes the slot of the table of contents."""
    heading = SimpleNamespace(title="", url="#", level=2, children=[], active=False)
    start = SimpleNamespace(title="", url="#start", level=1, children=[heading] if toc else [], active=False)
    hide = ["navigation"] if toc else ["navigation", "toc"]
    return SimpleNamespace(
        title=Slot.TITLE.value,
        meta={"title": Slot.TITLE.value, "description": Slot.DESCRIPTION.value, "hide": hide},
        toc=[start],
        content="",
        url="",
        canonical_url=None,
        edit_url=None,
        is_homepage=False,
        previous_page=None,
        next_page=None,
        ancestors=[],
        parent=None,
        active=True,
    )


def _activate(nav: Navigation, section: Section | None) -> None:
    """Mark the entry of the navigation that the frame belongs to, and no other."""
    for item in nav.items:
        if isinstance(item, Link):
            item.active = (
                section is not None and item.title == section.value and item.url == SECTION_ADDRESSES.get(section)
            )
    if nav.homepage is not None:
        nav.homepage.active = section is Section.HOME
