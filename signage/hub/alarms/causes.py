"""Why a board may have been silent, by the evidence there is. Pure; a guess is called a guess wherever it is shown.

    power    its computer was started again during the silence
    network  its computer ran on: it was the way to us that failed
    sim      the same on a link paid by the megabyte, and the board met somebody else in our place, or nobody who
             spoke (`link` of the board), or for long while the other boards of the commune were heard: the data of
             its SIM may have run out. Nobody told us so: an operator looks at the SIM's account
    area     at least three boards and half of the commune fell silent together: electricity or a line of the place

The report that ends a silence tells the first two (`tally`), those that waited on the board tell of the third; the
rest is seen only across boards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AREA_LEAST = 3  # boards
AREA_SHARE = 0.5  # of the commune's boards
TOGETHER = timedelta(minutes=5)  # between two boards that fell silent together, about
SIM_LEAST = timedelta(hours=6)  # a shorter silence of one link says nothing

CUT_OFF = ("link-other", "link-mute")  # faults of a board whose way out ends at somebody else's
POWER, NETWORK, SIM, AREA, UNKNOWN = "power", "network", "sim", "area", ""


@dataclass(frozen=True)
class Silence:
    """What is known of it. `cause`: what its own report told, once it is over."""

    since: datetime
    until: datetime | None  # None: it lasts
    cause: str
    metered: bool
    boards: int  # of the commune
    together: int  # of them, itself too, that fell silent within `TOGETHER`

    cut_off: bool = False  # the board told of `CUT_OFF` meanwhile

    @property
    def whole_area(self) -> bool:
        return self.together >= AREA_LEAST and self.together >= AREA_SHARE * self.boards


def guess(silence: Silence, now: datetime) -> str:
    """The likeliest cause, or empty."""
    if silence.cause not in (UNKNOWN, NETWORK):
        return silence.cause
    if silence.whole_area:
        return AREA
    long = (silence.until or now) - silence.since >= SIM_LEAST
    alone = long and silence.boards > 1 and silence.together <= 1
    if silence.metered and (silence.cut_off or alone):
        return SIM
    return silence.cause
