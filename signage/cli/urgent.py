"""The short way of an emergency: on the boards first, then everything else."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import BangtinError
from ..publication import EMERGENCIES, EmergencyList
from ..settings import Settings
from ..wire import sha256
from . import output

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.desk import Desk
    from ..office.standing import Standing


def can_publish(settings: Settings) -> bool:
    """Whether the online keys are here."""
    from ..office.repository import ONLINE

    return all((settings.keys / f"{role}.pem").is_file() for role in ONLINE)


def on_boards(settings: Settings, desk: Desk) -> list[Standing]:
    """The emergencies that boards have now; the archive is not read for them."""
    from ..office.publish import repository
    from ..office.standing import standings

    data = repository(settings).current(EMERGENCIES)
    names = [sha256(entry.statement) for entry in EmergencyList.read(data).entries] if data else []
    statements = {sha: one for name in names for sha, one in desk.book.statements(name).items()}
    return standings(statements, desk.book.records_of(statements), desk.people)


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
