"""Plays as the hub keeps them: per board, day and slide, how often and how long, and the slides' names.

Days are Vietnamese days by the board's own record, since people ask "what did it show on Monday";
a day that cannot be (a board without a clock) is kept as an unknown day rather than dropped. Each row
names the first and the last report that told it, by the hash of what the board signed.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection, bindparam, case, delete, func, select

from .heard import Said
from .store import tables as t
from .store.bulk import Asked, Put, added, larger, smaller

DAYS_KEPT = 400  # days of plays: a yearly report and some weeks
SLIDES_A_DAY = 1200  # slides of one board and day that are counted apart
SLIDES_NAMED = 2000  # slides of one board whose title is remembered
NAMES_KNOWN = 1_000_000  # board and slide of which we remember that the title was written today
TRIM_EVERY = 200  # new titles of one board between two looks at whether they are too many
BOARDS_KNOWN = 100_000  # boards of which we remember how many slides a day may still be new
UNKNOWN_DAY = ""  # the board's clock was not set
OTHER = ""  # slides beyond SLIDES_A_DAY, together
DAY_MS = 86_400_000
VIETNAM_MS = 7 * 3_600_000  # Viet Nam is seven hours ahead of UTC, without summer time


@dataclass(slots=True)
class Shown:
    """How a board showed one slide on one day."""

    plays: int
    ms: int
    first: int
    last: int
    sha_first: str  # the report that told the first play
    sha_last: str

    def join(self, more: Shown) -> None:
        """Both together."""
        self.plays, self.ms = self.plays + more.plays, self.ms + more.ms
        if more.first < self.first:
            self.first, self.sha_first = more.first, more.sha_first
        if more.last >= self.last:
            self.last, self.sha_last = more.last, more.sha_last


Days = dict[tuple[int, str, str], Shown]  # board, day, file

_put_days = Put(
    t.play_day, ("board", "day", "file", "plays", "ms", "first", "last", "sha_first", "sha_last"),
    ("board", "day", "file"),
    {
        "plays": added, "ms": added, "first": smaller, "last": larger,
        "sha_first": lambda name, old, new: case((new["first"] < old["first"], new[name]), else_=old[name]),
        "sha_last": lambda name, old, new: case((new["last"] >= old["last"], new[name]), else_=old[name]),
    },
)  # fmt: skip
_put_slides = Put(t.slide, ("board", "file", "statement", "title", "seen"), ("board", "file"))


_ask_days = Asked(t.play_day.c.board, lambda among: (
    select(t.play_day.c.board, func.count().label("slides"))
    .where(among, t.play_day.c.day == bindparam("that")).group_by(t.play_day.c.board)
))  # fmt: skip
_ask_titles = Asked(t.slide.c.board, lambda among: (
    select(t.slide.c.board).where(among).group_by(t.slide.c.board).having(func.count() > bindparam("most"))
))  # fmt: skip


def day_of(ms: int) -> str:
    """The Vietnamese day of a moment, `2026-11-22`."""
    return _day((ms + VIETNAM_MS) // DAY_MS)


@lru_cache(maxsize=1024)
def _day(number: int) -> str:
    return date.fromordinal(number + _EPOCH).isoformat()


_EPOCH = date(1970, 1, 1).toordinal()


class Plays:
    """Collects the plays of one batch and writes them; remembers between batches only what saves questions."""

    def __init__(self) -> None:
        self._room: OrderedDict[int, tuple[str, int]] = OrderedDict()  # board: day, slides that may still be new
        self._named: set[int] = set()  # hashes of board, file, day and title: some 60 bytes each
        self._new: dict[int, int] = {}  # board: titles written since it was trimmed

    def collect(self, days: Days, board: int, said: Said, sha: str, received: int) -> None:
        """Count a report's plays into `days`."""
        oldest, newest = received - DAYS_KEPT * DAY_MS, received + DAY_MS
        known = said.clock.state != "unknown"  # else the moments may be of any day, however likely they look
        for file, at, ms in said.plays:
            moment = int(at.timestamp()) * 1000
            key = (board, day_of(moment) if known and oldest < moment < newest else UNKNOWN_DAY, file)
            one = Shown(1, ms, moment, moment, sha, sha)
            if key in days:
                days[key].join(one)
            else:
                days[key] = one

    def write(self, connection: Connection, days: Days) -> None:
        """All in one statement, in the order of the boards."""
        self._look(connection, days)
        fitted: Days = {}
        more: Counter[tuple[int, str]] = Counter()  # rows of this batch, which the store cannot count yet
        for (board, day, file), shown in days.items():
            fits = self._fits(connection, board, day, file, more[board, day])
            key = (board, day, file if fits else OTHER)
            if key in fitted:
                fitted[key].join(shown)
            else:
                fitted[key] = shown
                more[board, day] += 1
        rows = (
            (*key, one.plays, one.ms, one.first, one.last, one.sha_first, one.sha_last)
            for key, one in sorted(fitted.items(), key=lambda item: item[0])
        )
        _put_days(connection, list(rows))

    def _look(self, connection: Connection, days: Days) -> None:
        """How many slides each board's day has already, asked at once: after midnight nobody's is known."""
        unknown: dict[str, set[int]] = {}
        for board, day, _ in days:
            if self._room.get(board, ("?", 0))[0] != day:
                unknown.setdefault(day, set()).add(board)
        for day, boards in unknown.items():
            had = {row.board: row.slides for row in _ask_days(connection, sorted(boards), that=day)}
            self._room |= {board: (day, SLIDES_A_DAY - had.get(board, 0)) for board in boards}

    def _fits(self, connection: Connection, board: int, day: str, file: str, more: int) -> bool:
        """Whether the slide is counted by itself. Asks only when the board may be near its limit."""
        known, room = self._room.get(board, ("?", 0))
        if known != day or room <= 0:
            where = (t.play_day.c.board == board, t.play_day.c.day == day)
            count = connection.execute(select(func.count()).where(*where).select_from(t.play_day)).scalar_one()
            room = SLIDES_A_DAY - count - more
            if room <= 0:
                here = select(t.play_day.c.file).where(*where, t.play_day.c.file == file)
                return connection.execute(here).first() is not None
        self._room[board] = (day, room - 1)
        self._room.move_to_end(board)
        if len(self._room) > BOARDS_KNOWN:
            self._room.popitem(last=False)
        return True

    def name(self, connection: Connection, shown: Sequence[tuple[int, Said, int]]) -> None:
        """Remember what slides are called: board, report, when it came; once a day each."""
        rows: dict[tuple[int, str], tuple[int, str, str | None, str, int]] = {}
        for board, said, received in shown:
            showing = said.showing
            if showing is None or showing.file is None:
                continue
            told = hash((board, showing.file, day_of(received), showing.title))
            if told in self._named:
                continue
            if len(self._named) >= NAMES_KNOWN:
                self._named.clear()
            self._named.add(told)
            rows[board, showing.file] = (board, showing.file, showing.statement, showing.title, received)
            self._new[board] = self._new.get(board, TRIM_EVERY) + 1
        _put_slides(connection, [rows[key] for key in sorted(rows)])
        doubtful = [
            n for n in sorted({n for n, _ in rows}) if self._new[n] > TRIM_EVERY or len(self._new) > BOARDS_KNOWN
        ]
        self._new |= dict.fromkeys(doubtful, 0)
        for row in _ask_titles(connection, doubtful, most=SLIDES_NAMED).all() if doubtful else ():
            _trim(connection, row.board)

    def forget(self) -> None:
        """After a transaction that was not kept, nothing remembered may be relied on."""
        self._room.clear()
        self._named.clear()


def _trim(connection: Connection, board: int) -> None:
    newest = (
        select(t.slide.c.file).where(t.slide.c.board == board).order_by(t.slide.c.seen.desc(), t.slide.c.file)
    ).limit(SLIDES_NAMED)
    connection.execute(delete(t.slide).where(t.slide.c.board == board, t.slide.c.file.not_in(newest)))
