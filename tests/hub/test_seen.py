"""What pages show of the boards: the store's own judgement against `alarms.judge`, timelines, who confirmed what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from signage.errors import Refused
from signage.hub.alarms import HEARTBEAT, METERED_HEARTBEAT, Contact, Level
from signage.hub.alarms.judgement import own_level
from signage.hub.pages import words
from signage.hub.seen import boards, fleet, history, news, picture, posted, timeline
from signage.hub.seen.axes import judged
from signage.hub.seen.fleet import Filter
from signage.hub.seen.lately import Lately
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.hub.tally import screen_of
from signage.hub.watchman import hearing_since
from signage.report import VERDICTS, Machine, Report, Showing
from tests.hub import week

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timeline.HOUR_MS
beats = st.sampled_from([0, 1, 2, 3, 4, 9, 10, 11, 25])

states = st.fixed_dictionaries({
    "never": st.booleans(), "metered": st.booleans(), "quiet": beats, "seconds": st.integers(-3, 3),
    "verdict": st.sampled_from(VERDICTS), "layer": st.sampled_from(["none", "surface", "window"]),
    "publication": st.sampled_from([None, 411, 412, 413]), "newest": st.sampled_from([None, 412]),
    "published": st.sampled_from([None, None, 411, 413]), "age": beats,
    "odd": st.sets(st.sampled_from(["gap", "torn", "fork", "old", "new-key"]), max_size=2),
    "marked": st.sampled_from([1, 23, 25]), "kind": st.sampled_from(["rotation", "safe", "emergency"]),
    "error": st.sampled_from([None, "net-failed"]), "temp": st.sampled_from([None, 40, 90]),
    "fault": st.sampled_from([None, "clock-suspect", "screen-unplugged", "panic"]),
    "hour": st.sampled_from([0, 3, 9, 10, 23]), "apart": st.sampled_from([None, 1, 20, 21, 130]),
    "listens": st.sampled_from([None, 0, 1, 3, 4, 10, 11, 1000]), "looked": st.sampled_from([1, 1, 200]),
})  # fmt: skip

LONG_APART = {  # a board that has told a number for hours that no other has
    "never": False, "metered": False, "quiet": 0, "seconds": 0, "verdict": "match", "layer": "window",
    "publication": 413, "newest": 412, "published": None, "age": 0, "odd": set(), "marked": 1, "kind": "rotation",
    "error": None, "temp": None, "fault": None, "hour": 3, "apart": 130, "listens": None, "looked": 1,
}  # fmt: skip


def put(connection: Connection, s: dict[str, Any]) -> datetime:
    """One commune with one board that is so, in a store without any; now."""
    now = NOW.replace(hour=s["hour"])
    beat = METERED_HEARTBEAT if s["metered"] else HEARTBEAT
    received = now - beat * s["quiet"] - timedelta(seconds=s["seconds"])
    seen = to_ms(now - beat * s["age"])
    report = Report(
        commune="20506", repository="d" * 64, board="cong-xa", seq=1, prev="0" * 64, sent=received,
        publication=s["publication"], showing=Showing(s["kind"], "a" * 64, None, "Tin", received),
        verdict=s["verdict"], layer=s["layer"], plays=(), faults=((s["fault"], received),) if s["fault"] else (),
        clock_state="trusted", clock_offset_ms=0, sync_last_ok=received, sync_error=s["error"],
        machine=Machine(1, 1, 9000, s["temp"]), frame=None,
    )  # fmt: skip
    if s["listens"] is not None:
        week.listened(connection, now - timedelta(seconds=s["looked"]), now - HEARTBEAT * s["listens"])
    connection.execute(insert(t.commune), {"code": "20506", "newest": s["newest"], "newest_seen": seen,
                                           "published": s["published"], "published_at": seen})  # fmt: skip
    connection.execute(insert(t.board), {
        "id": 1, "commune": "20506", "code": "cong-xa", "public": "e" * 64, "chain": 1, "repository": "d" * 64,
        "enrolled": 0, "name": "Cổng", "metered": s["metered"],
    })  # fmt: skip
    for slot, kind in enumerate(s["odd"]):
        at = to_ms(now - timedelta(hours=s["marked"]))
        connection.execute(insert(t.mark), {"board": 1, "slot": slot, "kind": kind, "chain": 1, "seq": 1,
                                            "missing": 0, "times": 1, "first": at, "last": at})  # fmt: skip
    if not s["never"]:
        connection.execute(insert(t.state), {
            "board": 1, "chain": 1, "seq": 1, "sha": report.sha256, "received": to_ms(received),
            "sent": to_ms(received), "evidence": to_ms(received), "report": report.to_payload(),
            "publication": s["publication"], "verdict": s["verdict"], "layer": s["layer"],
            "screen": screen_of(s["verdict"], s["layer"]), "kind": s["kind"], "statement": "a" * 64,
            "faults": s["fault"] or "", "temp_c": s["temp"], "disk_mb": 9000, "marks": len(s["odd"]),
            "own_level": int(own_level(report, received)),
            "apart": None if s["apart"] is None else to_ms(now - beat * s["apart"]),
        })  # fmt: skip
    return now


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(s=states)
@example(s=LONG_APART | {"newest": None})
@example(s=LONG_APART)
def test_the_store_judges_as_the_program_does(store: Store, s: dict[str, Any]) -> None:
    with store.engine.connect() as connection:  # never committed: the next one begins anew
        now = put(connection, s)
        asked = judged(now, hearing_since(connection, now))
        row = connection.execute(asked.select()).one()
        board = boards.one(connection, "20506", "cong-xa", now)
    assert board is not None
    judgement = board.judgement
    assert (row.contact, row.content, row.screen, row.level, row.rank) == (
        judgement.contact.value, judgement.content.value, judgement.screen.value, int(judgement.level), board.rank
    )  # fmt: skip


def test_a_silence_of_the_hub_s_own_paints_no_board_as_lost(store: Store) -> None:
    week.fill(store, NOW)
    up = NOW + timedelta(hours=3)  # nobody looked for three hours
    with store.writing() as connection:
        assert fleet.look(connection, None, Filter(), up).tally.contact[Contact.LOST] == 0
        week.listened(connection, up, up)
        soon = fleet.look(connection, None, Filter(), up + timedelta(seconds=60))
        assert soon.tally.contact == {Contact.CONNECTED: len(week.BOARDS) - 1, Contact.NEVER: 1}
        one = boards.one(connection, "20506", "thu-vien", up + timedelta(seconds=60))
        assert one and one.facts.awaited and one.silent, "its picture is not called that of now"
        told = [say(one.facts, one.judgement)[0] for say in (words.contact, words.content, words.screen)]
        assert told == ["Chờ nghe lại", "Chưa rõ", "Chưa rõ"]
        wrong = boards.one(connection, "20506", "nha-van-hoa-3", up + timedelta(seconds=60))
        assert wrong and words.screen(wrong.facts, wrong.judgement)[0] == "Hình lạ", "what was wrong stays told"
        assert words.showing_said(one.facts, one.judgement) == "Lần cuối báo đang chiếu"
        week.listened(connection, up + timedelta(seconds=330), up)
        late = fleet.look(connection, None, Filter(), up + timedelta(seconds=330))
        assert late.tally.contact[Contact.LOST] == len(week.BOARDS) - 2, "all but the one on a SIM, and the silent one"


def test_boards_come_worst_first_counted_filtered_and_by_the_page(store: Store) -> None:
    week.fill(store, NOW)
    with store.writing() as connection:
        connection.execute(insert(t.fleet_group), {"id": 1, "name": "Mặt đường"})
        outside = [{"group_id": 1, "board": n} for n, b in enumerate(week.BOARDS, 1) if b.code in ("cho", "ben-xe")]
        connection.execute(insert(t.group_board), outside)
    with store.reading() as connection:
        assert fleet.groups_of(connection, None) == ["Mặt đường"] and fleet.groups_of(connection, frozenset()) == []
        found = fleet.look(connection, None, Filter(), NOW)
        shown = boards.of(connection, found.boards, NOW)
        assert [b.code for b in shown[:2]] == ["nha-van-hoa-3", "cau-treo"]
        assert len(shown) == found.tally.total == found.tally.found == len(week.BOARDS)
        assert found.tally.level[Level.ALARM] == 2 and sum(found.tally.contact.values()) == len(week.BOARDS)
        assert [(one.commune, one.alarms) for one in found.troubled] == [("20506", 2)]
        for wanted, codes in {
            Filter(text="tram y te"): {"tram-y-te"},
            Filter(text="TRẠM"): {"tram-y-te"},
            Filter(text="100%_"): set(),
            Filter(hamlet="Thôn 5"): {"cau-treo", "nha-van-hoa-5"},
            Filter(level=3): {"nha-van-hoa-3", "cau-treo"},
            Filter(axis="contact", state="never"): {"truong-hoc"},
            Filter(commune="99999"): set(),
            Filter(group="Mặt đường"): {"cho", "ben-xe"},
            Filter(group="Mặt đường", hamlet="Thôn 1"): {"cho"},
            Filter(group="Trong nhà"): set(),
        }.items():
            look = fleet.look(connection, None, wanted, NOW)
            assert {b.code for b in boards.of(connection, look.boards, NOW)} == codes, wanted
            assert look.tally.found == len(codes)
        assert fleet.look(connection, frozenset(), Filter(), NOW).tally.total == 0
        assert fleet.look(connection, frozenset({"20507"}), Filter(), NOW).boards == []
        assert fleet.look(connection, frozenset({"20506"}), Filter(), NOW, page=2).boards == []
        assert fleet.hamlets_of(connection, "20506")[0] == "Thôn 1"


figures = st.dictionaries(
    st.integers(0, 60),
    st.fixed_dictionaries({kind: st.integers(0, HOUR) for kind in timeline.KINDS if kind != "silent"}),
    max_size=61,
)


@given(told=figures, minute=st.integers(0, 59), enrolled=st.integers(0, 61 * HOUR))
def test_cells_hold_what_has_passed_and_no_more(
    told: dict[int, dict[str, int]], minute: int, enrolled: int
) -> None:  # fmt: skip
    now = 60 * HOUR + minute * 60_000
    for strip in (timeline.day(told, now, enrolled), timeline.month(told, now, enrolled)):
        for cell in strip.cells:
            assert sum(cell.ms.values()) == cell.passed <= cell.length and min(cell.ms.values()) >= 0
        for rect in picture.bars(strip):
            assert rect.x >= 0 and rect.x + rect.width <= picture.WIDTH + 0.01
            assert rect.y >= -0.05 and rect.y + rect.height <= picture.HEIGHT + 0.05


def test_a_day_tells_hours_silence_and_the_time_since_the_last_report() -> None:
    now = 100 * HOUR + 20 * 60_000
    told = {98: {"right": HOUR}, 99: {"right": HOUR // 2, "wrong": HOUR // 4}, 100: {"right": 10 * 60_000}}
    strip = timeline.day(timeline.up_to_now(told, "right", now - 600_000, 900_000, now), now, 97 * HOUR)
    last = strip.cells[-1]
    assert (last.ms["right"], last.ms["silent"], last.passed) == (20 * 60_000, 0, 20 * 60_000)
    assert strip.cells[-2].ms["silent"] == HOUR // 4 and strip.cells[-2].worst == "wrong"
    assert strip.cells[-4].ms["silent"] == HOUR and strip.cells[-5].passed == 0, "nothing is silent before it was there"
    stale = timeline.up_to_now({}, "right", now - 2 * HOUR, 30_000, now)
    assert stale == {98: {"right": 30_000}}, "one heartbeat is believed, no more"


def test_spans_lie_where_they_were() -> None:
    now = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    strip = timeline.day({}, to_ms(now), 0)
    an_hour = picture.WIDTH / 24
    spans = [picture.Lasted(strip.start - timedelta(days=1), strip.start + timedelta(hours=1), "wrong"),
             picture.Lasted(now - timedelta(minutes=30), None, "wrong"),
             picture.Lasted(strip.start - timedelta(hours=2), strip.start - timedelta(hours=1), "wrong")]  # fmt: skip
    first, last = picture.lane(strip, spans, now)
    assert (first.x, first.width) == (0, an_hour)
    assert (last.x, last.width) == (picture.WIDTH - an_hour, an_hour / 2)


def test_a_board_s_history_alarms_and_causes(store: Store) -> None:
    week.fill(store, NOW)
    number = [b.code for b in week.BOARDS].index("cau-treo") + 1
    with store.writing() as connection:
        spans = history.listed(history.spans(connection, number, NOW), NOW)
        assert [(s.code, s.cause, s.until is None) for s in spans] == [("lost", "sim", True), ("lost", "sim", False)]
        history.explain(connection, number, spans[0].id, "power", " Cháy cầu chì ")
        assert history.spans(connection, number, NOW)[0].note == "Cháy cầu chì"
        for board, cause, note in ((number, "aliens", ""), (number, "power", "x" * 501), (number + 1, "power", "")):
            with pytest.raises(Refused):
                history.explain(connection, board, spans[0].id, cause, note)
        lasting, over = history.alarms(connection, number)
        assert lasting.until is None and over.until and lasting.says == "Không nghe được bảng."
        assert history.has_alarm(connection, number, lasting.id)
        assert not history.has_alarm(connection, number + 1, lasting.id)
        hours = history.hours(connection, number, NOW)
        assert to_ms(NOW) // HOUR - 2 not in hours, "it is silent for five hours"
        assert history.extremes(connection, number, NOW - timedelta(days=30))[2] == 15_000


def test_notices_are_told_by_what_became_of_them(store: Store) -> None:
    week.fill(store, NOW)
    with store.writing() as connection:
        first = posted.page(connection, None, NOW, posted.SHOWING, 1)
        for how in posted.STANDINGS:
            assert all(posted.standing(n, NOW) == how for n in posted.page(connection, None, NOW, how, 1)), how
        assert posted.counts(connection, None, NOW) == {"showing": 5, "waiting": 2, "over": 2, "gone": 0}
        assert posted.counts(connection, frozenset(), NOW) == {"showing": 0, "waiting": 0, "over": 0, "gone": 0}
        told = {one.notice.title: one for one in posted.confirmations(connection, first)}
        power = told["Ngừng cung cấp điện thôn 3 và thôn 5"]
        assert power.missing == ["truong-hoc"] and power.confirmed == 11
        assert power.first and to_ms(power.first) == power.notice.start + 120_000
        connection.execute(update(t.notice).where(t.notice.c.statement == power.notice.statement).values(hidden=1))
        assert posted.counts(connection, None, NOW)["gone"] == 1
        found = posted.find(connection, "20506", power.notice.statement[:16])
        assert found and posted.standing(found, NOW) == posted.GONE
        assert posted.find(connection, "20506", "%" * 16) is None
        number = [b.code for b in week.BOARDS].index("cong-xa")
        assert history.meant(connection, "20506", week.BOARDS[number].code, power.notice.statement, NOW) is False
        assert history.meant(connection, "20507", "cong-xa", power.notice.statement, NOW) is None


def test_a_play_of_before_a_notice_does_not_confirm_it(store: Store) -> None:
    """A correction has the picture of what it corrects: the old one's plays are not the new one's."""
    week.fill(store, NOW)
    with store.writing() as connection:
        power = next(
            n for n in posted.page(connection, None, NOW, posted.SHOWING, 1) if n.title.startswith("Ngừng cung")
        )
        row = dict(connection.execute(select(t.notice).where(t.notice.c.statement == power.statement)).mappings().one())
        start = to_ms(NOW)
        connection.execute(update(t.notice).where(t.notice.c.statement == power.statement).values(withdrawn=start - 1))
        connection.execute(insert(t.notice), row | {"statement": "e" * 64, "start": start, "end": start + 20 * HOUR})
        notices = [n for s in (power.statement, "e" * 64) if (n := posted.find(connection, "20506", s))]
        both, alone = posted.confirmations(connection, notices), posted.confirmations(connection, notices[1:])
    assert [one.confirmed for one in both] == [11, 0] and alone[0].shown == {}


def test_an_emergency_s_clock_takes_the_earliest_word(store: Store) -> None:
    week.fill(store, NOW)
    with store.reading() as connection:
        storm, drill = posted.clocks(connection, posted.emergencies(connection, None, NOW))
        assert storm.notice.alert["level"] == 3 and drill.notice.alert["drill"]
        assert set(storm.missing) == {"cho", "cau-treo", "truong-hoc"}
        said = week.report_of(week.BOARDS[0], NOW).showing
        assert said and storm.shown["cong-xa"].first == said.since, "before its play or its change were told"


def test_news_names_the_communes_where_something_changed(store: Store) -> None:
    week.fill(store, NOW)
    later = NOW + timedelta(seconds=1)
    with store.writing() as connection:
        here = news.place(connection, NOW)
        assert news.since(connection, here, later)[1] == frozenset()
        row = {"board": 1, "at": to_ms(NOW), "what": "screen", "was": "right", "now": "black"}
        connection.execute(insert(t.change), row)
        there, changed = news.since(connection, here, later)
        assert changed == {"20506"} and news.since(connection, there, later)[1] == frozenset()
        connection.execute(update(t.alarm).where(t.alarm.c.id == 1).values(told=to_ms(later) + 5))
        assert news.since(connection, there, later)[1] == {"20506"}
        connection.execute(update(t.commune).values(published=413))
        assert news.ALL in news.since(connection, there, later)[1]


def test_a_look_is_kept_for_a_moment_and_for_one_scope_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    week.fill(store, NOW)
    times = iter([0.0, 1.0, 10.9, 11.1, 12.0, 12.0, 12.5, 13.0, 13.5])
    monkeypatch.setattr("signage.hub.seen.lately.time.monotonic", lambda: next(times))
    kept = Lately()
    with store.reading() as connection:
        first = kept.look(connection, None, Filter(), NOW, 1)  # took a second: good for ten
        assert kept.look(connection, None, Filter(), NOW, 1) is first
        second = kept.look(connection, None, Filter(), NOW, 1)
        assert second is not first
        assert kept.look(connection, frozenset(), Filter(), NOW, 1).tally.total == 0
    with store.writing() as connection:
        connection.execute(
            insert(t.change), {"board": 1, "at": to_ms(NOW), "what": "screen", "was": "", "now": "black"}
        )
    with store.reading() as connection:
        assert kept.look(connection, None, Filter(), NOW, 1) is not second, "something has changed since"


def test_a_board_that_hangs_no_more_is_counted_nowhere(store: Store) -> None:
    week.fill(store, NOW)
    with store.writing() as connection:
        connection.execute(update(t.board).where(t.board.c.code == "cong-xa").values(retired=to_ms(NOW)))
        assert fleet.look(connection, None, Filter(), NOW).tally.total == len(week.BOARDS) - 1
        assert boards.one(connection, "20506", "cong-xa", NOW) is None
    assert replace(Filter(), text="x").empty is False
