"""The one package that knows mkdocs and Material: hand-written pages, and the frames of all others.

What it relies on, named so that a test can check it against a new version of either:
`mkdocs.config.load_config`, `mkdocs.commands.build.{build,get_context}`, `mkdocs.structure.nav.Link`,
`mkdocs.structure.files.File.{generated,content_string}`, `mkdocs.utils.normalize_url`, `mkdocs.plugins.{event_priority,
get_plugin_logger}`, the events `on_startup`, `on_config`, `on_pre_build`, `on_files`, `on_nav`, `on_env`,
`on_page_content`, `on_post_page`, `on_post_template`, `on_post_build`, `on_build_error`, `Theme.dirs` and
`Theme.custom_dir`; Material's plugin `material/search` and `partials/search.html`, its icons, `404.html`, `main.html` with
the block `extrahead`, `partials/content.html`, `partials/toc-item.html`, that its own inline scripts stand in
`partials/javascripts/`, its meta key `hide`, and that all addresses pass the filters `url` and `script_tag` or the variable
`base_url`.
Source: CONTRACT §12; facts/performance.md §2.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment
from material.plugins.search.plugin import SearchPlugin
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.config_options import Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException, PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Link, Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.yaml import yaml_load

from cmsite import resources
from cmsite.errors import ConfigurationError
from cmsite.outputs import OutputFile
from cmsite.settings import Settings
from cmsite.site.default_config import DEFAULT_CONFIG
from cmsite.site.docs_links import DocsReference, references_in
from cmsite.site.guard import PageGuard, pattern_of_scripts
from cmsite.site.machine_pages import MACHINE_PATHS, NOTHING_WRITTEN, DocsPage, HandWritten
from cmsite.site.material.frames import rendered_frames
from cmsite.site.mkdocs_yml import find_mkdocs_yml, kept_warnings
from cmsite.site.page import DRAFT
from cmsite.site.shell import Section, Shells, shells_from
from cmsite.site.site_data import SECTION_ADDRESSES
from cmsite.stamps import Stamp

ASSETS = ("cmsite.css", "results.css", "find.css", "access.css", "cmsite.js")
# Loaded by the pages that need them.
PAGE_ASSETS = (
    # In this order in lists/find.html, as far as they go in overrides/404.html.
    "elements.js", "sha256.js", "strict-json.js", "index-files.js", "words.js", "records.js", "documents.js", "query.js",
    "ranking.js", "scan.js", "terms.js", "tree-search.js", "search.js", "handwritten.js", "find.js", "missing.js",
    # In this order in partials/table_scripts.html.
    "tables.css", "table-data.js", "table-groups.js", "table-expression.js", "table-fronts.js", "table-cells.js", "table-state.js",
    "table-export.js", "table-compare.js", "table-plot.js", "table-charts.js", "table-figure.js", "table-tools.js",
    "table-view.js", "table-dialogs.js", "table.js",
    # In this order in dashboards/results.html.
    "dashboard.css", "results-rows.js", "results-compare.js", "results.js",
)  # fmt: skip
ASSETS_FOLDER = "assets/cmsite"
# First parts of addresses that belong to the catalogue. Source: CONTRACT §6, docs/adr/0009.
RESERVED = frozenset(
    {"a", "artifacts", "author", "automation", "category", "cm-index", "find", "license", "paper", "repository"}
    | {"results", "schema", "tag", "uid"}
)

WORKING_FOLDER = "cmsite-docs-"  # How the name of the temporary folder begins.

_HOME = "index.md"
_SITEMAP = "sitemap.xml"
_LAST = -100.0  # The priority of what must see a page as every other plugin left it.
_OVERRIDES = "site_templates/overrides"
_SEARCH = "material/search"  # Writes search/search_index.json, and without it the header has no box.


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDocs:
    """What mkdocs made: the frames, the files of the hand-written pages and the theme, and the hand-written home page.

    `home` is empty where the project has none; `files` does not hold it where the catalogue will write it; `written`
    says which pages there are beside those of the catalogue; `warnings` are those of mkdocs, each once; `strict` says
    that mkdocs.yml asks for none; `inputs` are the files that all this was made of, None where that is not known.
    """

    shells: Shells
    home: bytes
    files: tuple[OutputFile, ...] = ()
    written: HandWritten = NOTHING_WRITTEN
    warnings: tuple[str, ...] = ()
    strict: bool = False
    inputs: Mapping[str, Stamp | None] | None = None


class PluginOptions(Config):  # type: ignore[no-untyped-call] # mkdocs leaves one of its hooks untyped.
    """The plugin's options: `config` is registry.yml, relative to mkdocs.yml; `previous` is that of `cmsite build`."""

    config = Type(str, default="")
    previous = Type(str, default="")


