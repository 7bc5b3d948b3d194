"""Properties of the rotation and its light: an emergency is alone, boards agree, a restart rejoins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.board.judging import clipped
from signage.board.light import FULL, Light, light
from signage.board.rotation import boundary, following, in_turn, scene
from signage.publication import Light as Brightness
from signage.schedule import Pattern, Yearly, active, ranges
from tests.board.playlists import T0, entry, lists, playlist

MS = timedelta(milliseconds=1)

moments = st.integers(-5_000, 800_000).map(lambda ms: T0 + ms * MS)


def valid(e, now):
    return e.statement.start <= now < e.statement.end


@given(lists(), moments)
def test_in_an_emergency_nothing_else(held, now):
    shown = scene(held, now)
    alarms = [e for e in held.emergencies if valid(e, now)]
    assert (shown.kind == "emergency") == bool(alarms)
    if alarms:
        real = [e for e in alarms if not e.drill]
        assert shown.entry in (real or alarms), "a drill is silent beside a real emergency"
        assert shown.slide is None or shown.slide in (*shown.entry.slides, *shown.entry.prepared)


@pytest.mark.parametrize("dwells", [(), (4000,), (4000, 5000)])
def test_what_was_prepared_follows_the_emergencys_own_words(dwells):
    """Own slides, or the words that the board draws; then its template's."""
    alarm = entry(1, klass="khan-cap", high=10**6, dwells=dwells, prepared=2)
    shown, seen = scene(held := playlist(emergencies=[alarm]), T0), []
    for _ in range(12):
        shown = following(held, shown)
        seen.append(shown.slide)
    turn = [*(alarm.slides or [None]), *alarm.prepared]
    first = seen.index(turn[0])
    assert seen[first : first + len(turn)] == turn


def test_a_template_that_has_not_come_holds_nothing_up():
    alarm = entry(1, klass="khan-cap", dwells=(4000,), prepared=2)
    here = {alarm.slides[0].file, alarm.prepared[1].file}
    (left,) = playlist(emergencies=[alarm]).only(lambda slide: slide.file in here).emergencies
    assert (left.slides, left.prepared) == (alarm.slides, alarm.prepared[1:])
    (left,) = playlist(emergencies=[alarm]).only(lambda slide: slide in alarm.prepared).emergencies
    assert (left.slides, left.prepared) == ((), alarm.prepared), "its words are drawn by the board"


@given(lists(), moments)
def test_light(held, now):
    shown = scene(held, now)
    found = light(held, shown, now)
    alarms = [e for e in held.emergencies if valid(e, now) and not e.drill]
    woken = any(e.level >= min(held.wake_level, 4) for e in alarms)
    assert found.dark == (active(held.dark, now) and not woken)
    night = active(held.light.nights, now) or active(held.dark, now)
    day, least = max(40, held.light.day), 40 if shown.kind == "emergency" else 20
    assert found.percent == (max(least, held.light.night) if night else day)
    assert light(held, shown, shown.until - MS) == found, "it changes with a scene only"
    assert light(held, shown, now, suspect=True) == Light(False, day)
    assert light(None, scene(None, now), now) == FULL


def test_a_drill_does_not_wake_a_board():
    night = ((T0, T0 + timedelta(hours=8)),)
    for drill in (True, False):
        held = playlist(emergencies=[entry(1, klass="khan-cap", level=5, drill=drill)], dark=night)
        now = T0 + timedelta(seconds=5)
        assert light(held, scene(held, now), now).dark is drill


def test_several_emergencies_do_not_switch_a_dark_board_on_and_off():
    alarms = [entry(n, klass="khan-cap", level=n, dwells=(4000,)) for n in (1, 4)]
    held = playlist(emergencies=alarms, dark=((T0, T0 + timedelta(hours=8)),), light=Brightness(100, 50))
    moments_ = [T0 + timedelta(seconds=n) for n in range(16)]
    assert {light(held, scene(held, m), m) for m in moments_} == {Light(False, 50)}


days = st.integers(0, 1200).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n, hours=n % 24))
windows = st.builds(
    Yearly, st.tuples(st.integers(1, 28), st.integers(1, 12)), st.tuples(st.integers(1, 28), st.integers(1, 12)),
    st.booleans(),
)  # fmt: skip


@given(windows, days, days)
def test_a_yearly_notice_is_in_the_loop_on_its_days_alone(window, made, asked):
    """Whenever the manifest was made, as long as it reaches so far."""
    now = max(made, asked) if abs(asked - made) < timedelta(days=90) else made
    spans = ranges(made - timedelta(days=9), made + timedelta(days=999), since=made, pattern=Pattern(yearly=window))
    one = replace(entry(1), ranges=tuple(spans))
    local = (now + timedelta(hours=7)).date()
    assert (scene(playlist([one]), now).kind == "rotation") == window.holds(local)


