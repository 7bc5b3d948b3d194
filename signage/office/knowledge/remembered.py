"""A notice that was read before: everything but its words, which stay in the file that was signed.

To JSON and back by the types of `Notice`: a field that comes to be is remembered without a line here.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import Refused
from ...notice import Notice
from ...schedule import VIETNAM_TIME
from ...wire import sha256

WORDS = ("text", "body")  # fields that are not remembered
Take = Callable[[Any], Any]


class RememberedNotice(Notice):
    """A notice whose words are read when they are asked for; then `Refused` (`book-file`) when they are damaged."""

    @property
    def text(self) -> bytes:
        path: Path = self.__dict__["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Refused("book-file", file=path.name) from error
        if sha256(data) != path.stem:
            raise Refused("book-file", file=path.name)
        return data

    @property
    def body(self) -> str:
        return self.text.decode().split("\n\n", 1)[1]


def to_json(notice: Notice) -> str:
    """All of it but its words."""
    told = [_plain(getattr(notice, name)) for name, _ in _fields(Notice) if name not in WORDS]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def from_json(told: str, file: Path) -> Notice:
    """The notice, with its words in `file`. Raises `ValueError`, `TypeError` or `LookupError` for anything else."""
    found = {name: take(value) for (name, take), value in zip(_remembered(), json.loads(told), strict=True)}
    notice = object.__new__(
        RememberedNotice
    )  # ten thousand of them: the frozen dataclass' own way takes three times as long
    notice.__dict__.update(found, file=file)
    return notice


@cache
def _remembered() -> list[tuple[str, Take]]:
    return [(name, take) for name, take in _fields(Notice) if name not in WORDS]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, tuple | frozenset):
        return [_plain(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
    if dataclasses.is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    assert value is None or isinstance(value, str | int | bool), value
    return value


@cache
def _fields(kind: type) -> list[tuple[str, Take]]:
    """Each field of a dataclass, and what makes it of JSON."""
    hints = typing.get_type_hints(kind)
    return [(field.name, _taker(hints[field.name])) for field in dataclasses.fields(kind)]


def _taker(kind: Any) -> Take:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    take: Take = _same
    if origin in (typing.Union, types.UnionType):
        (one,) = (_taker(part) for part in inner if part is not type(None))
        take = lambda value: None if value is None else one(value)  # noqa: E731
    elif origin is frozenset or (origin is tuple and inner[-1] is Ellipsis):
        each = _taker(inner[0])
        take = lambda value: origin(map(each, value))  # noqa: E731
    elif origin is tuple:
        every = [_taker(part) for part in inner]
        take = lambda value: tuple(one(part) for one, part in zip(every, value, strict=True))  # noqa: E731
    elif kind is datetime:
        take = lambda value: datetime.fromtimestamp(value, VIETNAM_TIME)  # noqa: E731
    elif kind in (date, time):
        take = kind.fromisoformat
    elif isinstance(kind, type) and dataclasses.is_dataclass(kind):
        make: Callable[..., Any] = kind
        fields = [one for _, one in _fields(kind)]
        take = lambda value: make(*(one(part) for one, part in zip(fields, value, strict=True)))  # noqa: E731
    return take


def _same(value: Any) -> Any:
    return value
