"""What two reports say of the time between: pure, and the same however they were delivered."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signage.hub import tally
from signage.hub.tally import AHEAD, HOUR, Around, Changed, Closed, Look, Opened, events, evidence, pieces, screen_of

T0 = 498_700 * HOUR
AROUND = Around(False, 0, 0, {})


def look(at: int, screen: str = "right", **more: Any) -> Look:
    known = {"received": at, "sent": at, "evidence": at, "kind": "rotation", "statement": None, "publication": 1}
    return Look(**(known | {"screen": screen, "faults": frozenset()} | more))


def test_a_report_holds_until_the_next_and_an_hour_s_end_divides_it() -> None:
    before, now = look(T0 + HOUR - 20_000, "claimed"), look(T0 + HOUR + 10_000, "right")
    assert [(p.hour - 498_700, p.column, p.ms) for p in pieces(before, now, False)] == [
        (0, tally.CLAIMED, 20_000), (1, tally.CLAIMED, 10_000),
    ]  # fmt: skip


def test_after_a_gap_one_heartbeat_counts_and_the_rest_is_silence() -> None:
    found = list(pieces(look(T0), look(T0 + 3 * HOUR), False))
    assert sum(p.ms for p in found) == 30_000
    assert sum(p.ms for p in pieces(look(T0), look(T0 + 40 * 60_000), True)) == 40 * 60_000  # a metered board


def test_a_right_picture_is_said_no_louder_than_it_was_looked_at() -> None:
    told = {(v, w): screen_of(v, w) for v in ("match", "transition", "dark", "black") for w in ("none", "window")}
    assert told["match", "window"] == "right" and told["transition", "none"] == "unchecked"
    assert told["dark", "none"] == "unchecked" and told["black", "none"] == "black"
    assert screen_of("match", "surface") == "claimed"


def test_evidence_is_the_board_s_time_where_it_is_trusted_and_never_goes_back() -> None:
    assert evidence(T0, T0 + 9 * HOUR, True, None) == T0  # a backlog fills the past
    assert evidence(T0, T0 + 9 * HOUR, False, None) == T0 + 9 * HOUR
    assert evidence(T0 + AHEAD + 1, T0, True, None) == T0
    assert evidence(0, T0, True, None) == T0  # a clock that stands at 1970
    assert evidence(T0, T0, True, T0 + 5) == T0 + 5
    assert evidence(T0, T0, True, T0 + 9000 * HOUR) == T0 + AHEAD  # told while our own clock was far ahead


def test_spans_begin_and_end_with_what_is_on_the_screen() -> None:
    begin = list(events(look(T0), look(T0 + 10, "black"), AROUND))
    assert Opened("screen", "black", T0 + 10) in begin and Changed(T0 + 10, "screen", "right", "black") in begin
    assert next(events(look(T0, "black"), look(T0 + 10, "claimed"), AROUND)) == Closed("screen", "black", T0 + 10)


def test_a_fault_begins_when_the_board_says_if_that_can_be() -> None:
    broken = look(T0 + 30_000, faults=frozenset({"disk-full"}))
    for says, begins in ((T0 + 5_000, T0 + 5_000), (T0 - HOUR, T0 + 30_000), (T0 + HOUR, T0 + 30_000)):
        around = Around(False, 0, 0, {"disk-full": says})
        assert list(events(look(T0), broken, around)) == [Opened("fault", "disk-full", begins)]


def test_a_silence_belongs_to_no_wrong_screen_and_no_fault() -> None:
    """Black, three days of silence, then right: it was seen black for one heartbeat, as the hours say."""
    broken = {"faults": frozenset({"disk-full"})}
    before, back, still = look(T0, "black", **broken), look(T0 + 72 * HOUR), look(T0 + 72 * HOUR, "black", **broken)
    told = [Closed("screen", "black", T0 + 30_000), Closed("fault", "disk-full", T0 + 30_000)]
    assert [e for e in events(before, back, AROUND) if isinstance(e, Closed)] == told
    at = still.evidence
    for since, faults in ((T0 - HOUR, []), (at, [told[1], Opened("fault", "disk-full", at)])):
        found = list(events(before, still, Around(False, 0, 0, {"disk-full": since})))
        assert found[:-1] == [told[0], Opened("screen", "black", at), *faults]


def test_a_silence_is_told_with_its_cause() -> None:
    """Network: it went on reporting. Power: its computer began anew. Hub: nobody was listening."""
    late = look(T0 + HOUR, received=T0 + HOUR)
    backlog = look(T0 + 30_000, received=T0 + HOUR)
    for now, around, cause in (
        (backlog, AROUND, "network"),
        (late, Around(False, 60_000, 0, {}), "power"),
        (late, Around(False, 90 * HOUR, 0, {}), ""),
        (backlog, Around(False, 0, T0 + 1, {}), "hub"),
    ):
        assert list(events(look(T0), now, around)) == [Opened("contact", "lost", T0, T0 + HOUR, cause)]


SCREENS = st.sampled_from(sorted(tally.COUNTED_AS))
TOLD = st.lists(
    st.tuples(st.integers(-HOUR, 3 * HOUR), st.integers(0, 2 * HOUR), st.booleans(), SCREENS), min_size=2, max_size=40
)


@given(TOLD, st.booleans())
def test_no_hour_has_more_than_an_hour_whatever_a_board_says(told: list[Any], metered: bool) -> None:
    """Clocks jump, time is claimed twice, reports come late: no moment counts twice."""
    total: Counter[int] = Counter()
    before, received = None, T0
    for sent, wait, trusted, screen in told:
        received += wait
        at = evidence(T0 + sent, received, trusted, before.evidence if before else None)
        now = look(at, screen, received=received, sent=T0 + sent)
        for piece in pieces(before, now, metered):
            assert 0 < piece.ms <= HOUR
            total[piece.hour] += piece.ms
        before = now
    assert all(ms <= HOUR for ms in total.values())


@given(TOLD)
def test_every_span_that_ends_was_open_and_none_is_opened_twice(told: list[Any]) -> None:
    is_open: set[tuple[str, str]] = set()
    before, at = None, T0
    for _, wait, _, screen in told:
        at += wait
        now = look(at, screen, faults=frozenset({screen} if wait % 2 else ()))
        for event in events(before, now, AROUND):
            if isinstance(event, Closed):
                is_open.remove((event.kind, event.code))
            elif isinstance(event, Opened) and event.until is None:
                assert (event.kind, event.code) not in is_open
                is_open.add((event.kind, event.code))
        before = now
