"""Two axes and a screen: what is told, and what is never claimed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage import board
from signage.hub import alarms
from signage.hub.alarms import Contact, Content, Facts, Level, Newest, Screen, judge
from signage.hub.pages import words
from signage.report import VERDICTS, Machine, Report, Showing
from signage.schedule import VIETNAM_TIME

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2)


def facts(make_report: Callable[..., Report], quiet_s: int = 5, newest: int | None = 412, **values: Any) -> Facts:
    metered = values.pop("metered", False)
    odd = values.pop("odd", frozenset())
    heard = NOW - timedelta(seconds=quiet_s)
    report = make_report("cong-xa", **({"sent": heard, "sync_last_ok": heard} | values))
    return Facts(report, heard, Newest(newest, LONG_AGO) if newest is not None else None, metered, odd)


@pytest.mark.parametrize(
    ("quiet_s", "contact"),
    [
        (0, Contact.CONNECTED),
        (90, Contact.CONNECTED),
        (91, Contact.LATE),
        (300, Contact.LATE),
        (301, Contact.LOST),
    ],
)
def test_contact_follows_the_expected_heartbeat(make_report: Any, quiet_s: int, contact: Contact) -> None:
    assert judge(facts(make_report, quiet_s), NOW).contact is contact
    assert judge(facts(make_report, quiet_s * 30, metered=True), NOW).contact is contact


def test_a_board_in_order_has_no_reasons(make_report: Any) -> None:
    judgement = judge(facts(make_report), NOW)
    assert (judgement.contact, judgement.content, judgement.screen) == (
        Contact.CONNECTED, Content.CURRENT, Screen.RIGHT,
    )  # fmt: skip
    assert (judgement.reasons, judgement.level) == ((), Level.CALM)


def test_connected_and_current_are_told_apart(make_report: Any) -> None:
    """One lamp would be green for the first and red for the second; both would be wrong."""
    stale = judge(facts(make_report, publication=409), NOW)
    assert (stale.contact, stale.content) == (Contact.CONNECTED, Content.OLD)
    silent = judge(facts(make_report, 4000), NOW)
    assert (silent.contact, silent.content) == (Contact.LOST, Content.UNCONFIRMED)


def test_a_new_publication_may_take_its_time_to_arrive(make_report: Any) -> None:
    known = facts(make_report, publication=411)
    fresh = Facts(known.report, known.received, Newest(412, NOW - timedelta(minutes=9)))
    assert judge(fresh, NOW).content is Content.DOWNLOADING
    assert judge(fresh, NOW + timedelta(minutes=2)).content is Content.OLD
    held = replace(fresh, apart=NOW - timedelta(hours=2))  # and others came meanwhile
    assert judge(held, NOW).content is Content.OLD


def test_what_cannot_be_compared_is_not_called_current(make_report: Any) -> None:
    assert judge(facts(make_report, publication=None), NOW).content is Content.UNCONFIRMED
    assert judge(facts(make_report, newest=None), NOW).content is Content.UNCONFIRMED
    known = facts(make_report, publication=999)
    for proven, reason in ((True, "ahead"), (False, "alone")):
        ahead = judge(replace(known, newest=Newest(412, LONG_AGO, proven)), NOW)
        assert ahead.content is Content.UNCONFIRMED and (reason, Level.WARNING) in ahead.reasons


def test_a_right_picture_is_said_no_louder_than_it_was_looked_at(make_report: Any) -> None:
    assert judge(facts(make_report, layer="window"), NOW).screen is Screen.RIGHT
    assert judge(facts(make_report, layer="surface"), NOW).screen is Screen.CLAIMED
    assert judge(facts(make_report, layer="none"), NOW).screen is Screen.UNCHECKED
    assert judge(facts(make_report, 4000, layer="window"), NOW).screen is Screen.UNCHECKED


@pytest.mark.parametrize("verdict", ["foreign", "black", "frozen"])
@pytest.mark.parametrize("quiet_s", [5, 4000])
def test_a_wrong_picture_stays_an_alarm_when_the_board_falls_silent(
    make_report: Any, verdict: str, quiet_s: int
) -> None:
    judgement = judge(facts(make_report, quiet_s, verdict=verdict), NOW)
    assert judgement.screen.value == verdict and judgement.level is Level.ALARM


@pytest.mark.parametrize(
    ("hour", "told"),
    [(6, Level.NOTE), (7, Level.WARNING), (16, Level.WARNING), (17, Level.NOTE), (23, Level.NOTE)],
)
def test_dark_by_its_timetable_is_told_and_by_day_it_is_a_fault(make_report: Any, hour: int, told: Level) -> None:
    heard = datetime(2026, 11, 22, hour, tzinfo=VIETNAM_TIME)
    report = make_report("cong-xa", sent=heard, sync_last_ok=heard, verdict="dark", showing=None)
    judgement = judge(known := Facts(report, heard, Newest(412, LONG_AGO)), heard)
    assert (judgement.screen, judgement.level) == (Screen.DARK, told)
    ((sentence, level),) = words.reasons(known, judgement, heard)
    assert "tối theo lịch" in sentence and ("ban ngày" in sentence) == (level is Level.WARNING)


def test_hours_that_a_board_does_not_follow_are_a_warning(make_report: Any) -> None:
    known = facts(make_report, faults=(("dark-long", NOW),))
    judgement = judge(known, NOW)
    assert judgement.reasons == (("fault:dark-long", Level.WARNING),)
    assert "14 giờ" in words.reasons(known, judgement, NOW)[0][0]


# Modules that a person runs by hand.
NO_REPORT = {"identity.py", "install.py", "doctor.py", "enrolment.py", "introduction.py", "usb.py"}
NO_CODE = {"bangtin-board", "uu-tien", "utf-8", "pygame-ce", "screen-missing"}  # names; a player that never started


def board_codes() -> set[str]:
    """Every code that a board may report, as its modules write them."""
    found: set[str] = set()
    for path in Path(board.__file__).parent.rglob("*.py"):
        if path.name not in NO_REPORT:
            parts = (n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant))
            found |= {p for p in parts if isinstance(p, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", p)}
    return found - NO_CODE | {f"expired-{role}" for role in ("root", "targets", "lich")}


def test_every_code_that_a_board_reports_has_words_here(make_report: Any) -> None:
    """Codes of its faults, and of why it could not fetch."""
    assert {"dark-long", "clock-suspect", "slide-damaged", "net-failed", "screen-unplugged"} <= board_codes()
    speechless = set()
    for code in board_codes():
        known = facts(make_report, faults=((code, NOW),), sync_error=code)
        told = [sentence for sentence, _ in words.reasons(known, judge(known, NOW), NOW)]
        speechless |= {code} if any(code in sentence for sentence in told) else set()
    assert not speechless, "their sentence in messages.toml has gaps: say it in hub/words.py, FAULT"


@pytest.mark.parametrize("code", ["panic", "safe-asked"])
def test_a_safe_slide_that_somebody_asked_for_says_who_and_since_when(make_report: Any, code: str) -> None:
    safe = Showing("safe", None, None, "", NOW)
    nobody = facts(make_report, showing=safe)
    assert [c for c, _ in judge(nobody, NOW).reasons] == ["safe"], "nothing valid to show"
    asked = facts(make_report, showing=safe, faults=((code, LONG_AGO),))
    judgement = judge(asked, NOW)
    assert judgement.reasons == ((f"fault:{code}", Level.WARNING),)
    ((told, _),) = words.reasons(asked, judgement, NOW)
    assert "hình an toàn" in told and "Từ 10:00 20/11/2026" in told


def test_a_board_never_heard_is_told_as_that() -> None:
    judgement = judge(Facts(None, None, Newest(412, LONG_AGO)), NOW)
    assert (judgement.contact, judgement.content) == (Contact.NEVER, Content.UNCONFIRMED)
    assert judgement.reasons == (("never", Level.WARNING),)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"sent": NOW - timedelta(hours=2), "sync_last_ok": NOW - timedelta(hours=2)}, "clock-offset"),
        ({"sent": NOW + timedelta(days=365)}, "clock-offset"),
        ({"sync_error": "unreachable"}, "sync-error"),
        ({"sync_last_ok": LONG_AGO}, "sync-stale"),
        ({"machine": Machine(1, 1, 100)}, "disk-low"),
        ({"machine": Machine(1, 1, 1000, 91)}, "hot"),
        ({"faults": (("undervoltage", NOW),)}, "fault:undervoltage"),
        ({"odd": frozenset({alarms.FORK})}, "mark:fork"),
    ],
)
def test_what_a_board_says_of_itself_is_a_reason(make_report: Any, values: Any, reason: str) -> None:
    assert reason in [code for code, _ in judge(facts(make_report, **values), NOW).reasons]


def test_a_wrong_picture_is_told_once_and_a_missing_screen_aloud(make_report: Any) -> None:
    told = dict(judge(facts(make_report, verdict="black", faults=(("screen-black", NOW),)), NOW).reasons)
    assert told == {"black": Level.ALARM}
    told = dict(judge(facts(make_report, verdict="black", faults=(("screen-unplugged", NOW),)), NOW).reasons)
    assert told == {"black": Level.ALARM, "fault:screen-unplugged": Level.ALARM}


def test_the_hub_s_own_clock_set_back_makes_no_board_lost(make_report: Any) -> None:
    assert judge(facts(make_report), NOW - timedelta(days=1)).contact is Contact.CONNECTED


def test_every_reason_has_words_and_a_remedy_in_place(make_report: Any) -> None:
    for verdict in VERDICTS:
        for layer in ("none", "surface", "window"):
            for publication in (None, 409, 412, 999):
                for quiet_s in (5, 200, 4000):
                    known = facts(
                        make_report, quiet_s, verdict=verdict, layer=layer, publication=publication,
                        sync_error="x", odd=frozenset({"gap", "torn", "fork", "old", "new-key"}),
                        machine=Machine(1, 1, 1, 99), faults=(("clock-suspect", NOW), ("no-such-code", NOW)),
                    )  # fmt: skip
                    judgement = judge(known, NOW)
                    told = words.reasons(known, judgement, NOW)
                    assert len(told) == len(judgement.reasons)
                    assert not [sentence for sentence, _ in told if "{" in sentence]
                    assert words.screen_note(known, judgement) and words.CONTENT[judgement.content]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 giây"),
        (59, "59 giây"),
        (60, "1 phút"),
        (3600, "1 giờ"),
        (7140, "1 giờ 59 phút"),
        (86400 * 12, "12 ngày"),
    ],
)
def test_spans_read_as_people_say_them(seconds: int, said: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == said


def test_a_board_s_text_cannot_disguise_itself() -> None:
    assert words.plain("abc\u202egnp.exe\x00") == "abc\ufffdgnp.exe\ufffd"
    assert len(words.plain("x" * 5000)) == words.MAX_SHOWN + 1
