"""Pages of results: what a reviewer finds on them, whatever stands in the metas."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest

from cmsite.catalog.catalog import Catalog
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format, Repository
from cmsite.model.tree import Provenance
from cmsite.outputs import OutputFile
from cmsite.results.gathering import gather
from cmsite.results.table import claim_rows
from cmsite.site.context import SiteContext, make_context
from cmsite.site.dashboards import badges_of, render_dashboards
from cmsite.site.result_plots import MAX_DOTS, WIDTH, claim_plot
from cmsite.site.result_rows import ICONS, web_address
from cmsite.site.results_page import PAPERS_A_PAGE
from cmsite.site.shell import Section, Slot, shells_from
from tests.result_values import artifact
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, bundled, meta, paper, reproduction

VOID = {"br", "img", "link", "meta", "hr", "input", "rect", "line", "circle", "path"}


class Reader(HTMLParser):
    """Checks that elements nest, and collects what tests ask for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.text += " " if tag in ("th", "td") else ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def context(*artifacts: Artifact) -> SiteContext:
    keys = dict.fromkeys(item.key.repository for item in artifacts)
    provenance = Provenance(kind="folder", location="x")
    repositories = tuple(
        Repository(key=key, alias=key, uid="", source=number, path="", formats=(Format.CM,), provenance=provenance)
        for number, key in enumerate(keys)
    )
    frame = "".join(f"<{slot.name}>{slot.value}</{slot.name}>" for slot in (Slot.TITLE, Slot.CONTENT))
    return make_context(
        catalog=Catalog(
            title="t", registry_id="0" * 32, repositories=repositories, artifacts={item.key: item for item in artifacts}
        ),
        shells=shells_from({(section, toc): frame for section in Section for toc in (True, False)}),
        read=lambda _artifact, _path: b"",
    )


def site(*artifacts: Artifact) -> dict[str, str]:
    files: list[OutputFile] = list(render_dashboards(context(*artifacts)))
    assert len({file.path for file in files}) == len(files)
    return {file.path: file.content.decode() for file in files}


def content(page: str) -> Reader:
    found = re.search(r"<CONTENT>(.*)</CONTENT>", page, re.DOTALL)
    assert found
    return Reader(found[1])


def test_the_pages_and_exports_that_the_contract_names():
    pages = set(site(paper(), reproduction()))
    assert pages >= {"results/index.html", "results/method/index.html", "results/claims.json", "results/claims.csv"}
    assert {path for path in pages if path.startswith("paper/")} == {
        f"paper/fast-sorting/{name}"
        for name in (
            "index.html",
            "claims.json",
            "claims.csv",
            "runs.csv",
            "badge.svg",
            "C1.svg",
            "C2.svg",
            "C3.svg",
            "ro-crate-metadata.json",
        )
    }
    assert {path for path in pages if path.startswith("results/")} >= {
        "results/data.js",
        "results/feed.xml",
        "results/missing/claims-without-attempt/index.html",
    }


def test_a_catalogue_without_papers_says_so():
    pages = site(artifact("script", "x"))
    assert "No paper of this catalogue declares a claim yet" in pages["results/index.html"]
    assert json.loads(pages["results/claims.json"])["claims"] == []


def test_a_paper_without_claims_says_so():
    pages = site(artifact("paper", "bare", uid="a" * 16, paper={"title": "Bare"}))
    assert "No claims declared" in pages["results/index.html"]
    assert "No claims declared" in pages["paper/bare/index.html"]
    assert "Nobody has recorded a reproduction yet" in pages["paper/bare/index.html"]


def test_totals_have_their_denominators():
    page = content(site(paper(), reproduction())["results/index.html"])
    words = " ".join(page.text.split())
    assert "1 of 1 judged claim reproduced; beside them 1 untested, 1 not comparable." in words
    assert (
        "3 claims of 1 paper, 1 reproduction, 1 of them not checked by anybody else; the newest is of 2026-01-02."
        in words
    )
    assert words.count("1 of 3") == 4  # Three verdicts, and one claim that nobody tried.


def test_a_row_says_everything_in_words():
    words = " ".join(content(site(paper(), reproduction())["results/index.html"]).text.split())
    for expected in (
        "98.90 %",
        "n = 2, 1 failed",
        "= 0.0 points equal",
        "± 0.05 points set by the authors",
        "✓ reproduced two runs",
        "1 of 2 runs failed and are not in the value",
        "stated otherwise: reproduced",
        "Bob",
        "2026-01-02, unverified",
        "logs/a.log",
    ):
        assert expected in words, expected


