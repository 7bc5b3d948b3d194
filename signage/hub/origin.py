"""Where a request comes from: only a proxy on this very machine is believed; anybody else writes into a header
what he likes."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request


def address(request: Request) -> str:
    """Where the person or the board is: behind a proxy on this machine, what the proxy says."""
    told = _told_by_proxy(request, "x-forwarded-for").rpartition(",")[2].strip()
    return told or (request.client.host if request.client else "?")


def network(address: str) -> str:
    """What one guesser has of addresses: an IPv4 address, or the 64 bits of an IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def is_safe(request: Request) -> bool:
    """Whether the other side speaks TLS, to us or to the proxy on this machine."""
    return _told_by_proxy(request, "x-forwarded-proto") == "https" or request.url.scheme == "https"


def _told_by_proxy(request: Request, header: str) -> str:
    peer = request.client.host if request.client else ""
    try:
        near = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        near = peer == ""  # a Unix socket
    return request.headers.get(header, "") if near else ""
