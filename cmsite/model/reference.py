"""References: what a person writes to name one artifact, and names that look like a misspelt one.

A reference is `[repository/]automation:name[@rN | @version | @sha256:…]`, a uid, `alias,uid`, or the address of an
artifact's page. Nothing is looked up here. Source: CONTRACT §2, §10 (`,_variation`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cmsite.errors import UsageError
from cmsite.model.names import AUTOMATIONS, NamePair, parse_pair

MAX_REFERENCE_CHARACTERS = 2048
MAX_NEAR_NAMES = 5

_SHA256_PIN = re.compile(r"(?P<body>.*)@sha256:(?P<digest>[^@]*)\Z", re.DOTALL)
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_REVISION = re.compile(r"r[1-9][0-9]{0,8}\Z")
_ADDRESS = re.compile(r"(?:https?|file)://", re.IGNORECASE)
_ARTIFACT_PAGE = re.compile(r"(?P<site>.+/)a/(?P<repository>[^/]+)/(?P<automation>[^/]+)/(?P<folder>[^/]+)\Z")
_UID_PAGE = re.compile(r"(?P<site>.+/)uid/(?P<uid>[^/]+)\Z")
_FORMS = (
    "write [repository/]automation:name (for instance script:detect-os), optionally with @r2 or @sha256:…, "
    "or a uid, or alias,uid, or the address of an artifact's page"
)


class Pin(NamedTuple):
    """The version a reference asks for; exactly one of the three is set."""

    revision: int = 0
    sha256: str = ""
    label: str = ""

    @property
    def is_exact(self) -> bool:
        """Return whether this names one published revision, rather than a label that several may bear."""
        return not self.label

    def __str__(self) -> str:
        if self.revision:
            return f"r{self.revision}"
        return f"sha256:{self.sha256}" if self.sha256 else self.label


class Page(NamedTuple):
    """A page of a site: `site` is the site's address with a trailing slash, the others are slugs of its path."""

    site: str
    repository: str
    automation: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference, parsed; `text` is what was written, for messages.

    `site` is the address of the site whose page was given, "" otherwise; `page` is set for an artifact's page, where
    slugs name the artifact. `variations` are without their underscore, those to leave out begin with a dash.
    """

    text: str
    automation: NamePair = field(default_factory=NamePair)
    name: NamePair = field(default_factory=NamePair)
    repository: str = ""
    pin: Pin | None = None
    variations: tuple[str, ...] = ()
    site: str = ""
    page: Page | None = None

    @property
    def automation_alias(self) -> str:
        """Return the automation's alias, from its uid where that is known; "" where the reference names none."""
        return AUTOMATIONS.get(self.automation.uid, self.automation.alias)

    @property
    def key(self) -> str:
        """Return `automation:alias`, "" where the reference does not say both."""
        return f"{self.automation_alias}:{self.name.alias}" if self.automation_alias and self.name.alias else ""


def parse_reference(text: str) -> Reference:
    """Parse a reference.

    Raises `UsageError` where the text is none, saying what one looks like.

    >>> parse_reference("mlcommons@ck/script:detect-os@r2").repository
    'mlcommons@ck'
    >>> parse_reference("script:detect-os@r2").pin
    Pin(revision=2, sha256='', label='')
    """
    text = text.strip()
    if not text or len(text) > MAX_REFERENCE_CHARACTERS or not text.isprintable():
        raise UsageError(f"{text[:80]!a} is no reference to an artifact; {_FORMS}")
    if _ADDRESS.match(text):
        return _parse_address(text)
    body, pin = _split_pin(text)
    head, colon, tail = body.rpartition("/") if ":" not in body else body.partition(":")
    if colon == ":":
        repository, _, automation = head.rpartition("/")
    else:
        repository, automation = head, ""
    name, variations = _parse_name(tail)
    reference = Reference(
        text=text,
        automation=parse_pair(automation),
        name=name,
        repository=repository,
        pin=pin,
        variations=variations,
    )
    return _complete(reference, has_automation=colon == ":")


