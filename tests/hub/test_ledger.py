"""The writer, its batches and its limits, on both stores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from signage.errors import Refused, Unavailable
from signage.hub import heard, keeping, ledger, plays
from signage.hub.keeping import RAW_KEPT, Arrival, Keeper
from signage.hub.ledger import Ledger
from signage.hub.marks import MARKS_KEPT
from signage.hub.seen import history
from signage.hub.store import Store, engine, open_store
from signage.hub.store import tables as t
from signage.report import Play, Report, Showing

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
Arrive = Callable[..., Arrival]


@pytest.fixture
def arrive(store: Store, new_board: Any) -> Arrive:
    """A report as it comes out of the intake; its board is enrolled when it is new."""
    known: dict[str, Any] = {}

    def make(report: Report, received: datetime = NOW) -> Arrival:
        if report.board not in known:
            board = new_board(report.board)
            known[report.board] = (board, board.enroll(store))
        board, enrolled = known[report.board]
        one = heard.hear(report.sealed(board.key), enrolled.verifier, enrolled.key.keyid)
        return Arrival(enrolled, one, int(received.timestamp() * 1000))

    return make


@pytest.fixture
def keep(store: Store) -> Callable[..., list[Any]]:
    keeper = Keeper(0)

    def keep(*arrivals: Arrival) -> list[Any]:
        with store.writing() as connection:
            return keeper.keep(connection, arrivals)

    return keep


@pytest.fixture
def rows(store: Store) -> Callable[..., list[tuple[Any, ...]]]:
    def rows(*columns: Any) -> list[tuple[Any, ...]]:
        with store.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns))]

    return rows


@pytest.fixture
def writer(store: Store) -> Iterator[Ledger]:
    made = Ledger(store)
    made.start()
    yield made
    made.stop()


def submit(writer: Ledger, *arrivals: Arrival) -> Future[Any]:
    answer: Future[Any] = Future()
    writer.submit(arrivals, answer.set_result)
    return answer


def test_reports_and_marks_do_not_grow_beyond_their_limits(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any
) -> None:
    reports = [arrive(make_report("cong-xa", n * 5)) for n in range(1, 2 * MARKS_KEPT)]  # each one after a gap
    keep(*reports[:40])
    for one in reports[40:]:
        keep(one)
    assert rows(func.count(t.report.c.seq), func.max(t.report.c.seq)) == [(RAW_KEPT, (2 * MARKS_KEPT - 1) * 5)]
    assert rows(func.count(t.mark.c.seq)) == [(MARKS_KEPT,)] and rows(t.state.c.marks) == [(2 * MARKS_KEPT - 1,)]


def test_a_batch_in_any_order_and_twice_is_as_one_by_one(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any
) -> None:
    prev, made = "0" * 64, []
    for n in range(1, 7):
        report = make_report("cong-xa", n, prev, sent=NOW + timedelta(seconds=30 * n))
        prev = report.sha256
        made.append(arrive(report, NOW + timedelta(seconds=200)))
    keep(made[0])
    keep(made[3], made[1], made[2], made[1], made[5], made[4], made[0])
    keep(*made)
    assert rows(t.state.c.seq, t.state.c.marks) == [(6, 0)]
    assert rows(func.sum(t.hour.c.right), func.sum(t.hour.c.reports)) == [(150_000, 6)]


def test_a_board_is_behind_since_it_tells_the_same_old_publication(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any
) -> None:
    """However often a newer one comes meanwhile; what it fetches begins anew."""
    newest, held = [412, 413, 413, 414, 414], [411, 411, 413, 413, 414]
    numbers = {"cho": newest, "truong": newest, "cong-xa": held}
    at, told = [NOW + timedelta(minutes=15 * n) for n in range(5)], []
    for n in range(5):
        for board, publications in numbers.items():
            keep(arrive(make_report(board, n + 1, publication=publications[n], sent=at[n]), at[n]))
        told.append(max(rows(t.state.c.board, t.state.c.apart))[1] or 0)  # of the last that was enrolled
    first, later = (int(at[n].timestamp() * 1000) for n in (0, 3))
    assert told == [first, first, 0, later, 0]


def test_plays_are_counted_per_vietnamese_day_and_limited(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plays, "SLIDES_A_DAY", 5)
    evening = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # 00:30 of the 22nd in Việt Nam
    shown = (Play("f" * 64, evening + timedelta(seconds=14), 14000), Play("f" * 64, evening, 14000))
    first = arrive(make_report("cong-xa", 1, plays=shown))
    keep(first)
    day = t.play_day.c
    assert rows(day.day, day.plays, day.ms, day.last - day.first, day.sha_first == day.sha_last) == [
        ("2026-11-22", 2, 28000, 14000, True)
    ]
    many = (shown[0], *(Play(f"{n:064x}", evening + timedelta(hours=1), 1000) for n in range(40)))
    second = arrive(make_report("cong-xa", 2, plays=many))
    keep(second)
    ((slides, count),) = rows(func.count(day.file), func.sum(day.plays))
    assert slides in (5, 6) and count == 43  # five slides at most, and the rest together
    told = {row[0]: row[1:] for row in rows(day.file, day.sha_first, day.sha_last)}
    assert told["f" * 64] == (first.heard.sha, second.heard.sha)


def test_plays_of_a_board_without_a_clock_are_kept_as_an_unknown_day(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any
) -> None:
    odd = (Play("f" * 64, datetime(1970, 1, 1, tzinfo=UTC), 1000), Play("f" * 64, NOW + timedelta(days=9), 1000))
    keep(arrive(make_report("cong-xa", plays=odd)))
    assert rows(t.play_day.c.day, t.play_day.c.plays) == [(plays.UNKNOWN_DAY, 2)]
    likely = (
        Play("f" * 64, NOW - timedelta(days=3), 1000),
    )  # a day that could be, told by a clock that says it is not
    keep(arrive(make_report("cong-xa", 2, plays=likely, clock_state="unknown", clock_offset_ms=None)))
    assert rows(t.play_day.c.day, t.play_day.c.plays) == [(plays.UNKNOWN_DAY, 3)]


def test_a_board_s_titles_are_limited(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plays, "SLIDES_NAMED", 3)
    monkeypatch.setattr(plays, "TRIM_EVERY", 0)
    for n in range(1, 9):
        showing = Showing("rotation", None, f"{n:064x}", f"Tin {n}", NOW)
        keep(arrive(make_report("cong-xa", n, showing=showing), NOW + timedelta(seconds=n)))
    assert sorted(rows(t.slide.c.title)) == [("Tin 6",), ("Tin 7",), ("Tin 8",)]


def test_only_a_jpeg_is_kept_as_a_frame(store: Store, keep: Any, arrive: Arrive, make_report: Any, jpeg: bytes) -> None:
    one = arrive(make_report("cong-xa", 1, frame=b"<svg onload=alert(1)>"))
    number = one.enrolled.number
    keep(one)
    with store.reading() as connection:
        assert history.frame(connection, number) is None
    keep(arrive(make_report("cong-xa", 2, frame=jpeg)))
    keep(arrive(make_report("cong-xa", 3)))
    with store.reading() as connection:
        assert history.frame(connection, number) == jpeg


def test_the_newest_publication_never_falls_and_is_per_commune(
    keep: Any, arrive: Arrive, rows: Any, make_report: Any
) -> None:
    for n, number in enumerate((412, 409, 411), 1):
        keep(arrive(make_report("cong-xa", n, publication=number)))
    assert rows(t.commune.c.code, t.commune.c.newest) == [("20506", 412)]


def test_a_key_that_was_replaced_meanwhile_is_refused(
    store: Store, keep: Any, arrive: Arrive, make_report: Any, new_board: Any
) -> None:
    """The signature was checked before; what counts is whose key it is when the report is kept."""
    one = arrive(make_report("cong-xa", 1))
    new_board("cong-xa").enroll(store, replace=True)
    (answer,) = keep(one)
    assert isinstance(answer, Refused) and answer.code == "report-key-wrong"


def test_answers_come_after_the_commit(writer: Ledger, arrive: Arrive, rows: Any, make_report: Any) -> None:
    answers = [submit(writer, arrive(make_report("cong-xa", n))) for n in range(1, 30)]
    assert [a.result(10)[0].last for a in answers] == list(range(1, 30))
    assert rows(t.state.c.seq) == [(29,)]
    writer.stop()
    assert not writer.working


def test_one_bad_report_does_not_take_the_batch_with_it(
    writer: Ledger, arrive: Arrive, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, real = threading.Event(), keeping.small

    def failing(said: heard.Said) -> bytes:
        held.wait(10)
        if said.board == "bad":
            raise ValueError("a report that nobody thought of")
        return real(said)

    monkeypatch.setattr(keeping, "small", failing)
    arrivals = [arrive(make_report(name)) for name in ("first", "good", "bad", "fine")]
    asked = [submit(writer, one) for one in arrivals]
    held.set()
    assert [a.result(10)[0].last for a in (asked[0], asked[1], asked[3])] == [1, 1, 1]
    told = asked[2].result(10)
    assert isinstance(told, Unavailable) and told.code == "hub-busy"


def test_a_full_queue_is_told_and_not_waited_for(
    writer: Ledger, arrive: Arrive, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, real = threading.Event(), keeping.small
    monkeypatch.setattr(keeping, "small", lambda said: held.wait(10) and real(said))
    monkeypatch.setattr(ledger, "MAX_WAITING", 3)
    reports = [arrive(make_report("cong-xa", n)) for n in range(1, 9)]
    with pytest.raises(Unavailable) as busy:
        for one in reports:
            submit(writer, one)
    assert busy.value.code == "hub-busy"
    held.set()


def test_a_store_that_is_away_is_told_and_used_again_when_it_is_back(
    store: Store, writer: Ledger, arrive: Arrive, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.is_sqlite:
        pytest.skip("PostgreSQL's")
    monkeypatch.setattr(ledger, "REST_S", 0.01)
    assert submit(writer, arrive(make_report("cong-xa", 1))).result(10)[0].last == 1
    second = arrive(make_report("cong-xa", 2))
    with store.engine.connect() as other:  # every connection of the hub is cut
        other.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                           " AND pid <> pg_backend_pid()"))  # fmt: skip
    assert submit(writer, second).result(10)[0].last == 2 and writer.working


def test_a_pool_without_a_free_connection_is_a_store_that_is_away(
    tmp_path: Path, postgres: Any, new_board: Any, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("POOL", 1), ("POOL_MORE", 0), ("POOL_WAIT_S", 0.05)):
        monkeypatch.setattr(engine, name, value)
    monkeypatch.setattr(ledger, "REST_S", 0.01)
    url = postgres.database()
    with open_store(tmp_path / "hub", url) as store:
        board = new_board("cong-xa")
        enrolled, answers = board.enroll(store), []
        said = heard.hear(make_report("cong-xa", 1).sealed(board.key), enrolled.verifier, enrolled.key.keyid)
        item = ledger._Item([Arrival(enrolled, said, 0)], answers.append)
        tries, writer = 0, Ledger(store)
        real = writer._transaction

        def counted(arrivals: Any) -> Any:
            nonlocal tries
            tries += 1
            return real(arrivals)

        monkeypatch.setattr(writer, "_transaction", counted)
        with store.reading():
            with pytest.raises(Unavailable), store.reading():
                pass
            writer._write([item] * 8)
        assert tries == 1 and [one.code for one in answers] == ["hub-busy"] * 8
    postgres.drop(url)


def test_the_store_says_where_it_is(tmp_path: Path, store: Store) -> None:
    from signage.hub.store.engine import shown

    assert ("hub.sqlite" in shown(store.engine.url)) == store.is_sqlite