@given(lists(), moments)
def test_only_what_is_valid_is_shown(held, now):
    shown = scene(held, now)
    assert shown.entry is None or valid(shown.entry, now)
    if shown.kind == "safe":
        assert not any(valid(e, now) for e in held.everything())
    if shown.kind == "evergreen":
        assert not any(valid(e, now) for e in (*held.entries, *held.emergencies))


@given(lists(), moments)
def test_a_scene_holds_until_its_end_and_no_boundary_lies_within(held, now):
    shown = scene(held, now)
    assert shown.since <= now < shown.until
    edge = boundary(held, now)
    assert edge is None or shown.until <= edge
    assert scene(held, shown.until - MS).what == shown.what


@given(lists(), moments, st.integers(0, 60_000))
def test_boards_agree_and_a_restart_rejoins(held, now, ran_ms):
    """A board that ran through all scenes shows the same as one that starts now."""
    running = scene(held, now - ran_ms * MS)
    while running.until <= now:
        running = following(held, running)
    assert running.what == scene(held, now).what


@given(lists(), moments)
def test_every_valid_item_has_its_turn(held, now):
    shown = scene(held, now)
    if shown.kind != "rotation":
        return
    entries = [e for e in held.entries if valid(e, now)]
    loop = sum(s.dwell_ms for e in in_turn(entries) for s in e.slides)
    ever = [
        entry(int(e.sha, 16), low=-(10**6), high=10**6, dwells=tuple(s.dwell_ms for s in e.slides),
              klass=e.statement.klass, order=e.order)
        for e in entries
    ]  # fmt: skip
    still = playlist(ever)
    seen, at = set(), now
    while at < now + loop * MS:
        one = scene(still, at)
        seen.add(one.slide.file)
        at = one.until
    assert seen == {s.file for e in entries for s in e.slides}


def test_priority_comes_first_and_again_after_three():
    items = [entry(n) for n in range(7)] + [entry(50, klass="uu-tien"), entry(51, klass="uu-tien")]
    numbers = [int(e.sha, 16) for e in in_turn(items)]
    assert numbers == [50, 51, 0, 1, 2, 50, 51, 3, 4, 5, 50, 51, 6]


def test_order_then_start():
    items = [entry(1, order=2), entry(2, order=1, low=9), entry(3, order=1, low=5)]
    assert [int(e.sha, 16) for e in in_turn(items)] == [3, 2, 1]


def test_the_highest_level_begins_and_several_rotate():
    held = playlist(emergencies=[
        entry(1, klass="khan-cap", level=2, dwells=(4000,)), entry(2, klass="khan-cap", level=4, dwells=(4000,)),
    ])  # fmt: skip
    start = T0 + timedelta(milliseconds=8000 - (int(T0.timestamp() * 1000) % 8000)) + timedelta(seconds=8)
    assert [int(scene(held, start + n * 4000 * MS).entry.sha, 16) for n in range(4)] == [2, 1, 2, 1]


def test_an_item_leaves_at_its_very_end():
    held = playlist([entry(1, low=0, high=60)], evergreen=[entry(2, low=0, high=9999)])
    end = T0 + timedelta(seconds=60)
    assert scene(held, end - MS).kind == "rotation"
    assert scene(held, end).kind == "evergreen"


def test_without_a_publication_the_safe_slide():
    assert scene(None, T0).kind == "safe"


def test_words_of_an_emergency_stay_long_enough_to_read():
    held = playlist(emergencies=[entry(1, klass="khan-cap", dwells=())])
    shown = scene(held, T0 + timedelta(seconds=1))
    assert shown.slide is None and shown.until - shown.since >= timedelta(seconds=30)


class Counted(tuple):
    """Ranges that count how many of them are looked at."""

    looks = 0

    def __getitem__(self, place):
        Counted.looks += 1
        return super().__getitem__(place)

    def __iter__(self):
        Counted.looks += len(self)
        return super().__iter__()


def test_a_change_of_slides_does_not_read_the_whole_timetable():
    """A manifest may name 1,000 items with 400 ranges each; each change asks several times."""
    every_hour = Counted((T0 + timedelta(hours=2 * n), T0 + timedelta(hours=2 * n + 1)) for n in range(400))
    one = replace(entry(1, high=10**7), ranges=every_hour)
    Counted.looks = 0
    shown = scene(playlist([one], dark=every_hour), now := T0 + timedelta(hours=400, minutes=30))
    assert shown.kind == "rotation" and boundary(playlist([one]), now) == T0 + timedelta(hours=401)
    assert Counted.looks < 100


def test_ranges_are_in_order_however_a_manifest_lists_them():
    spans = [
        (T0 + timedelta(seconds=a), T0 + timedelta(seconds=b)) for a, b in ((300, 400), (-9, 20), (10, 50), (50, 60))
    ]
    found = clipped(entry(1).statement, spans)
    assert [((a - T0).total_seconds(), (b - T0).total_seconds()) for a, b in found] == [(0, 60), (300, 400)]
