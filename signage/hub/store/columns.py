"""The one `MetaData` of the hub, and the few kinds of column that its tables are made of.

Times are milliseconds since 1970, UTC, as whole numbers: both stores order and compare them alike.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
    }
)  # fmt: skip

# SQLite counts up a key only when its type is INTEGER, which there holds 64 bits.
_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def table(name: str, says: str, *columns: Any, keyed: bool = False) -> Table:
    """A table and what it is for; `keyed`: SQLite keeps its rows in the order of the key, without another index."""
    return Table(name, metadata, *columns, comment=says, sqlite_with_rowid=not keyed)


def number(name: str, says: str, **more: Any) -> Column[int]:
    """A whole number that is always there."""
    return Column(name, _WHOLE, comment=says, **({"nullable": False} | more))


def ident(says: str = "counts up") -> Column[int]:
    """The key of a table that has no better one."""
    return Column("id", _WHOLE, primary_key=True, autoincrement=True, comment=says)


def time(name: str, says: str, **more: Any) -> Column[int]:
    """A moment that is always there, in milliseconds since 1970, UTC."""
    return number(name, f"{says} (ms, UTC)", **more)


def maybe_time(name: str, says: str, **more: Any) -> Column[int]:
    """A moment, or none."""
    return time(name, says, nullable=True, **more)


def text(name: str, says: str, **more: Any) -> Column[str]:
    """A text that is always there; its limit is checked by who writes it."""
    return Column(name, Text, comment=says, **({"nullable": False} | more))


def yes(name: str, says: str, **more: Any) -> Column[bool]:
    """True or false."""
    return Column(name, Boolean, comment=says, nullable=False, **more)


def data(name: str, says: str, **more: Any) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, comment=says, **({"nullable": False} | more))


def of_board(**more: Any) -> Column[int]:
    """Which board; its rows go when the board goes."""
    return Column(
        "board", _WHOLE, ForeignKey("board.id", ondelete="CASCADE"), comment="board.id", **({"nullable": False} | more)
    )


def refers(name: str, to: str, says: str, *, goes: bool = False, **more: Any) -> Column[Any]:
    """Refers to a row of another table; `goes`: with it."""
    kind = Text if to == "commune.code" else _WHOLE
    key = ForeignKey(to, ondelete="CASCADE" if goes else None)
    return Column(name, kind, key, comment=f"{says} ({to})", **({"nullable": False} | more))
