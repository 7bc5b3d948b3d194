"""A board from the stick that its office prepared: nobody types an address, a fingerprint or a code.

The root comes on the stick, by hand: no trust on first use. Whether it was the right hand shows in the
four words on the wall, which the office has also once the board's card is back. The ticket is used up:
a second board finds none, and of two cards made with copies of one ticket the office takes the first.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ..errors import Refused, Unavailable
from ..stick import CARD, ENROLMENT, MAX_TICKET, ROOT, TICKET, USED, Missing, Stick, Ticket, Used, maybe
from ..wire import BadFormat, sha256
from . import identity, trust


def enroll(folder: Path, media: Path, now: datetime, *, again: bool = False) -> identity.Board:
    """Make `folder` the board that the stick at `media` was prepared for; its card goes onto the stick.

    Interrupted, it can be run again. Raises `Refused` (`ticket-used`, `ticket-expired`, `ticket-wrong`,
    `enrolled-already`), `Unavailable` (`usb-missing`, `usb-unwritable`, …), `BadFormat`.
    """
    with Stick(media, ENROLMENT) as stick:
        ticket = _ticket(stick, now)
        root = _root(stick, ticket)
        known = _enrolled(folder)
        same = known is not None and (known.id, _root_of(known)) == (ticket.board, ticket.root)
        if known and not same and not again:
            raise Refused("enrolled-already", folder=str(folder))
        card = identity.card(folder, ticket.board, root, ticket.code)
        stick.write(CARD, card.to_bytes())  # first: a stick that cannot be written on enrols nobody
        board = identity.enroll(
            folder, board=ticket.board, url=ticket.url, hub=ticket.hub, root=root, again=known is not None,
            mode=ticket.mode, code=ticket.code,
        )  # fmt: skip
        stick.write(USED, Used(board.id, card.key.keyid, now).to_bytes())
        stick.remove(TICKET)
    return board


def _ticket(stick: Stick, now: datetime) -> Ticket:
    data = maybe(stick, TICKET, MAX_TICKET)
    if data is None:
        used = maybe(stick, USED, MAX_TICKET)
        if used is None:
            raise Unavailable("usb-unreadable", file=TICKET, why="ENOENT")
        raise Refused("ticket-used", board=Used.read(used).board)
    ticket = Ticket.read(data)
    if now > ticket.until:
        raise Refused("ticket-expired", board=ticket.board)
    return ticket


def _root(stick: Stick, ticket: Ticket) -> bytes:
    """The root that the ticket names, and none that says otherwise than the ticket whose it is."""
    try:
        root = stick.read(ROOT, identity.MAX_ROOT)
    except Missing as error:
        raise Unavailable("usb-unreadable", file=ROOT, why="ENOENT") from error
    if sha256(root) != ticket.root or trust.built_in(root) != (ticket.commune, ticket.repository):
        raise Refused("ticket-wrong")
    return root


def _root_of(board: identity.Board) -> str | None:
    """SHA-256 of what it trusts: anybody can make a root that says it is of our repository."""
    try:
        return sha256(board.root())
    except Unavailable:
        return None


def _enrolled(folder: Path) -> identity.Board | None:
    try:
        return identity.load(folder)
    except (Unavailable, BadFormat):
        return None
