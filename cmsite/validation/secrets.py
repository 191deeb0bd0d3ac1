"""Secrets in files that are published: private keys, access tokens, password hashes, passwords in addresses. Pure.

High precision rather than completeness: only forms that their issuers document, long enough to be real, and none that
look like a placeholder. What is found is never repeated: a `Secret` says of what kind it is and where it stands, and
`masked` covers all of them in a text that is to be shown.
Source: the issuers' own forms (GitHub "About authentication", GitLab "Token overview", AWS "IAM identifiers", Slack
"Tokens", PyPI "API tokens", npm "About access tokens", Hugging Face "User access tokens"), RFC 7468 (PEM),
RFC 3986 §3.2.1 (passwords in addresses are deprecated), crypt(5) (password hashes).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

MAX_SCANNED = 1024 * 1024  # Bytes of one file that are looked at.
MAX_SECRETS = 20  # Of one file; more are a test vector or a leak that the first ones tell of.
_MAX_LOOKED_AT = 1000  # Texts of one form in one file that are judged, placeholders among them.

# What every secret of a group holds. Each begins with one byte that is looked for at the speed of memory, so that a file
# without secrets, as nearly all are, costs little.
_LONG_WORD = re.compile(rb"_[A-Za-z0-9]{34}")  # Behind `ghp_`, `hf_`, `npm_`, and within `github_pat_`.
_AFTER_HYPHEN = re.compile(rb"-[A-Za-z0-9][A-Za-z0-9_-]{18}")
_HYPHENATED_PARTS = (b"glpat-", b"xox", b"T3BlbkFJ", b"sk-ant-", b"pypi-Ag")
_GOOGLE_OR_AWS = re.compile(rb"A(?:Iza|[KS]IA)")
_HASHED = re.compile(rb"\$(?:2[aby]|[56y]|argon2(?:id|i|d))\$")
_WITH_PASSWORD = re.compile(rb"://[^\s/@:\"'<>`]{1,64}:[^\s/@\"'<>`]{6,128}@")
_Forms = tuple[tuple[str, re.Pattern[bytes]], ...]


def _forms(*forms: tuple[str, bytes]) -> _Forms:
    return tuple((what, re.compile(form + rb"(?![A-Za-z0-9])")) for what, form in forms)


_WORDS = _forms(
    ("a GitHub token", rb"gh[pousr]_([A-Za-z0-9]{36})"),
    ("a GitHub token", rb"github_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})"),
    ("a Hugging Face token", rb"hf_([A-Za-z0-9]{34})"),
    ("an npm token", rb"npm_([A-Za-z0-9]{36})"),
)
_HYPHENATED = _forms(
    ("a GitLab token", rb"glpat-([A-Za-z0-9_-]{20})"),
    ("a Slack token", rb"xox[abeprs]-([0-9]{8,14}-[0-9A-Za-z-]{20,90})"),
    ("an OpenAI key", rb"sk-((?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,80}T3BlbkFJ[A-Za-z0-9_-]{16,80})"),
    ("an Anthropic key", rb"sk-ant-(?:api|admin)\d\d-([A-Za-z0-9_-]{80,110})"),
    ("a PyPI token", rb"pypi-(AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250})"),
)
_SLACK = _forms(
    ("the address of a Slack webhook", rb"hooks\.slack\.com/services/(T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/\w{24})")
)
_GOOGLE = _forms(("a Google API key", rb"AIza([0-9A-Za-z_-]{35})"))
_HASHES: _Forms = (
    ("a bcrypt hash", re.compile(rb"\$2[aby]\$\d\d\$([./A-Za-z0-9]{53})(?![./A-Za-z0-9])")),
    (
        "a crypt(5) hash",
        re.compile(
            rb"\$(?:5|6)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$([./A-Za-z0-9]{43}(?:[./A-Za-z0-9]{43})?)\b"
        ),
    ),
    ("a yescrypt hash", re.compile(rb"\$y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{1,86}\$([./A-Za-z0-9]{43})\b")),
    (
        "an Argon2 hash",
        re.compile(rb"\$argon2(?:id|i|d)\$v=\d{1,3}\$m=[\d,tp=]{1,40}\$[A-Za-z0-9+/]{8,90}\$([A-Za-z0-9+/]{16,90})"),
    ),
)
_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){40,20000}+-----END"
)
_KEY_BODY = re.compile(rb"[A-Za-z0-9+/]{40,}")
_AWS_ID = re.compile(rb"(?<![A-Z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Z0-9])")
_AWS_SECRET = re.compile(rb"(?<![A-Za-z0-9/+=_-])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=_-])")
_AWS_NEAR = 400  # Bytes around the key's id in which the secret belonging to it stands.
_ADDRESS = re.compile(
    rb"\b[a-z][a-z0-9+.-]{1,20}://([^\s/@:\"'<>`]{1,64}):([^\s/@\"'<>`]{6,128})@([A-Za-z0-9.-]{4,100})"
)

_PLACEHOLDER = re.compile(
    rb"x{4}|\*{3}|\.{3}|example|sample|dummy|changeme|placeholder|redacted|your|test|fake|foobar|secret|passw|token|apikey|abcdef|12345|[${}%<>\[\]]",
    re.IGNORECASE,
)
_MIN_ENTROPY = 3.0  # Bits a character; random base 62 of 34 characters has 4.5 and more, words below 3.
_MAX_REPEATED = 4
_LOCAL = re.compile(
    rb"localhost|127\.|0\.0\.0\.0|example\.|.*\.example|.*\.(?:test|invalid|local)\Z|host|\d+\.\d+\.\d+\.\d+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One secret: the `code` of its finding, `what` it is, and the bytes from `start` to `end` that hold it."""

    code: str
    what: str
    start: int
    end: int


