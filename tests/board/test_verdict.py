"""Verdicts: no picture is right without a living player, a timetable that is kept and a screen on the cable."""

from dataclasses import replace

import pytest

from signage.board import verdict
from signage.board.verdict import Expectation, Facts, Seen, judge
from signage.report import VERDICTS
from signage.wire import BadFormat, Fields

EXPECT = Expectation("a" * 64, (0, 0, 320, 180), 0, (), 8.0, 0.0, False)
GOOD = Facts(True, 60.0, 1.0, EXPECT, 3.0, Seen.EXPECTED, 0.0, "on")
DARK = replace(EXPECT, dark=True)
FADE = replace(EXPECT, changing_s=0.5)
COVERED = replace(EXPECT, masks=((0, 0, 320, 100),))


def facts(**values):
    return replace(GOOD, **values)


@pytest.mark.parametrize(
    ("values", "said", "layer", "fault", "sound", "ill"),
    [
        ({}, "match", "window", None, True, False),
        ({"connector": "unknown"}, "match", "window", None, True, False),
        # somebody else's picture
        ({"seen": Seen.OTHER, "differs_s": 2}, "foreign", "window", "screen-foreign", False, True),
        ({"seen": Seen.OTHER, "differs_s": 0.3}, "transition", "window", None, False, False),
        ({"seen": Seen.OTHER, "differs_s": 2, "expect": FADE, "held_s": 0.9}, "transition", "window", None, False,
         False),
        ({"seen": Seen.OTHER, "differs_s": 2, "expect": FADE, "held_s": 1.1}, "foreign", "window", "screen-foreign",
         False, True),
        ({"seen": Seen.BLACK, "differs_s": 2}, "black", "window", "screen-black", False, True),
        # a player that is dead, stuck, or late: its last picture proves nothing
        ({"alive": False}, "frozen", "window", "screen-frozen", False, True),
        ({"beat_s": 6.1}, "frozen", "window", "screen-frozen", False, True),
        ({"held_s": 13.1}, "frozen", "window", "screen-frozen", False, True),
        ({"held_s": 12.9}, "match", "window", None, True, False),
        ({"alive": False, "seen": Seen.BLACK}, "black", "window", "screen-black", False, True),
        ({"alive": False, "seen": Seen.OTHER}, "foreign", "window", "screen-foreign", False, True),
        ({"alive": False, "seen": Seen.NOTHING}, "unknown", "none", None, False, True),
        ({"beat_s": 6.1, "seen": Seen.NOTHING}, "frozen", "none", "screen-frozen", False, True),
        # it starts
        ({"beat_s": None, "age_s": 5}, "unknown", "none", None, False, False),
        ({"beat_s": None, "age_s": 26}, "frozen", "window", "screen-frozen", False, True),
        ({"seen": None, "held_s": 0.1}, "transition", "none", None, False, False),
        # nothing can look, or too little is compared
        ({"seen": Seen.NOTHING}, "unknown", "none", None, True, False),
        ({"seen": Seen.CUT}, "unknown", "window", None, True, False),
        ({"seen": Seen.AWAY, "differs_s": 2}, "black", "window", "screen-black", False, True),
        ({"seen": Seen.AWAY, "alive": False}, "black", "window", "screen-black", False, True),
        # a player that does not say what must be there
        ({"expect": None, "age_s": 24}, "unknown", "window", None, False, False),
        ({"expect": None}, "unknown", "window", None, False, True),
        ({"expect": None, "seen": Seen.NOTHING}, "unknown", "none", None, False, True),
        ({"expect": None, "seen": Seen.BLACK}, "black", "window", "screen-black", False, True),
        ({"expect": None, "seen": Seen.BLACK, "alive": False, "beat_s": None}, "black", "window", "screen-black",
         False, True),
        ({"expect": None, "seen": Seen.UNSAID, "alive": False, "beat_s": None}, "unknown", "window", None, False, True),
        ({"expect": None, "seen": Seen.UNSAID, "beat_s": None}, "frozen", "window", "screen-frozen", False, True),
        ({"expect": COVERED}, "unknown", "window", None, True, False),
        # dark hours
        ({"expect": DARK}, "dark", "window", None, True, False),
        ({"expect": DARK, "connector": "off"}, "dark", "window", None, True, False),
        ({"expect": DARK, "seen": Seen.BLACK, "differs_s": 9}, "dark", "window", None, True, False),
        ({"expect": DARK, "seen": Seen.OTHER, "differs_s": 9}, "foreign", "window", "screen-foreign", False, True),
        ({"expect": DARK, "seen": Seen.BLACK, "beat_s": 9}, "frozen", "window", "screen-frozen", False, True),
        # the cable
        ({"connector": "off"}, "black", "window", "screen-unplugged", True, False),
        ({"connector": "off", "seen": Seen.NOTHING}, "black", "none", "screen-unplugged", True, False),
        ({"connector": "off", "seen": Seen.OTHER, "differs_s": 2}, "foreign", "window", "screen-foreign", False, True),
    ],
)  # fmt: skip
def test_verdicts(values, said, layer, fault, sound, ill):
    found = judge(facts(**values))
    assert (found.verdict, found.layer, found.fault, found.sound, found.ill) == (said, layer, fault, sound, ill)


def test_a_match_needs_everything_at_once():
    """Every single doubt takes the match away; no combination of them gives it back."""
    doubts = [
        {"alive": False}, {"beat_s": 60.0}, {"held_s": 60.0}, {"seen": Seen.BLACK, "differs_s": 5.0},
        {"seen": Seen.OTHER, "differs_s": 5.0}, {"seen": Seen.NOTHING}, {"connector": "off"}, {"expect": DARK},
        {"expect": None},
    ]  # fmt: skip
    for one in doubts:
        for other in doubts:
            found = judge(facts(**{**one, **other}))
            assert found.verdict != "match" and found.verdict in VERDICTS
            assert not (found.sound and found.ill)


def test_an_expectation_is_read_with_its_limits():
    good = {
        "sha256": "a" * 64, "viewport": [0, 0, 320, 180], "rotate": 90, "masks": [[1, 2, 3, 4]],
        "since": "2026-11-22T00:00:00Z", "until": "2026-11-22T00:00:08Z", "changing_ms": 500, "dark": False,
    }  # fmt: skip
    read = Expectation.read(Fields(good))
    assert read == Expectation("a" * 64, (0, 0, 320, 180), 90, ((1, 2, 3, 4),), 8.0, 0.5, False)
    assert Expectation.read(Fields({**good, "changing_ms": 10**9})).changing_s == verdict.MAX_CHANGING_S
    for wrong in (
        {"rotate": 45}, {"viewport": [0, 0, 320]}, {"viewport": [-1, 0, 9, 9]}, {"masks": [[1, 2, 3]]},
        {"masks": [[0, 0, 1, 1]] * (verdict.MAX_MASKS + 1)}, {"sha256": "a"}, {"until": "soon"}, {"dark": 1},
    ):  # fmt: skip
        with pytest.raises(BadFormat):
            Expectation.read(Fields({**good, **wrong}))
