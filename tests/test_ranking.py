"""The two readers of the index rank alike: `cmsite search` and the page find/ in a real browser, on the same queries."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmsite.catalog.addresses import artifact_address
from cmsite.client.query import parse_query
from cmsite.client.registries import open_address
from cmsite.client.search import Hit, scan
from cmsite.index.emit import emit_index
from cmsite.index.records import Record, Status
from cmsite.index.words import fold, split_words
from cmsite.model.artifact import ArtifactKey
from cmsite.outputs import OutputFolder
from tests.chromium import Browser, chromium
from tests.page_scripts import READER
from tests.requirements import CHECKOUT, need
from tests.serving import served_by_nginx
from tests.test_finding import JUDGED, cm4mlops_site

pytestmark = [pytest.mark.browser, pytest.mark.server]

SCRIPTS = tuple(f"{name}.js" for name in READER)
QUERIES = (
    *JUDGED, "", "get", "GET", "script", "mlperf inference nvidia", "python", "python3", "get-dataset-coco",
    "script:get-dataset-coco", "c198e1f60ac6445c", "5b4e0237da074764", "get get cuda", "openimages", "open images",
    "3dunet", "fetch squad", "cuda nothing-like-this", "nothinglikethis", "v3.1", "e", "mlperf power", "a b c d e f g",
)  # fmt: skip
TEXTS = (
    "Größe STRASSE",
    "ΟΔΟΣ οδός",
    "İstanbul ıI",
    "ﬁle ŉ",
    "a_b-c.d",
    "日本語 テスト ２",
    "١٢٣ ⅷ ²",
    "x\u0301e\u0301",
    "😀word𝒳y",
)


def record(alias: str, number: int, **fields: object) -> Record:
    values: dict[str, object] = {
        "automation": "script", "automation_uid": "5b4e0237da074764", "alias": alias, "uid": f"{number:016x}",
        "repository": "team", "rank": 0, "folder": alias, "format": "cm",
    }  # fmt: skip
    return Record(**{**values, **fields})  # type: ignore[arg-type]


ODD = (
    record("get-thing", 1, tags=("get", "thing")),
    record("get-thing", 1, tags=("thing",), repository="copy", rank=1),
    record("thing", 2, description="All of one Thing"),
    record("thing", 3, repository="copy", rank=1, status=Status.DEPRECATED),
    record("gone-thing", 4, status=Status.REMOVED),
    record("Große-Straße", 5, tags=("STRASSE", "größe")),
    record("\uffee-thing", 6),
    record("\U0001d4b3-thing", 7),
    record("CON", 8, tags=("thing", "thing")),
    record("open-thing2", 9, folder="Open Thing", tags=("open-images", "a" * 300)),
    record("x" * 120, 10, description="<img src=x onerror=alert(1)> thing"),
    record("thing-a-b", 0, uid=""),
    record("thing-a-b", 0, uid="", repository="copy", rank=1),
    record("behind-a-blank", 12, tags=("a blue thing",)),
    record("blue", 13, repository="open blue", tags=("blue",)),
    record("__proto__", 11, tags=("constructor", "__proto__")),
)  # fmt: skip
ODD_QUERIES = ("thing", "get thing", "strasse", "STRASSE grösse", "openimages", "open images thing", "con", "constructor",
               "__proto__", "blue", "blue thing", "thing a b", "team", "things", "aaaa", "img onerror", "0000000000000001", "open thing2")  # fmt: skip


def served(site: Path, scratch: Path) -> Iterator[tuple[str, Browser]]:
    (site / "probe.html").write_text(
        "<!doctype html><title>probe</title>"
        + "".join(f'<script src="assets/cmsite/{name}"></script>' for name in SCRIPTS)
    )
    with served_by_nginx(need("nginx"), site, scratch) as address, chromium(scratch) as browser:
        browser.open(f"{address}probe.html")
        browser.run("return cmsiteSearch.open().then(function (index) { window.index = index; })")
        yield address, browser


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Browser]]:
    yield from served(cm4mlops_site(), tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Browser]]:
    site = tmp_path_factory.mktemp("odd")
    output = OutputFolder(site)
    for file in emit_index(ODD, registry_id="e" * 32):
        output.write(file)
    (site / "assets/cmsite").mkdir(parents=True)
    for name in SCRIPTS:
        (site / "assets/cmsite" / name).write_bytes((CHECKOUT / "site_templates/assets" / name).read_bytes())
    yield from served(site, tmp_path_factory.mktemp("odd-server"))


def by_the_client(address: str, text: str) -> list[str]:
    answer = open_address(address).search(parse_query(text.split()))
    return [_line(hit, answer.missing) for hit in answer.hits]


def by_the_page(browser: Browser, text: str) -> list[str]:
    script = """
        var query = cmsiteQuery.parse(arguments[0], { automation: "", repository: "", tag: [], without: [] });
        return index.search(query, 1e6).then(function (found) {
          return found.hits.map(function (hit) {
            return [hit.record.repository, hit.record.automation, hit.record.folder, hit.origins.length - 1, found.missing].join("|");
          });
        });"""
    lines: list[str] = browser.run(script, text)
    return lines


def _line(hit: Hit, missing: int) -> str:
    return "|".join(map(str, (*hit.record.key, len(hit.others), missing)))


@pytest.mark.corpus
def test_both_readers_rank_a_real_corpus_alike(real: tuple[str, Browser]) -> None:
    address, browser = real
    for text in QUERIES:
        assert by_the_page(browser, text) == by_the_client(address, text), text
    assert len(by_the_page(browser, "")) == 346, "347 artifacts, two of which share a uid"


@pytest.mark.corpus
def test_both_readers_rank_any_words_of_a_real_corpus_alike(real: tuple[str, Browser]) -> None:
    address, browser = real
    records = open_address(address).records()
    vocabulary = sorted({word for one in records for word in split_words(f"{one.alias} {one.description}")})
    chance = random.Random(0)
    for _ in range(300):
        words = [chance.choice(vocabulary)[: chance.choice((1, 2, 4, 99))] for _ in range(chance.randint(1, 3))]
        answer = scan(records, parse_query(words))
        expected = [_line(hit, answer.missing) for hit in answer.hits]
        assert by_the_page(browser, " ".join(words)) == expected, words


def test_both_readers_rank_odd_records_alike(odd: tuple[str, Browser]) -> None:
    address, browser = odd
    for text in ("", *ODD_QUERIES):
        assert by_the_page(browser, text) == by_the_client(address, text), text
    assert by_the_client(address, "thing")[0] == "team|script|thing|0|0"
    assert by_the_client(address, "thing a b")[0] == "team|script|thing-a-b|0|0"


def test_both_readers_split_text_into_the_same_words(odd: tuple[str, Browser]) -> None:
    _, browser = odd
    assert browser.run("return arguments[0].map(cmsiteWords.split)", TEXTS) == [split_words(text) for text in TEXTS]
    assert browser.run("return arguments[0].map(cmsiteWords.fold)", TEXTS) == [fold(text) for text in TEXTS]


def test_the_page_knows_the_addresses_of_odd_names(odd: tuple[str, Browser]) -> None:
    _, browser = odd
    names = [one.key for one in ODD] + [
        ("a@b", "Script", name) for name in ("nul.txt", ".hidden", "index", "Ünï", "-.-")
    ]
    keys = [
        ArtifactKey(repository=repository, automation=automation, folder=folder)
        for repository, automation, folder in names
    ]
    script = "return arguments[0].map(function (key) { return cmsiteRecords.addressOf({repository: key[0], automation: key[1], folder: key[2]}); })"
    assert browser.run(script, names) == [artifact_address(key) for key in keys]


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 1000])
def test_the_page_computes_sha256_itself_where_the_browser_does_not(odd: tuple[str, Browser], length: int) -> None:
    import hashlib

    _, browser = odd
    content = bytes(number * 7 % 256 for number in range(length))
    assert (
        browser.run("return cmsiteSha256.of(Uint8Array.from(arguments[0]))", list(content))
        == hashlib.sha256(content).hexdigest()
    )
