"""What one round of sync did, and the note that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..wire import when
from . import notes
from .identity import Board


@dataclass
class Outcome:
    """What one round did."""

    number: int | None = None  # of the publication in force
    switched: bool = False
    fetched: int = 0  # objects
    wrong: list[str] = field(default_factory=list)  # files that the server has wrong, by name
    mended: bool = False  # something that had rotted on the disk was found, this day
    films_late: bool = False  # the line or the disk had no room for them
    refused: dict[str, str] = field(default_factory=dict)  # statement → code
    expired: tuple[str, ...] = ()
    error: str | None = None  # code of why the round ended early; what was held stays in force
    why: str = ""
    refusal: bool = False  # it was trust that said no
    offset_ms: int | None = None
    until: datetime | None = None  # when the first of the metadata that were found fresh expires


def record(
    board: Board, outcome: Outcome, faults: notes.Faults, now: datetime, last_ok: datetime | None, link: str = ""
) -> None:  # fmt: skip
    """The round in `state/sync.json`; `link`: code of what stood in the server's place (`link`)."""
    wrong = {"file-wrong": outcome.wrong, "sync-failed": outcome.error, "film-late": outcome.films_late}
    wrong["disk-mended"] = outcome.mended
    codes = [code for code, is_so in wrong.items() if is_so] + ([link] if link and outcome.error else [])
    faults.only("", [*codes, *outcome.expired], now)
    notes.write(board.state / "sync.json", {
        "at": when(now), "last_ok": when(last_ok) if last_ok else None, "error": outcome.error,
        "why": outcome.why[:500], "number": outcome.number, "offset_ms": outcome.offset_ms,
        "refused": [{"statement": s, "code": c} for s, c in sorted(outcome.refused.items())],
        "faults": faults.as_json(),
    })  # fmt: skip
