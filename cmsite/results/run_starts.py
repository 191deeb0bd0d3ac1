"""What a run of a CM `cfg/benchmark-run-*` says of the artifact it ran, and of the machine: pure, never raises.

The input of a run is that of a command of CM: `automation` with `artifact` or `tags`, in which `_name` chooses a
variation. Where the output holds the environment that CM's `detect,os` found, operating system and architecture are
those; `host_os` and `device` of the input otherwise. Source: facts/results.md §1; facts/formats.md §1 (tags).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cmsite.formats.dependencies import split_tags
from cmsite.model.dependency import Dependency
from cmsite.model.names import NO_NAME, NamePair, parse_pair
from cmsite.results.fields import scalar_text

MAX_TEXT = 200  # Characters of one text.
MAX_TAGS = 40
_PREFIXES = ("CM_HOST_", "MLC_HOST_")  # Of the environment that CM and MLC detect.


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """What was run and where; "" where the run does not say it.

    `automation` is its alias; `name` the artifact's, or `tags` and `excluded` choose it; `variations` are without
    their `_`; `device` is what the computation ran on, `cpu` too.
    """

    automation: str = ""
    name: NamePair = NO_NAME
    tags: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    version: str = ""
    system: str = ""
    architecture: str = ""
    device: str = ""

    @property
    def names_something(self) -> bool:
        """Return whether it says which artifact was run."""
        return bool(self.automation) and (self.name != NO_NAME or bool(self.tags))

    @property
    def selection(self) -> str:
        """Return the artifact as the run names it, in words.

        >>> RunStart(automation="script", tags=("detect", "os")).selection
        'script with the tags detect,os'
        """
        if self.name != NO_NAME:
            return f"{self.automation}:{','.join(part for part in (self.name.alias, self.name.uid) if part)}"
        without = f" and without {','.join(self.excluded)}" if self.excluded else ""
        return f"{self.automation} with the tags {','.join(self.tags)}{without}"

    @property
    def dependency(self) -> Dependency:
        """Return it as a meta would ask for it; variations are left out, since they come and go between revisions."""
        return Dependency(
            kind="run",
            pointer="",
            tags=self.tags,
            excluded=self.excluded,
            target=self.name,
            automation=NamePair(alias=self.automation, uid=""),
        )


def run_start(given: Mapping[Any, Any], output: Mapping[Any, Any]) -> RunStart:
    """Return what the input and output of a run say.

    >>> run_start({"automation": "script,5b4e0237da074764", "tags": "a,b,_x", "device": "cpu"}, {}).tags
    ('a', 'b')
    """
    name = parse_pair(_text(given, "artifact")) if _text(given, "artifact") else NO_NAME
    tags, excluded, variations = split_tags(_tags(given.get("tags")))
    if name != NO_NAME:
        tags, excluded = (), ()
    found = [output.get(key) for key in ("new_env", "env")]
    detected = {key: _first(found, key) for key in ("OS_FLAVOR", "OS_VERSION", "OS_TYPE", "PLATFORM_FLAVOR")}
    system = " ".join(part for part in (detected["OS_FLAVOR"], detected["OS_VERSION"]) if part)
    return RunStart(
        automation=parse_pair(_text(given, "automation")).alias,
        name=name,
        tags=tags[:MAX_TAGS],
        excluded=excluded[:MAX_TAGS],
        variations=variations[:MAX_TAGS],
        version=_text(given, "version"),
        system=system or detected["OS_TYPE"] or _text(given, "host_os"),
        architecture=detected["PLATFORM_FLAVOR"],
        device=_text(given, "device"),
    )


def _text(data: Mapping[Any, Any], key: str) -> str:
    return (scalar_text(data.get(key)) or "")[:MAX_TEXT]


def _tags(value: Any) -> str:
    """Return tags as one text: metas and commands write them so, or as a list."""
    items = value[:MAX_TAGS] if isinstance(value, list) else [value]
    return ",".join(text for text in map(scalar_text, items) if text)[: MAX_TEXT * 10]


def _first(environments: Iterable[Any], key: str) -> str:
    """Return what CM or MLC detected under a key."""
    for environment in environments:
        for prefix in _PREFIXES if isinstance(environment, dict) else ():
            if found := _text(environment, f"{prefix}{key}"):
                return found
    return ""
