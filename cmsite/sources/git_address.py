"""Addresses of git repositories: which are accepted, how they may be published, where a file is shown. Pure.

Source: DESIGN §4 (path, https, ssh; argument injection refused), facts/index.md §4, cases 51 and 93.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from cmsite.errors import SourceError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_SCP = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>[^/].*|/.*)\Z")
_ACCEPTED = ("https", "ssh", "file")

# How hosting services show a file at a commit, by the host's name or the beginning of it.
_FILE_PAGES = (
    (("github.com",), "/blob/{commit}/{path}"),
    (("gitlab.com", "gitlab."), "/-/blob/{commit}/{path}"),
    (("codeberg.org", "gitea.com", "gitea.", "forgejo."), "/src/commit/{commit}/{path}"),
    (("bitbucket.org",), "/src/{commit}/{path}"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAddress:
    """The address of a repository elsewhere.

    `url` is what git is given and may hold credentials: it is never printed or stored. `public` may be published;
    `file_url` is a template with `{commit}` and `{path}`, "" where no public page is known.
    """

    url: str
    public: str
    file_url: str = ""


def parse_address(text: str, label: str) -> GitAddress | None:
    """Return the address, or None where the text is a path on this machine.

    Raises `SourceError` where git would take it for an option or a command, or the protocol is not accepted.
    """
    if text.startswith("-") or not text.isprintable() or _HELPER.match(text):
        raise _refused(label, "git would take it for an option or a command")
    scheme = _SCHEME.match(text)
    if scheme:
        return _parse_url(text, scheme[1].lower(), label)
    scp = _SCP.match(text)
    if not scp:
        return None
    if scp["host"].startswith("-") or (scp["user"] or "").startswith("-") or scp["path"].startswith("-"):
        raise _refused(label, "a part of it would be taken for an option")
    return _address(text, "ssh", scp["host"], scp["path"])


def public_address(text: str) -> GitAddress | None:
    """Return the address of an `origin` as it may be published, or None where it is no public one."""
    try:
        address = parse_address(text, "")
    except SourceError:
        return None
    return address if address and address.file_url else None


def _parse_url(text: str, scheme: str, label: str) -> GitAddress:
    if scheme not in _ACCEPTED:
        raise _refused(label, f"the protocol '{scheme}' is not accepted; use https, ssh, file or a path")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(label, f"it is no address ({error})") from error
    if scheme == "file":
        name = unquote(parts.path).rstrip("/").rpartition("/")[2]
        return GitAddress(url=text, public=name)
    if not host or host.startswith("-") or (parts.username or "").startswith("-") or parts.path.startswith("/-"):
        raise _refused(label, "it names no host, or a part of it would be taken for an option")
    return _address(text, scheme, f"{host}:{port}" if port else host, parts.path)


def _address(url: str, scheme: str, host: str, path: str) -> GitAddress:
    repository = quote(unquote(path.strip("/").removesuffix(".git")), safe="/~")
    page = _file_page(host.lower())
    public = f"{'https' if page else scheme}://{host}/{repository}"
    return GitAddress(url=url, public=public, file_url=public + page if page else "")


def _file_page(host: str) -> str:
    for names, page in _FILE_PAGES:
        if any(host == name or (name.endswith(".") and host.startswith(name)) for name in names):
            return page
    return ""


def _refused(label: str, why: str) -> SourceError:
    return SourceError(f"{label}: the address of this git source is refused: {why}")
