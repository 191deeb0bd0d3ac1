"""The options of every command that asks registries: `--offline` and `--strict`, for that command alone."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def access_options(command: _Command) -> _Command:
    """Give a command `--offline` and `--strict`; they reach the client without passing through the command."""
    strict = click.option(
        "--strict",
        is_flag=True,
        expose_value=False,
        callback=_strict,
        help="Refuse a registry that has expired, instead of a warning (or CMSITE_STRICT=1).",
    )
    offline = click.option(
        "--offline",
        is_flag=True,
        expose_value=False,
        callback=_offline,
        help="Ask no server: only what was fetched before (or CMSITE_OFFLINE=1).",
    )
    return offline(strict(command))


def _offline(context: click.Context, _option: click.Parameter, chosen: Any) -> None:
    _use(context, offline=bool(chosen))


def _strict(context: click.Context, _option: click.Parameter, chosen: Any) -> None:
    _use(context, strict=bool(chosen))


def _use(context: click.Context, *, offline: bool = False, strict: bool = False) -> None:
    if offline or strict:
        from cmsite.client.access import using

        context.with_resource(using(offline=offline, strict=strict))
