"""Names of hosts to addresses, looked up once: the address that was judged is the address that is connected to.

A name that suddenly lies in another kind of network (DNS rebinding) is refused for as long as the process runs.
Source: facts/index.md §4, case 48.
"""

import socket
import threading
from collections.abc import Callable

from cmsite.client.redirects import PUBLIC, network_of_address
from cmsite.errors import NetworkError

# Host → its IP addresses as text; raises OSError or UnicodeError where the name is unknown.
LookUp = Callable[[str], tuple[str, ...]]


class Hosts:
    """The addresses of the hosts that one transport talks to; safe for several threads."""

    def __init__(self, look_up: LookUp | None = None, network_of: Callable[[str], str] = network_of_address) -> None:
        self._look_up = look_up or look_up_addresses
        self._network_of = network_of
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._networks: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return a host's addresses, all in the kinds of network it was first seen in or public.

        Raises `OSError` or `UnicodeError` where the name is unknown, `NetworkError` for a name that moved.
        """
        found = self._addresses.get(host)
        if found is None:
            found = self._look_up(host)
            networks = frozenset(map(self._network_of, found))
            with self._lock:
                first = self._networks.setdefault(host, networks)
                if not networks <= first | {PUBLIC}:
                    raise NetworkError(
                        f"{host}: this name first meant a {' and '.join(sorted(first))} address and now means a "
                        f"{' and '.join(sorted(networks - first))} one; refused, as that is how a registry reaches "
                        "into foreign networks (DNS rebinding)"
                    )
                self._addresses[host] = found
        return found

    def networks(self, host: str) -> frozenset[str]:
        """Return the kinds of network a host's addresses lie in; nothing where its name is unknown here."""
        try:
            return frozenset(map(self._network_of, self.addresses(host)))
        except (OSError, UnicodeError):
            return frozenset()

    def forget(self, host: str) -> None:
        """Look a host up again the next time, as after a failed connection; its kinds of network stay known."""
        self._addresses.pop(host, None)


def look_up_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses of a name, or of an address itself; raises `OSError` or `UnicodeError` as `LookUp` says."""
    try:
        network_of_address(host)
    except ValueError:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    return (host,)
