"""What stands on the glass over any sequence of shelves and moments: an emergency is alone there.

The stage is the player's own; only the glass, the gallery and the disk are stood in for, by things
that remember what they were told.
"""

import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.board.hand import Names
from signage.board.screen import Expected, Form, Picture
from signage.board.screen.picture import Label
from signage.board.stage import FIRST_WAIT, LINGER, Stage
from signage.publication import Light
from signage.schedule import active
from tests.board.playlists import MODE, T0, entry, lists, playlist

S = timedelta(seconds=1)
NAMES = Names("Xã Mẫu", "Cổng xã")


@pytest.fixture(autouse=True, scope="module")
def no_display():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        pygame.display.init()
        yield
        pygame.display.quit()


class Glass:
    """Remembers what is on it; a fade ends when the moment says so."""

    upright = (64, 32)
    mode = MODE

    def __init__(self):
        self.stands, self.is_dark, self.shown, self.fade_until = None, False, [], None

    def form(self, percent=100, drill=False):
        return Form(self.upright, 0, percent, drill)

    def expects(self, picture):
        return Expected(picture.label.masked if picture else "0" * 64, (), (0, 0, 64, 32), 0, picture is None)

    def show(self, picture, cue, fade_ms=0):
        self.shown.append((picture, fade_ms))
        self.stands, self.is_dark = picture, False
        self.fade_until = cue.now + timedelta(milliseconds=fade_ms) if fade_ms else None

    def darken(self):
        self.stands, self.is_dark, self.fade_until = None, True, None

    def animate(self, cue):
        if self.fade_until and cue.now >= self.fade_until:
            self.fade_until = None

    def tick(self, cue):
        pass

    @property
    def fading(self):
        return self.fade_until is not None

    moving = fading


class Pictures:
    """A gallery that has a slide ready only after it was asked for a number of times."""

    def __init__(self, patience=0):
        self.patience, self.asked, self.prepared = patience, {}, set()

    def prepare(self, slide, form):
        self.prepared.add((slide.file, form))

    def take(self, slide, form):
        self.asked[slide.file] = self.asked.get(slide.file, 0) + 1
        if self.asked[slide.file] <= self.patience:
            return None
        return Picture(pygame.Surface((1, 1)), Label(slide.file, slide=slide, percent=form.percent))


class Diary:
    def __init__(self):
        self.scene, self.said, self.turns, self.settled_at = None, [], [], []
        self.expects = None  # what the witness knows

    def announce(self, scene, announcement, now):
        self.scene = scene
        self.said.append(announcement)
        self.expects = announcement

    def goes_on(self, scene, announcement, now):
        if not self.turns or scene != self.turns[-1]:
            self.turns.append(scene)
        self.expects = announcement
        self.scene = scene if self.scene else None

    def settled(self, glass, now):
        self.settled_at.append(now)

    def picture(self, glass):
        pass


def staged(patience=0):
    glass, diary = Glass(), Diary()
    power = SimpleNamespace(set=lambda on, percent=100: percent if on else 0)
    return Stage(glass, Pictures(patience), diary, power), glass, diary


def alarms(shown, now):
    """The emergencies that must be on the glass, worked out afresh; a drill yields to a real one."""
    found = [e for e in shown.emergencies if active(e.ranges, now)]
    return [e for e in found if not e.drill] or found


steps = st.lists(st.tuples(st.integers(0, 60_000), st.booleans()), min_size=1, max_size=25)


