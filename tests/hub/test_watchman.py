"""The watchman on both stores: silence becomes an alarm, a span and a message's mark; flapping does not flood."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from signage.errors import Refused, Unavailable
from signage.hub import watchman
from signage.hub.alarms import Level, handling, rows
from signage.hub.alarms.causes import AREA, NETWORK, POWER, SIM, Silence, guess
from signage.hub.alarms.hysteresis import TELL_EVERY, Track, may_tell, step
from signage.hub.store import Store, open_store, parts
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.hub.watchman import Watchman
from tests.hub.turned import COMMUNE, NOON, Place, says


@pytest.fixture
def place(store: Store) -> Place:
    return Place(store)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_a_silence_becomes_a_span_and_one_alarm_and_ends(place: Place) -> None:
    place.add("cong-xa")
    place.hear()
    heard = to_ms(place.now)
    place.man.look()
    place.wait(minutes(5))
    assert place.alarms() == [] and place.spans() == []
    place.wait(minutes(2))
    (alarm,) = place.alarms()
    assert (alarm.code, alarm.level, alarm.until, alarm.told) == ("lost", Level.ALARM, None, alarm.opened)
    assert json.loads(alarm.detail)["says"].startswith("Không nghe được bảng từ lúc 12:00 22/11/2026.")
    (span,) = place.spans()
    assert (span.kind, span.code, span.since, span.until) == ("contact", "lost", heard, None)
    place.wait(minutes(10), "cong-xa")
    (alarm,) = place.alarms()
    assert alarm.until is None, "gone for less than ten minutes"
    (span,) = place.spans()
    assert span.until is not None
    place.wait(minutes(2), "cong-xa")
    (alarm,) = place.alarms()
    assert alarm.until is not None and alarm.until < alarm.closed and alarm.times == 1


def test_a_board_that_flaps_has_one_alarm_with_a_count(place: Place) -> None:
    place.add("cong-xa")
    place.hear()
    for _ in range(5):
        place.wait(minutes(7))
        place.wait(minutes(3), "cong-xa")
    (alarm,) = [a for a in place.alarms() if a.code == "lost"]
    assert alarm.times == 5 and alarm.until is None
    assert len([s for s in place.spans() if s.kind == "contact"]) == 5


def test_work_that_is_announced_is_kept_but_told_only_if_it_outlasts_it(place: Place) -> None:
    board = place.add("cong-xa")
    place.hear()
    with place.store.writing() as connection:
        handling.maintain(connection, 1, place.now, place.now + minutes(30), "thay nguồn", place.now, board=board)
    place.wait(minutes(20))
    (alarm,) = place.alarms()
    assert alarm.opened and alarm.told is None
    place.wait(minutes(15))
    (alarm,) = place.alarms()
    assert alarm.told is not None and alarm.told >= to_ms(NOON + minutes(30))


def test_a_hub_that_was_away_accuses_no_board(place: Place) -> None:
    place.add("cong-xa")
    place.hear()
    place.wait(minutes(1), "cong-xa")
    place.now += timedelta(hours=3)  # no look, and nothing heard
    place.man.look()
    place.wait(minutes(4))
    assert place.alarms() == [] and place.spans() == []
    place.wait(minutes(4))
    assert [a.code for a in place.alarms()] == ["lost"], "but a board that does not come back is lost"


def test_a_hub_that_was_away_says_of_no_lost_board_that_it_is_back(place: Place) -> None:
    place.add("cong-xa", metered=True)
    place.hear()
    place.wait(timedelta(hours=3), each=minutes(2))
    (before,) = [a for a in place.alarms() if a.code == "lost"]
    place.now += minutes(5)  # no look, and nothing heard
    place.wait(minutes(30), each=minutes(2))
    (after,) = [a for a in place.alarms() if a.code == "lost"]
    assert (after.id, after.times, after.until, after.quiet_since) == (before.id, 1, None, None)


def test_a_silence_that_ends_during_a_look_stands_once(place: Place) -> None:
    """The report that ended it told it whole; the look had read the boards before."""
    board = place.add("cong-xa")
    place.hear()
    heard, now = to_ms(place.now), place.now + minutes(7)
    with place.store.writing() as connection:
        told = {"board": board, "kind": "contact", "code": "lost", "since": heard, "until": to_ms(now), "cause": ""}
        connection.execute(insert(t.span), told)
    place.man.look()
    place.wait(minutes(7))
    assert [(s.since, s.until) for s in place.spans()] == [(heard, to_ms(now))]


def test_a_whole_commune_s_silence_says_so_and_a_restart_is_electricity(place: Place) -> None:
    for code in ("a", "b", "c", "d"):
        place.add(code)
    place.hear()
    place.wait(minutes(8), "d")
    place.now += timedelta(seconds=5)
    place.hear("a", "b", "c")
    place.man.look()
    assert {s.cause for s in place.spans()} == {AREA}
    silence = Silence(NOON, NOON + minutes(9), NETWORK, False, 4, 1)
    assert guess(silence, NOON) == NETWORK
    assert guess(Silence(NOON, NOON + minutes(9), POWER, False, 4, 4), NOON) == POWER
    assert guess(Silence(NOON, NOON + timedelta(hours=7), NETWORK, True, 4, 1), NOON) == SIM
    assert guess(Silence(NOON, NOON + timedelta(hours=7), NETWORK, True, 1, 1), NOON) == NETWORK, "nothing to compare"


def test_an_old_publication_is_a_span_by_the_clock(place: Place) -> None:
    place.add("cong-xa")
    place.hear(publication=411)
    place.wait(minutes(1))
    (span,) = place.spans()
    assert (span.kind, span.code, span.until) == ("content", "old", None)
    place.hear()
    place.man.look()
    (span,) = place.spans()
    assert span.until == to_ms(place.now)


def test_a_board_that_hangs_no_more_leaves_nothing_open(place: Place) -> None:
    board = place.add("cong-xa")
    place.hear()
    place.wait(minutes(8))
    with place.store.writing() as connection:
        connection.execute(update(t.board).where(t.board.c.id == board).values(retired=1))
    place.wait(minutes(1))
    assert [a.until for a in place.alarms()] == [to_ms(NOON + minutes(9))]
    assert all(s.until is not None for s in place.spans())


def test_people_take_alarms_in_hand_and_announce_work_within_limits(place: Place) -> None:
    board = place.add("cong-xa")
    place.hear()
    place.wait(minutes(8))
    (alarm,) = place.alarms()
    with place.store.writing() as connection:
        handling.acknowledge(connection, alarm.id, 1, " đã gọi thôn 3 ", place.now)
    with place.store.reading() as connection:
        assert connection.execute(select(t.acknowledgement.c.note)).scalars().all() == ["đã gọi thôn 3"]
    wrong: list[tuple[str, Callable[[Any], Any]]] = [
        ("alarm-unknown", lambda c: handling.acknowledge(c, 999, 1, "", place.now)),
        ("alarm-note-long", lambda c: handling.acknowledge(c, alarm.id, 1, "x" * 501, place.now)),
        ("maintenance-when", lambda c: handling.maintain(c, 1, place.now, place.now, "x", place.now, board=board)),
        ("maintenance-when", lambda c: handling.maintain(
            c, 1, place.now, place.now + timedelta(days=15), "x", place.now, board=board)),
        ("maintenance-reason", lambda c: handling.maintain(
            c, 1, place.now, place.now + minutes(1), " ", place.now, board=board)),
        ("maintenance-over", lambda c: handling.end_maintenance(c, 7, place.now)),
    ]  # fmt: skip
    for code, act in wrong:
        with pytest.raises(Refused) as refused, place.store.writing() as connection:
            act(connection)
        assert refused.value.code == code and "{" not in refused.value.told()


def test_one_commune_s_windows_keep_no_other_from_its_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "MAX_WINDOWS", 2)
    board, hour = place.add("cong-xa"), timedelta(hours=1)
    with place.store.writing() as connection:
        connection.execute(insert(t.commune), {"code": "20507", "name": "Xã Khác"})
        for where in ({"board": board}, {"commune": COMMUNE}, {"commune": "20507"}):
            handling.maintain(connection, 1, NOON - hour, NOON + hour, "x", NOON, **where)
        assert handling.maintained(connection, NOON) == handling.Maintained(
            frozenset({board}), frozenset({COMMUNE, "20507"})
        )
        assert (handling.works(connection, NOON), handling.works(connection, NOON, ["20507"])) == (3, 1)
        with pytest.raises(Refused) as refused:
            handling.maintain(connection, 1, NOON, NOON + hour, "x", NOON, board=board)
    assert refused.value.code == "maintenance-many"


def test_one_process_watches_and_another_takes_over(place: Place) -> None:
    place.add("cong-xa")
    other = Watchman(place.store, says, clock=lambda: place.now)
    assert place.man.look() and not other.look()
    place.now += watchman.LEASE - timedelta(seconds=1)
    assert not other.look()
    place.now += timedelta(seconds=1)
    assert other.look() and not place.man.look()
    other.stop()
    assert place.man.look(), "who stops gives the lease back at once"


def test_a_look_that_fails_is_told_and_the_next_one_works(tmp_path: Path) -> None:
    with open_store(tmp_path / "hub") as store:
        calls: list[int] = []

        def then(_: Any) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise RuntimeError("cửa kẹt")

        man = Watchman(store, says, then, every=timedelta(milliseconds=1))
        man.start()
        for _ in range(2000):
            if len(calls) > 1 and man.failure is None:
                break
            man._stop.wait(0.005)
        assert len(calls) > 1 and man.failure is None and man.alive
        man.stop()
        assert not man.alive


def test_a_storm_is_written_in_parts_and_one_cut_short_is_finished_by_the_next_look(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 3)
    for n in range(8):
        place.add(f"b-{n}")
    place.hear()
    place.wait(minutes(4))
    write, opened = rows.move, []

    def cut(connection: Any, moved: Any) -> None:
        opened.append(len(moved))
        if len(opened) == 2:
            raise RuntimeError("mất điện")
        write(connection, moved)

    place.wait(minutes(3))
    assert place.alarms() == [], "each waits to have lasted"
    monkeypatch.setattr(rows, "move", cut)  # a crash
    place.now += minutes(1)
    with pytest.raises(RuntimeError):
        place.man.look()
    assert opened == [3, 3] and len(place.alarms()) == 3, "what was written stays"
    assert all(a.told is None for a in place.alarms())
    place.wait(minutes(1))
    assert sorted(a.board for a in place.alarms()) == sorted(place.boards.values())
    assert {a.told for a in place.alarms()} == {to_ms(place.now)} and len(place.spans()) == 8


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), min_size=1, max_size=200), st.sampled_from([2, 3]))
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
def test_however_it_flaps_people_hear_of_it_once_an_hour(steps: list[tuple[int, bool]], level: int) -> None:
    track: Track | None = None
    now, told, last = NOON, [], None
    for seconds, seen in steps:
        now += timedelta(seconds=seconds)
        track = step(track, Level(level) if seen else None, now)
        if track and may_tell(track, last, now):
            track, last = Track(**(vars(track) | {"told": now})), now
            told.append(now)
        if track and track.closed:
            assert track.opened and track.quiet_since and track.quiet_since <= track.closed
            track = None
    assert all(b - a >= TELL_EVERY for a, b in pairwise(told))


@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=60), st.integers(1, 60), st.sampled_from([2, 3])
)
@settings(deadline=None, max_examples=60)
def test_what_lasts_is_always_told(before: list[tuple[int, bool]], look_s: int, level: int) -> None:
    track: Track | None = None
    now, last, told = NOON, None, False

    def look(seen: bool) -> None:
        nonlocal track, last, told
        track = step(track, Level(level) if seen else None, now)
        if track and may_tell(track, last, now):
            track, last, told = Track(**(vars(track) | {"told": now})), now, True
        track = None if track and track.closed else track

    for seconds, seen in before:
        now += timedelta(seconds=seconds)
        look(seen)
    told = bool(track and track.told)  # of the alarm that stands now
    for _ in range(int((TELL_EVERY + minutes(6)).total_seconds()) // look_s + 2):
        now += timedelta(seconds=look_s)
        look(True)
    assert told


def test_there_are_never_two_open_alarms_for_one_reason_of_one_board(place: Place) -> None:
    board = place.add("cong-xa")
    row = {"board": board, "code": "lost", "level": 3, "since": 1}
    with place.store.writing() as connection:
        connection.execute(insert(t.alarm), [row | {"until": until} for until in (2, 3, None)])
    with pytest.raises(Unavailable), place.store.writing() as connection:
        connection.execute(insert(t.alarm), row)
    place.wait(minutes(12), "cong-xa")
    with place.store.reading() as connection:
        still = connection.execute(select(t.alarm.c.id).where(t.alarm.c.until.is_(None))).all()
    assert still == [], "a row that waited and was never an alarm is forgotten"
