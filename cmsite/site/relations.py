"""Which artifacts name which others, beyond dependencies: found once a build, so that no page reads the catalogue.

A challenge selects its experiments, and a contributor the challenges, by tags; a CK package names the software it
installs; a reproduction its paper. Source: facts/formats.md §1 (tags: exact, AND, `-tag` excludes), §7.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cmsite.catalog.catalog import Catalog
from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import is_uid, normal_uid
from cmsite.results.gathering import Results, gather
from cmsite.site.paper_rows import PaperRows, paper_rows, papers_by_artifact, papers_by_reproduction

MAX_CANDIDATES = 1000  # Artifacts of the rarest tag that one selection looks at.
MAX_ENTRIES = 20  # Of one contributor that are followed.
MAX_REMEMBERED = 5000  # Selections whose result is kept.
MAX_SELECTIONS = 2000  # Different ones of all contributors together.
MAX_MATCHES = 20  # Challenges of one entry.

# Automations whose artifacts others select by tags; scripts are not among them, their dependencies are edges.
SELECTED = ("challenge", "experiment", "package", "soft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What is named by others; keys are in catalogue order.

    `participants` holds the contributors of a challenge; `installers` the packages of a CK software by its uid or
    alias; `papers` and `reproduced` the judged claims under the keys of the artifacts of papers and of reproductions;
    `sizes` how many artifacts an automation has.
    """

    results: Results
    groups: tuple[PaperRows, ...]
    papers: Mapping[ArtifactKey, PaperRows]
    reproduced: Mapping[ArtifactKey, PaperRows]
    selector: "Selector"
    participants: Mapping[ArtifactKey, tuple[ArtifactKey, ...]]
    installers: Mapping[str, tuple[ArtifactKey, ...]]
    sizes: Mapping[str, int]


class Selector:
    """Finds artifacts of the automations `SELECTED` by tags; the first selections are remembered."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[tuple[str, str], tuple[ArtifactKey, ...]] = {}
        tagged: defaultdict[tuple[str, str], list[ArtifactKey]] = defaultdict(list)
        for key, artifact in catalog.artifacts.items():
            if key.automation in SELECTED:
                for tag in dict.fromkeys(artifact.tags):
                    tagged[key.automation, tag].append(key)
        self._tagged = dict(tagged)

    def select(self, automation: str, selection: str) -> tuple[ArtifactKey, ...]:
        """Return the artifacts of an automation that have all tags of `a,b,-c`; none where it names no tag."""
        found = self._known.get((automation, selection))
        if found is None:
            found = tuple(self._search(automation, selection))
            if len(self._known) < MAX_REMEMBERED:
                self._known[automation, selection] = found
        return found

    def _search(self, automation: str, selection: str) -> Iterator[ArtifactKey]:
        wanted = list(_parts(selection))
        needed = [tag for tag in wanted if not tag.startswith("-")]
        unwanted = {tag[1:] for tag in wanted if tag.startswith("-")}
        candidates = min((self._tagged.get((automation, tag), ()) for tag in needed), key=len, default=())
        for key in candidates[:MAX_CANDIDATES]:
            tags = self._catalog.artifacts[key].tags
            if all(tag in tags for tag in needed) and unwanted.isdisjoint(tags):
                yield key


def relations_of(catalog: Catalog) -> Relations:
    """Read the catalogue once."""
    results = gather(catalog.artifacts.values())
    groups = paper_rows(results)
    installers: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
    for key, artifact in catalog.artifacts.items():
        if key.automation == "package" and isinstance(soft := artifact.extra.get("soft_uoa"), str):
            installers[normal_uid(soft) if is_uid(soft) else soft].append(key)
    selector = Selector(catalog)
    return Relations(
        results=results,
        groups=groups,
        papers=papers_by_artifact(groups),
        reproduced=papers_by_reproduction(groups),
        selector=selector,
        participants=_participants(catalog, selector),
        installers={name: tuple(keys) for name, keys in installers.items()},
        sizes=Counter(key.automation for key in catalog.artifacts),
    )


def _participants(catalog: Catalog, selector: Selector) -> Mapping[ArtifactKey, tuple[ArtifactKey, ...]]:
    found: defaultdict[ArtifactKey, dict[ArtifactKey, None]] = defaultdict(dict)
    known: dict[str, tuple[ArtifactKey, ...]] = {}
    for key, artifact in catalog.artifacts.items():
        entries = artifact.extra.get("challenges") if key.automation == "contributor" else None
        for entry in entries[:MAX_ENTRIES] if isinstance(entries, list) else ():
            if isinstance(entry, str) and entry not in known and len(known) < MAX_SELECTIONS:
                known[entry] = selector.select("challenge", entry)[:MAX_MATCHES]
            for challenge in known.get(entry, ()) if isinstance(entry, str) else ():
                found[challenge][key] = None
    return {challenge: tuple(keys) for challenge, keys in found.items()}


def _parts(selection: str) -> Iterator[str]:
    """Yield the tags of a selection; `_variation` selects nothing of its own."""
    for part in selection[:2000].split(","):
        tag = part.strip()
        if tag and not tag.startswith("_"):
            yield tag