class ThemeHooks(BasePlugin[PluginOptions]):  # type: ignore[no-untyped-call] # As above.
    """What `cmsite build` and the plugin both do within mkdocs: our assets, our navigation, and the frames.

    `docs_only` tells the plugin that `cmsite build` is in charge and adds the catalogue itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings | None = None
        self.docs_only = False
        self.refused = ""
        self.has_home = True
        self._nav: Navigation | None = None
        self._env: Environment | None = None
        self._files: Files | None = None
        self._references: tuple[DocsReference, ...] = ()
        self._is_served = False
        self._guard = PageGuard(pattern_of_scripts(()), warn)

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Learn whether mkdocs' own server will put its script into every page.

        A plugin with this event is kept for the next build of the process, so `on_config` begins anew.
        """
        del dirty
        self._is_served, self.docs_only = command == "serve", False

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Fill in the title and address from registry.yml, and add our style sheet and script."""
        self.refused, self._references = "", ()
        if config.theme.name != "material":
            self.refuse(
                f"the theme must be material, got {config.theme.name!r}: set `theme: {{name: material}}` in mkdocs.yml"
            )
        if self.settings is not None:
            self._check_names(config, self.settings)
        # Else Material loads them from another host.
        config.theme["font"] = False
        self._guard = PageGuard(pattern_of_scripts(_own_templates(config)), warn, served=self._is_served)
        # It would say when each page was built, which is no property of the input, and name hand-written pages only.
        config.theme.static_templates.discard(_SITEMAP)
        # Our box in the header and our 404 page stand before Material's, and behind those of the user's custom_dir.
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(resources.root() / _OVERRIDES))
        config.extra["cmsite_draft"] = DRAFT if self.settings and self.settings.drafts else ""  # For 404.html.
        _index_pages(config)
        ours = [f"{ASSETS_FOLDER}/{name}" for name in ASSETS]
        styles = [path for path in ours if path.endswith(".css")]
        scripts = [path for path in ours if path.endswith(".js")]
        config.extra_css = [*styles, *(path for path in config.extra_css if path not in styles)]
        config.extra_javascript = [*(path for path in config.extra_javascript if str(path) not in scripts), *scripts]
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add our assets, and a home page where the project has none; refuse names that belong to the catalogue."""
        for file in files:
            first = file.dest_uri.split("/", 1)[0]
            if first in RESERVED and "/" in file.dest_uri:
                self.refuse(f"docs/{file.src_uri} would stand at {first}/, which belongs to the catalogue: rename it")
        if (sitemap := files.get_file_from_path(_SITEMAP)) is not None:
            files.remove(sitemap)  # No template any more, it would be copied as it stands.
        for name in (*ASSETS, *PAGE_ASSETS):
            path = resources.root() / "site_templates" / "assets" / name
            files.append(File.generated(config, f"{ASSETS_FOLDER}/{name}", abs_src_path=str(path)))
        self.has_home = any(file.dest_uri == "index.html" for file in files.documentation_pages())
        if not self.has_home:
            files.append(File.generated(config, _HOME, content=f"---\ntitle: {Section.HOME.value}\n---\n"))
        return files

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Put the catalogue's sections behind the home page."""
        del files
        if nav.homepage is None:
            config.extra["homepage"] = "."  # Else Material's logo links to nothing.
        links = [Link(section.value, address) for section, address in SECTION_ADDRESSES.items()]
        first = 1 if nav.items and nav.items[0] is nav.homepage else 0
        nav.items[first:first] = links
        self._nav = nav
        return nav

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Keep what the frames are rendered with."""
        del config
        self._env, self._files = env, files
        return env

    @event_priority(_LAST)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Turn inline styles of tables into classes, warn of what the page's policy will refuse, keep links to artifacts."""
        del config, files
        name, file = f"docs/{page.file.src_uri}", page.file
        self._references += references_in(html, file.content_string, path=file.dest_uri, source=name)
        return (DRAFT if self.settings and self.settings.drafts else "") + self._guard.content(html, name)

    @event_priority(_LAST)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put the policy into a hand-written page."""
        del page, config
        return self._guard.page(output)

    @event_priority(_LAST)
    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Put the policy into the other pages of the theme: 404.html."""
        del config
        return self._guard.page(output_content) if template_name.endswith(".html") else output_content

    def render_shells(self, config: MkDocsConfig) -> Shells:
        """Render the frame of each section, with and without a table of contents.

        Raises `ConfigurationError` where the theme, or an override of it, fails.
        """
        if self._env is None or self._nav is None or self._files is None:
            raise RuntimeError("mkdocs has not called on_nav and on_env yet")
        return shells_from(rendered_frames(self._env, self._nav, self._files, config), self._guard.page)

    def hand_written(self) -> HandWritten:
        """Return the hand-written pages in the order of the navigation, those outside of it behind."""
        if self._nav is None or self._files is None:
            raise RuntimeError("mkdocs has not called on_nav and on_env yet")
        files = [*(page.file for page in self._nav.pages), *self._files.documentation_pages()]
        pages = {file.url: file.page for file in files if file.page is not None}
        paths = {file.dest_uri for file in self._files} & set(MACHINE_PATHS)
        return HandWritten(
            pages=tuple(
                DocsPage(
                    address=address.removeprefix("./"),
                    title=str(page.title or ""),
                    description=str(page.meta.get("description") or ""),
                )
                for address, page in pages.items()
            ),
            machine_paths=frozenset(paths),
            references=self._references,
        )

    def refuse(self, message: str) -> None:
        """End mkdocs' build with a message that survives it."""
        self.refused = message
        raise PluginError(message)

    def _check_names(self, config: MkDocsConfig, settings: Settings) -> None:
        for name, ours, theirs in (
            ("site_name", settings.title, config.site_name),
            ("site_url", settings.base_url, config.site_url or ""),
        ):
            if theirs and theirs.rstrip("/") != ours.rstrip("/"):
                self.refuse(
                    f"mkdocs.yml says {name}: {theirs!r} and {settings.path} says {ours!r}: make them equal, or remove {name}"
                )
        config.site_name = escape(settings.title)  # mkdocs takes it for HTML.
        config.site_url = settings.base_url or None


