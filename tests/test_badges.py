"""Badges: schemes and levels, what metas state, CK's `repro.article` as papers without claims, and how pages say so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.model.artifact import Artifact
from cmsite.model.badges import Badge, BadgeScheme
from cmsite.results.articles import article_badges, read_article
from cmsite.results.badge_schemes import LEVELS, SCHEME_NAMES, level_named, level_of, levels_of
from cmsite.results.gathering import gather
from cmsite.results.reading import read_paper, read_reproduction
from cmsite.site.badge_views import badge_view
from tests.catalog_factory import Tree, catalogue, context_of, page_of, script
from tests.result_values import artifact
from tests.test_build import index, run
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, findings, paper, reproduction
from tests.test_results_pages import content, site

PAPERS, REPLICATED = 67, 50
KEYS = ("artifact_available", "artifact_functional", "artifact_reusable", "results_replicated", "results_reproduced")
BADGES_YAML = """
badges:
- {scheme: acm-1.1, level: Results Reproduced v1.1, issuer: ACM, issued: 2024-02-01, evidence: "10.1145/3229762"}
- {scheme: usenix, level: functional, self_asserted: true}
"""


def article(uid: str = "d" * 16, **misc: Any) -> Artifact:
    return artifact("repro.article", uid, uid=uid, misc=misc)


# --- Schemes ----------------------------------------------------------------------------------------------------------


def test_every_scheme_has_a_name_and_levels_and_every_level_is_found_by_each_of_its_spellings():
    assert set(SCHEME_NAMES) == set(BadgeScheme)
    for scheme in BadgeScheme:
        assert levels_of(scheme)
    for level in LEVELS:
        for spelling in (level.level, level.name, level.name.upper(), *level.others):
            assert level_of(level.scheme, spelling) == level, spelling
        assert level_named(level.scheme, level.level) == level


def test_acm_exchanged_two_words_and_no_other():
    changed = {level.name: level.acm_1_1 for level in levels_of(BadgeScheme.ACM_1_0) if level.name != level.acm_1_1}
    assert changed == {"Results Replicated": "Results Reproduced", "Results Reproduced": "Results Replicated"}
    assert all(level.acm_1_1 == level.name for level in levels_of(BadgeScheme.ACM_1_1))


def test_the_crosswalk_names_levels_of_acm_1_1_only():
    names = {level.name for level in levels_of(BadgeScheme.ACM_1_1)} | {""}
    assert {level.acm_1_1 for level in LEVELS} <= names


@given(st.sampled_from(list(BadgeScheme)), st.text(max_size=300))
def test_no_text_raises(scheme: BadgeScheme, text: str):
    found = level_of(scheme, text)
    assert found is None or found.scheme is scheme


# --- Badges of papers and reproductions -------------------------------------------------------------------------------


def test_badges_of_a_paper_and_a_reproduction_are_read_with_their_issuer():
    for read in (
        read_paper(paper(PAPER_YAML + BADGES_YAML)),
        read_reproduction(reproduction(REPRODUCTION_YAML + BADGES_YAML)),
    ):
        assert read.findings == ()
        assert read.value.badges == (
            Badge(
                scheme=BadgeScheme.ACM_1_1,
                level="reproduced",
                text="acm-1.1: Results Reproduced v1.1",
                issuer="ACM",
                issued="2024-02-01",
                evidence="10.1145/3229762",
            ),
            Badge(scheme=BadgeScheme.USENIX, level="functional", text="usenix: functional", self_asserted=True),
        )


@pytest.mark.parametrize(
    ("badge", "code", "pointer", "words"),
    [
        ("{scheme: ACM 1.1, level: reproduced, issuer: x}", "CM520", "/badges/0/scheme", "'ACM 1.1' is no badge scheme"),
        ("{scheme: acm-1.1, level: reproducable, issuer: x}", "CM520", "/badges/0/level", "'reproducable' is no level of acm-1.1"),
        ("{scheme: usenix, level: replicated, issuer: x}", "CM520", "/badges/0/level", "'replicated' is no level of usenix"),
        ("{scheme: acm-1.1, level: reproduced}", "CM521", "/badges/0", "the badge names no issuer"),
        ("Reusable", "CM501", "/badges/0", "badges must hold mappings, got 'Reusable'"),
        ("{scheme: [1], level: {}}", "CM501", "/badges/0/scheme", "scheme must be a text, got a list"),
    ],
)  # fmt: skip
def test_a_bad_badge_is_found_at_its_place_and_kept_in_its_own_words(badge, code, pointer, words):
    read = read_paper(paper(PAPER_YAML + f"badges:\n- {badge}\n"))
    assert (code, pointer) in [(found.code, found.pointer) for found in read.findings]
    assert words in " ".join(found.message for found in read.findings)
    assert all(kept.scheme is None or kept.level or kept.text for kept in read.value.badges)


@pytest.mark.parametrize(
    ("badge", "hint"),
    [
        ("{scheme: ACM 1.1, level: reproduced, issuer: x}", "did you mean 'acm-1.1'?"),
        ("{scheme: banana, level: reproduced, issuer: x}", "known schemes: acm-1.0, acm-1.1, niso-rp-31-2021"),
        ("{scheme: acm-1.1, level: reproducable, issuer: x}", "did you mean 'reproduced'?"),
        ("{scheme: codecheck, level: gold, issuer: x}", "levels of codecheck: certificate"),
    ],
)  # fmt: skip
def test_a_near_name_is_offered(badge, hint):
    (found,) = read_paper(paper(PAPER_YAML + f"badges: [{badge}]\n")).findings
    assert hint in found.hint


def test_the_rules_know_badges_and_no_number_mints_one():
    assert [found for found in findings(paper(PAPER_YAML + BADGES_YAML)) if found[0] in ("CM520", "CM521")] == []
    reproduced = gather([paper(), reproduction()])
    assert [one.badges for one in reproduced.papers] == [one.badges for one in reproduced.reproductions] == [()]


def test_too_many_badges_are_cut_with_a_finding():
    many = "badges:\n" + "- {scheme: usenix, level: available, issuer: x}\n" * 51
    read = read_paper(paper(PAPER_YAML + many))
    assert len(read.value.badges) == 50
    assert [found.code for found in read.findings] == ["CM520"]


def test_the_view_says_both_words_the_issuer_and_what_is_self_asserted():
    def view(**values: Any):
        return badge_view(
            Badge(**{"text": "as written", "scheme": BadgeScheme.ACM_1_0, "level": "replicated", **values})
        )

    assert (view().scheme, view().name, view().also) == (
        "ACM 1.0", "Results Replicated", "called “Results Reproduced” in ACM 1.1",
    )  # fmt: skip
    assert view(level="available").also == ""
    assert view(scheme=BadgeScheme.CODECHECK, level="certificate").also == "no level of ACM 1.1 means the same"
    assert view(scheme=BadgeScheme.NISO, level="open").also == "nearest to “Artifacts Available” in ACM 1.1"
    assert view().issued_by == "issuer not stated"
    assert view(issuer="ACM").issued_by == "issued by ACM"
    assert view(self_asserted=True).issued_by == "self-asserted by the authors"
    unknown = view(scheme=None, level="", text="<b>Gold</b>")
    assert (unknown.name, unknown.is_known, unknown.also) == ("<b>Gold</b>", False, "")
    assert view(evidence="javascript:alert(1)").evidence.address == ""


# --- CK's repro.article -----------------------------------------------------------------------------------------------


def test_badges_of_an_article_keep_their_scheme_and_raw_text():
    found = article_badges(
        article(badge_acm_results_replicated="yes", badge_acm_artifact_reusable="", badge_ieee_gold="yes", reproducibility_url="http://a.org/ae")
    )  # fmt: skip
    assert found == (
        Badge(scheme=BadgeScheme.ACM_1_0, level="replicated", text="badge_acm_results_replicated: yes", evidence="http://a.org/ae"),
        Badge(scheme=None, level="", text="badge_ieee_gold: yes", evidence="http://a.org/ae"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("badges", "words"),
    [
        (["Artifacts Available", {"name": "Reusable"}, 5, {}], ["Artifacts Available", "Reusable", "5"]),
        ({"Functional": "yes", "Reusable": "no"}, ["Functional"]),
        ("Replicated", ["Replicated"]),
        (None, []),
    ],
)
def test_words_that_name_no_scheme_stay_words(badges, words):
    found = article_badges(article(badges=badges))
    assert [badge.text for badge in found] == words
    assert all(badge.scheme is None for badge in found)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from([f"badge_acm_{key}" for key in KEYS] + ["title", "authors", "badges", "where", "year", "doi"])


@given(st.dictionaries(_NAMES, _VALUES, max_size=6))
def test_no_article_raises_and_none_has_a_claim(misc: dict[str, Any]):
    read = read_article(artifact("repro.article", "a" * 16, uid="a" * 16, misc=misc))
    assert read.claims == ()
    assert read.title


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_hostile_article_has_a_page_of_bounded_size():
    long = "<x>" * 5_000
    names = {f"badge_{number}_{long}": "yes" for number in range(100)}
    keys = (
        "title",
        "where",
        "where_url",
        "workflow",
        "reproducibility_url",
        "paper_doi_url",
        "results_url",
        "doi",
        "date",
    )
    fields = {
        **dict.fromkeys(keys, long),
        "authors": [long] * 300,
        "badges": [long] * 300,
        "urls": [long] * 300,
        **names,
    }
    tree = Tree()
    owner = tree.add(script("evil", 1, {}, automation="repro.article", extra={"misc": fields}), {})
    shown = page_of(context_of(catalogue(owner), tree))
    assert len(shown) < 60_000  # Of which the frame is 20 kB.
    assert "<x>" not in shown
    assert re.search(r"and \d+ more", shown)


def test_people_with_affiliations_keep_them():
    fields = {"authors": [{"name": "Ann", "affiliation": "1"}], "affiliations": {"1": {"name": "Institute of Rain"}}}
    tree = Tree()
    owner = tree.add(script("rain", 1, {}, automation="repro.article", extra=fields), {})
    assert "Ann (Institute of Rain)" in page_of(context_of(catalogue(owner), tree))


def test_a_paper_without_claims_counts_as_such_and_never_as_reproduced():
    pages = site(article(title="Rain & Sun", badge_acm_results_replicated="yes"), paper(), reproduction())
    words = " ".join(content(pages["results/index.html"]).text.split())
    assert "No claims declared: 1 paper of 2 papers." in words
    assert "ACM 1.0 Results Replicated called “Results Reproduced” in ACM 1.1" in words
    assert "1 of 1 judged claim reproduced" in words
    own = " ".join(content(pages[f"paper/{'d' * 16}/index.html"]).text.split())
    assert "No claims declared: the record names no number to try again, so nothing is judged." in own
    assert "as written: badge_acm_results_replicated: yes" in own
    assert "reproduced" not in own.replace("“Results Reproduced”", "").replace("others got", "")


def _repository(folder: Path) -> None:
    """Write a CK repository of the shape of ctuning/reproindex: 67 articles, 50 of them with the badge `replicated`."""
    (folder / ".ckr.json").write_text(json.dumps({"data_alias": "reproindex", "data_uoa": "reproindex", "data_uid": "c" * 16, "dict": {}}))  # fmt: skip
    for number in range(PAPERS):
        uid = f"{number + 1:016x}"
        own = folder / "repro.article" / uid / ".cm"
        own.mkdir(parents=True)
        flags = (number % 6 != 0, number % 5 == 0, number % 3 != 0, number < REPLICATED, False)
        badges = {f"badge_acm_{key}": "yes" if flag else "" for key, flag in zip(KEYS, flags, strict=True)}
        misc = {
            "title": f"Paper number {number}: a <study> of & more",
            "authors": "Ann Author, Bob Builder",
            "paper_doi_url": f"https://doi.org/10.1000/{number}",
            "reproducibility_url": "http://example.org/ae/2018.html",
            "where": "Conference'18",
            **badges,
        }
        (own / "meta.json").write_text(json.dumps({"misc": misc, "tags": ["papers"]}))
        (own / "info.json").write_text(json.dumps({"backup_data_uid": uid, "backup_module_uid": "b56ccd54ac2b15b9", "backup_module_uoa": "repro.article", "control": {}}))  # fmt: skip


def test_67_articles_become_67_pages_with_badges_under_their_scheme_and_no_claims(tmp_path: Path):
    (tmp_path / "articles").mkdir()
    _repository(tmp_path / "articles")
    (tmp_path / "registry.yml").write_text(f"title: T\nregistry_id: '{'0' * 32}'\nsources: [{{folder: articles}}]\n")
    built = run("build", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert len(index(tmp_path / "site").records) == PAPERS
    folder = tmp_path / "site"
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("a/reproindex/repro.article/*/index.html"))]
    papers = [path.read_text("utf-8") for path in sorted(folder.glob("paper/*/index.html"))]
    assert (len(pages), len(papers)) == (PAPERS, PAPERS)
    for kind in (pages, papers):
        assert sum("<span>Results Replicated</span>" in page for page in kind) == REPLICATED
        assert sum("called “Results Reproduced” in ACM 1.1" in page for page in kind) == REPLICATED
        assert sum("No claims declared: the record names no number" in page for page in kind) == PAPERS
        assert sum("as written: <code>badge_acm_results_replicated: yes</code>" in page for page in kind) == REPLICATED
        assert not any("<span>Results Reproduced</span>" in page for page in kind)
        assert all("a &lt;study&gt; of &amp; more" in page and "<study>" not in page for page in kind)
    results = (folder / "results/index.html").read_text("utf-8")
    assert "No claims declared: 67 papers of 67 papers." in results
    assert json.loads((folder / "results/claims.json").read_text())["claims"] == []


def test_the_levels_of_niso_are_found_by_its_names_and_abbreviations():
    """As RP-31-2021 is quoted by those who apply it: names, abbreviations, and that "reviewed" asks for nothing else."""
    named = {
        "Open Research Objects": "ORO",
        "Open Research Objects - All": "ORO-A",
        "Research Objects Reviewed": "ROR",
        "Results Reproduced": "ROR-R",
        "Results Replicated": "RER",
    }
    levels = [level_of(BadgeScheme.NISO, name) for name in named]
    assert levels == [level_of(BadgeScheme.NISO, short) for short in named.values()]
    assert levels == list(levels_of(BadgeScheme.NISO))
    reviewed = level_of(BadgeScheme.NISO, "ROR")
    assert reviewed is not None
    assert "ran" not in reviewed.meaning
