"""Where a report stands: pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signage.hub.chain import NOTHING, Last, Standing, stand

A, B = "a" * 64, "b" * 64


def test_the_next_report_follows_by_number_and_hash() -> None:
    assert stand(Last(1, 7, A), 1, 8, A) == (Standing.NEXT, 0)
    assert stand(Last(1, 7, A), 1, 8, B) == (Standing.TORN, 0)


def test_missing_numbers_are_counted() -> None:
    assert stand(Last(1, 7, A), 1, 12, B) == (Standing.GAP, 4)
    assert stand(None, 1, 12, B) == (Standing.GAP, 11)
    assert stand(None, 1, 1, NOTHING) == (Standing.FIRST, 0)


def test_a_number_that_is_kept_is_a_repeat_under_the_same_key_only() -> None:
    assert stand(Last(1, 7, A), 1, 7, B) == (Standing.REPEAT, 0)
    assert stand(Last(1, 7, A), 1, 1, NOTHING) == (Standing.REPEAT, 0)
    assert stand(Last(1, 7, A), 2, 1, NOTHING) == (Standing.FIRST, 0)
    assert stand(Last(1, 7, A), 2, 3, A) == (Standing.GAP, 2)


def test_a_new_key_with_the_old_counter_goes_on() -> None:
    assert stand(Last(1, 7, A), 2, 8, A) == (Standing.NEXT, 0)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_the_kept_number_never_falls_within_a_chain(numbers: list[int]) -> None:
    last: Last | None = None
    for seq in numbers:
        standing, missing = stand(last, 1, seq, A)
        before = last.seq if last else 0
        assert (standing is Standing.REPEAT) == (seq <= before)
        if standing is not Standing.REPEAT:
            assert seq == before + missing + 1
            last = Last(1, seq, A)
