"""The short way of an emergency: on the boards first, then everything else."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from ..errors import BangtinError
from ..settings import Settings
from . import output


def can_publish(settings: Settings) -> bool:
    """Whether the online keys are here."""
    from ..office.repository import ONLINE

    return all((settings.keys / f"{role}.pem").is_file() for role in ONLINE)


def at_once(settings: Settings, args: argparse.Namespace, changed: Iterable[str]) -> bool:
    """The emergencies that were just raised or taken back, on their way to the boards before the site is built.

    True when they are. What keeps it from that is no news yet: the whole publication follows, and says what is wrong.
    """
    from ..office.urgent import publish_emergencies

    began = time.monotonic()
    try:
        number = publish_emergencies(settings, changed, datetime.now(UTC))
    except (BangtinError, OSError):
        return False
    if number is not None:
        took = f"{time.monotonic() - began:.1f}"
        output.say(args, f"Đã phát tới các bảng: bản số {number}, sau {took.replace('.', ',')} giây.",
                   f"Sent to the boards: number {number}, after {took} s.")  # fmt: skip
    return number is not None
