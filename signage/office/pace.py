"""How long a slide stays: as long as it takes to find and read it.

The source. Silent reading of English takes 238 words a minute (Brysbaert 2019, a meta-analysis of 190
studies), reading aloud in 17 languages 184 ± 29 words or 370 ± 80 syllables a minute (IReST,
Trauzettel-Klosinski & Dietz 2012). Neither measured Vietnamese, nor people who stand, at 8 m, some of
them 70 years old: our 180 syllables a minute is a choice, half of what IReST's young readers speak.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..review.slide import MAX_DWELL, MIN_DWELL, ticker_speed

READING_SPEED = 180  # Vietnamese syllables (what spaces part) a minute
FINDING_TIME = 3_000  # ms until a passer-by has seen that the slide changed and found its first word


def dwell(reading: str) -> int:
    """Milliseconds that a slide with these words stays."""
    return _within(FINDING_TIME + len(reading.split()) * 60_000 // READING_SPEED)


def scrolled(width: int, area: int, size: int) -> int:
    """Milliseconds for a text of `width` pixels to pass once through `area` pixels, in letters of `size`."""
    return _within((width + area) * 1000 // ticker_speed(size) + 500)


def seconds(readings: Iterable[str]) -> int:
    """Seconds that slides with these words take together."""
    return round(sum(dwell(reading) for reading in readings) / 1000)


def _within(ms: int) -> int:
    return max(MIN_DWELL, min(MAX_DWELL, ms))
