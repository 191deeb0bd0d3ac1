"""Rules about `names` of dependencies: what `ad` and `adr` change must be named by some dependency; pure.

`ad` (or `add_deps`) reaches the dependencies of the script itself: a name that none has ends the run. `adr` (or
`add_deps_recursive`) reaches those of all scripts below, so its names are looked for everywhere.
Source: `update_deps`, `update_state_from_meta` and `update_adr_from_meta` of the script automation of CM and MLC.
"""

from collections.abc import Iterable, Iterator

from cmsite.documents import join_pointer
from cmsite.formats.dependencies import SCRIPT_KINDS
from cmsite.formats.fields import spelled
from cmsite.validation.flaws import Flaw, NearNames
from cmsite.validation.variation_names import Meta, entries, mapping, sections, words_of

_OWN = ("ad", "add_deps")
_RECURSIVE = ("adr", "add_deps_recursive")
_CONTAINERS = ("docker", "apptainer", "remote_run")
_DISABLED = ("disabled", "_off", "1")  # Ends of a name that somebody changed to switch an entry off.

_MOST_PATTERNS = 1_000  # Texts or wildcards that names are compared with; with more, every name is taken for known.


class DependencyNames:
    """The names that dependencies have; `#` in one of a wildcard variation stands for anything."""

    def __init__(self, names: Iterable[str] = (), texts: Iterable[str] = ()) -> None:
        """Take names, and texts where a list of names was meant: the clients look whether a name is in the text."""
        self._names = dict.fromkeys(names)
        self._texts = [text for text in dict.fromkeys(texts) if text]
        self._wild = tuple(dict.fromkeys(name.split("#", 1)[0] for name in self._names if "#" in name))
        self._is_anything = max(len(self._texts), len(self._wild)) > _MOST_PATTERNS
        self._near: NearNames | None = None

    def __contains__(self, name: str) -> bool:
        """Return whether a dependency answers to a name."""
        if self._is_anything or name in self._names:
            return True
        return any(name in text for text in self._texts) or name.startswith(self._wild)

    def proposal(self, name: str) -> str:
        """Return `; did you mean 'x'?`, or nothing."""
        if self._near is None:
            self._near = NearNames(self._names)
        return self._near.proposal(name)


def names_of_dependencies(metas: Iterable[Meta]) -> DependencyNames:
    """Return the names of all dependencies of these metas, those for containers too."""
    names: list[str] = []
    texts: list[str] = []
    for meta in metas:
        for _, section in sections(meta):
            _collect(section, names, texts)
            for key in _CONTAINERS:
                if key in section:
                    _collect(mapping(section[key]), names, texts)
    return DependencyNames(names, texts)


def _collect(section: Meta, names: list[str], texts: list[str]) -> None:
    for kind in SCRIPT_KINDS:
        if kind not in section:
            continue
        dependencies = section[kind]
        for entry in dependencies if isinstance(dependencies, list) else ():
            given = entry.get("names") if isinstance(entry, dict) else None
            if isinstance(given, str):
                texts.append(given)
            else:
                names.extend(name for _, name in entries(given))


def check_own_names(meta: Meta, whole: Meta) -> Iterator[Flaw]:
    """Yield names of `ad` that no dependency of the script has; `whole` is the meta merged with its bases."""
    known: DependencyNames | None = None
    for pointer, words, key, name in _changed(meta, _OWN):
        if known is None:
            known = names_of_dependencies([whole])
        if name not in known:
            yield Flaw(
                code="CM321",
                pointer=pointer,
                message=f"{words}{key}: no dependency of this script has the name {name!r}{known.proposal(name)}",
                hint="write the name that the dependency has under `names`, or `adr` where it is one of another script",
            )


def recursive_names(meta: Meta) -> list[tuple[str, str, str, str]]:
    """Return (pointer, words, key, name) of what `adr` changes, but for names that are switched off.

    What is no mapping changes nothing whatever its name is: the rules of the shape say so (CM206).
    """
    return [item for item in _changed(meta, _RECURSIVE, only=dict) if not item[3].endswith(_DISABLED)]


def _changed(meta: Meta, keys: tuple[str, ...], only: type = object) -> Iterator[tuple[str, str, str, str]]:
    for steps, section in sections(meta):
        for key in keys:
            if key in section and isinstance(section[key], dict):
                for name, change in section[key].items():
                    if isinstance(change, only) and (text := spelled(name)):
                        yield join_pointer(*steps, key, name), words_of(steps), key, text
