"""One page of every kind of a built site, so that a kind that is added later is looked at without being named.

A kind is the first part of an address and its depth, for artifacts also the automation; its largest page stands for it.
"""

from pathlib import Path

from tests.requirements import CHECKOUT, corpus_folder, once
from tests.test_build import build

CORPORA = ("cm4mlops", "mlperf-automations", "ck-mlops", "ck", "cm4mlperf-results")
CORPORA_ADDRESS = "https://example.org/corpora/"
HAND_WRITTEN = 3  # Of the pages in docs/, so many of the largest.


def bundled_site() -> Path:
    """Return the site of the bundled catalogue, built once in a run of the tests; nobody writes into it."""

    def make(folder: Path) -> None:
        result = build(CHECKOUT / "registry/registry.yml", folder / "site")
        assert result.returncode == 0, result.stderr

    return once("browser-site", make) / "site"


def corpora_site() -> Path:
    """Return the site of the five corpora in one catalogue, built once in a run of the tests; nobody writes into it."""

    def make(folder: Path) -> None:
        sources = "".join(f"  - folder: {corpus_folder(name)}\n" for name in CORPORA)
        config = folder / "registry.yml"
        config.write_text(f"title: Corpora\nregistry_id: {'c' * 32}\nbase_url: {CORPORA_ADDRESS}\nsources:\n{sources}")
        # Stands in a folder named as its address says, so that the addresses of 404.html from the root lead there too.
        result = build(config, folder / "corpora")
        assert result.returncode == 0, result.stderr

    return once("corpora-site", make) / "corpora"


def host_folder(site: Path) -> Path:
    """Return the folder that stands for the host: addresses from the root begin with the path of the site's address."""
    return site.parent if site.name == "corpora" else site


def pages_of_every_kind(site: Path) -> list[str]:
    """Return the addresses of one page of each kind, sorted; "" is the front page, 404.html stands without its folder."""
    names = {path.stem for path in (CHECKOUT / "docs").glob("*.md")}
    largest: dict[tuple[str, ...], tuple[int, str]] = {}
    hand_written = []
    for path in sorted(site.rglob("*.html")):
        address = path.relative_to(site).as_posix().removesuffix("index.html")
        size, parts = path.stat().st_size, address.split("/")
        if parts[0] in names:
            hand_written.append((size, address))
            continue
        kind = (parts[0], parts[2] if parts[0] == "a" else "", str(len(parts)))
        largest[kind] = max(largest.get(kind, (0, "")), (size, address))
    return sorted(address for _, address in [*largest.values(), *sorted(hand_written)[-HAND_WRITTEN:]])
