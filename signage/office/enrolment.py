"""A new board, from the office's side: its stick goes out with a ticket, its card comes back and is confirmed.

state/enrolments.json    the tickets that were made, each with its one-use code; 0600
state/boards/            cards that a person has confirmed, for `bangtin hub enroll`
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from .. import durable, spoken, stick
from ..errors import BadInput, Problem, Refused, Unavailable, WrongUse
from ..settings import Settings
from ..stick import Card, Stick, Ticket
from ..wire import BadFormat, Fields, canonical, parse, sha256, when
from .publish import repository

RECORD = "enrolments.json"
LIFE = timedelta(days=14)  # that a ticket is good for
MAX_TICKETS = 500  # remembered, the newest
MAX_RECORD = 1024 * 1024  # bytes
_ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_README = """\
USB ghi danh bảng {board} ({name}), {commune}. Dùng một lần, đến {until}.

Trên máy của bảng:
  1. Cắm USB, gắn vào /media/usb, ghi được:  sudo mount -o uid=bangtin,nosuid,nodev,noexec /dev/sda1 /media/usb
  2. Gõ:  sudo -u bangtin bangtin board enroll --usb /media/usb --dir /srv/bang
  3. Đọc bốn từ hiện trên tường cho văn phòng nghe qua điện thoại.
  4. Tháo USB (sudo umount /media/usb), mang về văn phòng.
Không sửa, không xóa tệp nào trong thư mục này.
"""


@dataclass(frozen=True)
class Issued:
    """A ticket that was made; `keyid` of the board that came back with it, once confirmed."""

    board: str
    code: str
    until: datetime
    keyid: str | None = None

    def as_json(self) -> dict[str, object]:
        return {"board": self.board, "code": self.code, "until": when(self.until), "keyid": self.keyid}

    @classmethod
    def read(cls, fields: Fields) -> Issued:
        return cls(fields.name("board"), fields.sha("code"), fields.when("until"), fields.maybe("keyid", fields.sha))


@dataclass(frozen=True)
class Returned:
    """A card that came back and is that of one of our tickets; a person has not compared its words yet."""

    card: Card
    words: tuple[str, ...]
    name: str  # of the board
    confirmed: bool  # before


def prepare(
    settings: Settings, board: str, media: Path, now: datetime, *, url: str, hub: str | None, life: timedelta = LIFE
) -> Ticket:
    """Write the enrolment stick of one board below `media`.

    Raises `WrongUse` (`usb-folder`, `usb-board`, `address-bad`), `Refused` (`card-waiting`), `Unavailable`
    (`repository-missing`).
    """
    if not media.is_dir():
        raise WrongUse("usb-folder", folder=str(media))
    known = settings.board(board)
    if known is None:
        raise WrongUse("usb-board", board=board, known=", ".join(b.id for b in settings.boards))
    _refuse_waiting(settings, media)
    for address in filter(None, (url, hub)):
        if not _ADDRESS.fullmatch(address):
            raise WrongUse("address-bad", url=address)
    repo = repository(settings)
    root, (commune, ident) = repo.root_bytes(), repo.identity()
    ticket = Ticket(
        commune, settings.commune.name, ident, board, known.name, url, hub, known.mode, sha256(root),
        secrets.token_hex(32), now, now + life,
    )  # fmt: skip
    _keep(settings, [*_issued(settings), Issued(board, ticket.code, ticket.until)])
    fresh = media / f"{stick.ENROLMENT}.new"
    durable.discard(fresh)
    told = _README.format(board=board, name=known.name, commune=ticket.commune_name, until=f"{ticket.until:%d/%m/%Y}")
    for name, data in (
        (stick.ROOT, root), (stick.TICKET, ticket.to_bytes()), ("HUONG-DAN.txt", told.replace("\n", "\r\n").encode()),
    ):  # fmt: skip
        durable.write(fresh / name, data)
    durable.swap_folder(fresh, media / stick.ENROLMENT)
    return ticket


def returned(settings: Settings, media: Path, now: datetime) -> Returned:
    """The card on a stick that has come back, checked against the tickets.

    Raises `Unavailable` (`usb-missing`, `card-none`), `BadInput` (`card-bad`), `Refused` (`card-other-root`,
    `card-no-ticket`, `ticket-used`, `ticket-expired`).
    """
    card = _card(media)
    known, root = settings.board(card.board), sha256(repository(settings).root_bytes())
    if known is None or card.root != root:
        raise Refused("card-other-root", board=card.board)
    issued = _ticket_of(settings, card, root)
    if issued is None:
        raise Refused("card-no-ticket", board=card.board)
    if issued.keyid not in (None, card.key.keyid):
        raise Refused("ticket-used", board=card.board)
    if issued.keyid is None and now > issued.until:
        raise Refused("ticket-expired", board=card.board)
    return Returned(card, spoken.words(card.key.public, root), known.name, issued.keyid is not None)


def confirm(settings: Settings, found: Returned) -> Path:
    """A person has compared the words: the ticket is used up; the card, where `hub enroll` finds it."""
    root = found.card.root or ""
    mine = _ticket_of(settings, found.card, root)
    every = [replace(one, keyid=found.card.key.keyid) if one == mine else one for one in _issued(settings)]
    path = settings.state / "boards" / f"{found.card.board}.pub.json"
    durable.write(path, found.card.to_bytes())
    _keep(settings, every)
    return path


def _card(media: Path) -> Card:
    with Stick(media, stick.ENROLMENT) as held:
        data = stick.maybe(held, stick.CARD, stick.MAX_CARD)
    if data is None:
        raise Unavailable("card-none")
    try:
        return Card.read(data)
    except BadFormat as error:
        raise BadInput([Problem("card-bad", stick.CARD, values={"why": f"{error.where}: {error.why}"})]) from error


def _ticket_of(settings: Settings, card: Card, root: str) -> Issued | None:
    """The ticket whose code the card's board has had."""
    for one in _issued(settings):
        proof = stick.proven(one.code, card.board, card.key, root)
        if one.board == card.board and hmac.compare_digest(proof, card.proof or ""):
            return one
    return None


def _refuse_waiting(settings: Settings, media: Path) -> None:
    """A card that nobody has confirmed yet must not be written over."""
    try:
        card = _card(media)
    except (Unavailable, BadInput, Refused):
        return
    issued = _ticket_of(settings, card, card.root or "")
    if issued and issued.keyid is None:
        raise Refused("card-waiting", board=card.board)


def _issued(settings: Settings) -> list[Issued]:
    try:
        fields = parse((settings.state / RECORD).read_bytes(), limit=MAX_RECORD)
    except FileNotFoundError:
        return []
    return [Issued.read(one) for one in fields.objects("tickets", most=MAX_TICKETS)]


def _keep(settings: Settings, issued: list[Issued]) -> None:
    told = {"v": 1, "tickets": [one.as_json() for one in issued[-MAX_TICKETS:]]}
    durable.write(settings.state / RECORD, canonical(told), mode=durable.SECRET)
