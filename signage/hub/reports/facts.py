"""The rows that a report is made of, as values: everything of one commune that touches a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ..notice import Notice
from ..roster import AWAY
from .periods import Period

TIMES = ("right", "claimed", "dark", "wrong", "unknown")  # columns of an hour that do not overlap


@dataclass(frozen=True)
class Commune:
    """Whose report it is."""

    code: str
    name: str
    agency: str = ""
    sample: bool = False


@dataclass(frozen=True)
class Board:
    """A board; `told`: the first evidence that there is of it, of whatever period (all ms)."""

    number: int
    code: str
    name: str
    site: str
    hamlet: str
    enrolled: int
    retired: int | None
    told: int | None = None

    @property
    def since(self) -> int:
        """When its time began: a board that was replaced or enrolled late has evidence of before."""
        return self.enrolled if self.told is None else min(self.enrolled, self.told)

    def was_there(self, begin: int, end: int) -> bool:
        """Whether it was in use at any time between two moments (ms)."""
        return self.since < end and (self.retired is None or self.retired > begin)


@dataclass(frozen=True)
class Told:
    """What a board's hours of one Vietnamese day say together (ms, and reports heard)."""

    board: int
    day: date
    right: int = 0
    claimed: int = 0
    dark: int = 0
    wrong: int = 0
    unknown: int = 0
    emergency: int = 0
    reports: int = 0


@dataclass(frozen=True)
class Play:
    """A row of the proof of posting: a file on a board on a day."""

    board: int
    day: date
    file: str  # empty: those beyond the day's limit, together
    plays: int
    ms: int
    first: int
    last: int
    sha_first: str
    sha_last: str
    statement: str | None = None  # as the board named it when it last showed the file


@dataclass(frozen=True)
class Span:
    """An interval of what was not right."""

    board: int
    kind: str
    code: str
    since: int
    until: int | None
    cause: str
    note: str


@dataclass(frozen=True)
class Acknowledged:
    """Who took an alarm in hand, and what was done."""

    who: str
    at: int
    note: str


@dataclass(frozen=True)
class Alarm:
    """An alarm that was told, and what people did."""

    board: int | None
    code: str
    level: int
    says: str
    since: int
    until: int | None
    times: int
    acknowledged: tuple[Acknowledged, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All of it, as the store had it at `asof` (ms): what comes after that moment is not counted."""

    commune: Commune
    period: Period
    asof: int
    boards: tuple[Board, ...] = ()
    told: tuple[Told, ...] = ()
    plays: tuple[Play, ...] = ()
    notices: tuple[Notice, ...] = ()
    spans: tuple[Span, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    by_hand: dict[str, str] = field(default_factory=dict)

    @property
    def begin(self) -> int:
        return self.period.begin

    @cached_property
    def _away(self) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        for span in self.spans:
            if span.kind == AWAY:
                found.setdefault(span.board, []).append(span)
        return found

    def away(self, board: int, begin: int, end: int) -> int:
        """For how long between two moments a board that hangs again was taken down (ms)."""
        return sum(max(0, min(end, s.until or end) - max(begin, s.since)) for s in self._away.get(board, ()))

    @cached_property
    def end(self) -> int:
        """The end of what is counted: of the period, or this moment while it lasts."""
        return max(self.begin, min(self.period.end, self.asof))
