"""All of a store in one file, and back: a backup is an SQLite file with the hub's tables, whatever it came from.

So a backup of PostgreSQL can be opened by anybody with `sqlite3`, and a commune's SQLite goes into a province's
PostgreSQL by the same command. It holds everything, hashes of passwords too: its mode is 0600.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from ... import durable
from ...errors import Refused, Unavailable
from . import migrations
from .bulk import Put
from .engine import Store, sqlite_engine
from .tables import metadata

CHUNK = 5000  # rows read and written at once


def backup(store: Store, file: Path) -> int:
    """All rows as they are at one moment, while the hub goes on; how many. The file is whole or not there.

    Raises `Refused` (`backup-exists`), `Unavailable` (`hub-database`, `backup-failed`).
    """
    if file.exists():
        raise Refused("backup-exists", file=str(file))
    made = file.with_name(file.name + ".new")
    try:
        made.unlink(missing_ok=True)
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with _opened(made) as engine, engine.begin() as target:
            migrations.upgrade(target)
            with store.reading() as source:
                count = _copy(source, target)
        durable.move(made, file)
    except (OSError, DBAPIError) as error:
        raise Unavailable("backup-failed", file=str(file), why=str(getattr(error, "orig", error))) from error
    finally:
        made.unlink(missing_ok=True)
    return count


def restore(store: Store, file: Path) -> int:
    """A backup into an empty store; how many rows.

    Raises `Refused` (`hub-not-empty`, `hub-newer`, `backup-bad`), `Unavailable` (`hub-database`).
    """
    if not file.is_file():
        raise Refused("backup-bad", file=str(file))
    with _opened(file) as engine:
        try:
            with engine.connect().execution_options(bangtin="read") as source, source.begin():
                _refuse_other(source, file)
                with store.writing() as target:
                    if any(target.execute(select(func.count()).select_from(one)).scalar() for one in _tables()):
                        raise Refused("hub-not-empty")
                    return _filled(source, target)
        except DBAPIError as error:
            raise Refused("backup-bad", file=str(file)) from error


def _refuse_other(source: Connection, file: Path) -> None:
    found = migrations.version(source)
    if found is None:
        raise Refused("backup-bad", file=str(file))
    if found != migrations.HEAD:
        raise Refused("hub-newer", file=str(file), found=found, known=migrations.HEAD)


def _filled(source: Connection, target: Connection) -> int:
    count = _copy(source, target)
    if target.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if table.autoincrement_column is not None and "id" in table.c:
                # The next row's number comes after the last one that was brought.
                target.execute(text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608 (our own names)
                    f"(SELECT max(id) FROM {table.name})) WHERE EXISTS (SELECT 1 FROM {table.name})"
                ))  # fmt: skip
    return count


def _copy(source: Connection, target: Connection) -> int:
    """Every row, table by table, those that others refer to first."""
    count = 0
    for table in metadata.sorted_tables:
        put = Put(table, tuple(column.name for column in table.columns))
        rows = source.execution_options(yield_per=CHUNK).execute(select(table))
        for chunk in rows.partitions(CHUNK):
            put(target, [tuple(row) for row in chunk])
            count += len(chunk)
    return count


def _tables() -> list[Table]:
    """Those whose rows say that the store is in use; the others follow from them."""
    return [metadata.tables[name] for name in ("board", "account", "commune")]


@contextmanager
def _opened(file: Path) -> Iterator[Engine]:
    engine = sqlite_engine(file)
    try:
        yield engine
    finally:
        engine.dispose()
