"""The one Jinja environment: strict, escaping always; a user's folder is looked up first, ours second.

Holds no templates and knows no pages: `site_templates/` holds them, `cmsite.site` renders them.
Source: DESIGN §2 (templates escape), CONTRACT §12 (where the package's templates lie).
"""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError

from cmsite import resources
from cmsite.errors import ConfigurationError


def make_environment(overrides: Path | None = None) -> Environment:
    """Return an environment; a file in `overrides` replaces ours of the same relative name.

    Values are escaped whatever the template's name, an unknown name is an error, and templates are compiled once.
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


def renderer(environment: Environment, name: str) -> Callable[[Mapping[str, Any]], str]:
    """Compile a template and return the function that renders it.

    Raises `ConfigurationError`, now or when rendering, that names the template, the line and what is wrong.
    """
    try:
        template = environment.get_template(name)
    except TemplateNotFound as error:
        raise ConfigurationError(f"there is no template {error.name}; known folders hold none of that name") from error
    except TemplateSyntaxError as error:
        raise ConfigurationError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error

    def render(values: Mapping[str, Any]) -> str:
        try:
            return template.render(values)
        except TemplateError as error:
            raise ConfigurationError(f"{_place(error, template.filename or name)}: {error.message}") from error

    return render


def _place(error: TemplateError, name: str) -> str:
    """Return the template file and line an error came from; Jinja writes them into the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith((".html", ".xml", ".txt")):
            return f"{frame.filename}:{frame.lineno}"
    return name
