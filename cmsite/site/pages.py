"""The pages of one artifact: the view, its texts as HTML, the template, the frame; called in worker processes.

Beside the page come the images its texts show and the manifest, which its head links.
"""

from dataclasses import dataclass

from markupsafe import Markup

from cmsite.formats.written import WrittenText
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.outputs import OutputFile
from cmsite.site import markdown
from cmsite.site.artifact_data import artifact_data
from cmsite.site.context import SiteContext
from cmsite.site.head import MachineFacts
from cmsite.site.highlight import code_block
from cmsite.site.links import TextLinks
from cmsite.site.manifests import artifact_manifest
from cmsite.site.meta_view import marked_keys
from cmsite.site.page import Page, TocEntry, stamp_page
from cmsite.site.shell import Section
from cmsite.site.site_data import above_of, breadcrumbs
from cmsite.site.view_rows import TypeSection
from cmsite.site.views import ArtifactView, artifact_view

MAX_TEXTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSection:
    """A section of the artifact's type as the page shows it."""

    title: str
    anchor: str
    html: Markup
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """A text as the page shows it; `folded` where a generator wrote it."""

    name: str
    html: Markup
    notes: tuple[str, ...]
    folded: bool
    toc: tuple[TocEntry, ...] = ()


def render_artifact(context: SiteContext, key: ArtifactKey) -> tuple[OutputFile, ...]:
    """Return the page of one artifact first, then its manifest and the images beside the page."""
    artifact = context.catalog.artifacts[key]
    view = artifact_view(context, key)
    images: dict[str, bytes] = {}
    texts = tuple(
        _shown(context, artifact, text, f"text{number}-", images)
        for number, text in enumerate(view.texts[:MAX_TEXTS], start=1)
    )
    manifest = artifact_manifest(context, key, view)
    page = stamp_page(context, _page(context, view, texts, _facts(context, artifact, view, manifest)))
    beside = (OutputFile(path=view.address + name, content=content) for name, content in sorted(images.items()))
    return (page, manifest, *beside)


def _shown(
    context: SiteContext, artifact: Artifact, text: WrittenText, prefix: str, images: dict[str, bytes]
) -> ShownText:
    if not text.is_markdown:
        html = code_block(text.text[: markdown.MAX_TEXT], "")
        return ShownText(name=text.name, html=Markup(html), notes=text.notes, folded=not text.by_hand)  # noqa: S704 - code_block escapes.
    links = TextLinks(context=context, artifact=artifact, folder=text.folder, published=images)
    rendered = markdown.render(text.text, links, prefix=prefix, title=artifact.display_name)
    return ShownText(
        name=text.name,
        html=Markup(rendered.html),  # noqa: S704 - cleaned by nh3.
        notes=(*text.notes, *rendered.notes),
        folded=not text.by_hand,
        toc=rendered.toc,
    )


def _section(context: SiteContext, view: ArtifactView, section: TypeSection) -> ShownSection:
    html = context.render(section.template, base=view.base, **section.values)
    return ShownSection(title=section.title, anchor=section.anchor, html=Markup(html), first=section.first)  # noqa: S704


def _facts(context: SiteContext, artifact: Artifact, view: ArtifactView, manifest: OutputFile) -> MachineFacts:
    graph = [artifact_data(context, artifact, view)]
    if context.catalog.base_url:
        above = (*above_of(Section.ARTIFACTS, view.address), view.automation, view.repository)
        graph.append(breadcrumbs(context, title=view.title, above=above))
    return MachineFacts(graph=tuple(graph), manifest=manifest.path, is_article=True)


def _page(context: SiteContext, view: ArtifactView, texts: tuple[ShownText, ...], facts: MachineFacts) -> Page:
    sections = tuple(_section(context, view, section) for section in view.sections)
    content = context.render(
        "pages/artifact.html",
        view=view,
        base=view.base,
        texts=texts,
        sections=sections,
        meta_source=Markup(marked_keys(view.meta.source)),  # noqa: S704 - escaped.
    )
    return Page(
        address=view.address,
        section=Section.ARTIFACTS,
        title=view.title,
        description=view.description.text,
        content=content,
        toc=_toc(view, texts),
        facts=facts,
    )


def _toc(view: ArtifactView, texts: tuple[ShownText, ...]) -> tuple[TocEntry, ...]:
    """Return the sections the template shows, in its order."""
    headings = tuple(entry for text in texts if not text.folded for entry in text.toc)
    first = ((section.title, section.anchor, True) for section in view.sections if section.first)
    others = ((section.title, section.anchor, True) for section in view.sections if not section.first)
    sections = (
        *first,
        ("Description", "description", bool(texts)),
        *others,
        ("Dependencies", "dependencies", len(view.dependencies) > 0),
        ("Used by", "used-by", len(view.users) > 0),
        ("Files", "files", len(view.files) > 0),
        ("Versions", "versions", len(view.versions) > 0),
        ("Findings", "findings", len(view.findings) > 0),
        ("Metadata", "metadata", True),
        ("Provenance", "provenance", True),
        ("How to cite", "cite", True),
    )
    return tuple(
        TocEntry(title=title, anchor=anchor, children=headings if anchor == "description" else ())
        for title, anchor, shown in sections
        if shown
    )
