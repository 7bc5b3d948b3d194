"""The store's contract, held by SQLite and by a real PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text

from signage.errors import Refused, Unavailable
from signage.hub.store import Store, migrations, open_store
from signage.hub.store import tables as t
from signage.hub.store.bulk import Put
from signage.hub.store.engine import FILE, URL_FILE
from signage.hub.store.migrations import first

COMMUNE = {"code": "20506", "name": "Xã Mẫu"}


def test_the_first_revision_is_what_the_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        assert compare_metadata(context, t.metadata) == []
        assert migrations.version(connection) == migrations.HEAD


@pytest.mark.parametrize("kind", list(first.KINDS))
def test_the_first_revision_s_statements_are_up_to_date(kind: str) -> None:
    told = "run: .venv/bin/python -m signage.hub.store.migrations.first"
    assert first.path(kind).read_text("utf-8") == first.statements(kind), told


def test_what_is_read_is_one_moment_and_nothing_is_written_by_it(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(t.commune), COMMUNE)
    with store.reading() as reader:
        assert reader.execute(select(t.commune.c.name)).scalars().all() == ["Xã Mẫu"]
        with store.writing() as writer:
            writer.execute(insert(t.commune), {"code": "20507", "name": "Khác"})
        assert len(reader.execute(select(t.commune)).all()) == 1
    with pytest.raises(Unavailable), store.reading() as reader:
        reader.execute(insert(t.commune), {"code": "20508"})
    with store.reading() as reader:
        assert len(reader.execute(select(t.commune)).all()) == 2


def test_a_transaction_is_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(Unavailable) as broken, store.writing() as connection:
        connection.execute(insert(t.commune), COMMUNE)
        connection.execute(insert(t.commune), COMMUNE)
    assert broken.value.code == "hub-database"
    with store.reading() as reader:
        assert reader.execute(select(t.commune)).all() == []


def test_a_later_program_s_store_is_refused(store: Store, tmp_path: Path, store_url: str | None) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as newer:
        open_store(tmp_path / "hub", store_url)
    assert newer.value.code == "hub-newer" and "9999" in newer.value.told("vi")


def test_a_trial_version_s_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("CREATE TABLE board (id TEXT PRIMARY KEY)")
    db.close()
    with pytest.raises(Refused) as older:
        open_store(tmp_path)
    assert older.value.code == "hub-older"
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("board",)]
    db.close()


def test_a_file_that_is_no_database_and_an_address_that_is_none_are_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 500)
    with pytest.raises(Unavailable):
        open_store(tmp_path)
    for address in ("postgresql://nobody@/none?host=/nowhere", "nonsense", "oracle://x/y", "%%"):
        (tmp_path / URL_FILE).write_text(address + "\n")
        with pytest.raises(Unavailable) as told:
            open_store(tmp_path)
        assert told.value.code == "hub-database"
    (tmp_path / URL_FILE).write_text("postgresql://hub:secret@/none?host=/nowhere")
    with pytest.raises(Unavailable) as told:
        open_store(tmp_path)
    assert "secret" not in told.value.told("vi")


def test_the_file_is_durable(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.reading() as reader:
        assert reader.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert reader.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


ODD = [
    'say "no"',
    "C:\\tập tin\\",
    "NULL",
    "",
    "{1,2}",
    "a,b",
    "  khoảng trắng ",
    "\\x41",
    "xuống\ndòng",
    "Thôn Đồng Xuân",
]


def test_many_rows_are_kept_as_they_are_told(store: Store) -> None:
    """PostgreSQL gets them as arrays that we write ourselves."""
    communes = Put(t.commune, ("code", "name", "sample", "newest"), ("code",))
    rows = [(f"{n:05}", name, n % 2 == 0, None if n % 3 else -n) for n, name in enumerate(ODD)]
    boards = Put(t.board, ("commune", "code", "public", "chain", "repository", "enrolled", "name"))
    frames = Put(t.frame, ("board", "received", "sent", "jpeg"), ("board",))
    pictures = [(1, 2**53, 0, bytes(range(256))), (2, 1, 1, b"")]
    with store.writing() as connection:
        communes(connection, rows)
        boards(connection, [("00000", f"b-{n}", f"{n:064}", 1, "", 0, "") for n in (1, 2)])
        frames(connection, pictures)
        c, f = t.commune.c, t.frame.c
        asked = select(c.code, c.name, c.sample, c.newest).order_by(c.code)
        assert [tuple(row) for row in connection.execute(asked)] == rows
        asked_too = select(f.board, f.received, f.sent, f.jpeg).order_by(f.board)
        assert [tuple(row) for row in connection.execute(asked_too)] == pictures
