"""What a stolen online key cannot do to a board: put it out, by hours or by percents."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.board.light import Light, light, obeyed
from signage.board.rotation import boundary, scene
from signage.publication import NIGHT_MOST
from signage.publication import Light as Brightness
from signage.schedule import active, at_most, common, merged
from tests.board.conftest import NOW
from tests.board.playlists import T0, entry, playlist
from tests.board.test_templates import held

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALERT = {"source": "Đài", "bulletin_time": "2026-11-22T00:00:00Z", "words": "Di dời ngay."}
YEARS = (T0, T0 + timedelta(days=3650))
NIGHTLY = tuple((T0 + (24 * n + 15) * HOUR, T0 + (24 * n + 21) * HOUR) for n in range(92))


@pytest.mark.parametrize(("night", "least"), [(False, 40), (True, 20)])
def test_no_percentage_puts_a_board_out(night, least):
    """1 % was a black board that its witness found right."""
    nights = ((T0, T0 + HOUR),) if night else ()
    listed = playlist([entry(1)], light=Brightness(1, 1, nights))
    assert light(listed, scene(listed, T0), T0) == Light(False, least)
    alarmed = playlist(emergencies=[entry(1, klass="khan-cap")], light=Brightness(1, 1, nights))
    assert light(alarmed, scene(alarmed, T0), T0) == Light(False, 40)
    assert light(listed, scene(listed, T0), T0, suspect=True) == Light(False, 40)


@pytest.mark.parametrize("level", [3, 4, 5])
def test_a_great_danger_wakes_a_dark_board_whatever_its_record_says(level):
    listed = playlist(emergencies=[entry(1, klass="khan-cap", level=level)], dark=((T0, T0 + HOUR),), wake_level=5)
    assert light(listed, scene(listed, T0), T0).dark is (level < 4)


def test_ten_years_of_darkness_are_one_night():
    hours = obeyed([YEARS], [])
    assert hours.too_long and hours.dark == ((T0, T0 + NIGHT_MOST),)
    listed = playlist([entry(1, high=10**9)], dark=hours.dark)
    moments = [T0 + n * HOUR for n in range(200)]
    assert [light(listed, scene(listed, m), m).dark for m in moments] == [True] * 14 + [False] * 186
    assert boundary(listed, T0) == T0 + NIGHT_MOST, "the board wakes at an edge that it knows"


def test_neither_a_night_without_end():
    hours = obeyed([(T0, T0 + 8 * HOUR)], [(T0 + 8 * HOUR, YEARS[1])])
    assert hours.dark == ((T0, T0 + 8 * HOUR),), "dark and night count together"
    assert hours.nights == ((T0 + 8 * HOUR, T0 + NIGHT_MOST),) and hours.too_long


@pytest.mark.parametrize("longer", [timedelta(0), MINUTE])
def test_the_longest_night_is_obeyed_every_night(longer):
    nights = [(T0 + 24 * n * HOUR, T0 + 24 * n * HOUR + NIGHT_MOST + longer) for n in range(90)]
    hours = obeyed([], nights)
    assert hours.too_long is bool(longer)
    assert (hours.nights == tuple(nights)) is not bool(longer)


def test_usual_hours_are_obeyed_as_they_are_in_any_order():
    nights = tuple((low - 5 * HOUR, high + 2 * HOUR) for low, high in NIGHTLY)
    hours = obeyed(NIGHTLY[::-1], nights)
    assert (hours.dark, hours.nights, hours.too_long) == (NIGHTLY, nights, False)
    assert obeyed([], []).dark == ()


def test_all_the_years_that_can_be_written():
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert obeyed([(first, last)], []).dark == ((first, first + NIGHT_MOST),)
    assert obeyed([(last - HOUR, last)], [(first, first + HOUR)]).too_long is False


def test_what_the_online_key_alone_can_ask_for_is_bounded_and_told(office):
    office.show(office.statement("Họp thôn"))
    office.alarm(office.emergency(alert={**ALERT, "level": 4}))
    office.overrides |= {"dark": (YEARS,), "wake_level": 5, "light": Brightness(1, 1)}
    found = held(office)
    assert found.dark_long and found.dark == ((T0, T0 + NIGHT_MOST),)
    woken = found.emergencies[0].statement.start
    assert light(found, scene(found, woken), woken) == Light(False, 40)
    office.overrides["dark"] = NIGHTLY
    assert not held(office).dark_long


def test_a_player_shows_what_darkness_without_end_would_hide_and_tells_it(office, kiosk):
    office.show(office.statement("Họp thôn"))
    office.overrides["dark"] = ((NOW - timedelta(days=365), NOW + timedelta(days=3650)),)
    office.publish()
    assert kiosk.sync().error is None
    words = [sys.executable, "-m", "signage", "board", "play", "--dir", kiosk.board.folder, "--headless", "--for", "1"]
    subprocess.run(words, check=True, timeout=30)
    note = json.loads((kiosk.board.state / "player.json").read_bytes())
    assert (note["expect"]["dark"], note["showing"]["title"]) == (False, "Họp thôn")
    assert [fault["code"] for fault in note["faults"] if fault["code"] == "dark-long"]


some_hours = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6).map(
    lambda spans: merged((T0 + a * HOUR, T0 + (a + b) * HOUR) for a, b in spans)
)


@given(some_hours, st.integers(1, 9), st.integers(10, 24))
def test_at_most_holds_in_every_span(parts, most, within):
    """Against the hours counted one by one: none too many, and none missing that was not asked for too often."""
    left = at_most(parts, most * HOUR, within * HOUR)
    asked = [active(parts, T0 + n * HOUR) for n in range(-24, 90)]
    kept = [active(left, T0 + n * HOUR) for n in range(-24, 90)]
    for n in range(24, len(asked)):
        assert sum(kept[n - within + 1 : n + 1]) <= most
        assert kept[n] == (asked[n] and sum(asked[n - within + 1 : n + 1]) <= most)
    assert left == merged(left)


@given(some_hours, some_hours)
def test_common_is_what_lies_in_both(some, others):
    found = common(some, others)
    assert found == merged(found)
    for n in range(90):
        moment = T0 + n * HOUR
        assert active(found, moment) == (active(some, moment) and active(others, moment))


def test_a_board_that_is_lit_beyond_its_hours_has_the_light_of_day():
    hours = obeyed([YEARS], [YEARS])
    listed = replace(playlist([entry(1, high=10**9)]), dark=hours.dark, light=Brightness(90, 30, hours.nights))
    later = T0 + NIGHT_MOST
    assert light(listed, scene(listed, later), later) == Light(False, 90)
