"""What pages and files say to machines, read by foreign programs: heads, JSON-LD, sitemap, feed, robots, llms.txt."""

import json
import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.robotparser import RobotFileParser

import feedparser
import pytest
from lxml import etree
from usp.fetch_parse import SitemapStrParser
from usp.objects.sitemap import AbstractSitemap

from cmsite.index.records import Version
from cmsite.site.artifact_data import TYPES
from cmsite.site.context import Badge, SiteContext
from cmsite.site.dashboards import render_dashboards
from cmsite.site.feed import MAX_ENTRIES, newest_changes
from cmsite.site.machine_pages import MAX_DOCS, DocsPage, HandWritten, render_machine_pages
from cmsite.site.sitemap import MAX_ADDRESSES, render_sitemap
from tests.catalog_factory import Tree, catalogue, context_of, page_of, renamed, script, whole_site
from tests.schema_vocabulary import problems
from tests.test_results import paper, reproduction

BASE = "https://example.org/catalogue/"
EVIL = "</script><img src=x onerror=alert(1)>\u2028\u202e\"'&<!--<script>]]>\ud800"
VERSION = Version(
    revision=1, label="2.3", tar_sha256="a" * 64, archive_sha256="b" * 64, size_bytes=918, time_s=1_700_000_000
)


class Head(HTMLParser):
    """Collects what stands in a head, and every script of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.metas: dict[str, str] = {}
        self.scripts: list[tuple[str, str]] = []
        self._script: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.links.append(values)
        if tag == "meta":
            self.metas[values.get("property") or values.get("name", "")] = values.get("content", "")
        if tag == "script":
            self._script = values.get("type", "")

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def graph(self) -> list[dict[str, Any]]:
        (block,) = [text for kind, text in self.scripts if kind == "application/ld+json"]
        document = json.loads(block)
        assert document.pop("@context") == "https://schema.org"
        return document.pop("@graph", None) or [document]


def extracted(html: str) -> list[dict[str, Any]]:
    """Return the JSON-LD of a page as a foreign program finds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import extruct
    found: list[dict[str, Any]] = extruct.extract(html, syntaxes=["json-ld"], errors="strict")["json-ld"]
    return found


def cards(html: str) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import extruct
    (found,) = extruct.extract(html, syntaxes=["opengraph"], errors="strict")["opengraph"]
    return dict(found["properties"])


def one(**fields: Any) -> SiteContext:
    """Return a catalogue of one artifact with a version."""
    tree = Tree()
    options = {name: fields.pop(name) for name in ("base_url", "title", "versions") if name in fields}
    artifact = tree.add(script(fields.pop("alias", "one"), 1, folder="one", **fields), {})
    versions = {artifact.key: options.pop("versions", (VERSION,))}
    return context_of(catalogue(artifact, versions=versions, **{"base_url": BASE, **options}), tree)


def wrong(graph: list[dict[str, Any]]) -> list[str]:
    return [problem for node in graph for problem in problems(node)]


@pytest.mark.parametrize("automation", [*sorted(TYPES), "challenge", "cfg", "something-of-their-own"])
def test_every_kind_of_artifact_is_right_by_the_vocabulary_and_found_by_a_foreign_extractor(automation: str) -> None:
    context = one(automation=automation, license="Apache-2.0", authors=("Ann", "Bob"), name="A name", version="1.0")
    html = page_of(context)
    node, crumbs = Head(html).graph()
    assert wrong([node, crumbs]) == []
    assert extracted(html) == [{"@context": "https://schema.org", "@graph": [node, crumbs]}]
    assert node["@type"] == TYPES.get(automation, "CreativeWork")
    *above, here = crumbs["itemListElement"]
    places = ["automation/", f"automation/{automation}/", "repository/team/"]
    assert [item["item"] for item in above] == [BASE + place for place in places]
    assert here == {"@type": "ListItem", "position": 4, "name": "one"}


