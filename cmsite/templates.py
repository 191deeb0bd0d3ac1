"""The one Jinja environment: strict, escaping always; a user's folder is looked up first, ours second.

Holds no templates and knows no pages: `site_templates/` holds them, `cmsite.site` renders them.
Source: DESIGN §2 (templates escape), CONTRACT §12 (where the package's templates lie).
"""

import html
import os
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateSyntaxError
from markupsafe import Markup, escape

from cmsite import places, resources
from cmsite.errors import ConfigurationError

Render: TypeAlias = Callable[[Mapping[str, Any]], str]

_BETWEEN_BACKTICKS = re.compile(r"`([^`]+)`")
_MAX_QUOTED = 160  # Characters of a template's line that a message shows.


@cache
def environment(overrides: Path | None = None) -> Environment:
    """Return the environment; a file in `overrides` replaces ours of the same relative name.

    Values are escaped whatever the template's name, an unknown name is an error, and templates are compiled once a
    process.
    """
    made = _Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in _folders(overrides)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(),
    )
    made.filters["inline_code"] = inline_code
    return made


def inline_code(text: str) -> Markup:
    """Return a message as HTML, escaped, with what stands between backticks as code.

    >>> inline_code("write `a<b`, not `c")
    Markup('write <code>a&lt;b</code>, not `c')
    """
    return Markup(_BETWEEN_BACKTICKS.sub(r"<code>\1</code>", html.escape(text)))  # noqa: S704 - escaped.


class _Generator(CodeGenerator):
    """Jinja's own, but escaped values are plain text: nothing but the page is made of them, and a page has hundreds."""

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Collect what a template says in a list, as Jinja does within macros, instead of yielding it piece by piece."""
        if not frame.rootlevel or frame.buffer is not None:
            super().blockvisit(nodes, frame)
            return
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")
        frame.buffer = None

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Environment(Environment):
    code_generator_class = _Generator

    @staticmethod
    def escaped(value: object) -> str:
        """Return the value as HTML, the same text that `markupsafe.escape` wraps."""
        if type(value) is str:
            return (
                html.escape(value)
                if "&" in value or "<" in value or ">" in value or '"' in value or "'" in value
                else value
            )
        return escape(value)


def _compiled() -> FileSystemBytecodeCache | None:
    """Return where compiled templates are kept: compiling those of one page takes longer than a small rebuild may."""
    folder = places.own_folder("templates")
    return FileSystemBytecodeCache(str(folder)) if folder is not None else None


@cache
def renderer(overrides: Path | None, name: str) -> Render:
    """Compile a template and return the function that renders it from its values.

    Raises `ConfigurationError`, now or when rendering, that names the template, the line, what is wrong, and the line's
    text, in which the variable stands.
    """
    try:
        template = environment(overrides).get_template(name)
    except (TemplateError, UnicodeDecodeError) as error:
        raise _failure(error, overrides, name) from error

    def render(values: Mapping[str, Any]) -> str:
        try:
            return template.render(values)
        except Exception as error:
            if not isinstance(error, TemplateError) and not _is_users(_place(error, overrides), overrides):
                raise  # A bug of ours, which keeps its traceback.
            raise _failure(error, overrides, name) from error

    return render


def forget() -> None:
    """Drop compiled templates, so that the next build of this process sees changed files."""
    environment.cache_clear()
    renderer.cache_clear()


def _failure(error: Exception, overrides: Path | None, name: str) -> ConfigurationError:
    """Return the error that says what is wrong with a template, and where."""
    place = _place(error, overrides)
    if isinstance(error, TemplateNotFound):
        what = f"there is no template {error.name!r}; correct the name, or reinstall cmsite if it is not yours"
    elif isinstance(error, UnicodeDecodeError):
        what = "is not UTF-8; save it so"
    elif isinstance(error, RecursionError):
        what = "includes itself without end"
    else:
        what = str(getattr(error, "message", None) or error)
        what = what if isinstance(error, TemplateError) else f"{type(error).__name__}: {what}"
    if place is None:
        return ConfigurationError(f"template {name}: {what}")
    file, line = place
    return ConfigurationError(f"{file}:{line}: {what}{_quoted(file, line)}")


def _place(error: Exception, overrides: Path | None) -> tuple[str, int] | None:
    """Return the template file and line an error came from; Jinja writes them into the traceback."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return error.filename, error.lineno
    folders = tuple(f"{folder}{os.sep}" for folder in _folders(overrides))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(folders) and frame.lineno:
            return frame.filename, frame.lineno
    return None


def _is_users(place: tuple[str, int] | None, overrides: Path | None) -> bool:
    return place is not None and overrides is not None and place[0].startswith(f"{overrides}{os.sep}")


def _quoted(file: str, number: int) -> str:
    """Return the text of a line of a template, for a message about it."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return f" (the line is: {text[:_MAX_QUOTED]})" if text else ""


def _folders(overrides: Path | None) -> list[Path]:
    return [folder for folder in (overrides, resources.root() / "site_templates") if folder is not None]
