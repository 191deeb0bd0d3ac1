"""A plan of dependencies as text and as JSON, and the questions it leaves open."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from cmsite.commands.terminal import is_terminal, printable
from cmsite.commands.workspaces import print_plan, readable_size

if TYPE_CHECKING:
    from cmsite.client.dependency_plan import DependencyPlan, LeftOut, Reason, Taken
    from cmsite.client.planning import Step

MAX_LINES = 20  # Of entries left out for one reason.
MAX_TARGETS = 6  # Of one entry.
MAX_CONDITION = 100  # Characters.
MAX_LEVELS = 20  # That are indented.
_ADVICE = {
    "CONDITIONAL": "--all-deps takes them",
    "NOT_CHOSEN": "--all-deps takes them",
    "ALTERNATIVES": "--choose TAGS=REF takes one",
}


def may_ask_about(choose: tuple[str, ...], *, with_deps: bool, all_deps: bool, yes: bool, as_json: bool) -> bool:
    """Return whether somebody sits at a terminal who may be asked which dependencies to take.

    Raises `click.UsageError` where options are about dependencies that nobody asked for.
    """
    for name, given in (("--all-deps", all_deps), ("--choose", bool(choose)), ("--yes", yes)):
        if given and not with_deps:
            raise click.UsageError(f"{name} is about dependencies: give --with-deps too")
    return with_deps and not (yes or as_json) and is_terminal()


def announcement(plans: "Sequence[DependencyPlan]", *, may_ask: bool) -> "Callable[[tuple[Step, ...]], None]":
    """Return what prints the plan before a byte is fetched, and asks whether to go on where somebody can answer."""

    def announce(steps: "tuple[Step, ...]") -> None:
        reasons = {item.key: needed_by(item) for plan in plans for item in plan.taken}
        print_plan(steps, reasons)
        for line in left_out_lines(plans):
            click.echo(printable(line), err=True)
        if may_ask and not click.confirm("Pull these?", default=True, err=True):
            click.echo("cmsite: nothing was pulled, as you answered No", err=True)
            sys.exit(1)

    return announce


def left_out_lines(plans: "Sequence[DependencyPlan]") -> Iterator[str]:
    """Yield what is left out and why; each selection of one artifact once a reason."""
    from cmsite.client.dependency_plan import Why

    for why in Why:
        found = [item for plan in plans for item in plan.left_out if item.why is why]
        if not found:
            continue
        alike: dict[object, list[LeftOut]] = {}
        for item in found:
            alike.setdefault((item.source, item.need.selection, item.need.targets, item.detail), []).append(item)
        advice = f"; {_ADVICE[why.name]}" if why.name in _ADVICE else ""
        yield f"left out, {why.value}: {len(found)} {'dependency' if len(found) == 1 else 'dependencies'}{advice}"
        for items in list(alike.values())[:MAX_LINES]:
            yield f"  {_left_out_line(items[0], len(items) - 1)}"
        if len(alike) > MAX_LINES:
            yield f"  and {len(alike) - MAX_LINES} more; --json names all"


def tree_lines(plan: "DependencyPlan") -> Iterator[str]:
    """Yield what comes along below what needs it, each artifact once, two blanks a level."""
    below: dict[object, list[Taken]] = {}
    for item in reversed(plan.taken):
        below.setdefault(item.reason.source if item.reason else None, []).append(item)
    waiting = [(0, item) for item in below.get(None, ())]
    while waiting:
        depth, item = waiting.pop()
        version, level = item.resolved.version, f" (level {depth})" if depth > MAX_LEVELS else ""
        selection = f", {item.reason.need.selection}" if item.reason else ""
        name = _short(item.path[-1], plan.taken[0].key[0]) if item.reason else item.path[-1]
        size = readable_size(version.size_bytes)
        yield f"{'  ' * min(depth, MAX_LEVELS)}{name} r{version.revision} ({size}{selection}){level}"
        waiting.extend((depth + 1, child) for child in below.get(item.key, ()))


def needed_by(taken: "Taken") -> str:
    """Return in words what brought an artifact along, and the way from what was asked for."""
    if taken.reason is None:
        return ""
    repository = taken.key[0]
    way = " → ".join(_short(name, repository) for name in taken.path[:-1])
    return f"{taken.reason.need.selection} of {way}"


def plan_value(plan: "DependencyPlan") -> dict[str, Any]:
    """Return a plan for `--json`."""
    return {
        "taken": [_taken_value(item) for item in plan.taken],
        "left_out": [_left_out_value(item) for item in plan.left_out],
    }


def ask(question: "LeftOut") -> str:
    """Ask on the terminal which of several artifacts to take; return its reference, "" for none."""
    targets = question.need.targets
    click.echo(printable(f"{question.need.selection}, needed by {_source(question)}, is one of:"), err=True)
    for number, target in enumerate(targets, start=1):
        click.echo(printable(f"  {number}  {target}"), err=True)
    number = click.prompt("Which one (0 for none)", type=click.IntRange(0, len(targets)), default=0, err=True)
    return targets[number - 1] if number else ""


def _left_out_line(item: "LeftOut", others: int) -> str:
    need, repository = item.need, item.source[0]
    when = "; ".join(part for part in (need.within, need.condition) if part)
    when = f", {when if len(when) <= MAX_CONDITION else f'{when[: MAX_CONDITION - 1]}…'}" if when else ""
    when = f"{when}, and {others} more times" if others else when
    found = [_short(target, repository) for target in need.targets[:MAX_TARGETS]]
    more = f" and {len(need.targets) - MAX_TARGETS} more" if len(need.targets) > MAX_TARGETS else ""
    what = item.detail or (f"{', '.join(found)}{more}" if found else "")
    selection = f"{need.selection}: " if need.selection and what else need.selection
    return f"{selection}{what}, for {_source(item)}{when}"


def _short(name: str, repository: str) -> str:
    """Return a name without its repository where that is this one."""
    return name.removeprefix(f"{repository}/")


def _source(item: "LeftOut") -> str:
    from cmsite.client.dependency_plan import named

    return named(item.source)


def _taken_value(item: "Taken") -> dict[str, Any]:
    record, version = item.resolved.record, item.resolved.version
    return {
        "repository": record.repository,
        "automation": record.automation,
        "alias": record.alias,
        "uid": record.uid,
        "revision": version.revision,
        "size_bytes": version.size_bytes,
        "asked": item.reason is None,
        "variations": list(item.variations),
        "path": list(item.path),
        "reason": None if item.reason is None else _reason_value(item.reason),
    }


def _reason_value(reason: "Reason") -> dict[str, Any]:
    from cmsite.client.dependency_plan import named

    need = reason.need
    return {"artifact": named(reason.source), "kind": need.kind, "selection": need.selection}


def _left_out_value(item: "LeftOut") -> dict[str, Any]:
    need = item.need
    return {
        "artifact": _source(item),
        "why": item.why.value,
        "detail": item.detail,
        "kind": need.kind,
        "selection": need.selection,
        "targets": list(need.targets),
        "within": need.within,
        "condition": need.condition,
    }
