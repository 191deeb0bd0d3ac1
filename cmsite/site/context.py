"""Everything a page may look up, made once before worker processes start and usable in each of them.

`SiteContext` is the one argument of every renderer: the catalogue, the frames, and lookups that would otherwise cost
time linear in the catalogue on each page. Renderers return `OutputFile`s and touch nothing else.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cmsite import templates
from cmsite.catalog.catalog import Catalog
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.repository import Repository
from cmsite.site.facets import Facets, facets_of, neighbours_of
from cmsite.site.shell import Shells
from cmsite.site.uids import UidGroup, uid_groups
from cmsite.site.view_rows import TypeSection

if TYPE_CHECKING:
    from cmsite.results.derived import Metric
    from cmsite.results.row_tables import RowTable
    from cmsite.site.relations import Relations

_LAST_S = 253_402_300_799  # The end of the year 9999, the last that RFC 3339 can write.

# Returns the bytes of a file of an artifact's repository; the path is the one in the source tree
# (`ArtifactFile.source`, `Artifact.meta_file`). Raises `SourceError` where it vanished.
ReadFile: TypeAlias = Callable[[Artifact, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A small labelled fact at the head of an artifact's page: `Format CM`, `Verdict reproduced`.

    `kind` is `plain`, `good`, `bad` or `unsure` and only colours what the words say already; `address` is relative
    to the site's root, "" where the badge is no link.
    """

    label: str
    value: str
    kind: str = "plain"
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContext:
    """What renderers may use; make one with `make_context`.

    `overrides` is the user's template folder; `badges` are further badges of artifacts (verdicts of papers), `tried`
    sections of those that reproductions ran; `home` is the hand-written front page as the theme rendered it, empty where
    the project has none; `folders` finds an artifact from (number of the source, folder in its tree), `uids` all
    artifacts of a uid and `names` all of a (automation, name) in catalogue order; `neighbours` are what stands before
    and behind an artifact among those of its automation in its repository, by name; `has_feed` says that times of
    changes are known; `drafts` that records under embargo are among the artifacts.
        `overrides` is the user's template folder; `badges` are further badges of artifacts (verdicts of papers); `home`
        is the hand-written front page as the theme rendered it, empty where the project has none; `folders` finds an
        artifact from (number of the source, folder in its tree), `uids` all artifacts of a uid and
    `names` all of a (automation, name) in catalogue order; `neighbours` are what stands before and behind an artifact
    among those of its automation in its repository, by name; `has_feed` says that times of changes are known; `tables`
    hold the rows of all experiments, `metrics` what registry.yml derives from them.
    """

    catalog: Catalog
    shells: Shells
    read: ReadFile
    overrides: Path | None
    badges: Mapping[ArtifactKey, tuple[Badge, ...]]
    tried: Mapping[ArtifactKey, tuple[TypeSection, ...]]
    home: bytes
    repositories: Mapping[str, Repository]
    folders: Mapping[tuple[int, str], ArtifactKey]
    uids: Mapping[str, tuple[ArtifactKey, ...]]
    names: Mapping[tuple[str, str], tuple[ArtifactKey, ...]]
    facets: Facets
    relations: "Relations"
    neighbours: Mapping[ArtifactKey, tuple[ArtifactKey | None, ArtifactKey | None]]
    uid_groups: tuple[UidGroup, ...]
    has_feed: bool
    drafts: bool = False
    tables: "tuple[RowTable, ...]" = ()
    metrics: "tuple[Metric, ...]" = ()

    def render(self, template: str, /, **values: Any) -> str:
        """Render one of our templates (or a user's in its place) to HTML; the template escapes the values.

        Raises `ConfigurationError` naming the template and line where it fails.
        """
        return templates.renderer(self.overrides, template)(values)


def is_announced(version: Version) -> bool:
    """Return whether a revision stands in the feed: it may be resolved, and its time is known and can be written."""
    return 0 < version.time_s <= _LAST_S and version.is_offered


def make_context(
    *,
    catalog: Catalog,
    shells: Shells,
    read: ReadFile,
    overrides: Path | None = None,
    badges: Mapping[ArtifactKey, tuple[Badge, ...]] | None = None,
    home: bytes = b"",
    drafts: bool = False,
    tables: "tuple[RowTable, ...]" = (),
    metrics: "tuple[Metric, ...]" = (),
) -> SiteContext:
    """Make the context of a build; call it once, before worker processes are forked."""
    from cmsite.site.relations import relations_of  # Which reads results: pages that changed alone need none.

    templates.forget()
    repositories = {repository.key: repository for repository in catalog.repositories}
    uids: defaultdict[str, list[ArtifactKey]] = defaultdict(list)
    names: defaultdict[tuple[str, str], list[ArtifactKey]] = defaultdict(list)
    for key, artifact in catalog.artifacts.items():
        uids[artifact.uid].append(key)
        names[key.automation, artifact.display_name].append(key)
    for move in catalog.moves:
        if move.uid and move.uid not in uids:  # The list of uids leads on from the old one.
            uids[move.uid].append(move.target)
    facets = facets_of(catalog)
    return SiteContext(
        catalog=catalog,
        shells=shells,
        read=read,
        overrides=overrides,
        badges=badges or {},
        tried={},
        home=home,
        repositories=repositories,
        folders={
            (repositories[key.repository].source, artifact.path): key for key, artifact in catalog.artifacts.items()
        },
        uids={uid: tuple(keys) for uid, keys in uids.items()},
        names={name: tuple(keys) for name, keys in names.items()},
        relations=relations_of(catalog),
        facets=facets,
        neighbours=neighbours_of(facets),
        uid_groups=uid_groups(uids),
        has_feed=any(is_announced(version) for versions in catalog.versions.values() for version in versions),
        drafts=drafts,
        tables=tables,
        metrics=metrics,
    )
