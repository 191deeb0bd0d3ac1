"""What cmsite relies on in mkdocs and Material, each thing by its name: a new release that takes one away fails here.

The list is the docstring of `cmsite.site.material`; a name there without a check, and a check without its name, fail.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mkdocs.plugins import EVENTS

from cmsite import settings
from cmsite.plugin import CmsitePlugin
from cmsite.site import material
from cmsite.site.shell import Section, Shell, Shells, Slot, base_of
from tests.requirements import CHECKOUT
from tests.test_site_material import project

PACKAGE = CHECKOUT / "cmsite"
# The only modules that may know the engine.
ENGINE_MODULES = ("plugin.py", "site/material/__init__.py", "site/material/frames.py")


@pytest.fixture(scope="module")
def shells(tmp_path_factory: pytest.TempPathFactory) -> Shells:
    folder = project(tmp_path_factory.mktemp("engine"), index="# Home\n", guide="# Guide\n\n## Part\n\ntext\n")
    return material.render_docs(settings.load(folder / "registry.yml")).shells


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = project(
        tmp_path_factory.mktemp("guide"), index="# Home\n", guide="# Guide\n\n## Part\n\n    code\n\n### Piece\n"
    )
    files = material.render_docs(settings.load(folder / "registry.yml")).files
    return next(file.content.decode() for file in files if file.path == "guide/index.html")


def text_of(shell: Shell) -> str:
    """Return a frame with the names of its slots in their places."""
    parts = [piece.decode() for piece in shell.pieces]
    return parts[0] + "".join(f"[{slot.name}]{part}" for slot, part in zip(shell.slots, parts[1:], strict=True))


def theme_folder() -> Path:
    from material import templates

    return Path(next(iter(templates.__path__)))


def theme_file(name: str) -> str:
    path = theme_folder() / name
    assert path.is_file(), f"mkdocs-material has no template {name}"
    return path.read_text("utf-8")


def has_parameters(of: str, *names: str) -> Callable[[Shells], None]:
    """Return a check that a function, named with its module, takes these arguments by name or in this order."""

    def check(_: Shells) -> None:
        module, attribute = of.split(":")
        found: object = importlib.import_module(module)
        for part in attribute.split("."):
            assert hasattr(found, part), f"{module} has no {attribute}"
            found = getattr(found, part)
        assert callable(found)
        taken = inspect.signature(found).parameters
        keywords = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())
        assert [name for name in names if name not in taken and not keywords] == [], f"{of} takes {list(taken)}"

    return check


def fires(event: str) -> Callable[[Shells], None]:
    def check(_: Shells) -> None:
        assert event.removeprefix("on_") in EVENTS, f"mkdocs has no event {event}"

    return check


def includes(template: str, of: str) -> Callable[[Shells], None]:
    def check(shells: Shells) -> None:
        assert f'{{% include "{template}" %}}' in theme_file(of), f"{of} does not include {template}"
        slot = Slot.CONTENT if "content" in template else Slot.TOC
        assert slot in shells.frames[Section.ARTIFACTS, True, 4].slots

    return check


def check_main(shells: Shells) -> None:
    assert "{% extends" in theme_file("main.html")
    assert "</html>" in text_of(shells.frames[Section.HOME, False, 0])


def check_head(shells: Shells) -> None:
    assert "block extrahead" in theme_file("base.html")
    head = text_of(shells.frames[Section.ARTIFACTS, False, 4]).partition("</head>")[0]
    assert all(f"[{slot}]" in head for slot in ("HEAD", "TITLE", "DESCRIPTION"))


def check_hide(shells: Shells) -> None:
    with_toc, without = (text_of(shells.frames[Section.ARTIFACTS, toc, 4]) for toc in (True, False))
    sidebar = re.compile(r'md-sidebar--(primary|secondary)"[^>]*hidden')
    assert set(sidebar.findall(with_toc)) == {"primary"}
    assert set(sidebar.findall(without)) == {"primary", "secondary"}


def check_addresses(shells: Shells) -> None:
    for (section, toc, depth), frame in shells.frames.items():
        base = base_of("/" * depth)
        addresses = re.findall(r'\b(?:href|src|action)="([^"]*)"', text_of(frame))
        wrong = [
            one for one in addresses if not one.startswith((f"{base}/", "#", "[HEAD]", "https://")) and one != base
        ]
        assert wrong == [], f"an address in the frame of {section}, {toc}, {depth} does not pass the filter `url`"
        assert any(one.startswith(f"{base}/{material.ASSETS_FOLDER}/") for one in addresses)


def check_base_url(shells: Shells) -> None:
    configuration = re.search(r'"base": ?"([^"]*)"', text_of(shells.frames[Section.RESULTS, False, 1]))
    assert configuration is not None, "Material's scripts are not told `base`"
    assert configuration[1] == ".."


def check_theme(_: Shells) -> None:
    from mkdocs.theme import Theme

    theme = Theme(name="material", custom_dir="mine")
    assert theme.custom_dir == "mine"
    assert theme.dirs[:2] == ["mine", str(theme_folder())], "a folder could not be put behind custom_dir"


def check_file(name: str) -> None:
    theme_file(name)


def check_search(_: Shells) -> None:
    plugin = importlib.import_module("material.plugins.search.plugin").SearchPlugin()
    plugin.load_config({})
    plugin.on_startup(command="build", dirty=False)
    assert "on_post_build" in vars(type(plugin))


def check_search_box(shells: Shells) -> None:
    header = theme_file("partials/header.html")
    assert '{% include "partials/search.html" %}' in header
    icon = re.search(r"\.icons/[^\"]+", (CHECKOUT / "site_templates/overrides/partials/search.html").read_text("utf-8"))
    assert icon is not None
    assert theme_file(icon[0]).startswith("<svg")
    assert 'role="search"' in text_of(shells.frames[Section.HOME, False, 0])


def check_scripts(_: Shells) -> None:
    for name in ("base", "palette"):
        assert "<script>" in theme_file(f"partials/javascripts/{name}.html")
    inline = re.compile(r"<script>")
    elsewhere = {"base.html", "main.html", "partials/content.html"}
    assert [name for name in elsewhere if inline.search(theme_file(name))] == []


def check_active(_: Shells) -> None:
    from mkdocs.structure.nav import Link

    link = Link("title", "address/")
    assert (link.title, link.url, link.active) == ("title", "address/", False)


def check_text(_: Shells) -> None:
    from mkdocs.structure.files import File

    assert isinstance(File.content_string, property), "mkdocs does not tell the text of a page"


def check_url(_: Shells) -> None:
    from mkdocs.utils import normalize_url

    assert [normalize_url(url, None, "BASE") for url in ("a/b/", "#x", "https://x/")] == [
        "BASE/a/b/",
        "#x",
        "https://x/",
    ]


CHECKS: dict[str, Callable[[Shells], None]] = {
    "mkdocs.config.load_config": has_parameters("mkdocs.config:load_config", "config_file", "site_dir", "strict"),
    "mkdocs.commands.build.build": has_parameters("mkdocs.commands.build:build", "config"),
    "mkdocs.commands.build.get_context": has_parameters(
        "mkdocs.commands.build:get_context", "nav", "files", "config", "page", "base_url"
    ),
    "mkdocs.structure.nav.Link": check_active,
    "mkdocs.structure.files.File.generated": has_parameters(
        "mkdocs.structure.files:File.generated", "config", "src_uri", "content", "abs_src_path"
    ),
    "mkdocs.structure.files.File.content_string": check_text,
    "mkdocs.utils.normalize_url": check_url,
    "mkdocs.plugins.event_priority": has_parameters("mkdocs.plugins:event_priority", "priority"),
    "mkdocs.plugins.get_plugin_logger": has_parameters("mkdocs.plugins:get_plugin_logger", "name"),
    **{name: fires(name) for name in vars(material.ThemeHooks) | vars(CmsitePlugin) if name.startswith("on_")},
    "Theme.dirs": check_theme,
    "Theme.custom_dir": check_theme,
    "material/search": check_search,
    "partials/search.html": check_search_box,
    "404.html": lambda _: check_file("404.html"),
    "main.html": check_main,
    "partials/content.html": includes("partials/content.html", "base.html"),
    "partials/toc-item.html": includes("partials/toc-item.html", "partials/toc.html"),
    "partials/javascripts/": check_scripts,
    "extrahead": check_head,
    "hide": check_hide,
    "url": check_addresses,
    "script_tag": has_parameters("mkdocs.utils.templates:script_tag_filter", "context", "extra_script"),
    "base_url": check_base_url,
}


def named() -> set[str]:
    """Return what the docstring names, `a.{b,c}` taken apart."""
    found = set()
    for name in re.findall(r"`([^`]+)`", " ".join((material.__doc__ or "").split())):
        stem, brace, rest = name.partition("{")
        found |= {stem + part.strip() for part in rest.rstrip("}").split(",")} if brace else {name}
    return found


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_what_cmsite_relies_on_is_there(name: str, shells: Shells) -> None:
    CHECKS[name](shells)


def test_the_docstring_names_what_is_checked_and_nothing_else() -> None:
    assert named() == set(CHECKS)


def imports_of_the_engine(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of each import of mkdocs, Material or their parts."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        modules = [(alias.name, "") for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules = [(node.module or "", alias.name) for alias in node.names]
        yield from (one for one in modules if one[0].split(".")[0] in {"mkdocs", "material", "markdown", "pymdownx"})


def test_the_plugin_and_one_package_alone_import_the_engine() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if any(imports_of_the_engine(path))
    }
    assert found == set(ENGINE_MODULES)


@pytest.mark.parametrize(
    ("module", "name"),
    sorted({one for path in ENGINE_MODULES for one in imports_of_the_engine(PACKAGE / path)}),
)
def test_every_import_is_there(module: str, name: str) -> None:
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        pytest.fail(f"cmsite imports {module}, which is gone: {error}")
    if not hasattr(found, name):
        importlib.import_module(f"{module}.{name}")


def test_classes_of_material_that_our_pages_repeat_are_still_its_own(guide: str) -> None:
    templates = CHECKOUT / "site_templates"
    files = [*PACKAGE.rglob("*.py"), *templates.rglob("*.html"), *templates.rglob("*.js")]
    marked = re.compile(r"(?<![\w-])md-[a-z]+(?:__[a-z]+)?(?![\w-])")
    used = {name: path.name for path in files for name in marked.findall(path.read_text("utf-8"))}
    assert "md-nav__item" in used
    (styles,) = theme_folder().glob("assets/stylesheets/main.*.min.css")
    known = guide + styles.read_text("utf-8")
    assert {name: file for name, file in used.items() if name not in known} == {}