def test_a_script_says_what_its_meta_says_and_nothing_else() -> None:
    node = Head(page_of(one(license="Apache-2.0", authors=("Ann",), name="Finds it", tags=("a", "b", "a")))).graph()[0]
    address = f"{BASE}a/team/script/one/"
    catalog = {"@type": "DataCatalog", "name": 'Catalogue <of> "tests" & more'}
    assert node == {
        "@type": "SoftwareSourceCode",
        "name": "Finds it",
        "alternateName": "one",
        "description": "Finds it",
        "identifier": "0000000000000001",
        "url": address,
        "version": "2.3",
        "license": {"@type": "CreativeWork", "name": "Apache-2.0"},
        "author": [{"@type": "Person", "name": "Ann"}],
        "dateModified": "2023-11-14",
        "keywords": ["a", "b"],
        "isPartOf": catalog,
        "codeRepository": "https://example.org/team.git",
        "encoding": {
            "@type": "MediaObject",
            "contentUrl": f"{BASE}artifacts/{'b' * 64}.tar.gz",
            "sha256": "b" * 64,
            "contentSize": "918 B",
        },
    }


def test_without_an_address_of_the_site_nothing_claims_one() -> None:
    head = Head(page_of(one(base_url="", authors=("Ann",))))
    (node,) = head.graph()
    assert wrong([node]) == []
    assert not {"url", "encoding"} & set(node)
    assert "og:url" not in head.metas
    assert not [link for link in head.links if link.get("rel") == "canonical"]


def test_cards_and_links_of_an_artifact() -> None:
    html = page_of(one(name="Finds it"))
    head = Head(html)
    assert cards(html) == {
        "og:title": "one",
        "og:description": "Finds it",
        "og:type": "article",
        "og:url": f"{BASE}a/team/script/one/",
        "og:site_name": 'Catalogue <of> "tests" & more',
    }
    assert head.metas["twitter:card"] == "summary"
    assert [link["href"] for link in head.links if link.get("rel") == "canonical"] == [f"{BASE}a/team/script/one/"]
    (manifest,) = [link for link in head.links if link.get("type") == "application/json"]
    assert re.fullmatch(r"\.\./\.\./\.\./\.\./cm-index/v1/manifest/[0-9a-f]{64}\.json", manifest["href"])


def test_a_paper_is_an_article_and_a_reproduction_reviews_it() -> None:
    tree = Tree()
    article, attempt = tree.add(paper(), {}), tree.add(reproduction(), {})
    badges = {attempt.key: (Badge(label="Claims", value="1 of 2 reproduced"),)}
    context = context_of(catalogue(article, attempt, base_url=BASE), tree, badges=badges)
    first, second = (Head(page_of(context, number)).graph() for number in (0, 1))
    assert wrong([*first, *second]) == []
    assert (first[0]["@type"], first[0]["headline"], first[0]["datePublished"]) == (
        "ScholarlyArticle",
        "Fast sorting",
        "1999",
    )
    assert first[0]["sameAs"] == "https://doi.org/10.1000/xyz"
    assert first[0]["author"] == [{"@type": "Person", "name": "Ann"}]
    assert (second[0]["@type"], second[0]["reviewBody"]) == ("Review", "Claims: 1 of 2 reproduced")
    assert second[0]["itemReviewed"]["url"] == first[0]["url"]
    assert second[0]["author"] == [{"@type": "Person", "name": "Bob"}]
    assert second[0]["datePublished"] == "2026-01-02"


def test_the_page_of_claims_is_about_its_paper() -> None:
    tree = Tree()
    context = context_of(catalogue(tree.add(paper(), {}), tree.add(reproduction(), {}), base_url=BASE), tree)
    pages = {file.path: file.content.decode() for file in render_dashboards(context) if file.path.endswith(".html")}
    graphs = {path: Head(html).graph() for path, html in pages.items()}
    assert [problem for graph in graphs.values() for problem in wrong(graph)] == []
    page, crumbs, *reviews = graphs["paper/fast-sorting/index.html"]
    assert [review["@type"] for review in reviews] == ["ClaimReview"] * 3
    assert (page["@type"], page["about"]["name"]) == ("WebPage", "Fast sorting")
    assert page["about"]["url"] == f"{BASE}a/team/paper/fast-sorting/"
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Results", "Fast sorting"]
    assert graphs["results/index.html"][0]["@type"] == "CollectionPage"


def test_a_paper_that_the_catalogue_lacks_is_reviewed_by_its_name() -> None:
    tree = Tree()
    context = context_of(catalogue(tree.add(reproduction(), {})), tree)
    assert Head(page_of(context)).graph()[0]["itemReviewed"] == {"@type": "ScholarlyArticle", "name": "fast-sorting"}


