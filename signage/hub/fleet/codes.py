"""One-time codes: the office makes one for a place, the technician types it at the board, the board brings its card.

The code itself never crosses the network: the board proves that it has it by an HMAC over its own key and root
(`stick.proven`), so whoever listens or sits in between can put no other key in its place. What the store keeps
is a hash, and that hash is the secret of the proof. A person may still compare the four words.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ...errors import Refused
from ...spoken import words
from ...stick import Card, code_secret, proven
from ..people import audit
from ..people.audit import Actor
from ..roster import Enrolled, Place, enroll, find
from ..store import tables as t
from ..store.engine import from_ms, to_ms

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none that look alike
GROUPS, GROUP = 4, 4  # of letters: 80 bits
DAYS = 7  # that a code is good for, unless said otherwise
MOST_DAYS = 30
MAX_OPEN = 5000  # codes that are neither used nor over
KEPT = timedelta(days=90)  # used and old codes: an enrolment can be looked up
BOARD = "board"  # actor of an enrolment by code


@dataclass(frozen=True)
class Code:
    """A code as it is kept."""

    commune: str
    board: str
    place: Place
    replaces: bool
    made: datetime
    made_by: str
    until: datetime
    used: datetime | None
    words: str  # four, of the key that came; to compare with those at the board


def make(
    connection: Connection, by: Actor, commune: str, board: str, place: Place, now: datetime,
    *, days: int = DAYS, replaces: bool = False,
) -> str:  # fmt: skip
    """A fresh code for this place; an earlier one for it is good no more.

    Raises `Refused`: `code-board-known` without `replaces`, `code-board-unknown` with it, `codes-many`.
    """
    known = find(connection, commune, board, retired=True)
    if replaces != (known is not None):
        raise Refused("code-board-unknown" if replaces else "code-board-known", board=board, commune=commune)
    c, at = t.enrolment_code.c, to_ms(now)
    open_ = (c.used.is_(None)) & (c.until > at)
    end(connection, commune, board)
    connection.execute(delete(t.enrolment_code).where(c.until < to_ms(now - KEPT)))
    if connection.execute(select(func.count()).where(open_)).scalar_one() >= MAX_OPEN:
        raise Refused("codes-many", most=MAX_OPEN)
    if not connection.execute(select(t.commune.c.code).where(t.commune.c.code == commune)).first():
        connection.execute(insert(t.commune), {"code": commune, "name": place.commune_name})
    text = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    told = known.place if known else place
    connection.execute(insert(t.enrolment_code), {
        "code_sha": code_secret(text), "commune": commune, "board": board, "place": _written(told),
        "replaces": replaces, "made": at, "made_by": by.name, "until": to_ms(now + timedelta(days=days)),
    })  # fmt: skip
    audit.record(connection, by, "board.code", board, now, commune=commune, days=days, replaces=replaces)
    return text


def use(connection: Connection, card: Card, now: datetime) -> Enrolled:
    """Take the board in by the proof on its card; once more with the same card is no harm (a lost answer).

    Raises `Refused`: `code-wrong` (no such code, over, used, or not proven: nobody learns which),
    `enroll-key-shared`.
    """
    c = t.enrolment_code.c
    rows = connection.execute(
        select(c.code_sha, c.place, c.replaces, c.used, c.public, c.until, c.made_by).where(
            c.commune == card.commune, c.board == card.board
        )
    ).all()
    for row in rows:
        if not _proves(card, row.code_sha):
            continue
        good = row.used is None and row.until > to_ms(now)
        if good and _claimed(connection, card, row.code_sha, now):
            return _enrolled(connection, card, row, now)
        if good or row.public == card.key.public:
            known = find(connection, card.commune, card.board)
            if known and known.key == card.key:
                return known
    raise Refused("code-wrong", board=card.board)


def open_codes(connection: Connection, now: datetime) -> list[Code]:
    """Codes that wait for their boards, the newest first; and those used in the last days."""
    c = t.enrolment_code.c
    asked = select(c.commune, c.board, c.place, c.replaces, c.made, c.made_by, c.until, c.used)
    rows = connection.execute(asked.where(c.until > to_ms(now - KEPT)).order_by(c.made.desc()).limit(MAX_OPEN))
    return [
        Code(
            r.commune, r.board, _read(r.place), r.replaces, from_ms(r.made), r.made_by, from_ms(r.until),
            None if r.used is None else from_ms(r.used), json.loads(r.place).get("words", ""),
        )
        for r in rows
    ]  # fmt: skip


def end(connection: Connection, commune: str, board: str) -> None:
    """Codes for this place that wait are good no more."""
    c = t.enrolment_code.c
    connection.execute(delete(t.enrolment_code).where(c.commune == commune, c.board == board, c.used.is_(None)))


def _claimed(connection: Connection, card: Card, code_sha: str, now: datetime) -> bool:
    """Whether the code is this card's; of two that come at once the second waits here, and finds it used."""
    c = t.enrolment_code.c
    claim = update(t.enrolment_code).where(c.code_sha == code_sha, c.used.is_(None))
    return connection.execute(claim.values(used=to_ms(now), public=card.key.public)).rowcount == 1


def _enrolled(connection: Connection, card: Card, row: Any, now: datetime) -> Enrolled:
    done = enroll(connection, card, None if row.replaces else _read(row.place), now, replace=row.replaces)
    code, four = t.enrolment_code, " · ".join(words(card.key.public, card.root))
    connection.execute(
        update(code).where(code.c.code_sha == row.code_sha).values(place=_written(done.place, words=four))
    )  # fmt: skip
    told = {"words": four, "made_by": row.made_by, "replaces": row.replaces}
    audit.record(connection, Actor(None, BOARD), "board.enroll", card.board, now, commune=card.commune, **told)
    return done


def _proves(card: Card, secret: str) -> bool:
    made = proven(secret, card.board, card.key, card.root)
    return card.proof is not None and hmac.compare_digest(card.proof, made)


def _written(place: Place, **more: str) -> str:
    return json.dumps(vars(place) | more, ensure_ascii=False)


def _read(text: str) -> Place:
    told = json.loads(text)
    told.pop("words", None)
    return Place(**told)
