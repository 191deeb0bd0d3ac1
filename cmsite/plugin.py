"""The plugin `cmsite` of mkdocs: `mkdocs build` and `mkdocs serve` give the same site as `cmsite build`.

mkdocs empties its folder after `on_pre_build` and knows nothing of revisions, so the old site is put aside before and
its index is read from there. Source: CONTRACT §12.
"""

import shutil
from pathlib import Path

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig

from cmsite import settings as settings_module
from cmsite.errors import CmsiteError
from cmsite.site.material import ThemeHooks


class CmsiteConfig(Config):
    """Options of the plugin in mkdocs.yml: `config` is registry.yml, relative to mkdocs.yml."""

    config = config_options.Optional(config_options.Type(str))
    jobs = config_options.Optional(config_options.Type(int))


class CmsitePlugin(ThemeHooks):
    """Adds the catalogue to what mkdocs builds."""

    config_class = CmsiteConfig
    config: CmsiteConfig

    def __init__(self) -> None:
        super().__init__()
        self._is_whole = True
        self._previous: Path | None = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read registry.yml, unless `cmsite build` brought it: then only hand-written pages are built here."""
        if self.settings is None or self._is_whole is False:
            self._is_whole = self.settings is None
        if self._is_whole:
            try:
                self.settings = settings_module.load(self._registry_yml(config))
            except CmsiteError as error:
                self.refuse(str(error))
        return super().on_config(config)
