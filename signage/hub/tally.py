"""What two reports of a board that follow each other say of the time between: hours, spans, changes. Pure.

A report tells how things are when it is made, and a board makes one at each heartbeat and soon after each change;
so what a report says holds until the next, if that comes in time. After a gap nobody knows: one heartbeat counts,
in hours as in spans, the rest is silence, which neither tells. Evidence only moves forward: no moment is counted
twice, however often, however late and in whatever pieces a backlog arrives.

Time is the board's own where its clock was trusted, else the hub's. Contact alone is told by the hub's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .alarms.judgement import HEARTBEAT, LATE_BEATS, LOST_BEATS, METERED_HEARTBEAT

HOUR = 3_600_000  # ms
AHEAD = 120_000  # ms that a trusted clock may be ahead of ours
OLDEST = 400 * 24 * HOUR  # ms: evidence of longer ago is not believed
RIGHT, CLAIMED, DARK, WRONG, UNKNOWN = range(5)  # columns of an hour
COUNTED_AS = {
    "right": RIGHT, "claimed": CLAIMED, "dark": DARK, "unchecked": UNKNOWN,
    "black": WRONG, "foreign": WRONG, "frozen": WRONG,
}  # fmt: skip
_FINE = ("right", "claimed", "")
_SCREENS = {"unknown": "unchecked", "dark": "dark", "frozen": "frozen", "black": "black", "foreign": "foreign"}


@dataclass(frozen=True, slots=True)
class Look:
    """How things are, by one report."""

    received: int  # ms, by our clock
    sent: int  # ms, by the board's clock
    evidence: int  # ms: what is known is known up to here
    screen: str  # right | claimed | dark | unchecked | black | foreign | frozen
    kind: str  # of what is showing, or empty
    statement: str | None
    publication: int | None
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """Time in one hour."""

    hour: int  # since 1970
    column: int
    ms: int
    emergency: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A span that begins, or one that is told whole."""

    kind: str
    code: str
    since: int
    until: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """An open span that ends."""

    kind: str
    code: str
    until: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Something in the board's state."""

    at: int
    what: str
    was: str
    now: str


Event = Opened | Closed | Changed


def screen_of(verdict: str, layer: str) -> str:
    """Verdict and layer in one word: a right picture is said no louder than it was looked at."""
    if verdict in ("match", "transition"):
        return {"window": "right", "surface": "claimed"}.get(layer, "unchecked")
    return "unchecked" if verdict == "dark" and layer == "none" else _SCREENS[verdict]


def evidence(sent: int, received: int, trusted: bool, before: int | None) -> int:
    """Which moment a report tells of; never before what is told already, and never long after it came.

    So what our own clock told while it was far ahead holds nothing up once it is right again.
    """
    believable = trusted and received - OLDEST < sent <= received + AHEAD
    return max(sent if believable else received, min(before or 0, received + AHEAD))


def beat(metered: bool) -> int:
    """Milliseconds between two reports of a quiet board."""
    return int((METERED_HEARTBEAT if metered else HEARTBEAT).total_seconds() * 1000)


def pieces(before: Look | None, now: Look, metered: bool) -> Iterator[Piece]:
    """The time between two reports, by hour."""
    if before is None:
        return
    end = _holds(before, now, metered)
    start, column, emergency = before.evidence, COUNTED_AS[before.screen], before.kind == "emergency"
    while start < end:
        hour = start // HOUR
        stop = min(end, (hour + 1) * HOUR)
        yield Piece(hour, column, stop - start, emergency)
        start = stop


def _holds(before: Look, now: Look, metered: bool) -> int:
    """Up to when what `before` told is known: until `now`, or after a gap for one heartbeat."""
    heartbeat = beat(metered)
    late = now.evidence - before.evidence > heartbeat * LATE_BEATS
    return before.evidence + heartbeat if late else now.evidence


@dataclass(frozen=True, slots=True)
class Around:
    """What else bears on a silence and a fault."""

    metered: bool
    uptime_ms: int  # of the board's computer
    hub_since: int  # when this hub began to listen
    since: dict[str, int]  # when each fault began, by the board's own word


def events(before: Look | None, now: Look, around: Around) -> Iterator[Event]:
    """What began, ended and changed."""
    at = now.evidence
    held = _holds(before, now, around.metered) if before else at
    was, screen = (before.screen if before else ""), now.screen
    if was != screen or held < at:  # of the silence between nobody knows: what still is begins anew
        if was not in _FINE:
            yield Closed("screen", was, held)
        if screen not in _FINE:
            yield Opened("screen", screen, at)
    yield from _faults(before, now, around, held)
    if before:
        yield from _changes(before, now)
        yield from _silence(before, now, around)


def _faults(before: Look | None, now: Look, around: Around, held: int) -> Iterator[Event]:
    """What is broken; over a silence a fault lasts only if the board says that it began before."""
    had, at = (before.faults if before else frozenset[str]()), now.evidence
    for code in had - now.faults:
        yield Closed("fault", code, held)
    for code in now.faults:
        start = around.since.get(code, at)
        if before and code in had:
            if held == at or start <= before.evidence:
                continue
            yield Closed("fault", code, min(held, start))
        yield Opened("fault", code, start if before and before.evidence <= start <= at else at)


def _changes(before: Look, now: Look) -> Iterator[Changed]:
    told = (
        ("publication", _text(before.publication), _text(now.publication)),
        ("screen", before.screen, now.screen),
        ("showing", _showing(before), _showing(now)),
    )
    for what, was, is_now in told:
        if was != is_now:
            yield Changed(now.evidence, what, was, is_now)


def _silence(before: Look, now: Look, around: Around) -> Iterator[Opened]:
    """Contact that was lost and is back: with a cause where the report tells it."""
    lost = beat(around.metered) * LOST_BEATS
    if now.received - before.received <= lost:
        return
    gap = now.sent - before.sent
    if gap <= lost:
        cause = "hub" if before.received < around.hub_since else "network"  # it went on making reports
    else:
        cause = "power" if around.uptime_ms < gap else ""
    yield Opened("contact", "lost", before.received, now.received, cause)


def _showing(look: Look) -> str:
    """Slides of a rotation come and go all day; an emergency is news."""
    return f"emergency {look.statement or ''}".rstrip() if look.kind == "emergency" else look.kind


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