@pytest.mark.parametrize("automation", ["script", "data", "paper", "reproduction", "contributor", "x"])
def test_no_text_ends_its_block_or_attribute(automation: str) -> None:
    extra = {"paper": {"title": EVIL, "reference": EVIL, "authors": [{"name": EVIL, "orcid": EVIL}], "venue": EVIL}}
    extra["reproduction"] = {"paper": EVIL, "agent": [{"name": EVIL}], "check_time": EVIL}
    context = one(
        automation=automation, name=EVIL, description=EVIL, license=EVIL, authors=(EVIL,), tags=(EVIL, "x" * 500),
        category=EVIL, version=EVIL, alias=EVIL * 4, summary=EVIL, title=EVIL, extra=extra,
    )  # fmt: skip
    html = page_of(context)
    head = Head(html)
    assert wrong(head.graph()) == []
    assert extracted(html)[0]["@graph"][0]["license"]["name"].startswith("</script><img src=x")
    assert cards(html)["og:description"].startswith("</script><img src=x")
    assert "onerror" not in "".join(text for kind, text in head.scripts if kind != "application/ld+json")
    assert not re.search(r"<img[^>]+onerror", html)
    assert "\u202e" not in html
    assert "\u2028" not in "".join(text for kind, text in head.scripts)


def test_many_values_are_bounded() -> None:
    context = one(tags=tuple(f"tag{number}" for number in range(1000)), authors=tuple(map(str, range(1000))))
    node = Head(page_of(context)).graph()[0]
    assert (len(node["keywords"]), len(node["author"])) == (60, 60)


def test_lists_are_collections_and_the_home_page_can_be_searched() -> None:
    files = whole_site(one())
    pages = [path for path in files if re.match(r"(author|automation|category|license|repository|tag|uid)/", path)]
    assert len(pages) > 8
    for path in pages:
        head = Head(files[path].content.decode())
        page, *crumbs = head.graph()
        assert wrong([page, *crumbs]) == []
        assert page["@type"] == "CollectionPage"
        assert len(crumbs) == (page["url"] not in {f"{BASE}automation/", f"{BASE}repository/"})
        assert page["url"] == head.metas["og:url"] == BASE + path.removesuffix("index.html")
        assert any(link.get("type") == "application/atom+xml" for link in head.links)
    site, catalog = Head(files["index.html"].content.decode()).graph()
    assert wrong([site, catalog]) == []
    assert site["potentialAction"]["target"]["urlTemplate"] == f"{BASE}find/?q={{search_term_string}}"
    assert (catalog["@type"], catalog["identifier"]) == ("DataCatalog", "0" * 32)


def test_a_hand_written_home_page_gets_the_same_head_once() -> None:
    plain = one()
    home = b"<html><head><title>x</title></head><body><!-- cmsite:catalogue --></body></html>"
    marked = context_of(plain.catalog, Tree(), home=home)
    head = Head(whole_site(marked)["index.html"].content.decode())
    assert [node["@type"] for node in head.graph()] == ["WebSite", "DataCatalog"]
    assert head.metas["og:url"] == BASE
    own = home.replace(b"<title>", b'<meta property="og:title" content="mine"><link rel="canonical" href="c"><title>')
    html = whole_site(context_of(plain.catalog, Tree(), home=own))["index.html"].content.decode()
    assert (html.count("og:title"), html.count("canonical"), html.count("ld+json")) == (1, 1, 1)


# --- Files of the root --------------------------------------------------------------------------------------------


def machine_files(context: SiteContext, rendered: tuple[str, ...] = (), **written: Any) -> dict[str, bytes]:
    summary = written.pop("summary", "")
    files = render_machine_pages(context, rendered, HandWritten(**written), summary=summary)
    return {file.path: file.content for file in files}


def addresses(sitemap: bytes, url: str = f"{BASE}sitemap.xml") -> list[tuple[str, str]]:
    """Return (address, day) of each entry as a foreign parser reads a part."""
    found: AbstractSitemap = SitemapStrParser(sitemap.decode()).sitemap()
    assert not getattr(found, "reason", ""), getattr(found, "reason", "")
    return [(page.url, str(page.last_modified or "")[:10]) for page in found.all_pages()]


def test_the_sitemap_names_every_page_once_with_the_day_it_changed() -> None:
    files = whole_site(one())
    found = addresses(files["sitemap.xml"].content)
    pages = {BASE + path.removesuffix("index.html") for path in files if path.endswith("/index.html")} | {BASE}
    assert {address for address, _ in found} == pages
    assert len(found) == len(pages)
    assert dict(found)[f"{BASE}a/team/script/one/"] == "2023-11-14"
    assert dict(found)[BASE] == ""