def find_secrets(content: bytes) -> tuple[Secret, ...]:
    """Return the secrets in the first `MAX_SCANNED` bytes of a file, in order.

    >>> find_secrets(b"token: hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
    ()
    """
    if len(content) > MAX_SCANNED:
        content = content[:MAX_SCANNED]
    found: list[Secret] = []
    end = 0
    for secret in sorted(_all(content), key=lambda item: (item.start, -item.end)):
        if secret.start >= end:
            found.append(secret)
            end = secret.end
        if len(found) == MAX_SECRETS:
            break
    return tuple(found)


def masked(text: str) -> str:
    r"""Return a text with every secret covered by stars, each character by one; line ends stay.

    >>> masked("hash: $2b$12$" + "aB3dE5gH7j" * 5 + "kLm")[:14]
    'hash: ********'
    """
    content = text.encode("utf-8", "surrogatepass")
    secrets = find_secrets(content)
    if not secrets:
        return text
    covered = bytearray(content)
    for secret in secrets:
        piece = content[secret.start : secret.end]
        covered[secret.start : secret.end] = bytes(byte if byte in b"\r\n" else ord("*") for byte in piece)
    return covered.decode("utf-8", "surrogatepass")


def _all(content: bytes) -> Iterator[Secret]:
    """Yield every secret in any order, looking only for groups of which something is there."""
    if b"PRIVATE KEY" in content:
        yield from _keys(content)
    if _LONG_WORD.search(content):
        yield from _tokens(content, _WORDS)
    if _AFTER_HYPHEN.search(content) and any(part in content for part in _HYPHENATED_PARTS):
        yield from _tokens(content, _HYPHENATED)
    if b"hooks.slack.com" in content:
        yield from _tokens(content, _SLACK)
    if _GOOGLE_OR_AWS.search(content):
        yield from _tokens(content, _GOOGLE)
        yield from _aws(content)
    if _HASHED.search(content):
        yield from _hashes(content)
    if _WITH_PASSWORD.search(content):
        yield from _passwords(content)


def _keys(content: bytes) -> Iterator[Secret]:
    for found in islice(_KEY.finditer(content), _MAX_LOOKED_AT):
        body = _KEY_BODY.search(found.group())
        if body is not None and _is_random(body.group()):
            yield Secret(code="CM421", what="a private key", start=found.start(), end=found.end())


def _tokens(content: bytes, forms: _Forms) -> Iterator[Secret]:
    for what, form in forms:
        for found in islice(form.finditer(content), _MAX_LOOKED_AT):
            before = content[max(0, found.start() - 1) : found.start()]
            if not (before.isalnum() or before == b"_") and _is_secret(found.group(1)):
                yield Secret(code="CM422", what=what, start=found.start(), end=found.end())


def _hashes(content: bytes) -> Iterator[Secret]:
    for what, form in _HASHES:
        for found in islice(form.finditer(content), _MAX_LOOKED_AT):
            if _is_random(found.group(1)):
                yield Secret(code="CM423", what=what, start=found.start(), end=found.end())


def _passwords(content: bytes) -> Iterator[Secret]:
    for found in islice(_ADDRESS.finditer(content), _MAX_LOOKED_AT):
        name, password, host = found.groups()
        is_real = not _PLACEHOLDER.search(password) and password.lower() != name.lower() and not _LOCAL.match(host)
        if is_real and _entropy(password) > 2:  # noqa: PLR2004 - bits a character: `aaaaaa` and `admin1` are no passwords.
            yield Secret(code="CM424", what="a password in an address", start=found.start(2), end=found.end(2))


def _aws(content: bytes) -> Iterator[Secret]:
    """Yield the secret keys of AWS that stand near their ids; an id alone opens nothing."""
    for found in islice(_AWS_ID.finditer(content), _MAX_LOOKED_AT):
        around = max(0, found.start() - _AWS_NEAR)
        for key in _AWS_SECRET.finditer(content, around, found.end() + _AWS_NEAR):
            if _is_secret(key.group(1)) and _has_kinds(key.group(1)):
                yield Secret(code="CM422", what="a secret key of AWS", start=key.start(), end=key.end())


def _has_kinds(text: bytes) -> bool:
    """Return whether there are small and capital letters and digits: a hash in hexadecimal digits has no capitals."""
    return bool(re.search(rb"[a-z]", text) and re.search(rb"[A-Z]", text) and re.search(rb"\d", text))


def _is_secret(text: bytes) -> bool:
    return _PLACEHOLDER.search(text) is None and _is_random(text)


def _is_random(text: bytes) -> bool:
    return _entropy(text) >= _MIN_ENTROPY and max(len(list(run)) for _, run in groupby(text)) <= _MAX_REPEATED


def _entropy(text: bytes) -> float:
    """Return the Shannon entropy in bits a character."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())
