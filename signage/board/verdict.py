"""What the glass shows, judged: timetable AND pixels AND a living player AND a connected screen. Pure.

The last picture of a dead player still looks right, so nothing is a match without a heartbeat, nor
after the moment at which the player itself said that something else would follow. Spans are measured
by the witness's own monotonic clock: the machine's may be wrong, or be set meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from ..wire import BadFormat, Fields

BEAT_S = 6.0  # seconds without a sign of life (one every 2 s) after which the player stands still
STARTING_S = 25.0  # seconds that a new player may take to its first word, from a slow card
SETTLE_S = 0.5  # seconds that a change may take beyond what the player announced
CONFIRM_S = 1.0  # seconds that other pixels must stay: the player may draw before it has said what
MAX_CHANGING_S = 5.0  # seconds: a longer transition is no transition
OVERDUE_S = 5.0  # seconds that a picture may stand beyond its time
MOST_MASKED = 0.5  # share of the viewport; when more of it is not compared, "match" would say too much
MAX_MASKS = 16
MAX_SIDE = 16384  # pixels
TURNS = (0, 90, 180, 270)  # degrees clockwise


class Seen(Enum):
    """What a look at the window found."""

    EXPECTED = "expected"  # the very pixels, outside the masks
    BLACK = "black"
    OTHER = "other"
    CUT = "cut"  # the viewport is not all on this screen: a wrong mode, which the player reports
    AWAY = "away"  # nothing of the viewport is on this screen
    UNSAID = "unsaid"  # something, and nobody said what should be there
    NOTHING = "nothing"  # there was no way to look


WRONG = (Seen.OTHER, Seen.BLACK, Seen.AWAY)  # and looked at again soon


@dataclass(frozen=True)
class Expectation:
    """What the player says stands on the glass: `expect` of state/player.json.

    `sha256`: of the upright viewport's RGB bytes, row by row, with `masks` painted black.
    """

    sha256: str
    viewport: tuple[int, ...]  # x, y, width, height in the output, px
    rotate: int  # degrees clockwise
    masks: tuple[tuple[int, ...], ...]  # x, y, width, height, upright px: clock, ticker, film
    lasts_s: float
    changing_s: float
    dark: bool

    @classmethod
    def read(cls, fields: Fields) -> Expectation:
        """Raises `BadFormat`."""
        lasts = (fields.when("until") - fields.when("since")) / timedelta(seconds=1)
        changing = fields.maybe("changing_ms", fields.integer) or 0
        rotate = fields.maybe("rotate", fields.integer) or 0
        if rotate not in TURNS:
            raise BadFormat(fields.at("rotate"), f"not one of {TURNS}")
        return cls(
            fields.sha("sha256"), fields.integers("viewport", count=4, most=MAX_SIDE), rotate,
            tuple(_area(fields, i) for i in range(len(fields.array("masks", most=MAX_MASKS)))),
            max(0.0, lasts), min(changing / 1000, MAX_CHANGING_S), fields.maybe("dark", fields.boolean) or False,
        )  # fmt: skip

    @property
    def masked(self) -> float:
        """At most this share of the viewport is not compared."""
        return sum(w * h for _, _, w, h in self.masks) / max(1, self.viewport[2] * self.viewport[3])


def _area(fields: Fields, i: int) -> tuple[int, ...]:
    return Fields({"mask": fields.raw["masks"][i]}, f"$.masks[{i}]").integers("mask", count=4, most=MAX_SIDE)


@dataclass(frozen=True)
class Facts:
    """Everything that a verdict rests on."""

    alive: bool  # the player's process
    age_s: float  # seconds since it was started
    beat_s: float | None  # seconds since its last sign of life; None: none yet
    expect: Expectation | None
    held_s: float  # seconds since `expect` was first read
    seen: Seen | None  # None: not looked at yet since `expect` changed
    differs_s: float  # seconds since the first of the looks in a row that did not find `expect`
    connector: str  # "on" | "off" | "unknown"


@dataclass(frozen=True)
class Judgement:
    """`verdict` of `report.VERDICTS`; `layer` "window" | "none"; `fault`: a code."""

    verdict: str
    layer: str
    fault: str | None = None
    sound: bool = False  # the watchdog may be fed
    ill: bool = False  # starting the player again may help; neither: wait for the next look


_FAULT = {"frozen": "screen-frozen", "black": "screen-black", "foreign": "screen-foreign"}


def judge(facts: Facts) -> Judgement:
    """The verdict."""
    layer = "none" if facts.seen in (None, Seen.NOTHING) else "window"
    if facts.beat_s is None and facts.alive and facts.age_s < STARTING_S:
        return Judgement("unknown", "none")
    if not facts.alive or facts.beat_s is None or facts.beat_s > BEAT_S or _overdue(facts):
        return _still(facts, layer)
    if facts.expect is None:
        return _silent(facts, layer)
    return _live(facts, facts.expect, layer)


def _silent(facts: Facts, layer: str) -> Judgement:
    """Of a player that lives, but says nothing that makes sense of what must be there: nothing is proven."""
    if facts.age_s < STARTING_S:
        return Judgement("unknown", layer)
    if facts.seen is Seen.BLACK:
        return Judgement("black", layer, _FAULT["black"], ill=True)
    return Judgement("unknown", layer, ill=True)


def _live(facts: Facts, expect: Expectation, layer: str) -> Judgement:
    """Of a player that lives and keeps its own timetable."""
    wrong = facts.seen in WRONG
    young = facts.held_s <= expect.changing_s + SETTLE_S or facts.differs_s < CONFIRM_S
    if facts.seen is None or (wrong and young):
        return Judgement("transition", layer)
    if facts.seen is Seen.OTHER:
        return Judgement("foreign", layer, _FAULT["foreign"], ill=True)
    if expect.dark:
        return Judgement("dark", layer, sound=True)
    if facts.connector == "off":  # nobody sees anything, however right the picture
        return Judgement("black", layer, "screen-unplugged", sound=not wrong)
    if wrong:
        return Judgement("black", layer, _FAULT["black"], ill=True)
    known = facts.seen is Seen.EXPECTED and expect.masked <= MOST_MASKED
    return Judgement("match" if known else "unknown", layer, sound=True)


def _overdue(facts: Facts) -> bool:
    return facts.expect is not None and facts.held_s > facts.expect.lasts_s + OVERDUE_S


def _still(facts: Facts, layer: str) -> Judgement:
    """Of a dead or stuck player: what stands on the glass is right by chance at best."""
    if facts.seen in (None, Seen.NOTHING, Seen.UNSAID) and not facts.alive:
        return Judgement("unknown", layer, ill=True)
    dark = facts.expect is not None and facts.expect.dark
    found = {Seen.BLACK: "frozen" if dark else "black", Seen.AWAY: "black", Seen.OTHER: "foreign"}
    verdict = found.get(facts.seen or Seen.NOTHING, "frozen")
    return Judgement(verdict, layer, _FAULT[verdict], ill=True)
