"""Names of files and folders that other systems cannot hold, or hold only one of. Pure.

Within an artifact CM405 tells of most of these; here it is the repository around it, which people clone.
Source: "Naming Files, Paths, and Namespaces" and "Maximum Path Length Limitation" of Microsoft; the Unicode Standard,
D145 (canonical caseless matching), by which APFS and NTFS compare names at least.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.member_names import fold, shown
from cmsite.validation.links import TreeNames
from cmsite.validation.problems import problem

MAX_PATH = 260 - len("C:\\") - 1  # UTF-16 units beside the drive and the NUL that ends a path.
MAX_FOUND = 50  # Findings of one kind in one source.

_CHARACTERS = re.compile(r"[<>\"|?*]")
_WINDOWS = re.compile(
    r"[<>:\"|?*\\\x00-\x1f]|[. ]\Z|\A(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|\Z)",
    re.IGNORECASE,
)

RepositoryOf = Callable[[str], str]
"""Path in the source → key of the repository that holds it."""


def check_names(names: TreeNames, artifacts: frozenset[str], repository_of: RepositoryOf) -> Iterator[Diagnostic]:
    """Yield the findings about the names of one source; `artifacts` are the paths of artifact folders."""
    yield from _meeting(names, artifacts, repository_of)
    yield from _unheld(names, artifacts, repository_of)
    yield from _long(names, repository_of)


def _meeting(names: TreeNames, artifacts: frozenset[str], repository_of: RepositoryOf) -> Iterator[Diagnostic]:
    if not names.meet():
        return
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in names.paths:
        parent, _, name = path.rpartition("/")
        groups[parent, fold(name)].append(path)
    met = [
        sorted(paths) for (parent, _), paths in groups.items() if len(paths) > 1 and not _is_within(parent, artifacts)
    ]
    for first, *others in sorted(met)[:MAX_FOUND]:
        for path in others:
            message = f"'{shown(_last(path))}' differs from '{shown(_last(first))}' beside it in letter case or Unicode form only"
            found = problem("CM418", message, hint="rename one of the two: on macOS and Windows they are one")
            yield found.in_file(repository_of(path), path)


def _unheld(names: TreeNames, artifacts: frozenset[str], repository_of: RepositoryOf) -> Iterator[Diagnostic]:
    bad = {name for name in names.parts if _WINDOWS.search(name)}
    if not bad:
        return
    found = 0
    for path in sorted(names.paths):
        parent, _, name = path.rpartition("/")
        if name not in bad or (_is_within(parent, artifacts) and not _CHARACTERS.search(name)):
            continue
        message = f"the name '{shown(name)}' {_reason(name)}"
        yield problem("CM419", message, hint="rename it").in_file(repository_of(path), path)
        found += 1
        if found == MAX_FOUND:
            return


def _reason(name: str) -> str:
    character = re.search(r"[<>:\"|?*\\\x00-\x1f]", name)
    if character:
        return f"holds {shown(character.group())}, which no name on Windows may hold"
    if name.endswith((".", " ")):
        return "ends in a dot or blank, which Windows drops"
    return "is a device on Windows"


def _long(names: TreeNames, repository_of: RepositoryOf) -> Iterator[Diagnostic]:
    long: dict[str, list[str]] = defaultdict(list)
    for path in names.paths:
        if len(path) > MAX_PATH // 2 and _units(path) > MAX_PATH:
            long[repository_of(path)].append(path)
    for repository, paths in long.items():
        first = min(paths, key=lambda path: (-_units(path), path))
        more = f", and {len(paths) - 1:,} more" if len(paths) > 1 else ""
        message = f"the path has {_units(first)} characters{more}: Windows takes {MAX_PATH} below a drive"
        yield problem("CM420", message, hint="use shorter or fewer folders").in_file(repository, first)


def _units(path: str) -> int:
    return len(path.encode("utf-16-le", "surrogatepass")) // 2


def _is_within(folder: str, artifacts: Iterable[str]) -> bool:
    while folder:
        if folder in artifacts:
            return True
        folder = folder.rpartition("/")[0]
    return False


def _last(path: str) -> str:
    return path.rpartition("/")[2]
