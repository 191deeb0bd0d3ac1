"""The plugin `cmsite` of mkdocs: `mkdocs build` and `mkdocs serve` give the same site as `cmsite build`.

mkdocs empties its folder after `on_pre_build` and knows nothing of revisions, so the old site is put aside before and
its index is read from there. Source: CONTRACT §12.
"""

import contextlib
import shutil
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from cmsite import settings as settings_file
from cmsite.errors import CmsiteError
from cmsite.outputs import OutputFile
from cmsite.publish.holding import held
from cmsite.site.machine_pages import HandWritten
from cmsite.site.material import ThemeHooks, docs_of, warn


class CmsitePlugin(ThemeHooks):  # type: ignore[no-untyped-call] # mkdocs leaves one of its hooks untyped.
    """Adds the catalogue to what mkdocs builds."""

    def __init__(self) -> None:
        super().__init__()
        self._hold = contextlib.ExitStack()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read registry.yml, unless `cmsite build` did."""
        if not self.docs_only:
            try:
                self.settings = settings_file.load(_registry_yml(config, self.config.config))
            except CmsiteError as error:
                self.refuse(str(error))
        return super().on_config(config)

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Hold the folder and put the old site aside: mkdocs is about to delete it, and its revisions go on from there."""
        site_dir, aside = Path(config.site_dir), _aside(config)
        self._hold.close()
        if not self.docs_only:
            self._hold.enter_context(held(site_dir, wait=True))
        if self.docs_only or not site_dir.is_dir():
            return
        if aside.exists():  # A build was killed: what stands aside is whole, what it left behind is not.
            return
        site_dir.rename(aside)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Add pages, archives and index to the site, and let its folder go."""
        with self._hold:
            self._add_catalogue(config)

    def on_build_error(self, *, error: Exception) -> None:
        """Let the folder of the site go; a process that ends lets go by itself."""
        del error
        self._hold.close()

    def _add_catalogue(self, config: MkDocsConfig) -> None:
        if self.docs_only or self.settings is None:
            return
        from cmsite.pipeline.build import build_site
        from cmsite.pipeline.past import find_past

        site_dir, aside = Path(config.site_dir), _aside(config)
        home = (site_dir / "index.html").read_bytes() if self.has_home else b""
        try:
            past = find_past(self.config.previous, aside)
            written = self.hand_written()
            docs = docs_of(self.render_shells(config), home, _pages_with_links(site_dir, written), written)
            built = build_site(self.settings, site_dir, lambda: docs, past)
        except CmsiteError as error:
            self.refuse(str(error))
        for problem in built.problems:
            warn(problem)
        shutil.rmtree(aside, ignore_errors=True)


def _pages_with_links(site_dir: Path, written: HandWritten) -> tuple[OutputFile, ...]:
    """Return the pages that link artifacts as mkdocs wrote them, to be written again with their links."""
    paths = sorted({reference.path for reference in written.references})
    return tuple(OutputFile(path=path, content=(site_dir / path).read_bytes()) for path in paths)


def _registry_yml(config: MkDocsConfig, named: str) -> Path:
    """Return registry.yml: the option's, else `registry/registry.yml`, else `registry.yml`, beside mkdocs.yml."""
    folder = Path(config.config_file_path).parent if config.config_file_path else Path()
    if named:
        return folder / named
    default = folder / "registry" / "registry.yml"
    return default if default.is_file() else folder / "registry.yml"


def _aside(config: MkDocsConfig) -> Path:
    """Return where the old site waits: beside the folder, so that moving it is one rename."""
    site_dir = Path(config.site_dir)
    return site_dir.with_name(f".{site_dir.name}.previous")
