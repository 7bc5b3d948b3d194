"""Boards and keys: which boards the hub hears, and the one key that each of them signs with.

A board's public key comes by hand as `board.pub.json`, and a person compares its fingerprint with
the one on the board's own screen: never trust on first use. A new key for a known board is an
explicit act (`--replace`) and starts a new chain of reports. A board is known by its commune and its
id there; inside this hub's store it is a number.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Select, insert, select, update

from ..errors import BadInput, Problem, Refused, Unavailable
from ..keys import PublicKey
from ..stick import MAX_CARD, Card
from ..wire import BadFormat
from .store import bulk
from .store import tables as t
from .store.engine import to_ms

AWAY = "away"  # kind of the span for which a board was taken down: no outage
MAX_PLACE = 200  # characters of a name or a place
# By a card alone: a commune that is there keeps its name, and that its data is invented.
_keep_commune = bulk.Put(t.commune, ("code", "name"), ("code",), {"name": lambda name, old, _: old[name]})


@dataclass(frozen=True)
class Place:
    """What the office calls the board, copied from its settings at enrolment."""

    name: str
    site: str = ""
    hamlet: str = ""
    commune_name: str = ""
    metered: bool = False
    sample: bool = False  # invented data: every page says so
    agency: str = ""  # identifier of the commune's office, for other systems


@dataclass(frozen=True)
class Enrolled:
    """A board that the hub knows. `chain` counts its keys."""

    number: int  # the board in this hub's store
    commune: str
    board: str
    key: PublicKey
    chain: int
    repository: str
    place: Place

    @cached_property
    def keyid(self) -> str:
        """The key's name, as envelopes tell it."""
        return self.key.keyid

    @cached_property
    def verifier(self) -> Ed25519PublicKey:
        """The key, ready to check signatures."""
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key.public))


def read_card(path: Path) -> Card:
    """The board's card; raises `Unavailable` (`card-missing`) or `BadInput` (`card-bad`)."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CARD + 1)
    except OSError as error:
        raise Unavailable("card-missing", file=str(path)) from error
    try:
        return Card.read(data)
    except BadFormat as error:
        raise BadInput([Problem("card-bad", str(path), values={"why": f"{error.where}: {error.why}"})]) from error


def find(connection: Connection, commune: str, board: str, *, retired: bool = False) -> Enrolled | None:
    """The board, if it is known; one that hangs no more only when asked for."""
    asked = _boards(retired).where(t.board.c.commune == commune, t.board.c.code == board)
    row = connection.execute(asked).one_or_none()
    return _enrolled(row) if row else None


def everyone(connection: Connection) -> list[Enrolled]:
    """All boards, by commune and id."""
    rows = connection.execute(_boards().order_by(t.board.c.commune, t.board.c.code))
    return [_enrolled(row) for row in rows]


def enroll(
    connection: Connection, card: Card, place: Place | None, now: datetime, *, replace: bool = False
) -> Enrolled:
    """Take the board in; without a place a known board keeps the names that it had.

    Raises `Refused`: `enroll-key-differs` without `replace`, `enroll-key-shared`.
    """
    known = find(connection, card.commune, card.board, retired=True)
    if known and known.key != card.key and not replace:
        raise Refused(
            "enroll-key-differs", board=card.board, known=known.key.fingerprint, new=card.key.fingerprint
        )  # fmt: skip
    _refuse_shared(connection, card)
    _put(connection, card, known, place or (known.place if known else Place(card.board)), now)
    found = find(connection, card.commune, card.board)
    assert found is not None
    return found


def _refuse_shared(connection: Connection, card: Card) -> None:
    # One key for two boards: a copied disk. Reports of one would pass for the other's.
    other = connection.execute(
        select(t.board.c.commune, t.board.c.code).where(t.board.c.public == card.key.public)
    ).one_or_none()
    if other and tuple(other) != (card.commune, card.board):
        raise Refused("enroll-key-shared", board=card.board, other=f"{other.code} ({other.commune})")


def hold(connection: Connection, boards: Collection[int]) -> None:
    """Their rows, in their order, as whoever keeps their reports takes them; before anything of their communes."""
    b = t.board.c
    asked = select(b.id).where(b.id.in_(sorted(boards))).order_by(b.id).with_for_update(key_share=True)
    connection.execute(asked).all()


def _put(connection: Connection, card: Card, known: Enrolled | None, place: Place, now: datetime) -> None:
    if known:
        hold(connection, [known.number])
    agency = {"agency": place.agency} if place.agency else {}  # who knows none takes none away
    commune = {"code": card.commune, "name": place.commune_name[:MAX_PLACE], **agency, "sample": place.sample}
    if place.commune_name:
        bulk.upsert(connection, t.commune, [commune], keys=("code",))
    else:
        _keep_commune(connection, [(card.commune, "")])
    told: dict[str, Any] = {
        "commune": card.commune, "code": card.board, "public": card.key.public, "repository": card.repository,
        "chain": 1 if known is None else known.chain + (known.key != card.key),
        "enrolled": to_ms(now), "name": place.name[:MAX_PLACE] or card.board, "site": place.site[:MAX_PLACE],
        "hamlet": place.hamlet[:MAX_PLACE], "metered": place.metered, "retired": None,
    }  # fmt: skip
    if known:
        in_use_again(connection, known.number, now)
        connection.execute(update(t.board).where(t.board.c.id == known.number), told)
    else:
        connection.execute(insert(t.board), told)


def in_use_again(connection: Connection, board: int, now: datetime) -> None:
    """Before `retired` goes: the time for which it was taken down is kept as a span, else it would be silence."""
    since = connection.execute(select(t.board.c.retired).where(t.board.c.id == board)).scalar()
    if since is not None and since < to_ms(now):
        told = {"board": board, "kind": AWAY, "code": AWAY, "since": since, "until": to_ms(now)}
        connection.execute(insert(t.span), told | {"cause": "", "note": ""})


def _boards(retired: bool = False) -> Select[Any]:
    board, commune = t.board.c, t.commune.c
    found = (
        select(
            board.id, board.commune, board.code, board.public, board.chain, board.repository, board.name, board.site,
            board.hamlet, commune.name.label("commune_name"), board.metered, commune.sample,
        )
        .join(t.commune, commune.code == board.commune)
    )  # fmt: skip
    return found if retired else found.where(board.retired.is_(None))


def _enrolled(row: Any) -> Enrolled:
    place = Place(row.name, row.site, row.hamlet, row.commune_name, bool(row.metered), bool(row.sample))
    return Enrolled(row.id, row.commune, row.code, PublicKey(row.public), row.chain, row.repository, place)