def test_the_page_of_a_paper_has_the_order_of_a_review():
    page = content(site(paper(), reproduction())["paper/fast-sorting/index.html"])
    words = " ".join(page.text.split())
    place = 0
    for part in (
        "Fast sorting",
        "1 of 1 judged claim reproduced",
        "Claims",
        "Reproduction of 2026-01-02 by Bob",
        "host_processor_model_name differs",
        "Evaluators",
        "Runs",
        "out of memory",
        "Logs and other evidence",
        "How to run it again",
        "run a",
        "Not attempted",
        "a matter of taste",
        "Claims nobody tried",
        "History and disputes",
        "Cite and export",
        "Embed",
    ):
        place = words.index(part, place)
    assert "On the authors' hardware not stated" in words


def test_pages_are_well_formed_tables_with_headings_and_no_inline_scripts():
    for path, text in site(paper(), reproduction()).items():
        if not path.endswith(".html"):
            continue
        page = content(text)
        assert page.elements[0][0] in ("h1", "nav")
        assert [item["id"] for item in page.all("h1")] == ["start"]
        assert all(script.get("src") for script in page.all("script"))
        assert not any(
            "style" in attributes or any(name.startswith("on") for name in attributes)
            for _, attributes in page.elements
        )
        identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(identifiers) == len(set(identifiers))
        assert all(cell.get("scope") or cell.get("role") for cell in page.all("th"))
        assert len(page.all("table")) == text.count("</table>")


def test_a_verdict_is_a_word_and_its_icon_is_not_read_aloud():
    text = site(paper(), reproduction())["results/index.html"]
    assert len(set(ICONS.values())) == len(ICONS)
    for icon, word in re.findall(r'<span class="cmr-icon" aria-hidden="true">(.)</span> ([a-z ]+)</span>', text):
        assert word in {verdict.value for verdict, sign in ICONS.items() if sign == icon}


def test_links_within_the_site_lead_somewhere():
    artifacts = (paper(), reproduction(), artifact("script", "run-it", uid="e" * 16))
    pages = site(*artifacts)
    known = {path.removesuffix("index.html") for path in pages} | {
        f"a/team/{item.key.automation}/{item.key.folder}/" for item in artifacts
    }
    known.add("")  # The front page.
    for path, text in pages.items():
        if not path.endswith(".html"):
            continue
        base = "/".join([".."] * path.count("/"))
        for link in content(text).all("a"):
            address, _, anchor = link["href"].partition("#")
            if not address:
                assert f'id="{anchor}"' in text
                continue
            assert address.startswith(("https://", f"{base}/")), address
            if address.startswith(base):
                assert address.removeprefix(f"{base}/") in known, address


def test_the_program_that_was_run_is_linked():
    text = REPRODUCTION_YAML.replace(
        "type: replicated", 'type: replicated\n  artifact: {reference: "script:run-it,eeeeeeeeeeeeeeee"}'
    )
    page = site(paper(), reproduction(text), artifact("script", "run-it", uid="e" * 16))[
        "paper/fast-sorting/index.html"
    ]
    assert '<a href="../../a/team/script/run-it/">script:run-it</a>' in page


EVIL = "<img src=x onerror=alert(1)>"


def test_hostile_texts_are_shown_and_never_run():
    text = (
        PAPER_YAML.replace("Fast sorting", EVIL)
        .replace("It is right.", EVIL)
        .replace("10.1000/xyz", '"javascript:alert(1)"')
    )
    other = (
        REPRODUCTION_YAML.replace("out of memory", f'"{EVIL}"')
        .replace("name: Bob", f'name: "{EVIL}"')
        .replace("run a", f'"{EVIL}"')
    )
    other = other.replace("log: logs/a.log", 'log: "javascript://x"')
    pages = site(paper(text), reproduction(other))
    for path, page in pages.items():
        if path.endswith(".html"):
            read = content(page)
            assert all(image["src"].startswith("../../paper/") for image in read.all("img"))
            assert all(not link["href"].lower().startswith("javascript") for link in read.all("a"))
    assert EVIL in content(pages["paper/fast-sorting/index.html"]).text


@pytest.mark.parametrize("name", ["__proto__", "<img onerror>", "constructor", "a/b", ""])
def test_odd_names_of_metrics_and_claims_break_nothing(name):
    metas: dict[str, Any] = meta(PAPER_YAML)
    metas["metrics"][1]["id"] = metas["claims"][0]["metric"] = name
    metas["claims"][0]["id"] = name
    pages = site(
        artifact("paper", "p", uid="a" * 16, **metas), reproduction(REPRODUCTION_YAML.replace("C1", json.dumps(name)))
    )
    for path, page in pages.items():
        if path.endswith(".html"):
            content(page)
    assert json.loads(pages["results/claims.json"])["claims"]


