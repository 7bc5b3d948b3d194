from datetime import UTC, datetime, timedelta

import pytest

from signage.board.clock import AGREES_MS, BUILT, Clock, state

FLOOR = datetime(2026, 11, 22, tzinfo=UTC)
Y2000 = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "offset", "synchronised", "expected"),
    [
        (FLOOR, None, True, "trusted"),
        (FLOOR, 300, False, "trusted"),
        (FLOOR, None, False, "unknown"),
        (FLOOR - timedelta(seconds=1), None, True, "suspect"),
        (FLOOR, AGREES_MS + 1, False, "suspect"),
        (FLOOR, -AGREES_MS - 1, True, "trusted"),
        (Y2000, 0, True, "suspect"),
    ],
)
def test_state(now, offset, synchronised, expected):
    assert state(now, FLOOR, offset_ms=offset, synchronised=synchronised) == expected


def test_a_clock_at_2000_runs_on_from_the_floor():
    clock = Clock(Y2000)
    assert clock.suspect and clock.now() >= BUILT
    clock.prove(FLOOR)
    first = clock.now()
    assert FLOOR <= first < FLOOR + timedelta(minutes=1)
    assert clock.now() > first


def test_a_right_clock_is_believed():
    clock = Clock(FLOOR + timedelta(days=3))
    clock.prove(FLOOR)
    assert not clock.suspect and clock.now() >= FLOOR + timedelta(days=3)


def test_a_pretended_moment_is_not_lifted():
    clock = Clock(Y2000, bounded=False)
    assert not clock.suspect and clock.now().year == 2000
