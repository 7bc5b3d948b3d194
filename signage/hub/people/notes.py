"""Small facts of the hub itself, by name, as JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ..store import tables as t


def read(connection: Connection, name: str) -> Any:
    """None when there is no such note."""
    found = connection.execute(select(t.note.c.value).where(t.note.c.name == name)).scalar()
    return None if found is None else json.loads(found)


def write(connection: Connection, name: str, value: Any) -> None:
    told = json.dumps(value, ensure_ascii=False)
    if not connection.execute(update(t.note).where(t.note.c.name == name).values(value=told)).rowcount:
        connection.execute(insert(t.note).values(name=name, value=told))
