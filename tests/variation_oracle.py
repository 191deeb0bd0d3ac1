"""The variations that the real script automation of MLC chooses; run as a program of its own.

It reads a JSON list of [meta, named variations] from standard input and writes for each the sorted variations that are
chosen, null where the automation refuses them. Importing `mlc` writes into HOME and the current folder.
"""

import copy
import json
import sys
from typing import Any


def main() -> None:
    """Answer the questions on standard input."""
    import automation

    sys.path.insert(0, next(iter(automation.__path__)))  # As `mlc` does before it loads its script automation.
    from automation.script.module import ScriptAutomation

    scripts = object.__new__(ScriptAutomation)
    answers = [_answer(scripts, meta, named) for meta, named in json.load(sys.stdin)]
    sys.stdout.write(f"\n{json.dumps(answers)}\n")


def _answer(automation: Any, meta: dict[str, Any], named: list[str]) -> list[str] | None:
    try:
        default = meta.get("default_variation", "")
        is_unknown = default and default not in (meta.get("variations") or {})
        return None if is_unknown else _chosen(automation, meta, named)
    except (AttributeError, KeyError, TypeError):  # Where a value like `batch_size.7` meets a rule, it stops so.
        return None


def _chosen(automation: Any, meta: dict[str, Any], named: list[str]) -> list[str] | None:
    """Return what is chosen, by the steps of `ScriptAutomation._update_state_from_variations` before it applies them."""
    variations = copy.deepcopy(meta.get("variations") or {})
    variations = {name: body or {} for name, body in variations.items()}
    found = automation._get_variations_with_aliases(list(named), variations)
    if found["return"] > 0:
        return None
    tags, excluded = found["variation_tags"], found["excluded_variation_tags"]
    groups = automation._get_variation_groups(variations)
    if groups["return"] > 0:
        return None
    groups = groups["variation_groups"]
    default = meta.get("default_variation", "")
    if not tags and default:
        tags = [default]
    static = [tag if tag in variations else automation._get_name_for_dynamic_variation_tag(tag) for tag in tags]
    filled = automation._get_variation_tags_from_default_variations(meta, variations, groups, static, excluded)
    if filled["return"] > 0:
        return None
    tags += [tag for tag in filled["variations_to_add"] if tag not in tags]
    updated = automation._update_variation_tags_from_variations(tags, groups, excluded, variations)
    if updated["return"] > 0:
        return None
    grouped = automation._process_variation_tags_in_groups(tags, groups, excluded, variations)
    if grouped["return"] > 0:
        return None
    tags = grouped["variation_tags"]
    updated = automation._update_variation_tags_from_variations(tags, groups, excluded, variations)
    return None if updated["return"] > 0 else sorted(set(tags))


if __name__ == "__main__":
    main()
