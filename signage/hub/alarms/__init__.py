"""Which silences and faults a person must hear about, and when.

judgement    what to tell people about one board, now (pure)
hysteresis   when a reason becomes an alarm, and when it is over (pure)
causes       why a board may be silent, by the evidence there is (pure)
rows         alarms, acknowledgements and maintenance windows in the store
"""

from __future__ import annotations

from .judgement import (
    CLOCK_TOLERANCE,
    FORK,
    GAP,
    HEARTBEAT,
    MARK_TOLD,
    METERED_HEARTBEAT,
    NEW_KEY,
    OLD,
    SAFE_ASKED,
    TORN,
    Contact,
    Content,
    Facts,
    Judgement,
    Level,
    Newest,
    Screen,
    clock_offset,
    judge,
    own_level,
    silence,
)

__all__ = [
    "CLOCK_TOLERANCE", "FORK", "GAP", "HEARTBEAT", "MARK_TOLD", "METERED_HEARTBEAT", "NEW_KEY", "OLD", "SAFE_ASKED",
    "TORN", "Contact", "Content", "Facts", "Judgement", "Level", "Newest", "Screen", "clock_offset", "judge",
    "own_level", "silence",
]  # fmt: skip
