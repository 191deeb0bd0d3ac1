"""A new catalogue: the files that `cmsite new` begins one with.

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
    )


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
