"""`bangtin alert raise --cap`: a CAP 1.2 file as an emergency; an update or cancellation follows its references."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused, WrongUse
from ..schedule import VIETNAM_TIME
from . import output

if TYPE_CHECKING:
    from ..office.desk import Desk, Signatory

LONGEST_H = 24  # hours of an emergency


def take(args: argparse.Namespace) -> None:
    """Fill in what the command line leaves open; raises `BadInput` (`cap-bad`), `Refused` (`cap-not-shown`, `-over`).

    Exercises and tests are shown with `--drill` only; what is not for the public never is.
    """
    from ..office import cap

    found = cap.read(_bytes(args.cap, cap.MAX_FILE), str(args.cap))
    if found.scope != "Public" or (found.is_drill and not args.drill):
        raise Refused("cap-not-shown", file=str(args.cap), status=found.status, scope=found.scope)
    args.replaces, args.only_cancels = found.replaces, found.message == "Cancel"
    if args.only_cancels:
        return
    now = datetime.now(UTC)
    left = (found.expires - now).total_seconds() / 3600 if found.expires else LONGEST_H
    if left <= 0:
        raise Refused("cap-over", file=str(args.cap))
    args.title, args.text = args.title or found.title, args.text or found.text
    args.level, args.source = args.level or found.level, args.source or found.source
    args.hours, args.name = min(args.hours, left), args.name or found.name
    args.bulletin_time = args.bulletin_time or f"{found.sent.astimezone(VIETNAM_TIME):%Y-%m-%d %H:%M}"


def _bytes(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def follow(args: argparse.Namespace, desk: Desk, who: Signatory) -> list[str]:
    """Withdraw what the message updates or cancels: the statements' SHA-256.

    Raises `Refused` (`cap-unknown`) when nothing is here.
    """
    from ..office.standing import in_force

    every = in_force(desk.about_any(lambda ident: ident.rsplit("/", 1)[-1] in args.replaces))
    named = [ident for ident, one in every.items() if not one.withdrawn]
    if args.only_cancels and not named:
        raise Refused("cap-unknown", file=str(args.cap))
    gone = []
    for ident in named:
        gone += desk.take_back(ident, "withdraw", who, datetime.now(UTC), "Bản tin đã được thay hoặc hủy")
        output.say(args, f"Đã chấm dứt {ident}.", f"Cancelled {ident}.")
    return [standing.sha256 for standing in gone]


def needed(args: argparse.Namespace) -> None:
    """Raises `WrongUse` (`answer-missing`) for what neither command line nor file says."""
    for option in ("level", "source"):
        if not getattr(args, option):
            raise WrongUse("answer-missing", option=f"--{option}")