def test_no_page_grows_with_the_catalogue():
    many = [paper(folder=f"p{number:03}", uid=f"{number:016x}") for number in range(2 * PAPERS_A_PAGE + 1)]
    pages = site(*many)
    assert {path for path in pages if path.startswith("results/")} >= {
        "results/index.html",
        "results/2/index.html",
        "results/3/index.html",
    }
    assert pages["results/index.html"].count("<h3") == PAPERS_A_PAGE
    assert 'rel="next" href="../results/2/"' in pages["results/index.html"]
    assert 'rel="prev" href="../../results/2/"' in pages["results/3/index.html"]


def test_many_samples_are_folded_and_cut():
    text = REPRODUCTION_YAML.replace("98.88, 98.92", ", ".join(["98.9"] * 5000))
    page = site(paper(), reproduction(text))["paper/fast-sorting/index.html"]
    assert "4,000 more in the artifact" in page
    assert len(page) < 60_000


def test_two_papers_in_folders_of_one_name_have_two_pages():
    pages = site(paper(), paper(repository="other", uid="d" * 16))
    assert {path for path in pages if path.startswith("paper/") and path.endswith(".html")} == {
        "paper/fast-sorting/index.html",
        "paper/fast-sorting-dddddddd/index.html",
    }


def test_copies_of_a_paper_have_one_page_that_names_both():
    pages = site(paper(), reproduction(), paper(repository="other"))
    page = pages["paper/fast-sorting/index.html"]
    assert "team/paper:fast-sorting" in page
    assert "other/paper:fast-sorting" in page
    assert sum(path.startswith("paper/") and path.endswith(".html") for path in pages) == 1


def test_a_reproduction_without_its_paper_is_named():
    page = site(reproduction())["results/index.html"]
    assert "1 reproduction belongs to papers that are not in this catalogue" in " ".join(content(page).text.split())
    assert 'href="../a/team/reproduction/fast-sorting-2026/"' in page


def test_several_reproductions_are_counted_aloud():
    worse = reproduction(REPRODUCTION_YAML.replace("98.88, 98.92", "90"), folder="worse", uid="c" * 16)
    words = " ".join(content(site(paper(), reproduction(), worse)["paper/fast-sorting/index.html"]).text.split())
    assert "C1: 1 of 2 judged reproductions reproduced; worst: not reproduced." in words


def test_badges_lead_to_the_page_and_are_good_only_for_everything():
    found = badges_of(context(paper(), reproduction(), paper(repository="other")))
    assert {
        str(key): [(badge.value, badge.kind, badge.address) for badge in badges] for key, badges in found.items()
    } == {
        "team/paper:fast-sorting": [("1 of 3 reproduced", "unsure", "paper/fast-sorting/")],
        "other/paper:fast-sorting": [("1 of 3 reproduced", "unsure", "paper/fast-sorting/")],
        "team/reproduction:fast-sorting-2026": [("1 of 3 reproduced", "unsure", "paper/fast-sorting/")],
    }


def test_two_renderings_give_the_same_bytes():
    assert site(*bundled()) == site(*bundled())


def test_the_exports_of_the_bundled_catalogue_agree():
    pages = site(*bundled())
    rows = json.loads(pages["results/claims.json"])["claims"]
    table = list(csv.DictReader(io.StringIO(pages["results/claims.csv"], newline="")))
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in table]
    assert [row["claim"] for row in rows] == [row["claim"] for row in table]


def test_a_bar_is_inside_its_drawing_and_says_what_it_shows():
    results = gather(bundled())
    plots = [plot for row in claim_rows(results.papers, results.reproductions) if (plot := claim_plot(row))]
    assert len(plots) >= 5
    for plot in plots:
        positions = [*plot.claimed, *plot.dots, plot.mean]
        assert all(0 <= float(position) <= WIDTH for position in positions)
        assert 0 < len(plot.dots) <= MAX_DOTS
        assert "samples from" in plot.label
        if plot.band:
            assert 0 <= float(plot.band.x) + float(plot.band.width) <= WIDTH + 0.1


def test_drawings_are_well_formed_and_have_a_text():
    page = site(*bundled())["paper/wolberg-1995-wdbc/index.html"]
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawings
    for drawing in drawings:
        assert ET.fromstring(drawing).get("aria-label")  # noqa: S314 - our own output.


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("10.1093/comjnl/5.1.10", "https://doi.org/10.1093/comjnl/5.1.10"),
        ("doi:10.1000/x", "https://doi.org/10.1000/x"),
        ("https://example.org/", "https://example.org/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_are_linked(reference, address):
    assert web_address(reference) == address