@settings(max_examples=120, deadline=None)
@given(st.lists(lists(), min_size=1, max_size=3), steps, st.integers(0, 3))
def test_while_an_emergency_is_active_nothing_else_is_drawn(shelves, steps, patience):
    stage, glass, diary = staged(patience)
    now, held = T0, shelves[0]
    stage.plays(held, NAMES)
    number = 0
    for ms, other in steps:
        now += timedelta(milliseconds=ms)
        if other:
            number += 1
            held = shelves[number % len(shelves)]
            stage.plays(held, NAMES)
        before = len(glass.shown)
        stage.step(now)
        wanted = alarms(held, now)
        real = [e for e in held.emergencies if active(e.ranges, now) and not e.drill]
        asleep = active(held.dark, now) and not any(e.level >= min(held.wake_level, 4) for e in real)
        if asleep:
            assert glass.is_dark and glass.stands is None
        elif wanted:
            assert diary.scene is not None and diary.scene.entry.sha in {e.sha for e in wanted}
            assert not glass.is_dark and not glass.fading
            slide = glass.stands.label.slide
            assert slide is None or slide.file in {s.file for e in wanted for s in (*e.slides, *e.prepared)}
        elif len(glass.shown) > before:
            assert diary.scene.kind != "emergency"


def test_an_emergency_whose_slide_is_not_decoded_is_told_in_words_at_once_then_shown():
    stage, glass, diary = staged(patience=2)
    stage.plays(playlist([entry(1)], [entry(9, klass="khan-cap", low=10)]), NAMES)
    for second in (0, 1, 2):
        stage.step(T0 + second * S)
    assert diary.scene.entry.title == "tin 1"
    stage.step(T0 + 10 * S)
    assert (diary.scene.kind, diary.scene.slide, glass.stands.label.slide) == ("emergency", None, None)
    for ms in (16, 32, 48):
        stage.step(T0 + 10 * S + timedelta(milliseconds=ms))
    assert glass.stands.label.slide is diary.scene.entry.slides[0]


def test_what_is_over_does_not_stay_for_want_of_the_next_slide():
    stage, glass, diary = staged(patience=10**6)
    stage.plays(playlist([entry(1)], [entry(9, klass="khan-cap", high=20, dwells=())]), NAMES)
    stage.step(T0)
    assert diary.scene.kind == "emergency"
    stage.step(T0 + 20 * S)
    stage.step(T0 + 20 * S + LINGER + S)
    assert diary.scene.kind == "safe" and glass.stands is not None


def test_an_emergency_that_wakes_the_board_is_told_at_once():
    stage, glass, diary = staged(patience=10**6)
    stage.plays(playlist([], [entry(9, klass="khan-cap", level=3)], dark=((T0, T0 + 10 * S),), wake_level=5), NAMES)
    stage.step(T0 + 9 * S)
    assert glass.is_dark
    stage.step(T0 + 10 * S)
    assert not glass.is_dark and (diary.scene.kind, diary.scene.slide) == ("emergency", None)


def test_after_a_darkness_nothing_is_drawn_until_the_slide_is_ready_but_not_for_long():
    stage, glass, diary = staged(patience=10**6)
    stage.plays(playlist([entry(1)], dark=((T0, T0 + 10 * S),)), NAMES)
    for ms in (9_000, 10_000, 10_500):
        stage.step(T0 + timedelta(milliseconds=ms))
        assert glass.is_dark and not glass.shown
    stage.step(T0 + 10 * S + LINGER + S)
    assert diary.scene.kind == "safe" and not glass.is_dark


def test_words_of_what_is_over_turn_no_page():
    stage, glass, diary = staged(patience=10**6)
    stage.plays(playlist([entry(1)], [entry(9, klass="khan-cap", high=20, dwells=())]), NAMES)
    stage.step(T0 + 19 * S)
    stage.step(T0 + 20 * S)
    before = len(glass.shown)
    stage.step(T0 + 20.9 * S)
    stage._hand.reading.since -= 60 * S  # long read
    stage.step(T0 + 20.95 * S)
    assert len(glass.shown) == before and diary.scene.kind == "emergency"


def test_the_first_slide_is_waited_for_then_the_safe_slide_stands_in():
    stage, glass, diary = staged(patience=10**6)
    stage.plays(playlist([entry(1, dwells=(20_000,))]), NAMES)
    stage.step(T0)
    assert glass.stands is None and not stage.shows
    stage.step(T0 + FIRST_WAIT + S)
    assert diary.scene.kind == "safe"


