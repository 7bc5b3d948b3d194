"""`bangtin board import-usb`: a round of sync whose line is a USB stick. Nothing starts it but a person.

The same updater, the same trust, the same shelf, the same memory of what was withdrawn: a stick can do
no more than whoever sits on the network, and is believed no longer. So

    older than what is held    refused, whatever the shelf has lost meanwhile (`usb-older`)
    the same                   nothing new; what was missing or damaged is made good
    past its time              refused, as from the network (`usb-expired`): its `timestamp` lives for
                               14 days. A longer patience would let a stick from before a withdrawal
                               bring back what a board never saw withdrawn, and a person who comes with
                               a stick can bring one of this week
    emergencies on it          shown until their own end, by the board's time; cancelled ones stay so

By a clock that stands in the past nothing is past its time; it is then held against the bound
that `clock` keeps, and what was held before still cannot be undercut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadHTTPError

from .. import stick
from ..errors import BangtinError, Refused, Unavailable
from ..review.slide import MAX_SLIDE
from ..wire import when
from . import notes
from .clock import NOTE, Clock, kernel_synchronised, state
from .download import Answer, Line
from .identity import Board
from .outcome import Outcome
from .shelf import Shelf
from .sync import Syncer

SCHEME = "usb:"  # in the place of a publication's address
PATIENCE_S = 300.0  # seconds for a round over the network to end
NOT_FOUND, BAD = 404, 400  # as a web server would say it
MAX_FILE = MAX_SLIDE  # bytes of the largest file but a film


class Carried(Line):
    """A line that reads a stick; what it does not have is not found, as on a web server."""

    def __init__(self, held: stick.Stick) -> None:
        super().__init__()
        self._stick = held
        self.trouble: BangtinError | None = None  # the last

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._stream(url, 0.0)

    def _stream(self, url: str, seconds: float) -> Iterator[bytes]:
        name = url.removeprefix(f"{SCHEME}/")
        try:
            yield from self._stick.blocks(name, MAX_FILE)
        except stick.Missing as error:
            self.trouble = Unavailable("usb-unreadable", file=name, why="ENOENT")
            raise DownloadHTTPError(f"not on the stick: {name}", NOT_FOUND) from error
        except Refused as error:
            self.trouble = error
            raise DownloadHTTPError(error.told("en"), BAD) from error
        except Unavailable as error:
            self.trouble = error
            raise DownloadError(error.told("en")) from error

    def more(self, url: str, into: Path, *, size: int, piece: int, until: float) -> bool:
        """A film, whole: no minute of it is paid for, and everything else is here already."""
        name = url.removeprefix(f"{SCHEME}/")
        try:
            with into.open("wb") as file:
                for block in self._stick.blocks(name, size):
                    file.write(block)
        except stick.Missing as error:
            raise Refused("file-wrong", url=name, why="not on the stick") from error
        except Unavailable as error:
            self.trouble = error
            raise
        return True

    def post(self, url: str, body: bytes, **headers: str) -> Answer:
        raise Unavailable("net-failed", url=url, why="a stick answers nothing")


@dataclass(frozen=True)
class Import:
    """What a stick brought. `wrong`: files that it does not have, or has otherwise than was signed."""

    number: int | None
    made: datetime | None
    switched: bool
    fetched: int
    wrong: tuple[str, ...]
    error: BangtinError | None
    now: datetime  # as the board believes
    clock: str  # how surely: `clock.state`


def take(board: Board, folder: Path) -> Import:
    """One round from the stick mounted at `folder`, noted in `state/usb.json`.

    What the stick does wrong is told in `error`, not raised; raises `Unavailable` (`usb-missing`, `locked`).
    """
    with stick.Stick(folder, stick.PUBLICATION) as held:
        line = Carried(held)
        clock = Clock(note=board.state / NOTE)
        clock.note = None  # read, but written by the service that has the network alone
        outcome = Syncer(replace(board, url=SCHEME), line, clock, PATIENCE_S).round()
    now = clock.now()
    kept = Shelf(board.shelf).holding(board.root(), board.identity, now)
    error = _error(board, outcome, line.trouble)
    made = kept.publication.proof.made if kept else None
    sure = state(clock.machine(), clock.floor, offset_ms=None, synchronised=kernel_synchronised())
    done = Import(outcome.number, made, outcome.switched, outcome.fetched, tuple(outcome.wrong), error, now, sure)
    with suppress(OSError):  # a full disk: the person is told anyway
        notes.write(board.state / notes.IMPORTED, {
            "at": when(now), "number": done.number, "switched": done.switched, "fetched": done.fetched,
            "wrong": len(done.wrong), "error": error.code if error else None,
        })  # fmt: skip
    return done


def _error(board: Board, outcome: Outcome, trouble: BangtinError | None) -> BangtinError | None:
    """The round's error in the words of who stands there with a stick."""
    code, why = outcome.error, outcome.why
    if code is None and outcome.films_late:
        return trouble or Unavailable("usb-not-taken", why="film")
    if code is None or (code == "net-failed" and trouble):
        return trouble if code else None
    if code == "trust-older" or (code == "tuf-refused" and "BadVersionNumber" in why):
        return Refused("usb-older")
    if code == "file-wrong" and isinstance(trouble, Unavailable):
        return Refused("usb-other-board", board=board.id)
    if outcome.refusal:
        return Refused("usb-expired") if code == "tuf-expired" else Refused("usb-refused", why=why)
    return Unavailable("usb-not-taken", why=why)
