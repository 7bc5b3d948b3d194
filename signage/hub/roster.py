"""Boards and keys: which boards the hub hears, and the one key that each of them signs with.

A board's public key comes by hand as `board.pub.json`, and a person compares its fingerprint with
the one on the board's own screen: never trust on first use. A new key for a known board is an
explicit act (`--replace`) and starts a new chain of reports.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import BadInput, Problem, Refused, Unavailable
from ..keys import PublicKey
from ..stick import MAX_CARD, Card
from ..wire import BadFormat
from .database import to_ms

MAX_PLACE = 200  # characters of a name or a place


@dataclass(frozen=True)
class Place:
    """What the office calls the board, copied from its settings at enrolment."""

    name: str
    site: str = ""
    hamlet: str = ""
    commune: str = ""
    commune_name: str = ""
    metered: bool = False
    sample: bool = False  # invented data: every page says so


@dataclass(frozen=True)
class Enrolled:
    """A board that the hub knows. `chain` counts its keys."""

    board: str
    key: PublicKey
    chain: int
    place: Place


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


class Roster:
    """The boards, read from the hub's file each time: an enrolment counts at once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def find(self, board: str) -> Enrolled | None:
        row = self._db.execute(_SELECT + " WHERE id = ?", (board,)).fetchone()
        return _enrolled(row) if row else None

    def all(self) -> list[Enrolled]:
        return [_enrolled(row) for row in self._db.execute(_SELECT + " ORDER BY id")]

    def enroll(self, card: Card, place: Place | None, now: datetime, *, replace: bool = False) -> Enrolled:
        """Take the board in; without a place a known board keeps the names that it had.

        Raises `Refused`: `enroll-key-differs` without `replace`, `enroll-key-shared`.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            known = self.find(card.board)
            if known and known.key != card.key and not replace:
                raise Refused(
                    "enroll-key-differs",
                    board=card.board,
                    known=known.key.fingerprint,
                    new=card.key.fingerprint,
                )
            self._refuse_shared(card)
            self._put(card, known, place or (known.place if known else Place(card.board)), now)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        found = self.find(card.board)
        assert found is not None
        return found

    def _refuse_shared(self, card: Card) -> None:
        # One key for two boards: a copied disk. Reports of one would pass for the other's.
        other = self._db.execute(
            "SELECT id FROM board WHERE public = ? AND id <> ?", (card.key.public, card.board)
        ).fetchone()
        if other:
            raise Refused("enroll-key-shared", board=card.board, other=other[0])

    def _put(self, card: Card, known: Enrolled | None, place: Place, now: datetime) -> None:
        chain = 1 if known is None else known.chain + (known.key != card.key)
        self._db.execute(
            "INSERT OR REPLACE INTO board VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                card.board, card.key.public, chain, to_ms(now), place.name[:MAX_PLACE],
                place.site[:MAX_PLACE], place.hamlet[:MAX_PLACE], place.commune,
                place.commune_name[:MAX_PLACE], place.metered, place.sample,
            ),
        )  # fmt: skip


_SELECT = "SELECT id, public, chain, name, site, hamlet, commune, commune_name, metered, sample FROM board"


def _enrolled(row: Any) -> Enrolled:
    board, public, chain, name, site, hamlet, commune, commune_name, metered, sample = row
    place = Place(name, site, hamlet, commune, commune_name, bool(metered), bool(sample))
    return Enrolled(board, PublicKey(public), chain, place)
