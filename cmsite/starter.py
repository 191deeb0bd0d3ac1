"""A new catalogue, and a new paper in one: the files that `cmsite new` begins them with.

The files themselves stand in `starter/`; here their gaps are filled. A name there ends in `.in`, so that neither git nor
the real clients take them for their own, and a leading dot is written `dot-`.
"""

import json
import re
from collections.abc import Callable, Mapping

from cmsite import resources
from cmsite.outputs import OutputFile

REGISTRY_ID_DIGITS = 32
UID_DIGITS = 16
_GAP = re.compile(rb"@([A-Z_]+)@")
_SUFFIX = ".in"
_PAPER = "paper/"
MAX_ALIAS = 80  # Characters; a longer slug would get a digest behind it. Source: CONTRACT §6.
_NOT_ALIAS = re.compile(r"[^a-z0-9._]+")
_NOT_MARKDOWN = re.compile(r"[\\`*_\[\]<>#&|~]")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"'\\\x00-\x1f\x7f]{1,300}\Z")
_WEB = re.compile(r"https?://[\w.-]{1,250}(?::\d{1,5})?(?:/[^\s<>\"'\\\x00-\x1f\x7f]{0,1000})?\Z", re.ASCII)


def render_starter(*, title: str, alias: str, base_url: str, draw_hex: Callable[[int], str]) -> tuple[OutputFile, ...]:
    """Return the files of a new catalogue, sorted by path.

    `alias` names its repository of artifacts; `base_url` may be ""; `draw_hex` returns that many fresh random hexadecimal digits.
    """
    gaps = {
        "TITLE": title,
        "TITLE_QUOTED": quoted(title),
        "BASE_URL_LINE": f"base_url: {quoted(base_url)}" if base_url else "# base_url: https://example.org/catalogue/",
        "REGISTRY_ID": quoted(draw_hex(REGISTRY_ID_DIGITS)),
        "ALIAS": quoted(alias),
        "REPOSITORY_UID": draw_hex(UID_DIGITS),
        "ARTIFACT_UID": draw_hex(UID_DIGITS),
    }
    return tuple(
        OutputFile(path=target_path(path), content=_filled(content, gaps))
        for path, content in resources.starter_files()
        if not path.startswith(_PAPER)
    )


def render_paper(
    *, folder: str, alias: str, title: str, reference: str, draw_hex: Callable[[int], str]
) -> tuple[OutputFile, ...]:
    """Return the files of a paper's artifact in `folder` (POSIX, "" is the root), sorted by path.

    `title` is one line, `reference` an address; both may hold anything that such texts can.
    """
    gaps = {
        "ALIAS": quoted(alias),
        "UID": quoted(draw_hex(UID_DIGITS)),
        "TITLE": _NOT_MARKDOWN.sub(r"\\\g<0>", title),
        "TITLE_QUOTED": quoted(title),
        "REFERENCE_QUOTED": quoted(reference),
        "REFERENCE_LINK": f"<{reference}>",
    }
    return tuple(
        OutputFile(
            path="/".join(filter(None, (folder, "paper", alias, target_path(path.removeprefix(_PAPER))))),
            content=_filled(content, gaps),
        )
        for path, content in resources.starter_files()
        if path.startswith(_PAPER)
    )


def address_of_reference(text: str) -> str:
    """Return the address that a DOI or web address leads to, "" for anything else.

    >>> address_of_reference("doi:10.24432/C5PC7J"), address_of_reference("https://dx.doi.org/10.1/x")
    ('https://doi.org/10.24432/C5PC7J', '')
    >>> address_of_reference("https://example.org/paper.pdf"), address_of_reference("a paper")
    ('https://example.org/paper.pdf', '')
    """
    text = text.strip()
    if not text.isprintable():
        return ""
    doi = _DOI_PREFIX.sub("", text)
    if _DOI.match(doi):
        return f"https://doi.org/{doi}"
    return "" if doi != text or not _WEB.match(text) else text


def alias_of_reference(address: str) -> str:
    """Return an alias made of an address: what the real clients and every address of the site take without trouble.

    >>> alias_of_reference("https://doi.org/10.24432/C5PC7J"), alias_of_reference("https://example.org/a/paper.pdf")
    ('10.24432-c5pc7j', 'example.org-a-paper.pdf')
    """
    name = address.removeprefix("https://doi.org/").partition("://")[2] or address.removeprefix("https://doi.org/")
    return _NOT_ALIAS.sub("-", name.lower())[:MAX_ALIAS].strip("-.") or "paper"


def target_path(path: str) -> str:
    """Return where a file of `starter/` goes.

    >>> target_path("dot-github/workflows/pages.yml.in")
    '.github/workflows/pages.yml'
    """
    parts = path.removesuffix(_SUFFIX).split("/")
    return "/".join(f".{part[4:]}" if part.startswith("dot-") else part for part in parts)


def quoted(text: str) -> str:
    r"""Return a text as a scalar that every YAML reader takes for this text and nothing else.

    >>> quoted('no: "#1"')
    '"no: \\"#1\\""'
    """
    return json.dumps(text, ensure_ascii=False)


def _filled(content: bytes, gaps: Mapping[str, str]) -> bytes:
    return _GAP.sub(lambda found: gaps[found[1].decode()].encode(), content)
