"""Which silences and faults a person must hear about. Pure: facts and `now` in, a judgement out.

Never one lamp: *contact* (does the board speak to us) and *content* (does it hold the newest
publication) are two axes, since a board that answers may show last week's notices, and one that
is silent may show the right ones. The *screen* is a third fact, told with the layer that was checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum, IntEnum

from ...report import Report
from ...schedule import VIETNAM_TIME

HEARTBEAT = timedelta(seconds=30)  # a board on a cable or Wi-Fi reports at least this often
METERED_HEARTBEAT = timedelta(minutes=15)  # a board on a SIM that is paid by the megabyte
LATE_BEATS = 3  # heartbeats missed: late
LOST_BEATS = 10  # heartbeats missed: lost
DOWNLOAD_BEATS = 20  # heartbeats that a board may take to fetch a new publication
ALONE = timedelta(hours=1)  # how long one board may tell a publication that no other has: a SIM's looks every half
CLOCK_TOLERANCE = timedelta(minutes=2)  # between a report's own time and ours
SYNC_STALE = timedelta(hours=6)  # since the last sync that worked, though the board speaks to us
MARK_TOLD = timedelta(hours=24)  # how long something odd in a board's chain is told on the overview
BROAD_DAY = time(7), time(17)  # in Viet Nam: no board has its dark hours then
DISK_LOW_MB = 500
TEMP_HIGH_C = 80


# Marks: what is odd in a board's chain of reports. Numbers are missing; it follows another report
# than the one we have; a used number with another text; a number long past; a new key.
GAP, TORN, FORK, OLD, NEW_KEY = "gap", "torn", "fork", "old", "new-key"


class Contact(Enum):
    CONNECTED = "connected"
    LATE = "late"
    LOST = "lost"
    NEVER = "never"


class Content(Enum):
    CURRENT = "current"
    DOWNLOADING = "downloading"
    OLD = "old"
    UNCONFIRMED = "unconfirmed"


class Screen(Enum):
    RIGHT = "right"  # match, or between two slides, by an independent look at the window
    CLAIMED = "claimed"  # the same, but only by the player's own picture
    DARK = "dark"  # off by its timetable
    UNCHECKED = "unchecked"
    FROZEN = "frozen"
    BLACK = "black"
    FOREIGN = "foreign"


class Level(IntEnum):
    """How loud: the worst board comes first."""

    CALM = 0
    NOTE = 1
    WARNING = 2
    ALARM = 3


_SCREENS = {
    "match": Screen.RIGHT, "transition": Screen.RIGHT, "dark": Screen.DARK, "unknown": Screen.UNCHECKED,
    "frozen": Screen.FROZEN, "black": Screen.BLACK, "foreign": Screen.FOREIGN,
}  # fmt: skip


@dataclass(frozen=True)
class Newest:
    """The publication that a board should hold, and since when we know of it."""

    number: int
    seen: datetime
    proven: bool = False  # by the office's own folder; else it is what boards tell (`hub.newest`)


@dataclass(frozen=True)
class Facts:
    """What the hub knows of one board; `received` is by the hub's own clock."""

    report: Report | None
    received: datetime | None
    newest: Newest | None
    metered: bool = False
    odd: frozenset[str] = frozenset()  # kinds of marks in the last `MARK_TOLD`
    listening: datetime | None = None  # since when this hub hears without a gap: earlier silence was its own
    apart: datetime | None = None  # since when the board tells another publication, always the same

    @property
    def heartbeat(self) -> timedelta:
        return METERED_HEARTBEAT if self.metered else HEARTBEAT

    @property
    def awaited(self) -> bool:
        """Whether it has not spoken since the hub hears again, and its last word is older than it should be."""
        if self.received is None or self.listening is None or self.received >= self.listening:
            return False
        return self.listening - self.received > self.heartbeat * LATE_BEATS


@dataclass(frozen=True)
class Judgement:
    """The two axes, the screen, and every reason why a person should look; the loudest first."""

    contact: Contact
    content: Content
    screen: Screen
    layer: str
    reasons: tuple[tuple[str, Level], ...]

    @property
    def level(self) -> Level:
        return max((level for _, level in self.reasons), default=Level.CALM)


SAFE_ASKED = {"panic", "safe-asked"}  # faults that say why a board shows its safe slide
_LOUD = {"screen-unplugged": Level.ALARM}  # a citizen sees nothing


def judge(facts: Facts, now: datetime) -> Judgement:
    """What to tell people about a board."""
    report = facts.report
    contact = _contact(facts, now)
    content = _content(facts, contact, now)
    screen = _screen(report, contact)
    reasons = [*_of_contact(contact), *_of_screen(screen, contact), *_of_content(facts, contact, content, now)]
    if report and facts.received:
        reasons += _of_board(report, facts.received)
    if screen is Screen.DARK and facts.received:
        reasons.append(_of_darkness(facts.received))
    reasons += [(f"mark:{kind}", level) for kind, level in _ODD.items() if kind in facts.odd]
    reasons.sort(key=lambda reason: -reason[1])
    return Judgement(contact, content, screen, report.layer if report else "none", tuple(reasons))


def own_level(report: Report, received: datetime) -> Level:
    """The loudest of what the board says of itself: the writer keeps it, so that nobody need read every report."""
    return max((level for _, level in _of_board(report, received)), default=Level.CALM)


