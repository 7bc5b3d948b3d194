"""All of a store in one file, and back: between all kinds of stores."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from signage.cli import hub as command
from signage.errors import Refused, Unavailable
from signage.hub import roster
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.hub.store.backup import backup, restore


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in t.metadata.sorted_tables
        }


@pytest.fixture
def filled(store: Store, new_board: Any, jpeg: bytes) -> Store:
    """A store with rows that need care: bytes, nulls, references, letters."""
    boards = [new_board(name).enroll(store, name=f"Bảng “{name}” ở thôn Đông") for name in ("cong-xa", "cho")]
    with store.writing() as connection:
        frames = [{"board": b.number, "received": 1, "sent": 2, "jpeg": jpeg} for b in boards]
        connection.execute(insert(t.frame), frames)
        span = {"board": boards[0].number, "kind": "contact", "code": "lost", "since": 2**41, "until": None}
        connection.execute(insert(t.span), span)
    return store


@pytest.fixture
def elsewhere(tmp_path: Path, store_url: str | None, request: pytest.FixtureRequest) -> Callable[[], Store]:
    """Another empty store of the same kind."""

    def make() -> Store:
        if store_url is None:
            return open_store(tmp_path / "other")
        cluster = request.getfixturevalue("postgres")
        return open_store(tmp_path / "other", cluster.database())

    return make


def test_what_comes_back_is_what_went_and_goes_on(
    filled: Store, tmp_path: Path, elsewhere: Callable[[], Store], new_board: Any
) -> None:
    file = tmp_path / "hub.backup"
    count = backup(filled, file)
    before = everything(filled)
    assert count == sum(map(len, before.values())) and file.stat().st_mode & 0o777 == 0o600
    with elsewhere() as other:
        assert restore(other, file) == count
        assert everything(other) == before
        new_board("tram-y-te").enroll(other)  # a new row gets a number of its own
        with other.reading() as connection:
            assert len(roster.everyone(connection)) == 3
        with pytest.raises(Refused) as full:
            restore(other, file)
        assert full.value.code == "hub-not-empty"


def test_a_commune_s_store_goes_into_another_kind(filled: Store, tmp_path: Path, postgres: Any) -> None:
    backup(filled, tmp_path / "a")
    url = postgres.database() if filled.is_sqlite else None
    with open_store(tmp_path / "new", url) as other:
        restore(other, tmp_path / "a")
        assert everything(other) == everything(filled)


def test_a_backup_never_overwrites_and_what_is_none_is_refused(filled: Store, tmp_path: Path) -> None:
    file = tmp_path / "a"
    backup(filled, file)
    with pytest.raises(Refused) as there:
        backup(filled, file)
    assert there.value.code == "backup-exists"
    with pytest.raises(Unavailable) as nowhere:
        backup(filled, tmp_path / "no" / "folder")
    assert nowhere.value.code == "backup-failed"
    for name, data in (("text", b"no database" * 500), ("empty", b""), ("cut", file.read_bytes()[:9000])):
        (tmp_path / name).write_bytes(data)
        with open_store(tmp_path / f"of-{name}") as other:
            with pytest.raises(Refused) as bad:
                restore(other, tmp_path / name)
            assert bad.value.code == "backup-bad"
            with other.reading() as connection:
                assert connection.execute(select(func.count()).select_from(t.board)).scalar() == 0


def test_the_commands(tmp_path: Path, new_board: Any, capsys: Any) -> None:
    new_board("cong-xa").enroll(tmp_path / "hub")

    def run(*words: object) -> int:
        parser = argparse.ArgumentParser()
        command.add(parser.add_subparsers())
        return int((args := parser.parse_args(["hub", *map(str, words)], argparse.Namespace(lang="vi"))).run(args))

    assert run("backup", "--dir", tmp_path / "hub", tmp_path / "a") == 0
    assert "Đã sao lưu" in capsys.readouterr().out
    assert run("restore", "--dir", tmp_path / "new", tmp_path / "a", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 2
