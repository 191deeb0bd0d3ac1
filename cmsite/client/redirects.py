"""Where a server may send the client: the rules for redirects and for addresses named in an index.

A public registry must not make the client knock at this machine, its local network or a cloud's metadata service.
Names are looked up by the function handed in. Source: facts/index.md §4, cases 45-48.
"""

import ipaddress
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from cmsite.client.fetching import is_host, shown
from cmsite.errors import NetworkError

# Host → the kinds of network its addresses lie in; an empty set where the name is unknown.
NetworkOf = Callable[[str], frozenset[str]]

PUBLIC = "public"
LOOPBACK = "loopback"


def network_of_address(address: str) -> str:
    """Return the kind of network an IP address lies in.

    >>> [network_of_address(text) for text in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    ['loopback', 'private', 'link-local', 'loopback']
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed.sixtofour or parsed
    if parsed.is_loopback:
        return LOOPBACK
    if parsed.is_link_local:
        return "link-local"
    if parsed.is_multicast or parsed.is_unspecified or parsed.is_reserved:
        return "reserved"
    return PUBLIC if parsed.is_global else "private"


def next_address(chain: tuple[str, ...], location: str, *, home: str, limit: int, network_of: NetworkOf) -> str:
    """Return the absolute address of a redirect that may be followed; `chain` holds the addresses asked so far.

    Raises `NetworkError` for another scheme, https to http, a loop, more than `limit` steps, or a network that is
    neither public nor the registry's own.
    """
    try:
        target = urljoin(chain[-1], location)
        parts = urlsplit(target)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _refused(chain, "an unreadable address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _refused(chain, f"{parts.scheme or 'no'}: address, which is neither http nor https")
    if urlsplit(chain[-1]).scheme == "https" and parts.scheme == "http":
        raise _refused(chain, f"{shown(target)}, which gives up the encryption of https")
    if target in chain:
        raise _refused(chain, f"{shown(target)}, where it came from: a loop")
    if len(chain) > limit:
        raise _refused(chain, f"{shown(target)}, the {len(chain)}th redirect; at most {limit} are followed")
    check_network(target, home=home, network_of=network_of)
    return target


def check_network(target: str, *, home: str, network_of: NetworkOf) -> None:
    """Refuse an address in a network that is neither public nor the registry's own.

    `home` is the registry's address; a registry in a folder counts as on this machine.

    Raises `NetworkError`.
    """
    host = urlsplit(target).hostname or ""
    if host and not is_host(host):
        raise NetworkError(f"{shown(home)} sends us to {shown(target)}, whose host is no name; refused")
    home_parts = urlsplit(home)
    if host == home_parts.hostname:
        return
    networks = network_of(host)
    if networks <= {PUBLIC}:
        return
    own = frozenset({LOOPBACK}) if home_parts.scheme == "file" else network_of(home_parts.hostname or "")
    if not networks <= own | {PUBLIC}:
        kinds = " and ".join(sorted(networks - {PUBLIC}))
        raise NetworkError(
            f"{shown(home)} sends us to {shown(target)}, an address of a {kinds} network; refused, as a registry "
            "may not reach into networks it is not in itself"
        )


def _refused(chain: tuple[str, ...], to: str) -> NetworkError:
    return NetworkError(f"{shown(chain[0])} redirects to {to}; refused, ask the registry's publisher")
