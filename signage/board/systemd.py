"""A word to systemd, when it started us: `READY=1`, `WATCHDOG=1` (sd_notify(3)).

A datagram on a local socket that systemd names in `NOTIFY_SOCKET`; the kiosk speaks, never the player.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

WAIT_S = 1.0  # seconds that systemd may take to read
READY, FED, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(*lines: str) -> None:
    """Does nothing when nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@") or not hasattr(socket, "AF_UNIX"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.settimeout(WAIT_S)
        way.sendto("\n".join(lines).encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def watchdog(seconds: float) -> str:
    """The line that sets how long systemd waits for the next `FED`."""
    return f"WATCHDOG_USEC={int(seconds * 1e6)}"
