"""Pages from a small hand-made catalogue: what they say, that they stand in the frame, and that links hold."""

import itertools
import os
import re
import time
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from cmsite.diagnostics import Diagnostic, Place, Severity
from cmsite.errors import ConfigurationError
from cmsite.index.records import Version
from cmsite.site.context import Badge, SiteContext
from cmsite.site.lists import ROWS_A_PAGE, render_lists
from cmsite.site.page import Page, stamp_page
from cmsite.site.pages import render_artifact
from cmsite.site.shell import Section, Slot
from tests.catalog_factory import (
    COMMIT,
    Tree,
    article,
    catalogue,
    context_of,
    docs,
    needs,
    page_of,
    renamed,
    repository,
    script,
    whole_site,
    with_readme,
)

GOLDEN = Path(__file__).parent / "golden" / "artifact_page.html"
REFRESH = "CMSITE_REFRESH_GOLDEN"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
VERSION = Version(
    revision=1, label="2.3", tar_sha256="a" * 64, archive_sha256="b" * 64, size_bytes=918, time_s=1_700_000_000
)


def rich() -> SiteContext:
    """Return a catalogue in which one artifact has something of everything."""
    tree = Tree()
    readme = b"# One\n\nFinds **things** in a [folder](../two) and <b>counts</b> them.\n\n## Usage\n\n```bash\nexport A=1\n```\n"
    files = {"README.md": readme, "run.sh": b"true\n", "img/plot.png": PNG}
    one = tree.add(
        script(
            "one", 1, files, category="Tools", license="MIT", authors=("Ann <a>", "Bob"), variations=("fast", "slow"),
            extra={"env": {"A": 1}, "deps": [{"tags": "x"}], "cache": True},
        ),
        files,
    )  # fmt: skip
    two = tree.add(script("two", 2, name="The second script"), {})
    three = tree.add(script("three", 3), {})
    copy = tree.add(script("one", 1, repo="zoo"), {})
    paper = tree.add(script("paper-1", 9, automation="paper", name="A paper"), {})
    finding = Diagnostic(
        code="CM104",
        severity=Severity.WARNING,
        repository="team",
        path="script/one/_cm.yaml",
        message="key 'a' <b> stands twice",
        place=Place(line=3, column=1),
        hint="remove one `a: <i>`, or the ` before it",
    )
    catalog = catalogue(
        one, two, three, copy, paper,
        edges=(
            needs(one, two),
            needs(one, two, three, tags=("any",), within="variation fast", condition="if A is 1", kind="post_deps"),
            needs(one, tags=("nowhere",)),
            needs(three, one),
        ),
        findings={one.key: (finding,)},
        versions={one.key: (VERSION,)},
        base_url="https://example.org/catalogue/",
    )  # fmt: skip
    badges = {paper.key: (Badge(label="Verdict", value="reproduced", kind="good", address="results/"),)}
    return context_of(catalog, tree, badges=badges)


