"""Bring this board's card to the hub, with the proof of the one-time code that a person typed.

The code does not leave the machine; by the proof the hub knows that this very key is meant (`stick.proven`).
"""

from __future__ import annotations

from ..errors import Refused, Unavailable
from ..stick import code_secret
from ..wire import BadFormat, parse
from . import identity
from .download import MAX_ANSWER, Line

PATH = "/v1/cards"
_OK = 200


def introduce(board: identity.Board, line: Line, typed: str) -> tuple[str, ...]:
    """The four words, as the hub's people see them too.

    Raises `Refused` (`code-wrong`), `Unavailable` (`introduce-no-hub`, `introduce-failed`, `net-failed`).
    """
    if not board.hub:
        raise Unavailable("introduce-no-hub")
    card = identity.card(board.folder, board.id, board.root(), code_secret(typed))
    answer = line.post(f"{board.hub}{PATH}", card.to_bytes())
    if answer.status == _OK:
        return board.words()
    code = _code(answer.data)
    if code == "code-wrong":
        raise Refused("code-wrong", board=board.id)
    raise Unavailable("introduce-failed", hub=board.hub, status=answer.status, why=code or "?")


def _code(data: bytes) -> str:
    try:
        return parse(data, limit=MAX_ANSWER).text("code", most=60)
    except BadFormat:
        return ""
