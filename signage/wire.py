"""JSON as it crosses between machines: one canonical form, every field typed and limited.

Canonical: UTF-8, NFC, keys sorted, no spaces, so that one meaning has one SHA-256. Reading is
strict in what it uses and ignores fields it does not know; an unknown `v` is refused (`docs/formats.md`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from .errors import BangtinError

T = TypeVar("T")
VERSION = 1
MAX_DEPTH = 12  # levels of nesting in anything we write
MAX_TEXT = 4096  # characters of a string without a limit of its own
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_COMMUNE = re.compile(r"[0-9]{5}")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


class BadFormat(BangtinError):
    """Bytes that are not what the format says; `where` names the field."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__("bad-format", where=where, why=why)


def canonical(value: Any) -> bytes:
    """The one byte string of a JSON value; floats are refused (they have no one form)."""
    _refuse_floats(value, 0)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: Any, depth: int) -> None:
    if isinstance(value, float) or depth > MAX_DEPTH:
        raise BadFormat("$", "a number with a fraction, or nested too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(inner, depth + 1)


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, *, limit: int) -> Fields:
    """A JSON object of at most `limit` bytes, of a version we read.

    Raises `BadFormat`.
    """
    if len(data) > limit:
        raise BadFormat("$", f"{len(data)} bytes, more than {limit}")
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twice)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadFormat("$", "not JSON in UTF-8") from error
    fields = Fields(value)
    if fields.integer("v", least=0, most=10**6) != VERSION:
        raise BadFormat("v", f"unknown version, this program reads {VERSION}")
    return fields


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two fields with one name some readers take the first and some the last: we take neither."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands twice")
    return found


def when(moment: datetime) -> str:
    """A moment as `2026-11-22T03:04:05Z`, whole seconds."""
    # not strftime: it writes the year 1 without its zeros, which `to_moment` then refuses
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def to_moment(text: str) -> datetime:
    """The inverse of `when`, and of nothing else; raises `ValueError`."""
    if not (match := _MOMENT.fullmatch(text)):
        raise ValueError(text)
    year, month, day, hour, minute, second = map(int, match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


class Fields:
    """The fields of a JSON object, each read with its type and its limit, or `BadFormat`."""

    def __init__(self, value: Any, where: str = "$") -> None:
        if not isinstance(value, dict):
            raise BadFormat(where, "not an object")
        self.raw: dict[str, Any] = value
        self._where = where

    def at(self, name: str) -> str:
        return f"{self._where}.{name}"

    def has(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def text(self, name: str, *, most: int = MAX_TEXT, least: int = 0) -> str:
        value = self.raw.get(name)
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise BadFormat(self.at(name), f"not a text of {least} to {most} characters")
        if _HALF_CHARACTER.search(value):  # JSON's "\ud800" is a str that no file or page can hold
            raise BadFormat(self.at(name), "half of a surrogate pair")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise BadFormat(self.at(name), f"not one of {', '.join(allowed)}")
        return value

    def name(self, name: str) -> str:
        """An identifier: lower-case letters, digits, hyphens."""
        return self.matching(name, _NAME, "not a name of a-z, 0-9 and hyphens")

    def commune(self, name: str) -> str:
        """A commune's code, five digits."""
        return self.matching(name, _COMMUNE, "not five digits")

    def sha(self, name: str) -> str:
        return self.matching(name, _SHA256, "not a SHA-256 in lower-case hex")

    def matching(self, name: str, pattern: re.Pattern[str], why: str) -> str:
        """A text of this form, whole; `why` says what it should have been."""
        value = self.raw.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadFormat(self.at(name), why)
        return value

    def integer(self, name: str, *, least: int = 0, most: int = 2**53) -> int:
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadFormat(self.at(name), f"not a whole number from {least} to {most}")
        return value

    def boolean(self, name: str) -> bool:
        value = self.raw.get(name)
        if not isinstance(value, bool):
            raise BadFormat(self.at(name), "not true or false")
        return value

    def when(self, name: str) -> datetime:
        value = self.raw.get(name)
        try:
            return to_moment(value if isinstance(value, str) else "")
        except ValueError as error:
            raise BadFormat(self.at(name), "not a time like 2026-11-22T03:04:05Z") from error

    def data(self, name: str, *, most: int) -> bytes:
        """Base64, of at most `most` bytes decoded."""
        text = self.text(name, most=most * 4 // 3 + 4)
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError as error:
            raise BadFormat(self.at(name), "not base64") from error
        if len(data) > most:
            raise BadFormat(self.at(name), f"more than {most} bytes")
        return data

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """`read(name)`, or None when the field is absent or null."""
        return read(name) if self.has(name) else None

    def object(self, name: str) -> Fields:
        return Fields(self.raw.get(name), self.at(name))

    def array(self, name: str, *, most: int) -> list[Any]:
        value = self.raw.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise BadFormat(self.at(name), f"not a list of at most {most}")
        return value

    def objects(self, name: str, *, most: int) -> list[Fields]:
        return [Fields(v, f"{self.at(name)}[{i}]") for i, v in enumerate(self.array(name, most=most))]

    def texts(self, name: str, *, most: int, pattern: re.Pattern[str]) -> list[str]:
        values = self.array(name, most=most)
        if not all(isinstance(v, str) and pattern.fullmatch(v) for v in values):
            raise BadFormat(self.at(name), f"not a list of texts like {pattern.pattern}")
        return values

    def shas(self, name: str, *, most: int) -> list[str]:
        values = self.array(name, most=most)
        if not all(isinstance(v, str) and _SHA256.fullmatch(v) for v in values):
            raise BadFormat(self.at(name), "not a list of SHA-256")
        return values

    def integers(self, name: str, *, count: int, least: int = 0, most: int = 2**31) -> tuple[int, ...]:
        values = self.array(name, most=count)
        if len(values) != count or not all(type(v) is int and least <= v <= most for v in values):
            raise BadFormat(self.at(name), f"not {count} whole numbers from {least} to {most}")
        return tuple(values)
