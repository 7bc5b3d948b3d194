"""A commune's settings as values, checked; nothing here reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from .. import almanac
from ..notice import Places
from ..notice.reading import REVIEW_BOOK
from ..publication import WAKE_LEVEL, Mode
from ..review import People

BUDGET_S = 120  # seconds that one notice may take on a board before the office is told
COMPARE_AT = time(2, 30)  # Vietnam time: the watching office compares itself with a clean build
FADE_MS = {"lcd": 500, "led": 0}  # milliseconds of cross-fade; a matrix cuts


@dataclass(frozen=True)
class Commune:
    """Who publishes. `sample` marks invented data: every page and slide says so."""

    code: str
    name: str
    short: str
    province: str
    authority: str
    phone: str
    address: str
    email: str
    site: str  # address of the website, no final slash
    agency: str
    sample: bool
    hub: str = ""  # address of the hub's pages, no final slash
    phones: tuple[str, ...] = ()  # mobile numbers that notices may name: the commune's, nobody's own

    @property
    def heading(self) -> str:
        """Its name where a line begins with it: “Xã …”."""
        return self.name[:1].upper() + self.name[1:]


@dataclass(frozen=True)
class Hamlet:
    """A thôn, ấp, khu phố …"""

    id: str
    name: str


@dataclass(frozen=True)
class Board:
    """One board's record."""

    id: str
    name: str
    mode: Mode
    groups: tuple[str, ...]
    hamlet: str | None
    site: str
    owner: str
    officer: str
    permit: str
    pitch_mm: float | None
    distance_m: float | None
    metered: bool
    dark: tuple[time, time] | None = None  # every night, Vietnam time; past midnight too
    night: tuple[time, time] | None = None
    brightness: int = 100  # percent, by day
    night_brightness: int = 100
    wake_level: int = WAKE_LEVEL
    sound: bool = False
    fade_ms: int = 0
    budget_s: int = BUDGET_S  # seconds that one notice may take on this board before the office is told


@dataclass(frozen=True)
class Member:
    """A person as the office knows them; only the id leaves it."""

    id: str
    name: str
    roles: tuple[str, ...]
    email: str = ""  # under which git knows them; a name, never an authority


@dataclass(frozen=True)
class DaysOff:
    """How the country's holidays of a year differ from what the law foresees: the state says so each year."""

    extra: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


@dataclass(frozen=True)
class SharedFolder:
    """Where officers lay their files down (`office.folder`); "" is `thu-muc` beside the settings."""

    path: str = ""
    on: bool = True
    polling: bool = False  # a network share that tells nobody of changes


@dataclass(frozen=True)
class Settings:
    """A commune's settings, checked."""

    folder: Path
    commune: Commune
    hamlets: tuple[Hamlet, ...]
    boards: tuple[Board, ...]
    members: tuple[Member, ...]
    people: People
    holidays: DaysOff = DaysOff()
    sharing: SharedFolder = SharedFolder()
    compare_at: time | None = COMPARE_AT  # Vietnam time; None: never by itself

    @property
    def shared(self) -> Path:
        """The officers' shared folder."""
        return self.folder / (self.sharing.path or "thu-muc")

    @property
    def content(self) -> Path:
        return self.folder / "content"

    @property
    def review_book(self) -> Path:
        return self.content / REVIEW_BOOK

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def publication(self) -> Path:
        return self.folder / "publication"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def places(self) -> Places:
        groups = frozenset(g for b in self.boards for g in b.groups)
        return Places(frozenset(b.id for b in self.boards), groups, frozenset(h.id for h in self.hamlets))

    def days_off(self, first: date, last: date) -> frozenset[date]:
        """The public holidays between two days, both included."""
        found = {day for year in range(first.year, last.year + 1) for day in almanac.holidays(year)}
        found = (found | self.holidays.extra) - self.holidays.working
        return frozenset(day for day in found if first <= day <= last)

    @property
    def hamlet_names(self) -> dict[str, str]:
        """The hamlets' names by id, in the order of the settings."""
        return {hamlet.id: hamlet.name for hamlet in self.hamlets}

    def board(self, ident: str) -> Board | None:
        return next((b for b in self.boards if b.id == ident), None)

    def member(self, ident: str) -> Member | None:
        return next((m for m in self.members if m.id == ident), None)