class References(HTMLParser):
    """Collects ids, addresses of links, and addresses a browser would load by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("a", "area") and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and values.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(values["href"])
        self.loaded.extend(
            values[name] for name in ("src", "srcset", "poster", "data", "action") if name in values and tag != "input"
        )
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


def test_the_page_of_an_artifact_is_the_golden_one() -> None:
    page = article(page_of(rich(), 1))
    if os.environ.get(REFRESH):
        GOLDEN.write_text(page, encoding="utf-8")
    assert page == GOLDEN.read_text(encoding="utf-8"), f"set {REFRESH}=1 to refresh it, and read the difference"


_WRITTEN_ELSEWHERE = ("artifacts", "find")  # Archives, and the page that searches.


def test_every_internal_link_and_anchor_exists_and_nothing_external_is_loaded() -> None:
    files = whole_site(rich())
    pages = {path: References(file.content.decode()) for path, file in files.items() if path.endswith(".html")}
    checked = 0
    for path, page in pages.items():
        if path == "404.html":  # Its addresses are absolute: nobody knows where it will be shown.
            continue
        for address in page.loaded:
            assert not urlsplit(address).scheme, (path, address)
            assert not address.startswith("//"), (path, address)
            if _target(path, address).split("/")[0] not in _WRITTEN_ELSEWHERE:
                assert _target(path, address) in files, (path, address)
        for address in page.links:
            if urlsplit(address).scheme in ("http", "https", "mailto"):
                continue
            target = _target(path, address)
            if target.split("/")[0] in _WRITTEN_ELSEWHERE:
                continue
            assert target in files, (path, address)
            fragment = unquote(urlsplit(address).fragment)
            assert not fragment or fragment in pages[target].ids, (path, address)
            checked += 1
    assert checked > 200


def _target(path: str, address: str) -> str:
    joined = urlsplit(urljoin(f"https://site/{path}", address)).path.lstrip("/")
    return f"{joined}index.html" if not joined or joined.endswith("/") else unquote(joined)


def test_pages_are_ordered_documents() -> None:
    for path, file in whole_site(rich()).items():
        if not path.endswith(".html") or path.startswith("404"):
            continue
        page = References(file.content.decode())
        assert page.headings.count("h1") == 1, path
        assert len(page.ids) == len(set(page.ids)), path
        assert "start" in page.ids, path
        levels = [int(heading[1]) for heading in page.headings]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), (path, levels)
        for table in re.findall(r"<th\b[^>]*>", article(file.content.decode())):
            assert "scope=" in table, path


def test_two_renderings_are_equal() -> None:
    first, second = whole_site(rich()), whole_site(rich())
    assert {path: file.content for path, file in first.items()} == {path: file.content for path, file in second.items()}


def test_the_frame_names_title_description_and_canonical_address() -> None:
    page = page_of(rich(), 3)
    assert "<title>two - Catalogue" in page
    assert '<meta name="description" content="The second script">' in page
    assert '<link rel="canonical" href="https://example.org/catalogue/a/team/script/two/">' in page
    assert '"base": "../../../.."' in page
    assert "cmsite-slot" not in page


def test_a_readme_may_hold_our_own_markers() -> None:
    markers = " ".join(slot.value for slot in Slot)
    page = page_of(with_readme(f"# One\n\nA text with {markers} and {{{{ view.title }}}} in it.\n".encode()))
    assert markers in article(page)
    assert "{{ view.title }}" in article(page)
    assert page.count("</html>") == 1


def test_hostile_names_stay_text() -> None:
    evil = "\"><script>alert('x')</script>{{ 1234567 * 3 }}"
    tree = Tree()
    artifact = tree.add(
        script(
            "one",
            1,
            name=evil,
            category=evil,
            license=evil,
            authors=(evil,),
            tags=(evil,),
            variations=(evil,),
            extra={evil: evil},
        ),
        {},
    )
    files = whole_site(context_of(catalogue(artifact), tree))
    for path, file in files.items():
        if path.endswith(".html"):
            assert "<script>alert" not in file.content.decode(), path
            assert "3703701" not in article(file.content.decode()), path


def test_links_of_a_readme_lead_to_artifacts_or_to_the_commit() -> None:
    tree = Tree()
    readme = (
        b"[two](../two) [its readme](../two/README.md#usage) [code](run.sh) [doc](../../docs/a%20b.md#part) [root](/cmr.yaml)\n"
        b"[out](../../../etc/passwd) [drive](c:/x) [abs](//example.org/x) [query](run.sh?raw=true)\n"
    )
    one = tree.add(script("one", 1, {"README.md": readme}), {"README.md": readme})
    two = tree.add(script("two", 2), {})
    page = page_of(context_of(catalogue(one, two), tree))
    at = f"https://example.org/team/blob/{COMMIT}"
    assert (
        '<a href="../../../../a/team/script/two/">two</a> <a href="../../../../a/team/script/two/">its readme</a>'
        in page
    )
    assert f'<a href="{at}/script/one/run.sh" rel="nofollow noopener noreferrer">code</a>' in page
    assert f'<a href="{at}/docs/a%20b.md#part" rel="nofollow noopener noreferrer">doc</a>' in page
    assert f'<a href="{at}/cmr.yaml" rel="nofollow noopener noreferrer">root</a>' in page
    assert ">out</span>" in page
    assert "<a>drive</a>" in page
    assert '<a href="https://example.org/x" rel="nofollow noopener noreferrer">abs</a>' in page
    assert f'<a href="{at}/script/one/run.sh" rel="nofollow noopener noreferrer">query</a>' in page


def test_without_a_public_page_of_files_links_to_them_are_text() -> None:
    tree = Tree()
    one = tree.add(script("one", 1, {"README.md": b"[code](run.sh)"}, commit=""), {"README.md": b"[code](run.sh)"})
    assert '<span class="cm-dead" title="not in this catalogue: run.sh">code</span>' in page_of(
        context_of(catalogue(one), tree)
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1" fill="url(#g)"/></svg>'


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("plot.png", PNG, True),
        ("plot.PNG", PNG, True),
        ("plot.svg", SVG, True),
        ("plot.png", b"<html><script>alert(1)</script>", False),
        ("plot.html", b"<html>", False),
        ("plot.svg", SVG.replace(b"<path", b"<script>alert(1)</script><path"), False),
        ("plot.svg", SVG.replace(b"<path", b"<path onload='alert(1)'"), False),
        ("plot.svg", SVG.replace(b"<path", b"<image href='https://example.org/a.png'/><path"), False),
        ("plot.svg", SVG.replace(b"<path", b"<style>@import 'https://example.org/a.css'</style><path"), False),
        ("plot.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, False),
    ],
)
def test_images_of_the_artifact_stand_beside_its_page(name: str, content: bytes, *, shown: bool) -> None:
    context = with_readme(f"![A plot](img/{name})".encode(), files={f"img/{name}": content})
    page, *beside = render_artifact(context, next(iter(context.catalog.artifacts)))
    html = page.content.decode()
    pictures = [file for file in beside if "/img-" in file.path]
    if shown:
        assert [file.content for file in pictures] == [content]
        assert f'<img src="{PurePosixPath(pictures[0].path).name}" alt="A plot" loading="lazy">' in html
    else:
        assert not pictures
        assert "<img" not in article(html)
        assert "A plot" in html


def test_a_text_by_hand_comes_first_and_a_generated_one_is_folded() -> None:
    tree = Tree()
    files = {
        "README.md": b"Please see [the documentation](https://example.org/docs) of this script.\n",
        "README-extra.md": b"## About\n\nThis script measures how fast a disk answers.\n",
    }
    context = context_of(catalogue(tree.add(script("one", 1, files), files)), tree)
    page = article(page_of(context))
    assert '<p class="cm-lead">Measures how fast a disk answers.</p>' in page
    assert page.rindex("how fast a disk answers") < page.index("<summary>README.md")
    assert "made from its name" not in page


def test_a_dependency_outside_of_the_catalogue_is_named_without_a_link() -> None:
    tree = Tree()
    one, outside = tree.add(script("one", 1), {}), script("outside", 2, repo="required")
    page = article(page_of(context_of(catalogue(one, edges=(needs(one, outside),)), tree)))
    assert "<td>outside</td>" in page


def test_a_description_nobody_wrote_says_so() -> None:
    tree = Tree()
    page = page_of(context_of(catalogue(tree.add(script("get-cuda", 1, category="Compilers"), {})), tree))
    assert "Script to get CUDA: compilers" in page
    assert "made from its name" in page


def test_latin_1_and_a_vanished_file_do_no_harm() -> None:
    assert "not UTF-8" in page_of(with_readme("Größe und Gewicht messen.".encode("latin-1")))
    context = context_of(catalogue(script("one", 1, {"README.md": b"x"})), Tree())
    assert '<h1 id="start">one</h1>' in page_of(context)


def test_a_copy_in_a_second_repository_is_pulled_by_its_repository() -> None:
    context = rich()
    pages = {str(key): page_of(context, number) for number, key in enumerate(context.catalog.artifacts)}
    assert "cmsite pull script:one\n" in re.sub("<[^>]*>", "", pages["team/script:one"]) + "\n"
    assert "cmsite pull zoo/script:one" in re.sub("<[^>]*>", "", pages["zoo/script:one"])
    assert 'href="../../../../a/team/script/one/">team/script:one</a>' in pages["zoo/script:one"]


def test_a_command_may_be_copied_into_a_shell() -> None:
    tree = Tree()
    page = page_of(context_of(catalogue(tree.add(script("a b; rm -rf ~", 1), {})), tree))
    shown = unescape(re.sub("<[^>]*>", "", article(page)))
    assert "cmsite pull 'script:a b; rm -rf ~'" in shown
    assert "cm run script 'a b; rm -rf ~'" in shown


def test_a_uid_leads_to_all_its_artifacts() -> None:
    files = whole_site(rich())
    page = article(files["uid/00/index.html"].content.decode())
    assert '<li id="0000000000000002">' in page
    row = page.partition('<li id="0000000000000001">')[2].partition("</li>")[0]
    assert re.findall('href="([^"]*)"', row) == ["../../a/team/script/one/", "../../a/zoo/script/one/"]
    assert 'href="../uid/00/"' in article(files["uid/index.html"].content.decode())
    assert 'href="../../../../uid/00/#0000000000000001"' in page_of(rich(), 1)


def test_lists_of_every_length_are_cut_into_pages() -> None:
    tree = Tree()
    count = 2 * ROWS_A_PAGE + 1
    context = context_of(catalogue(*(script(f"s{number:04}", number) for number in range(count))), tree)
    files = {file.path: file.content.decode() for file in render_lists(context)}
    names = [
        re.findall(r'class="cm-list__name" href="[^"]*">(\w+)<', files[f"automation/script/{page}index.html"])
        for page in ("", "2/", "3/")
    ]
    assert [len(page) for page in names] == [200, 200, 1]
    assert sum(names, []) == [f"s{number:04}" for number in range(count)]  # noqa: RUF017 - three short lists.
    assert 'rel="next" href="../../automation/script/2/"' in files["automation/script/index.html"]
    assert 'rel="prev" href="../../../automation/script/2/"' in files["automation/script/3/index.html"]
    assert "automation/script/4/index.html" not in files
    assert max(map(len, files.values())) < 200_000


def test_lists_on_one_page_are_bounded() -> None:
    tree = Tree()
    many = tuple(f"{number}.txt" for number in range(3_000))
    hub = script("hub", 1, dict.fromkeys(many, b""), tags=many, variations=many)
    users = [script(f"user-{number}", number + 2) for number in range(3_000)]
    context = context_of(catalogue(hub, *users, edges=tuple(needs(user, hub) for user in users)), tree)
    page = page_of(context)
    assert len(page) < 40_000
    assert "All 3000" in page
    assert re.search(r"and 29\d\d more", page)


def test_a_slot_left_out_by_an_override_is_named() -> None:
    from cmsite.site.shell import split

    with pytest.raises(ConfigurationError, match=r"block 'content' without \{\{ super\(\) \}\}"):
        split("<html></html>")


def test_an_override_replaces_a_template_and_its_mistakes_are_named(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "artifact.html").write_text('<h1 id="start">Mine: {{ view.title }}</h1>\n{{ view.titel }}\n')
    context = replace(rich(), overrides=tmp_path)
    with pytest.raises(ConfigurationError, match=r"artifact\.html:2: .*titel"):
        page_of(context)
    (tmp_path / "pages" / "artifact.html").write_text('<h1 id="start">Mine: {{ view.title }}</h1>{% if %}')
    from cmsite import templates

    templates.forget()
    with pytest.raises(ConfigurationError, match=r"artifact\.html:1: "):
        page_of(context)
    (tmp_path / "pages" / "artifact.html").write_text('<h1 id="start">Mine: {{ view.title }}</h1>')
    templates.forget()
    assert "Mine: paper-1" in page_of(context)


def test_a_page_knows_its_section() -> None:
    page = Page(
        address="results/", section=Section.RESULTS, title="R", description="d", content='<h1 id="start">R</h1>'
    )
    html = stamp_page(rich(), page).content.decode()
    active = re.findall(r'<li class="md-tabs__item md-tabs__item--active">\s*<a href="([^"]*)"', html)
    assert active == ["../results/"]


def test_a_thousand_pages_take_a_second() -> None:
    tree = Tree()
    readme = (
        b"# Title\n\n"
        + b"A sentence of a text that explains `things` and **others**. " * 40
        + b"\n\n```bash\nexport A=1\n```\n"
    )
    artifacts = [
        tree.add(script(f"s{number}", number, {"README.md": readme}), {"README.md": readme}) for number in range(200)
    ]
    context = context_of(catalogue(*artifacts), tree)
    page_of(context)
    start = time.process_time()
    for key in context.catalog.artifacts:
        render_artifact(context, key)
    assert (
        time.process_time() - start
    ) / 200 < 0.005  # Some 0.0006 on a quiet machine: linear or slow work would show.


def test_the_theme_makes_no_request_to_another_host() -> None:
    shells = docs().shells
    for (section, toc, depth), shell in shells.frames.items():
        html = b"".join(shell.pieces).decode()
        for address in References(html).loaded:
            assert not urlsplit(address).scheme, (section, toc, depth, address)
        assert "fonts.g" not in html


def test_repositories_without_commit_or_web_page_are_described(tmp_path: Path) -> None:
    tree = Tree()
    one = tree.add(script("one", 1, commit="", time_s=0), {})
    team = repository("team")
    plain = replace(
        team, provenance=replace(team.provenance, kind="folder", location="artifacts", file_url="", commit="")
    )
    page = page_of(context_of(catalogue(one, repositories=(plain,)), tree))
    assert "<td>artifacts</td>" in page
    assert renamed(one, alias="x").display_name == "x"