def render_docs(settings: Settings) -> RenderedDocs:
    """Build the hand-written pages in a temporary folder and return them with the frames.

    Raises `ConfigurationError` where mkdocs.yml or a page is refused.
    """
    with tempfile.TemporaryDirectory(prefix=WORKING_FOLDER) as folder, kept_warnings() as warnings:
        site_dir = Path(folder) / "site"
        hooks, config = _load(settings, Path(folder), site_dir, warnings)
        strict, config.strict = config.strict, False  # mkdocs would end at the warnings, and not say which they were.
        try:
            build(config)
        except (Abort, MkDocsException) as error:
            why = "; ".join((*warnings, str(error)))
            raise ConfigurationError(hooks.refused or f"mkdocs could not build the pages in docs/: {why}") from error
        shells = hooks.render_shells(config)
        files = {path.relative_to(site_dir).as_posix(): path for path in site_dir.rglob("*") if path.is_file()}
        home = files["index.html"].read_bytes()
        contents = tuple(OutputFile(path=name, content=files[name].read_bytes()) for name in sorted(files))
        written = hooks.hand_written()
    docs = docs_of(shells, home if hooks.has_home else b"", contents, written)
    return replace(docs, warnings=tuple(dict.fromkeys(warnings)), strict=strict)


def docs_of(shells: Shells, home: bytes, files: tuple[OutputFile, ...], written: HandWritten) -> RenderedDocs:
    """Return the files that stay as mkdocs made them; the catalogue writes the home page where it has a part in it."""
    from cmsite.site.front import MARKER

    if home and MARKER not in home:
        return RenderedDocs(shells=shells, home=home, files=files, written=written)
    others = tuple(file for file in files if file.path != "index.html")
    return RenderedDocs(shells=shells, home=home, files=others, written=written)


def _load(settings: Settings, folder: Path, site_dir: Path, warnings: list[str]) -> tuple[ThemeHooks, MkDocsConfig]:
    """Return the configuration with our hooks in it, those of the plugin where mkdocs.yml names it.

    `warnings` is where mkdocs says what it finds wrong before it ends with a word that names nothing.
    """
    path = find_mkdocs_yml(settings)
    overrides: dict[str, Any] = {"site_dir": str(site_dir)}
    if path is None:
        path = folder / "mkdocs.yml"
        (folder / "docs").mkdir()
        path.write_text(yaml.safe_dump({"site_name": settings.title, **DEFAULT_CONFIG}), encoding="utf-8")
    elif not _names_site(path):
        overrides["site_name"] = settings.title
    try:
        config = load_config(str(path), **overrides)
    except (Abort, MkDocsException, OSError) as error:
        raise ConfigurationError(f"{path}: {'; '.join(warnings) or error}") from error
    for plugin in config.plugins.values():
        if isinstance(plugin, ThemeHooks):
            plugin.settings, plugin.docs_only = settings, True
            return plugin, config
    hooks = ThemeHooks()
    hooks.settings = settings
    config.plugins["cmsite"] = hooks
    return hooks, config


def _index_pages(config: MkDocsConfig) -> None:
    """Add the plugin that indexes hand-written pages where mkdocs.yml leaves it out: the page find/ needs it."""
    if _SEARCH not in config.plugins:
        plugin = SearchPlugin()
        plugin.load_config({})
        plugin.on_startup(command="build", dirty=False)
        config.plugins[_SEARCH] = plugin  # mkdocs goes on to its on_config, as it stands behind ours.


def _names_site(path: Path) -> bool:
    return bool(read_mkdocs_yml(path).get("site_name"))


def read_mkdocs_yml(path: Path) -> dict[str, Any]:
    """Return what stands in a mkdocs.yml, as mkdocs reads it; raises `ConfigurationError` where it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = yaml_load(stream)
    except (MkDocsException, yaml.YAMLError, OSError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    return data if isinstance(data, dict) else {}


def warn(message: str) -> None:
    """Tell it as mkdocs tells its own warnings, which `--strict` counts."""
    get_plugin_logger("cmsite").warning(message)


def _own_templates(config: MkDocsConfig) -> list[str]:
    """Return the templates with Material's own inline scripts, not what an override puts in their place."""
    folders = [Path(folder) / "partials" / "javascripts" for folder in config.theme.dirs]
    own = next((folder for folder in reversed(folders) if folder.is_dir()), None)
    return [path.read_text("utf-8") for path in sorted(own.glob("*.html"))] if own else []
