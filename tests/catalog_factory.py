"""A small hand-made catalogue, rendered into Material's real frames, for tests of the site."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from cmsite import settings
from cmsite.catalog.catalog import Catalog, Edge
from cmsite.errors import SourceError
from cmsite.formats.summary import with_summary
from cmsite.model.artifact import Artifact, ArtifactFile, ArtifactKey
from cmsite.model.dependency import Dependency, Resolution
from cmsite.model.names import AUTOMATION_UIDS
from cmsite.model.repository import Format, Repository
from cmsite.model.tree import Provenance
from cmsite.outputs import OutputFile
from cmsite.site.context import SiteContext, make_context
from cmsite.site.dashboards import render_dashboards
from cmsite.site.lists import render_lists
from cmsite.site.machine_pages import render_machine_pages
from cmsite.site.material import RenderedDocs, render_docs
from cmsite.site.pages import render_artifact

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TITLE = 'Catalogue <of> "tests" & more'
META = b"alias: x\nuid: 'x'\ntags: [a]\n"


def repository(key: str = "team", source: int = 0, **fields: Any) -> Repository:
    provenance = Provenance(
        kind="git",
        location=f"https://example.org/{key}.git",
        commit=COMMIT,
        time_s=1_700_000_000,
        file_url="https://example.org/team/blob/{commit}/{path}",
    )
    values = {"alias": key, "uid": "00000000000000aa", "path": "", "formats": (Format.CM,), "provenance": provenance}
    return Repository(key=key, source=source, **{**values, **fields})


def script(
    alias: str, number: int = 1, files: Mapping[str, bytes] | None = None, repo: str = "team", **fields: Any
) -> Artifact:
    """Return a script whose files are those given beside its meta; their bytes go into the catalogue's `files`."""
    automation = fields.pop("automation", "script")
    folder = fields.pop("folder", alias)
    path = f"{automation}/{folder}"
    names = {"_cm.yaml": META, **(files or {})}
    values: dict[str, Any] = {
        "format": Format.CM,
        "path": path,
        "alias": alias,
        "uid": f"{number:016x}",
        "automation_uid": AUTOMATION_UIDS.get(automation, ""),
        "tags": ("test", alias),
        "meta_file": f"{path}/_cm.yaml",
        "meta_files": (f"{path}/_cm.yaml",),
        "commit": COMMIT,
        "time_s": 1_700_000_000 + number,
        "files": tuple(
            ArtifactFile(path=name, source=f"{path}/{name}", size_bytes=len(content))
            for name, content in sorted(names.items())
        ),
    }
    return Artifact(key=ArtifactKey(repository=repo, automation=automation, folder=folder), **{**values, **fields})


class Tree:
    """The bytes of all files of a catalogue, by repository and path in its tree."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}

    def read(self, artifact: Artifact, path: str) -> bytes:
        try:
            return self.files[artifact.key.repository, path]
        except KeyError:
            raise SourceError(f"{path} vanished") from None

    def add(self, artifact: Artifact, files: Mapping[str, bytes]) -> Artifact:
        for name, content in {"_cm.yaml": META, **files}.items():
            self.files[artifact.key.repository, f"{artifact.path}/{name}"] = content
        return artifact


def needs(source: Artifact, *targets: Artifact, **fields: Any) -> Edge:
    """Return a dependency of one artifact that finds others."""
    values = {"kind": "deps", "pointer": "/deps/0", "tags": targets[0].tags if targets else ("nothing",)}
    resolution = {0: Resolution.DANGLING, 1: Resolution.FOUND}.get(len(targets), Resolution.ALTERNATIVES)
    return Edge(
        source=source.key,
        dependency=Dependency(**{**values, **fields}),
        resolution=resolution,
        targets=tuple(target.key for target in targets),
    )


def catalogue(*artifacts: Artifact, edges: tuple[Edge, ...] = (), **fields: Any) -> Catalog:
    """Join artifacts and dependencies as the pipeline does."""
    forward: defaultdict[ArtifactKey, list[Edge]] = defaultdict(list)
    backward: defaultdict[ArtifactKey, list[Edge]] = defaultdict(list)
    for edge in edges:
        forward[edge.source].append(edge)
        for target in edge.targets:
            backward[target].append(edge)
    origins: defaultdict[tuple[str, str], list[ArtifactKey]] = defaultdict(list)
    ordered = sorted(artifacts, key=lambda artifact: artifact.key)
    for artifact in ordered:
        origins[artifact.identity].append(artifact.key)
    keys = sorted({artifact.key.repository for artifact in artifacts} or {"team"})
    values: dict[str, Any] = {
        "title": TITLE,
        "registry_id": "0" * 32,
        "repositories": tuple(repository(key, number) for number, key in enumerate(keys)),
        "artifacts": {artifact.key: artifact for artifact in ordered},
        "edges": {key: tuple(items) for key, items in forward.items()},
        "used_by": {key: tuple(dict.fromkeys(edge.source for edge in items)) for key, items in backward.items()},
        "origins": {identity: tuple(items) for identity, items in origins.items() if len(items) > 1},
    }
    return Catalog(**{**values, **fields})


@cache
def docs() -> RenderedDocs:
    """Return the frames of a catalogue without hand-written pages, rendered by mkdocs and Material once a process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.yml"
        path.write_text("title: 'Catalogue <of> \"tests\" & more'\nregistry_id: '" + "0" * 32 + "'\nsources: []\n")
        return render_docs(settings.load(path))


def context_of(catalog: Catalog, tree: Tree, **fields: Any) -> SiteContext:
    """Return the context of a catalogue whose artifacts are summarised as when they are read."""
    summarised = {
        key: artifact if artifact.summary else with_summary(artifact, partial(tree.read, artifact))
        for key, artifact in catalog.artifacts.items()
    }
    return make_context(catalog=replace(catalog, artifacts=summarised), shells=docs().shells, read=tree.read, **fields)


def with_readme(
    readme: bytes, name: str = "README.md", files: Mapping[str, bytes] | None = None, **fields: Any
) -> SiteContext:
    """Return a catalogue of one script with this README."""
    tree = Tree()
    content = {name: readme, **(files or {})}
    artifact = tree.add(script("one", 1, content, **fields), content)
    return context_of(catalogue(artifact), tree)


def page_of(context: SiteContext, number: int = 0) -> str:
    """Return the HTML of the page of one artifact."""
    return render_artifact(context, list(context.catalog.artifacts)[number])[0].content.decode()


def article(html: str) -> str:
    """Return what stands inside the frame."""
    return html.partition('<article class="md-content__inner md-typeset">')[2].partition("</article>")[0]


def whole_site(context: SiteContext) -> dict[str, OutputFile]:
    """Return every file of the catalogue and the theme; each path is written once."""
    files: dict[str, OutputFile] = {file.path: file for file in docs().files}
    for key in context.catalog.artifacts:
        for file in render_artifact(context, key):
            assert file.path not in files
            files[file.path] = file
    for file in (*render_lists(context), *render_dashboards(context)):
        assert file.path not in files
        files[file.path] = file
    for file in render_machine_pages(context, tuple(files), docs().written):
        assert file.path not in files
        files[file.path] = file
    return files


def renamed(artifact: Artifact, **fields: Any) -> Artifact:
    return replace(artifact, **fields)