def test_hand_written_pages_stand_in_the_sitemap_and_in_llms_txt() -> None:
    pages = (
        DocsPage(address="", title="Home"),
        DocsPage(address="guide/caf%C3%A9/", title="A [guide]", description="How"),
    )
    files = machine_files(one(), pages=pages)
    assert (f"{BASE}guide/caf%C3%A9/", "") in addresses(files["sitemap.xml"])
    assert f"- [A \\[guide\\]]({BASE}guide/caf%C3%A9/): How\n" in files["llms.txt"].decode()


def test_a_sitemap_is_cut_at_fifty_thousand_addresses() -> None:
    days = {f"a/{number:06}/": "2026-01-02" if number == 60_000 else "" for number in range(MAX_ADDRESSES * 2 + 1)}
    index, *parts = render_sitemap(BASE, days)
    assert [file.path for file in parts] == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    counts = [len(list(etree.fromstring(file.content).iter("{*}loc"))) for file in parts]
    assert counts == [MAX_ADDRESSES, MAX_ADDRESSES, 1]
    assert len(addresses(parts[-1].content)) == 1
    tree = etree.fromstring(index.content)
    named = [element.text for element in tree.iter("{*}loc")]
    assert named == [f"{BASE}{file.path}" for file in parts]
    assert [element.text for element in tree.iter("{*}lastmod")] == ["2026-01-02"]
    (alone,) = render_sitemap(BASE, dict(list(days.items())[:MAX_ADDRESSES]))
    assert alone.content.count(b"<loc>") == MAX_ADDRESSES


def test_robots_may_read_everything_and_are_told_of_the_sitemap() -> None:
    robots = RobotFileParser()
    robots.parse(machine_files(one())["robots.txt"].decode().splitlines())
    assert robots.can_fetch("anybody", f"{BASE}a/team/script/one/")
    assert robots.site_maps() == [f"{BASE}sitemap.xml"]


def test_without_an_address_there_is_no_sitemap_and_everything_else_is_relative() -> None:
    files = machine_files(one(base_url=""))
    assert sorted(files) == ["feed.xml", "llms.txt", "robots.txt"]
    assert b"Sitemap" not in files["robots.txt"]
    assert "](automation/)" in files["llms.txt"].decode()
    feed = read_feed(files["feed.xml"], f"{BASE}feed.xml")
    assert feed.entries[0].link == f"{BASE}a/team/script/one/"


def test_hand_written_files_stand_for_ours() -> None:
    context = one()
    assert sorted(machine_files(context, machine_paths=frozenset({"robots.txt", "llms.txt"}))) == [
        "feed.xml",
        "sitemap.xml",
    ]