def silence(facts: Facts, now: datetime) -> timedelta:
    """How long nothing was heard that could be; never negative, though the hub's clock may be set back."""
    if facts.received is None:
        return timedelta.max
    return max(now - max(facts.received, facts.listening or facts.received), timedelta(0))


def clock_offset(report: Report, received: datetime) -> timedelta:
    """How far the report's own time lies behind ours: a wrong clock, or a report sent late."""
    return received - report.sent


def _contact(facts: Facts, now: datetime) -> Contact:
    if facts.received is None:
        return Contact.NEVER
    quiet = silence(facts, now)
    if quiet > facts.heartbeat * LOST_BEATS:
        return Contact.LOST
    return Contact.LATE if quiet > facts.heartbeat * LATE_BEATS else Contact.CONNECTED


def _screen(report: Report | None, contact: Contact) -> Screen:
    """A right picture is said no louder than it was looked at; a wrong one stays told."""
    found = _SCREENS[report.verdict] if report else Screen.UNCHECKED
    if report is None or found not in (Screen.RIGHT, Screen.DARK):
        return found
    if contact is Contact.LOST or report.layer == "none":
        return Screen.UNCHECKED
    return Screen.CLAIMED if found is Screen.RIGHT and report.layer == "surface" else found


def _content(facts: Facts, contact: Contact, now: datetime) -> Content:
    number = facts.report.publication if facts.report else None
    newest = facts.newest
    if number is None or newest is None or contact in (Contact.LOST, Contact.NEVER) or number > newest.number:
        return Content.UNCONFIRMED
    if number == newest.number:
        return Content.CURRENT
    # By its own number: where a new one comes every few hours, the newest is always young.
    young = now - (facts.apart or newest.seen) <= facts.heartbeat * DOWNLOAD_BEATS
    return Content.DOWNLOADING if young else Content.OLD


_Reasons = list[tuple[str, Level]]


_ODD = {FORK: Level.WARNING, OLD: Level.WARNING, TORN: Level.NOTE, GAP: Level.NOTE, NEW_KEY: Level.NOTE}


_SAID_OF_CONTACT: dict[Contact, _Reasons] = {
    Contact.LOST: [("lost", Level.ALARM)], Contact.LATE: [("late", Level.WARNING)],
    Contact.NEVER: [("never", Level.WARNING)], Contact.CONNECTED: [],
}  # fmt: skip
_SAID_OF_SCREEN: dict[Screen, _Reasons] = {
    Screen.FOREIGN: [("foreign", Level.ALARM)], Screen.BLACK: [("black", Level.ALARM)],
    Screen.FROZEN: [("frozen", Level.ALARM)], Screen.UNCHECKED: [("unchecked", Level.NOTE)],
}  # fmt: skip


def _of_contact(contact: Contact) -> _Reasons:
    return _SAID_OF_CONTACT[contact]


def _of_screen(screen: Screen, contact: Contact) -> _Reasons:
    if screen is Screen.UNCHECKED and contact in (Contact.LOST, Contact.NEVER):
        return []  # said already, by the silence
    return _SAID_OF_SCREEN.get(screen, [])


def _of_darkness(received: datetime) -> tuple[str, Level]:
    """Who holds the online key can set dark hours: by day they are no board's."""
    begins, ends = BROAD_DAY
    by_day = begins <= received.astimezone(VIETNAM_TIME).time() < ends
    return ("dark-by-day", Level.WARNING) if by_day else ("dark", Level.NOTE)


def _of_content(facts: Facts, contact: Contact, content: Content, now: datetime) -> _Reasons:
    if content is Content.OLD:
        return [("old", Level.WARNING)]
    if content is Content.DOWNLOADING:
        return [("downloading", Level.NOTE)]
    if content is Content.CURRENT or contact in (Contact.LOST, Contact.NEVER) or not facts.report:
        return []
    if facts.report.publication is None:
        return [("nothing", Level.WARNING)]
    return [_of_more(facts, now)]


def _of_more(facts: Facts, now: datetime) -> tuple[str, Level]:
    """The board tells a higher number than is known."""
    if facts.newest is None:
        return "no-newest", Level.NOTE
    if facts.newest.proven:
        return "ahead", Level.WARNING
    lasted = now - (facts.apart or facts.newest.seen)
    return "alone", Level.WARNING if lasted > ALONE else Level.NOTE


def _of_board(report: Report, received: datetime) -> _Reasons:
    """What the board says of itself, and what does not fit."""
    machine, synced, found = report.machine, report.sync_last_ok, list[tuple[str, Level]]()
    asked = any(code in SAFE_ASKED for code, _ in report.faults)
    if report.showing is not None and report.showing.kind == "safe" and not asked:
        found.append(("safe", Level.WARNING))
    if report.sync_error is not None:
        found.append(("sync-error", Level.WARNING))
    if synced is not None and report.sent - synced > SYNC_STALE:
        found.append(("sync-stale", Level.WARNING))
    if abs(clock_offset(report, received)) > CLOCK_TOLERANCE:
        found.append(("clock-offset", Level.NOTE))
    if machine.disk_free_mb < DISK_LOW_MB:
        found.append(("disk-low", Level.WARNING))
    if machine.temp_c is not None and machine.temp_c > TEMP_HIGH_C:
        found.append(("hot", Level.WARNING))
    for code, _ in report.faults:
        if code != f"screen-{report.verdict}":  # told by the screen already
            found.append((f"fault:{code}", _LOUD.get(code, Level.WARNING)))
    return found
