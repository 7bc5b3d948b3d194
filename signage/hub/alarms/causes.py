"""Why a board may have been silent, by the evidence there is. Pure; a guess is called a guess wherever it is shown.

power    its computer was started again during the silence
network  its computer ran on: it was the way to us that failed
sim      the same, for long, on a link paid by the megabyte, while every other board of the commune was heard:
         the data of its SIM may have run out. Nobody told us so: an operator looks at the SIM's account
area     at least three boards and half of the commune fell silent together: electricity or a line of the place
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AREA_LEAST = 3  # boards
AREA_SHARE = 0.5  # of the commune's boards
TOGETHER = timedelta(minutes=5)  # between the first and the last of them to fall silent, about
SIM_LEAST = timedelta(hours=6)  # a shorter silence of one link says nothing
RESTART_SLACK = timedelta(minutes=2)  # between its clock and ours, and until it reports

POWER, NETWORK, SIM, AREA, UNKNOWN = "power", "network", "sim", "area", ""


@dataclass(frozen=True)
class Silence:
    """What is known of it. `together`: boards of the commune, itself too, that fell silent within `TOGETHER`."""

    since: datetime
    until: datetime | None  # None: it lasts
    started: datetime | None  # when its computer started, by its first report afterwards
    metered: bool
    boards: int  # of the commune
    together: int
    silent: int  # now, itself too while it lasts

    @property
    def whole_area(self) -> bool:
        return self.together >= AREA_LEAST and self.together >= AREA_SHARE * self.boards


def guess(silence: Silence, now: datetime) -> str:
    """The likeliest cause, or empty."""
    ran_on = silence.started is not None and silence.started <= silence.since + RESTART_SLACK
    if silence.until and silence.started and not ran_on:
        return POWER
    if silence.whole_area:
        return AREA
    if silence.until is None and not silence.metered:
        return UNKNOWN
    long = (silence.until or now) - silence.since >= SIM_LEAST
    others_heard = silence.boards > 1 and silence.together <= 1 and silence.silent <= (silence.until is None)
    if silence.metered and long and others_heard:
        return SIM
    return NETWORK if silence.until and ran_on else UNKNOWN