def read_feed(content: bytes, location: str = f"{BASE}feed.xml") -> Any:
    """Parse a feed strictly; it must satisfy what RFC 4287 demands of each element."""
    feed = feedparser.parse(
        content, response_headers={"content-type": "application/atom+xml", "content-location": location}
    )
    assert not feed.bozo, feed.bozo_exception
    assert feed.version == "atom10"
    tree = etree.fromstring(content)
    atom = "{http://www.w3.org/2005/Atom}"
    for element in (tree, *tree.iter(f"{atom}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{atom}{name}")) == 1
        alternates = [link for link in element.findall(f"{atom}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    assert tree.find(f"{atom}author/{atom}name") is not None
    identities = [element.text for element in tree.iter(f"{atom}id")]
    assert len(identities) == len(set(identities))
    return feed


def revisions(*times: int) -> tuple[Version, ...]:
    return tuple(replace(VERSION, revision=number, time_s=time) for number, time in enumerate(times, start=1))


def test_the_feed_names_new_and_changed_artifacts_the_newest_first() -> None:
    context = one(versions=revisions(1_600_000_000, 1_700_000_000), authors=("Ann & Bob",), summary="Finds <it>")
    feed = read_feed(machine_files(context)["feed.xml"])
    assert [entry.title for entry in feed.entries] == ["Changed: script:one r2", "New: script:one r1"]
    assert feed.feed.updated == feed.entries[0].updated == "2023-11-14T22:13:20Z"
    newest = feed.entries[0]
    assert (newest.link, newest.summary, newest.author) == (
        f"{BASE}a/team/script/one/",
        "Finds <it>",
        "Ann & Bob",
    )
    assert newest.enclosures[0].href == f"{BASE}artifacts/{'b' * 64}.tar.gz"
    assert feed.feed.id == "urn:uuid:00000000-0000-0000-0000-000000000000"


def test_ids_of_entries_outlive_names_addresses_and_times() -> None:
    before = read_feed(machine_files(one())["feed.xml"])
    moved = one(alias="renamed", base_url="https://elsewhere.example/", versions=revisions(1_800_000_000))
    after = read_feed(machine_files(moved)["feed.xml"])
    assert [entry.id for entry in before.entries] == [entry.id for entry in after.entries]


def test_a_feed_is_bounded_and_leaves_out_what_has_no_time_or_is_yanked() -> None:
    tree = Tree()
    artifacts = [tree.add(script(f"s{number:03}", number + 1), {}) for number in range(MAX_ENTRIES + 20)]
    versions = {item.key: revisions(1_600_000_000 + number) for number, item in enumerate(artifacts)}
    versions[artifacts[-1].key] = revisions(0)
    versions[artifacts[-2].key] = (replace(VERSION, yanked="broken", time_s=1_900_000_000),)
    versions[artifacts[-3].key] = revisions(10**15, -5)
    context = context_of(catalogue(*artifacts, versions=versions, base_url=BASE), tree)
    feed = read_feed(machine_files(context)["feed.xml"])
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.entries[0].title == "New: script:s116 r1"
    assert newest_changes(context)[0].time_s == 1_600_000_116


def test_the_theme_takes_no_link_for_another_language() -> None:
    for path, file in whole_site(one()).items():
        assert b'rel="alternate"' not in file.content or not path.endswith(".html"), path


def test_without_times_there_is_no_feed_and_no_link_to_one() -> None:
    context = one(versions=revisions(0), time_s=0)
    files = whole_site(context)
    assert "feed.xml" not in files
    assert b"application/atom+xml" not in files["index.html"].content
    assert addresses(files["sitemap.xml"].content)


def test_copies_in_two_repositories_are_two_entries() -> None:
    tree = Tree()
    both = [tree.add(script("one", 1, repo=repo), {}) for repo in ("team", "zoo")]
    context = context_of(catalogue(*both, versions={item.key: (VERSION,) for item in both}), tree)
    assert len(read_feed(machine_files(context)["feed.xml"]).entries) == 2


def test_hostile_texts_leave_every_file_well_formed() -> None:
    context = one(name=EVIL, summary=EVIL, authors=(EVIL, "\x00\x1b\ufffe"), alias=EVIL, title=EVIL, automation="a`]b")
    files = machine_files(context, pages=(DocsPage(address="x/", title=EVIL, description=f"{EVIL}\n# Mine\n- [x](y)"),))
    feed = read_feed(files["feed.xml"])
    assert feed.entries[0].authors[0]["name"].startswith("</script>")
    assert addresses(files["sitemap.xml"])
    text = files["llms.txt"].decode()
    assert [line for line in text.splitlines() if line.startswith("# ")] == [text.splitlines()[0]]
    assert not re.search(r"(?<!\\)<(script|img)", text)
    assert not set("\u2028\u202e") & set(text)


def test_llms_txt_has_the_shape_of_its_specification_and_is_bounded() -> None:
    pages = tuple(DocsPage(address=f"d{number}/", title=f"Page {number}") for number in range(MAX_DOCS + 50))
    lines = machine_files(one(title="T"), pages=pages, summary="What it is.")["llms.txt"].decode().splitlines()
    assert lines[0] == "# T"
    assert lines[2] == "> What it is. 1 artifact in 1 repository."
    sections = [line for line in lines if line.startswith("## ")]
    assert sections == ["## Catalogue", "## Documentation", "## Automations", "## Repositories", "## Data"]
    after = "\n".join(lines).partition("## Catalogue")[2]
    items = [line for line in after.splitlines() if line and not line.startswith("## ")]
    assert all(re.match(r"- \[[^\]]+\]\([^)]+\)(: .+)?$", line) for line in items)
    assert sum("Page" in line for line in items) == MAX_DOCS


def test_the_order_of_artifacts_does_not_matter() -> None:
    tree = Tree()
    artifacts = [tree.add(script(f"s{number}", number + 1), {}) for number in range(5)]
    versions = {item.key: (VERSION,) for item in artifacts}
    first = catalogue(*artifacts, versions=versions, base_url=BASE)
    second = catalogue(
        *(renamed(item) for item in reversed(artifacts)), versions=dict(reversed(versions.items())), base_url=BASE
    )
    assert machine_files(context_of(first, tree)) == machine_files(context_of(second, tree))
