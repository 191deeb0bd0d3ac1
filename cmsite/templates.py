"""The one Jinja environment: strict, escaping always; a user's folder is looked up first, ours second.

Holds no templates and knows no pages: `site_templates/` holds them, `cmsite.site` renders them.
Source: DESIGN §2 (templates escape), CONTRACT §12 (where the package's templates lie).
"""

import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError

from cmsite import resources
from cmsite.errors import ConfigurationError

Render: TypeAlias = Callable[[Mapping[str, Any]], str]

_TEMPLATE_SUFFIXES = (".html", ".xml", ".txt")


@cache
def environment(overrides: Path | None = None) -> Environment:
    """Return the environment; a file in `overrides` replaces ours of the same relative name.

    Values are escaped whatever the template's name, an unknown name is an error, and templates are compiled once a
    process.
    """
    folders = [folder for folder in (overrides, resources.root() / "site_templates") if folder is not None]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def renderer(overrides: Path | None, name: str) -> Render:
    """Compile a template and return the function that renders it from its values.

    Raises `ConfigurationError`, now or when rendering, that names the template, the line and what is wrong.
    """
    try:
        template = environment(overrides).get_template(name)
    except TemplateSyntaxError as error:
        raise ConfigurationError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        raise ConfigurationError(
            f"template {error.name} is missing; reinstall cmsite, or remove the include"
        ) from error

    def render(values: Mapping[str, Any]) -> str:
        try:
            return template.render(values)
        except TemplateError as error:
            raise ConfigurationError(f"{_place(error, template.filename or name)}: {error.message}") from error

    return render


def forget() -> None:
    """Drop compiled templates, so that the next build of this process sees changed files."""
    environment.cache_clear()
    renderer.cache_clear()


def _place(error: TemplateError, name: str) -> str:
    """Return the template file and line an error came from; Jinja writes them into the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(_TEMPLATE_SUFFIXES):
            return f"{frame.filename}:{frame.lineno}"
    return name