def test_slides_fade_but_emergencies_cut():
    stage, glass, diary = staged()
    stage.plays(playlist([entry(1), entry(2)], [entry(9, klass="khan-cap", low=12, high=20)], fade_ms=500), NAMES)
    faded = []
    for ms in range(0, 30_000, 100):
        before = len(glass.shown)
        stage.step(T0 + timedelta(milliseconds=ms))
        if len(glass.shown) > before:
            faded.append((diary.scene.kind, glass.shown[-1][1]))
    assert faded == [("rotation", 0), ("rotation", 500), ("rotation", 500), ("emergency", 0), ("rotation", 0),
                     ("rotation", 500)]  # fmt: skip


def test_a_fade_never_takes_more_than_a_third_of_a_turn():
    stage, glass, _ = staged()
    stage.plays(playlist([entry(1, dwells=(3000,)), entry(2, dwells=(3000,))], fade_ms=2000), NAMES)
    for ms in range(0, 9000, 100):
        stage.step(T0 + timedelta(milliseconds=ms))
    assert {fade for _, fade in glass.shown[1:]} == {1000}


def test_the_witness_is_told_before_the_glass_and_once_for_a_slide_that_stays():
    stage, glass, diary = staged()
    seen = []
    glass.show = lambda *rest: seen.append(len(diary.said))
    stage.plays(playlist([entry(1)]), NAMES)
    for second in range(0, 60):
        stage.step(T0 + second * S)
    assert seen == [1] and len(diary.said) == 1
    assert len(set(diary.said[-1:])) == 1 and len(diary.turns) == 11  # a turn each 5 seconds, for the play log


def test_a_picture_that_stays_beyond_its_time_is_announced_anew():
    """A card that reads slowly: the witness would take the right picture for a dead one."""
    stage, glass, diary = staged()
    stage.plays(playlist([entry(1), entry(2)]), NAMES)
    stage.step(T0)
    stage._pictures.patience, standing = 10**9, diary.expects.expected
    for half_second in range(1, 90):
        stage.step(now := T0 + half_second * S / 2)
        assert diary.expects.since <= now < diary.expects.until and diary.expects.expected == standing
    assert len(diary.said) == 1 == len(glass.shown), "and nothing was drawn for it"
    stage._pictures.patience = 0
    stage.step(T0 + 46 * S)
    assert diary.expects.since == T0 + 45 * S and len(glass.shown) == 2


def test_a_clock_that_is_set_is_announced_anew(monkeypatch):
    stage, _, diary = staged()
    stage.plays(playlist([entry(1, low=-10_000, high=10_000)]), NAMES)
    stage.step(T0)
    for hour in (-1, 1):
        stage.step(now := T0 + hour * 3600 * S)
        assert diary.expects.since <= now < diary.expects.until
    # Set back within what was announced: by the witness's own clock that is over when it is over.
    said, clock = diary.expects, time.monotonic()
    monkeypatch.setattr("signage.board.stage.time.monotonic", lambda: clock + 46)
    stage.step(T0 + 3600 * S + S)
    assert diary.expects is not said and diary.expects.since == T0 + 3600 * S + S


def test_a_picture_that_is_late_is_told(monkeypatch):
    stage, _, _ = staged(patience=3)
    stage.plays(playlist([entry(1), entry(2)]), NAMES)
    clock = time.monotonic()
    told = []
    for second in range(8):
        monkeypatch.setattr("signage.board.stage.time.monotonic", lambda now=clock + 3 * second: now)
        stage.step(T0 + second * S / 10)
        told.append(stage.faults())
    assert told == [[], [], ["slide-late"], [], [], [], [], []]


def test_an_alarm_cuts_into_a_fade_at_once():
    stage, glass, _ = staged()
    alarmed = playlist([entry(1), entry(2)], [entry(9, klass="khan-cap", low=0)], fade_ms=1500)
    stage.plays(replace(alarmed, emergencies=()), NAMES)
    stage.step(T0)
    stage.step(T0 + 5.1 * S)
    assert glass.fading
    stage.plays(alarmed, NAMES)
    stage.step(T0 + 5.2 * S)
    assert not glass.fading and glass.stands.label.slide.file == alarmed.emergencies[0].slides[0].file


