"""Checks nodes of JSON-LD against the vocabulary of schema.org as the package pydantic2-schemaorg generated it.

For each node: its type exists, each of its properties belongs to that type or to one above it, and each nested node is
of a type that the property's range names. Texts pass everywhere, as schema.org says they may.
"""

import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

# No property of schema.org: https://developers.google.com/search/docs/appearance/structured-data/sitelinks-searchbox
# and https://schema.org/docs/actions.html write the input of an action so.
_ANNOTATIONS = {"query-input"}


@cache
def _model(name: str) -> Any:
    assert re.fullmatch("[A-Z][A-Za-z]+", name), name
    return getattr(importlib.import_module(f"pydantic2_schemaorg.{name}"), name)


@cache
def _types(name: str) -> frozenset[str]:
    """Return a type and all above it."""
    return frozenset(item.__name__ for item in inspect.getmro(_model(name)))


@cache
def _range(name: str, prop: str) -> frozenset[str] | None:
    """Return the types that a property may have, None where the type has no such property."""
    for field in _model(name).__fields__.values():
        if field.alias == prop:
            return frozenset(re.findall(r"[A-Z][A-Za-z]+", _spelled(field.outer_type_)))
    return None


def _spelled(annotation: Any) -> str:
    return annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else str(annotation)


def problems(node: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield what is wrong with a node and those inside."""
    kind = node.get("@type")
    if not isinstance(kind, str):
        yield f"{where}: no @type: {node}"
        return
    try:
        _model(kind)
    except ImportError:
        yield f"{where}: schema.org has no type {kind}"
        return
    for prop, value in node.items():
        if prop.startswith("@") or prop in _ANNOTATIONS:
            continue
        allowed = _range(kind, prop)
        if allowed is None:
            yield f"{where}: {kind} has no property {prop}"
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                if not _types(str(item.get("@type"))) & allowed:
                    yield f"{where}: {kind}.{prop} may not be {item.get('@type')}"
                yield from problems(item, f"{where}/{prop}")
            elif item in ("", None):
                yield f"{where}: {kind}.{prop} is empty"
