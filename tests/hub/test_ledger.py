"""The writer and its limits."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.errors import Refused, Unavailable
from signage.hub import ledger as ledgers
from signage.hub import plays, views
from signage.hub.database import FILE, SCHEMA_VERSION, connect
from signage.hub.ledger import MARKS_KEPT, RAW_KEPT, Arrival, Ledger, keep
from signage.keys import REPORT_TYPE, Sealed
from signage.report import Play, Report

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def arrival(report: Report, received: datetime = NOW, chain: int = 1) -> Arrival:
    # the ledger keeps what intake has checked: a sealed payload without a signature will do here
    return Arrival(report, Sealed(b"{}", report.to_payload(), REPORT_TYPE, ""), chain, "20506", received)


def count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_reports_and_marks_do_not_grow_beyond_their_limits(tmp_path: Path, make_report: Any) -> None:
    db = connect(tmp_path)
    for n in range(1, 4 * MARKS_KEPT):
        keep(db, arrival(make_report("cong-xa", n * 3)))  # each one after a gap
    assert (count(db, "report"), count(db, "mark"), count(db, "state")) == (RAW_KEPT, MARKS_KEPT, 1)
    newest = {seq for (seq,) in db.execute("SELECT seq FROM report")}
    assert max(newest) == (4 * MARKS_KEPT - 1) * 3


def test_plays_are_counted_per_vietnamese_day_and_limited(
    tmp_path: Path, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plays, "SLIDES_A_DAY", 5)
    db = connect(tmp_path)
    evening = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # 00:30 of the 22nd in Việt Nam
    shown = (Play("f" * 64, evening, 14000), Play("f" * 64, evening + timedelta(seconds=14), 14000))
    keep(db, arrival(make_report("cong-xa", 1, plays=shown)))
    row = db.execute("SELECT day, plays, ms FROM play_day").fetchone()
    assert row == ("2026-11-22", 2, 28000)
    many = tuple(Play(f"{n:064x}", evening, 1000) for n in range(40))
    keep(db, arrival(make_report("cong-xa", 2, plays=many)))
    assert count(db, "play_day") == 6  # five slides, and the rest together
    assert db.execute("SELECT sum(plays) FROM play_day").fetchone() == (42,)


def test_plays_of_a_board_without_a_clock_are_kept_as_an_unknown_day(tmp_path: Path, make_report: Any) -> None:
    db = connect(tmp_path)
    odd = (
        Play("f" * 64, datetime(1970, 1, 1, tzinfo=UTC), 1000),
        Play("f" * 64, NOW + timedelta(days=9), 1000),
    )
    keep(db, arrival(make_report("cong-xa", plays=odd)))
    assert db.execute("SELECT day, plays FROM play_day").fetchall() == [(plays.UNKNOWN_DAY, 2)]


def test_a_board_s_titles_are_limited(tmp_path: Path, make_report: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plays, "SLIDES_NAMED", 3)
    db = connect(tmp_path)
    for n in range(1, 9):
        known = make_report("cong-xa", n)
        showing = type(known.showing)("rotation", None, f"{n:064x}", f"Tin {n}", NOW)
        keep(db, arrival(make_report("cong-xa", n, showing=showing), NOW + timedelta(seconds=n)))
    assert {t for (t,) in db.execute("SELECT title FROM slide")} == {"Tin 6", "Tin 7", "Tin 8"}


def test_old_days_are_forgotten(tmp_path: Path, make_report: Any) -> None:
    db = connect(tmp_path)
    keep(db, arrival(make_report("cong-xa", plays=(Play("f" * 64, NOW, 1000),))))
    plays.sweep(db, NOW + timedelta(days=plays.DAYS_KEPT - 1))
    assert count(db, "play_day") == 1
    plays.sweep(db, NOW + timedelta(days=plays.DAYS_KEPT + 2))
    assert (count(db, "play_day"), count(db, "slide")) == (0, 0)


def test_only_a_jpeg_is_kept_as_a_frame(tmp_path: Path, make_report: Any, jpeg: bytes) -> None:
    db = connect(tmp_path)
    keep(db, arrival(make_report("cong-xa", 1, frame=b"<svg onload=alert(1)>")))
    assert views.frame(db, "cong-xa") is None
    keep(db, arrival(make_report("cong-xa", 2, frame=jpeg)))
    keep(db, arrival(make_report("cong-xa", 3)))
    assert views.frame(db, "cong-xa") == jpeg


def test_the_newest_publication_never_falls_and_is_per_commune(tmp_path: Path, make_report: Any) -> None:
    db = connect(tmp_path)
    for n, number in enumerate((412, 409, 411), 1):
        keep(db, arrival(make_report("cong-xa", n, publication=number)))
    assert db.execute("SELECT commune, number FROM newest").fetchall() == [("20506", 412)]


def test_answers_come_after_the_commit(tmp_path: Path, make_report: Any) -> None:
    ledger = Ledger(tmp_path)
    ledger.start()
    answers = [ledger.submit(arrival(make_report("cong-xa", n))) for n in range(1, 30)]
    assert [a.result(10).last for a in answers] == list(range(1, 30))
    other = connect(tmp_path)  # sees only what is committed
    assert other.execute("SELECT seq FROM state").fetchone() == (29,)
    ledger.stop()
    assert not ledger.working


def test_one_bad_report_does_not_take_the_batch_with_it(
    tmp_path: Path, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, real = threading.Event(), ledgers.keep

    def failing(db: sqlite3.Connection, one: Arrival) -> Any:
        held.wait(10)
        if one.report.board == "bad":
            raise sqlite3.OperationalError("disk I/O error")
        return real(db, one)

    monkeypatch.setattr(ledgers, "keep", failing)
    ledger = Ledger(tmp_path)
    ledger.start()
    asked = [ledger.submit(arrival(make_report(b))) for b in ("first", "good", "bad", "fine")]
    held.set()
    assert [a.result(10).last for a in (asked[0], asked[1], asked[3])] == [1, 1, 1]
    with pytest.raises(Unavailable):
        asked[2].result(10)
    ledger.stop()


def test_a_full_queue_is_told_and_not_waited_for(
    tmp_path: Path, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, real = threading.Event(), ledgers.keep
    monkeypatch.setattr(ledgers, "keep", lambda db, one: held.wait(10) and real(db, one))
    monkeypatch.setattr(ledgers, "MAX_WAITING", 3)
    ledger = Ledger(tmp_path)
    ledger.start()
    with pytest.raises(Unavailable) as busy:
        for n in range(1, 9):
            ledger.submit(arrival(make_report("cong-xa", n)))
    assert busy.value.code == "hub-busy"
    held.set()
    ledger.stop()


def test_the_file_is_durable_and_its_version_is_checked(tmp_path: Path) -> None:
    db = connect(tmp_path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(Refused) as newer:
        connect(tmp_path)
    assert newer.value.code == "hub-newer"
    (tmp_path / FILE).write_bytes(b"no database" * 500)
    with pytest.raises(Unavailable):
        connect(tmp_path)
