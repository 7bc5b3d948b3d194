"""What is forgotten goes into the archive first, and only when it is old; on both stores."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from signage.hub import retention
from signage.hub.duty import Duty
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms

COMMUNE = "20506"  # tests/hub/conftest.py's
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # already the 23rd in Việt Nam
FIGURES = dict.fromkeys(("right", "claimed", "dark", "wrong", "unknown", "emergency", "reports"), 7)


def hours(days: float) -> dict[str, Any]:
    return {"hour": to_ms(NOW - timedelta(days=days)) // 3_600_000, **FIGURES}


@pytest.fixture
def old(store: Store, new_board: Any) -> int:
    """A board with hours, spans and plays, some of them long past."""
    number = int(new_board("cong-xa").enroll(store).number)
    span = {"board": number, "kind": "screen", "code": "black", "since": 1}
    play = {"board": number, "plays": 1, "ms": 1, "first": 1, "last": 1, "sha_first": "a", "sha_last": "b"}
    with store.writing() as connection:
        connection.execute(insert(t.hour), [{"board": number, **hours(days)} for days in (1, 61, 63, 64)])
        connection.execute(insert(t.span), [span | {"until": 2}, span | {"code": "dark", "until": None}])
        days = ("2026-11-20", "2025-01-01", "")
        connection.execute(insert(t.play_day), [play | {"day": day, "file": "f"} for day in days])
    return number


def test_old_rows_go_into_the_archive_with_their_board_s_name(store: Store, old: int) -> None:
    assert retention.sweep(store, NOW) == {"hour": 2, "span": 1, "play_day": 1}
    with store.reading() as connection:
        assert set(connection.execute(select(t.hour.c.hour)).scalars()) == {hours(61)["hour"], hours(1)["hour"]}
        assert connection.execute(select(t.span.c.code)).scalars().all() == ["dark"], "an open one is never old"
        assert set(connection.execute(select(t.play_day.c.day)).scalars()) == {"", "2026-11-20"}
    with gzip.open(store.folder / "archive" / "2026-11-23.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    assert [line["table"] for line in lines] == ["hour", "hour", "span", "play_day"]
    assert {line["board"] for line in lines} == {"20506/cong-xa"} and lines[0]["right"] == 7
    assert retention.sweep(store, NOW) == {}


def test_it_is_done_once_a_day_whoever_asks(store: Store, old: int) -> None:
    assert retention.once_a_day(store, NOW) is not None
    assert retention.once_a_day(store, NOW + timedelta(hours=1)) is None
    assert retention.once_a_day(store, NOW + timedelta(days=1)) == {}


def test_a_clock_that_leaps_ahead_forgets_nothing_until_a_board_says_the_same(store: Store, old: int) -> None:
    keep = dict.fromkeys(("verdict", "layer", "screen", "kind", "faults", "sha"), "") | {"report": b""}
    numbers = dict.fromkeys(("chain", "seq", "evidence", "marks", "temp_c", "disk_mb"), 1)
    ahead = NOW + timedelta(days=1000)
    state = {"board": old, "received": to_ms(ahead), "sent": to_ms(NOW), **keep, **numbers}
    with store.writing() as connection:
        connection.execute(insert(t.state), state)
    assert retention.once_a_day(store, NOW) is not None
    with pytest.raises(retention.ClockDoubted):
        retention.once_a_day(store, ahead)
    settings = store.folder / "hub.toml"
    settings.write_text('v = 1\n[[tell]]\nname = "truc"\nwebhook = "https://example.vn/nhan"\n', "utf-8")
    settings.chmod(0o600)
    duty = Duty(store, store.folder)
    for doubted in (False, True, True):
        duty.sweep(ahead)
        assert ("clock-doubted" in duty.reasons()) == doubted
    with store.reading() as connection:
        assert connection.execute(select(t.hour.c.hour)).all()
        assert [row.recipient for row in connection.execute(select(t.outbox))] == ["truc"], "told once"
    with store.writing() as connection:
        connection.execute(t.state.update().values(sent=to_ms(ahead)))
    assert retention.once_a_day(store, ahead)


def test_what_could_not_be_archived_is_not_forgotten(store: Store, old: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (store.folder / "archive").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="archive"):
        retention.sweep(store, NOW)
    with store.reading() as connection:
        assert len(connection.execute(select(t.hour.c.hour)).all()) == 4


def test_a_board_that_flaps_does_not_fill_the_store(store: Store, old: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SPANS_A_BOARD", 3)
    since = to_ms(NOW - timedelta(days=1))
    rows = [{"board": old, "kind": "fault", "code": "x", "since": since + n, "until": since + n + 1} for n in range(9)]
    with store.writing() as connection:
        connection.execute(insert(t.span), rows)
    retention.sweep(store, NOW)
    with store.reading() as connection:
        kept = connection.execute(select(t.span.c.since).where(t.span.c.until.is_not(None))).scalars().all()
    assert sorted(kept) == [since + 6, since + 7, since + 8]


def test_alarms_go_with_what_was_done_about_them(store: Store, old: int) -> None:
    account = {"name": "lan", "full_name": "Lan", "role": "operator", "password": "x", "password_set": 0, "made": 0}
    alarm = {"board": old, "level": 3, "since": 1}
    with store.writing() as connection:
        who = connection.execute(insert(t.account).returning(t.account.c.id), account).scalar_one()
        over = connection.execute(insert(t.alarm).returning(t.alarm.c.id), alarm | {"code": "lost", "until": 2})
        done = {"alarm": over.scalar_one(), "account": who, "at": 2, "note": "thay nguồn"}
        connection.execute(insert(t.acknowledgement), done)
        connection.execute(insert(t.alarm), alarm | {"code": "old"})
        work = {"commune": COMMUNE, "since": 1, "until": 2, "reason": "x", "account": who, "made": 1}
        connection.execute(insert(t.maintenance), work)
    gone = retention.sweep(store, NOW)
    assert {name: gone[name] for name in ("acknowledgement", "alarm", "maintenance")} == {
        "acknowledgement": 1, "alarm": 1, "maintenance": 1,
    }  # fmt: skip
    with store.reading() as connection:
        assert connection.execute(select(t.alarm.c.code)).scalars().all() == ["old"], "what stands open stays"
    with gzip.open(store.folder / "archive" / "2026-11-23.jsonl.gz", "rt", encoding="utf-8") as file:
        assert "thay nguồn" in [json.loads(line).get("note") for line in file]