def variation_in(part: str) -> str | None:
    """Return the variation that a part between commas chooses, with a dash one that it excludes; None for another part.

    >>> variation_in("_cuda"), variation_in("-_cuda"), variation_in("_-cuda"), variation_in("cuda")
    ('cuda', '-cuda', '-cuda', None)
    """
    part = part.strip()
    if part.startswith("-_"):
        return f"-{part[2:]}"
    return part[1:] if part.startswith("_") else None


def without_label(reference: Reference) -> Reference | None:
    """Return the reading in which the `@` belongs to the name (`repo:mlcommons@ck`); None where there is no other.

    A name may hold `@`; the version is the usual meaning, this one counts where that finds nothing.
    """
    if reference.pin is None or not reference.pin.label or not reference.name.alias or reference.name.uid:
        return None
    name = NamePair(alias=f"{reference.name.alias}@{reference.pin.label}")
    return replace(reference, name=name, pin=None)


def near_names(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return up to `MAX_NEAR_NAMES` names that a person may have meant, best first.

    >>> near_names("script:detectos", ["script:detect-os", "script:detect-cpu", "data:wine"])
    ('script:detect-os', 'script:detect-cpu')
    """
    import difflib

    known = sorted(set(names))
    folded = name.casefold()
    part = folded.partition(":")[2] or folded
    same = [other for other in known if other.casefold() == folded]
    inside = [other for other in known if len(part) > 2 and part in other.casefold()]  # noqa: PLR2004 - "os" is in half.
    alike = difflib.get_close_matches(name, known, n=MAX_NEAR_NAMES, cutoff=0.7)
    return tuple(dict.fromkeys([*same, *alike, *sorted(inside, key=len)]))[:MAX_NEAR_NAMES]


def _parse_address(text: str) -> Reference:
    """Read a page's address; what follows `#` or `?` and a closing `index.html` or slash do not count."""
    path = re.split(r"[?#]", text, maxsplit=1)[0].removesuffix("index.html").rstrip("/")
    if found := _ARTIFACT_PAGE.match(path):
        page = Page(**found.groupdict())
        return Reference(text=text, site=page.site, page=page)
    if found := _UID_PAGE.match(path):
        return Reference(text=text, site=found["site"], name=parse_pair(found["uid"]))
    raise UsageError(f"{text} is not the address of an artifact's page (…/a/repository/automation/name/); {_FORMS}")


def _split_pin(text: str) -> tuple[str, Pin | None]:
    """Split off the version: what follows the last `@` after the `:`, or in a bare uid after the last `/`."""
    if found := _SHA256_PIN.match(text):
        digest = found["digest"].lower()
        if not _DIGEST.match(digest):
            raise UsageError(f"{text}: a digest has 64 hexadecimal digits after @sha256:, this one is {digest!r}")
        return found["body"], Pin(sha256=digest)
    start = text.find(":") if ":" in text else text.rfind("/")
    at = text.rfind("@", start + 1)
    if at < 0:
        return text, None
    label = text[at + 1 :]
    if not label:
        raise UsageError(f"{text}: a version must follow the @, for instance @r2")
    return text[:at], Pin(revision=int(label[1:])) if _REVISION.match(label) else Pin(label=label)


def _parse_name(text: str) -> tuple[NamePair, tuple[str, ...]]:
    """Read `alias`, `uid`, `alias,uid`, and `,_variation` or `,-_variation` after any of them."""
    first, *rest = text.split(",")
    variations = tuple(name for part in rest if (name := variation_in(part)) is not None)
    names = [first, *(part for part in rest if variation_in(part) is None)]
    if len(names) > 2:  # noqa: PLR2004 - an alias and a uid.
        raise UsageError(f"{text}: at most an alias and a uid, then ,_variation; {_FORMS}")
    return parse_pair(",".join(names)), variations


def _complete(reference: Reference, *, has_automation: bool) -> Reference:
    """Return a reference that names something; raises `UsageError` for one that lacks its automation or name."""
    if not reference.name.alias and not reference.name.uid:
        raise UsageError(f"{reference.text}: the name is missing; {_FORMS}")
    if has_automation and not reference.automation.alias and not reference.automation.uid:
        raise UsageError(f"{reference.text}: the automation before the colon is missing; {_FORMS}")
    if not has_automation and not reference.name.uid:
        raise UsageError(f"{reference.text}: the automation is missing; {_FORMS}")
    return reference
