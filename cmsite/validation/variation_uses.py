"""Rules about what a script says of its own variations elsewhere: order of groups, what dependencies take over, tests.

Source: `module_misc.py` of cm4mlops (`variation_groups_order`), `_run_deps` (`skip_inherit_variation_groups`) and `test`
of the script automation of MLC.
"""

from collections.abc import Iterator

from cmsite.documents import join_pointer
from cmsite.formats.dependencies import SCRIPT_KINDS
from cmsite.formats.fields import spelled
from cmsite.validation.flaws import Flaw
from cmsite.validation.variation_names import Meta, VariationNames, entries, mapping, sections, words_of


def check_variation_uses(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    """Yield groups and variations that are named and not there."""
    for number, group in entries(meta.get("variation_groups_order")):
        if group not in names.groups:
            yield _group(f"/variation_groups_order/{number}", "variation_groups_order", group, names)
    yield from _skipped_groups(meta, names)
    if "tests" in meta:
        yield from _tests(meta, names)


def _group(pointer: str, what: str, group: str, names: VariationNames) -> Flaw:
    return Flaw(
        code="CM320",
        pointer=pointer,
        message=f"{what}: no variation has the group {group!r}{names.group_proposal(group)}",
        hint="name a group of this script, or remove the entry",
    )


def _skipped_groups(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    for steps, section in sections(meta):
        for kind in SCRIPT_KINDS:
            if kind not in section:
                continue
            dependencies = section[kind]
            for number, entry in enumerate(dependencies if isinstance(dependencies, list) else ()):
                if not isinstance(entry, dict) or "skip_inherit_variation_groups" not in entry:
                    continue
                for at, group in entries(entry["skip_inherit_variation_groups"]):
                    if group not in names.groups:
                        pointer = join_pointer(*steps, kind, number, "skip_inherit_variation_groups", at)
                        yield _group(pointer, f"{words_of(steps)}skip_inherit_variation_groups", group, names)


def _tests(meta: Meta, names: VariationNames) -> Iterator[Flaw]:
    inputs = mapping(meta["tests"]).get("run_inputs")
    for number, one in enumerate(inputs if isinstance(inputs, list) else ()):
        chosen = mapping(one).get("variations_list")
        for at, text in enumerate(chosen if isinstance(chosen, list) else ()):
            for part in spelled(text).split(","):
                name = part.removeprefix("_")
                if name and not name.startswith(("-", "~")) and not names.static(name):
                    yield Flaw(
                        code="CM323",
                        pointer=f"/tests/run_inputs/{number}/variations_list/{at}",
                        message=f"tests: there is no variation {name!r}{names.proposal(name)}",
                        hint="correct the name: the test finds no script to run",
                    )