def test_light_changes_at_its_edges_and_darkness_is_announced_as_such():
    night = ((T0 + 30 * S, T0 + 90 * S),)
    dark = ((T0 + 60 * S, T0 + 80 * S),)
    stage, glass, diary = staged()
    stage.plays(playlist([entry(1)], light=Light(100, 40, night), dark=dark), NAMES)
    found = []
    for second in range(0, 100):
        stage.step(T0 + second * S)
        found.append("dark" if glass.is_dark else glass.stands.label.percent)
    assert found == [100] * 30 + [40] * 30 + ["dark"] * 20 + [40] * 10 + [100] * 10
    said = next(a for a in diary.said if a.expected.dark)
    assert (said.since, said.until) == (T0 + 60 * S, T0 + 80 * S)


def test_an_emergency_of_the_stated_level_wakes_a_dark_board_at_night_brightness():
    dark = ((T0, T0 + 100 * S),)
    for level, wakes in ((2, False), (3, True)):
        stage, glass, diary = staged()
        alarm = entry(9, klass="khan-cap", low=10, high=20, level=level)
        stage.plays(playlist([entry(1)], [alarm], light=Light(100, 40), dark=dark, wake_level=3), NAMES)
        for second in range(30):
            stage.step(T0 + second * S)
            awake = wakes and 10 <= second < 20
            assert glass.is_dark != awake
            assert not awake or (diary.scene.kind, glass.stands.label.percent) == ("emergency", 40)


def test_a_suspect_clock_writes_no_time_and_darkens_nothing():
    stage, glass, _ = staged()
    stage.suspect = True
    stage.plays(playlist([entry(1)], dark=((T0, T0 + 100 * S),)), NAMES)
    stage.step(T0 + S)
    assert not glass.is_dark and glass.stands is not None


def test_in_a_drill_a_templates_slide_is_banded_its_own_says_so_itself():
    stage, _, _ = staged()
    asked = {}
    stage._pictures.take = lambda slide, form: asked.__setitem__(slide.file, form.drill)
    drill = entry(9, klass="khan-cap", drill=True, prepared=1)
    stage.plays(playlist([], [drill]), NAMES)
    for second in range(20):
        stage.step(T0 + second * S)
    assert asked == {drill.slides[0].file: False, drill.prepared[0].file: True}


def test_a_template_takes_turns_with_the_words():
    stage, glass, diary = staged()
    stage.plays(playlist([entry(1)], [entry(9, klass="khan-cap", dwells=(), prepared=1)]), NAMES)
    kinds = set()
    for second in range(0, 120):
        stage.step(T0 + second * S)
        kinds.add(glass.stands.label.slide is None)
        assert diary.scene.kind == "emergency"
    assert kinds == {True, False}


def test_every_page_of_the_words_comes_up_and_stays_long_enough():
    stage, _, _ = staged()
    stage.plays(playlist([], [entry(9, klass="khan-cap", dwells=())]), NAMES)
    pages, changes = [], []
    for ms in range(0, 400_000, 250):
        stage.step(T0 + timedelta(milliseconds=ms))
        page = stage._hand.reading.page
        if not pages or page != pages[-1]:
            pages.append(page)
            changes.append(ms)
    count = len(stage._hand.reading.words.pages)
    assert pages[: count + 1] == [*range(count), 0] and count > 5
    assert min(b - a for a, b in pairwise(changes)) >= 3000


def test_the_next_slide_is_decoded_only_when_this_one_stands():
    stage, glass, _ = staged()
    stage.plays(playlist([entry(1), entry(2), entry(3)], fade_ms=500), NAMES)
    stage.step(T0)
    assert len(stage._pictures.prepared) == 1
    stage.step(T0 + 5 * S)
    assert glass.fading and len(stage._pictures.prepared) == 1
    stage.step(T0 + 6 * S)
    assert len(stage._pictures.prepared) == 2
