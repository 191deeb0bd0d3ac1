"""The rule about a default of an input that is none of its choices; pure.

The trap of YAML 1.1 is found too: `choices: [yes, no]` are true and false, and `default: "no"` is neither.
Source: `input_description` of the script automation of CM and MLC, which prints both and uses the default as it is.
"""

from collections.abc import Iterator

from cmsite.documents import join_pointer
from cmsite.formats.fields import spelled
from cmsite.validation.flaws import Flaw
from cmsite.validation.variation_names import Meta, mapping

_SHOWN = 6


def check_choices(meta: Meta) -> Iterator[Flaw]:
    """Yield defaults of `input_description` that the choices beside them do not hold; an empty one chooses none."""
    for key, body in mapping(meta.get("input_description")).items():
        if not isinstance(body, dict) or "default" not in body or not isinstance(body.get("choices"), list):
            continue
        default, choices = spelled(body["default"]), [spelled(choice) for choice in body["choices"]]
        if not default or not choices or not all(choices) or default in choices:
            continue
        shown = ", ".join(repr(choice) for choice in choices[:_SHOWN]) + (" …" if len(choices) > _SHOWN else "")
        trap = "; unquoted, YAML reads yes and no as True and False" if {"True", "False"} >= set(choices) else ""
        yield Flaw(
            code="CM329",
            pointer=join_pointer("input_description", key, "default"),
            message=f"input {spelled(key)!r}: the default {default[:60]!r} is none of the choices {shown}{trap}",
            hint="write one of the choices, or add it to them",
        )
