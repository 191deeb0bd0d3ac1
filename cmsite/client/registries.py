"""The registries a user has configured, and how one is opened from a name, an address or a folder.

They stand in `registries.json` of the configuration folder, in the order in which they are asked.
Source: CONTRACT §13 (`registry add|list|remove`), facts/index.md §3 (the first registry that has the name wins).
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cmsite.client.access import Offline, current_access
from cmsite.client.binding import check_prefix
from cmsite.client.cache import Cache
from cmsite.client.cache_limits import configured_max_bytes
from cmsite.client.fetching import has_credentials, registry_address, shown
from cmsite.client.remote import RemoteRegistry
from cmsite.client.state_files import replace_file
from cmsite.client.transport import Transport
from cmsite.client.trust import TrustStore
from cmsite.errors import ConfigurationError, IntegrityError, NotFoundError, UsageError
from cmsite.index.layout import ROOT_PATH
from cmsite.index.strict import Table, parse_json
from cmsite.model.reference import Reference
from cmsite.places import cache_folder, config_folder

SCHEMA = "cmsite-registries/1"
HOW_TO_ADD = "add one with `cmsite registry add NAME URL`, or give --registry NAME, URL or the folder of a built site"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
_FINGERPRINT = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")


class ConfiguredRegistry(NamedTuple):
    """One registry by the name the user gave it; names that begin with a prefix come from it only."""

    name: str
    url: str
    registry_id: str
    prefixes: tuple[str, ...] = ()


def configured() -> tuple[ConfiguredRegistry, ...]:
    """Return the configured registries in the order in which they are asked.

    Raises `ConfigurationError` where the file is damaged.
    """
    path = _path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}; check its permissions") from error
    try:
        table = Table(parse_json(data, str(path)), where=str(path))
        return tuple(
            ConfiguredRegistry(
                name=item.text("name"),
                url=item.text("url"),
                registry_id=item.text("registry_id"),
                prefixes=item.texts("prefixes", []),
            )
            for item in table.tables("registries")
        )
    except IntegrityError as error:
        raise ConfigurationError(f"{error}; correct the file, or delete it and add the registries again") from error


def add(
    name: str, address: str, fingerprint: str = "", prefixes: Sequence[str] = ()
) -> tuple[ConfiguredRegistry, RemoteRegistry]:
    """Fetch and check a registry's root, then save it under a name; added again, it keeps its prefixes if none is given.

    Raises `UsageError` for a name or prefix that is taken or none, or an address with credentials; errors of fetching.
    """
    if not _NAME.match(name):
        raise UsageError(f"{name!r} is no name for a registry: letters, digits, '.', '_' and '-', at most 63")
    url = address_of(address)
    if has_credentials(url):
        raise UsageError(
            f"{shown(url)}: an address with user and password is not stored; give it with --registry each time"
        )
    before = configured()
    if any(registry.name == name and registry.url != url for registry in before):
        raise UsageError(f"{name!r} is configured with another address; `cmsite registry remove {name}` first")
    others = [registry for registry in before if registry.name != name]
    same = next((registry for registry in before if registry.name == name), None)
    bound = tuple(dict.fromkeys(prefixes)) or (same.prefixes if same else ())
    for prefix in bound:
        check_prefix(prefix, {registry.name: registry.prefixes for registry in others})
    remote = open_address(url, name=name, fingerprint=_digits(fingerprint) if fingerprint else "")
    saved = ConfiguredRegistry(name=name, url=url, registry_id=remote.root.registry_id, prefixes=bound)
    places = [saved if registry.name == name else registry for registry in before]
    _save(places if same else [*places, saved])
    return saved, remote


def remove(name: str) -> ConfiguredRegistry | None:
    """Remove a registry and forget its state; a bare address only forgets (None is returned then).

    Raises `NotFoundError` where neither is known.
    """
    before = configured()
    store = TrustStore(config_folder())
    found = next((registry for registry in before if registry.name == name), None)
    if found is not None:
        _save([registry for registry in before if registry is not found])
        store.forget(found.url)
        return found
    if "://" in name and store.forget(registry_address(name)):
        return None
    near = _near(name, before)
    raise NotFoundError(f"no registry is configured as {name!r}; `cmsite registry list` shows them", near)


def _near(name: str, known: Sequence[ConfiguredRegistry]) -> tuple[str, ...]:
    import difflib

    return tuple(difflib.get_close_matches(name, [registry.name for registry in known]))


def open_registries(selected: str | None = None, fingerprint: str = "") -> tuple[RemoteRegistry, ...]:
    """Return the registry that `--registry` names, or all configured ones in order.

    `fingerprint` is the sha256 that the root.json of the one named must have. Raises `ConfigurationError` where none is configured, `NotFoundError` for a name that is not.
    """
    known = configured()
    if selected:
        digits = _digits(fingerprint) if fingerprint else ""
        found = next((registry for registry in known if registry.name == selected), None)
        if found is not None:
            return (_opened(found, digits),)
        if "://" not in selected and not Path(selected).exists():
            near = _near(selected, known)
            raise NotFoundError(f"{selected!r} is neither a configured registry nor a folder; {HOW_TO_ADD}", near)
        url = address_of(selected)
        same = next((registry for registry in known if registry.url == url), None)
        if same is not None:
            return (_opened(same, digits),)
        return (open_address(url, fingerprint=digits, bound_elsewhere=_bound_elsewhere(url)),)
    if not known:
        raise ConfigurationError(f"no registry is configured; {HOW_TO_ADD}")
    return tuple(_opened(registry) for registry in known)


def registries_for(references: Sequence[Reference], selected: str | None = None) -> tuple[RemoteRegistry, ...]:
    """Return the registries to ask for these references; the address of a page brings its own.

    Raises `UsageError` where pages of several sites, or a page and other references, are mixed; as `open_registries`.
    """
    sites = {registry_address(reference.site) for reference in references if reference.site}
    if not sites or selected:
        return open_registries(selected)
    if len(sites) > 1 or not all(reference.site for reference in references):
        raise UsageError("references by address must be of one site, and not mixed with names; ask for them one by one")
    (registry,) = open_registries(sites.pop())
    if not registry.name:
        registry.notes.append(
            f"{shown(registry.url)} is not configured; `cmsite registry add NAME {shown(registry.url)}` adds it"
        )
    return (registry,)


def open_address(
    url: str,
    *,
    name: str = "",
    registry_id: str = "",
    fingerprint: str = "",
    bound_elsewhere: Mapping[str, str] | None = None,
) -> RemoteRegistry:
    """Return the registry at an address, with this user's cache and state, reached as `current_access` says.

    `bound_elsewhere` maps prefixes of names to the registry that alone may answer for them.
    """
    access = current_access()
    return RemoteRegistry(
        url,
        transport=Offline(url) if access.offline else Transport(url),
        cache=Cache(cache_folder(), max_bytes=configured_max_bytes()),
        trust=TrustStore(config_folder()),
        name=name,
        registry_id=registry_id,
        fingerprint=fingerprint,
        strict=access.strict,
        bound_elsewhere=bound_elsewhere,
    )


def address_of(text: str) -> str:
    """Return the address of a registry given as an address or as the folder of a built site.

    Raises `UsageError` where the folder holds no index, or the text is no address.
    """
    if "://" in text:
        return registry_address(text)
    folder = Path(text).expanduser()
    if not (folder / ROOT_PATH).is_file():
        raise UsageError(f"{text}: this folder holds no {ROOT_PATH}; give the site folder that `cmsite build` wrote")
    return registry_address(folder.resolve().as_uri())


def _opened(registry: ConfiguredRegistry, fingerprint: str = "") -> RemoteRegistry:
    return open_address(
        registry.url,
        name=registry.name,
        registry_id=registry.registry_id,
        fingerprint=fingerprint,
        bound_elsewhere=_bound_elsewhere(registry.url),
    )


def _bound_elsewhere(url: str) -> dict[str, str]:
    """Return the prefixes that are bound to registries at other addresses, and their names."""
    return {prefix: known.name for known in configured() if known.url != url for prefix in known.prefixes}


def registry_row(registry: ConfiguredRegistry) -> dict[str, Any]:
    """Return a registry as it stands in the file, and in what `registry list --json` prints."""
    row: dict[str, Any] = {"name": registry.name, "url": registry.url, "registry_id": registry.registry_id}
    return row | {"prefixes": list(registry.prefixes)} if registry.prefixes else row


def _digits(fingerprint: str) -> str:
    found = _FINGERPRINT.match(fingerprint.strip().lower())
    if not found:
        raise UsageError(f"{fingerprint!r} is no fingerprint: expected sha256: and 64 hexadecimal digits")
    return found[1]


def _save(registries: Sequence[ConfiguredRegistry]) -> None:
    document = {"schema": SCHEMA, "registries": [registry_row(registry) for registry in registries]}
    replace_file(_path(), (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def _path() -> Path:
    return config_folder() / "registries.json"
