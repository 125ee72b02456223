"""Who can reach a node: whoever reaches Ray's ports can run code on it."""

import ipaddress
import os
import socket

NO_TOKEN = (
    "{address} is reached over a network, and who reaches Ray's ports runs code. Set RAY_AUTH_MODE=token and "
    "the same RAY_AUTH_TOKEN (32 characters or more) on all nodes, or give --trust-network where nobody can do harm."
)


def untrusted(addresses: list[str]) -> str | None:
    """Why a node may not be started without Ray's own token; None where all addresses are this machine's alone."""
    if os.environ.get("RAY_AUTH_MODE") == "token":
        return None
    outside = next((address for address in addresses if not _is_loopback(address)), None)
    return None if outside is None else NO_TOKEN.format(address=outside)


def _is_loopback(host: str) -> bool:
    try:
        return all(ipaddress.ip_address(found[4][0]).is_loopback for found in socket.getaddrinfo(host, None))
    except OSError:
        # A name that is not known here is not this machine's.
        return False
