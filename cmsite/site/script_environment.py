"""What goes into a script and what comes out of it: inputs, environment keys, state.

Source: script automation of CM and MLC: `input_mapping` turns `--flag=value` into a key, `default_env` is set where
nobody did, `env` always, `new_env_keys` and `new_state_keys` are what its users see (`*` stands for any end).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cmsite.formats.fields import spelled
from cmsite.model.artifact import Artifact
from cmsite.site.text import plain
from cmsite.site.view_rows import TypeSection, bounded, fitting

MAX_INPUTS = 40
MAX_KEYS = 40
MAX_OUTPUTS = 40


def environment_sections(artifact: Artifact) -> Iterable[TypeSection]:
    """Yield the section of the inputs and that of the environment, where a script has them."""
    meta = artifact.extra
    inputs = list(_inputs(meta))
    if inputs:
        yield TypeSection(
            title="Inputs",
            anchor="inputs",
            template="sections/inputs.html",
            values={
                "inputs": fitting(inputs, MAX_INPUTS, 1_600, markup=75),
                "described": any(row[2] or row[3] for row in inputs),
            },
            covers=("input_mapping", "input_description"),
        )
    given = [
        *((str(key), plain(value), "unless set") for key, value in _raw(meta.get("default_env")).items()),
        *((str(key), plain(value), "always") for key, value in _raw(meta.get("env")).items()),
    ]
    words = {str(key): plain(value) for key, value in _raw(meta.get("print_env_at_the_end")).items()}
    keys = list(dict.fromkeys((*_names(meta.get("new_env_keys")), *words)))
    state = _names(meta.get("new_state_keys"))
    if given or keys or state:
        yield TypeSection(
            title="Environment",
            anchor="environment",
            template="sections/environment.html",
            values={
                "given": fitting(given, MAX_KEYS, 1_500, markup=60),
                "keys": fitting([(key, words.get(key, "")) for key in keys], MAX_OUTPUTS, 1_000, markup=25),
                "state": bounded(state, MAX_OUTPUTS),
            },
            covers=("env", "default_env", "new_env_keys", "new_state_keys", "print_env_at_the_end"),
        )


def _inputs(meta: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    """Yield (name, key it sets, what it means, default) of each input, those with a description first."""
    described, mapped = _raw(meta.get("input_description")), _raw(meta.get("input_mapping"))
    for name in dict.fromkeys((*described, *mapped)):
        about = described.get(name)
        words = _raw(about)
        meaning = plain(words.get("desc") if isinstance(about, dict) else about)
        choices = plain(words.get("choices"))
        yield (
            spelled(name),
            plain(mapped.get(name)),
            f"{meaning} ({choices})" if meaning and choices else meaning or choices,
            plain(words.get("default")),
        )


def _names(value: Any) -> list[str]:
    return [name for item in value if (name := spelled(item))] if isinstance(value, list) else []


def _raw(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}
