"""One TOML table read with types: every wrong value becomes a problem, and a default stands in for it."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from ..errors import Problem
from ..publication import MAX_OUTPUT
from ..wire import to_moment

MAX_SETTING = 200  # characters of one setting
MAX_TABLES = 500  # hamlets, boards or persons of one commune
MAX_DAYS = 200  # days off of one list
MAX_NAMES = 50  # groups of one board, roles of one person
HOURS = r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]"
NAME = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
CODE = r"[0-9]{5}"  # of a commune
SHOWN = {HOURS: "22:30-04:30", NAME: "cong-xa (a-z 0-9 -)", CODE: "20506"}  # what people are told of a pattern


class Table:
    """One TOML table; `where` is its name as problems tell it."""

    def __init__(self, values: Any, where: str, file: str, problems: list[Problem]) -> None:
        self.values = values if isinstance(values, dict) else {}
        self._where, self._file, self._problems = where, file, problems
        self.used: set[str] = set()

    def wrong(self, name: str, code: str, **values: Any) -> None:
        label = f"{self._where}.{name}" if self._where else name
        self._problems.append(Problem(code, self._file, None, label, values=values))

    def _get(self, name: str, kind: type | tuple[type, ...], default: Any, what: str) -> Any:
        self.used.add(name)
        if name not in self.values:
            if default is None:
                self.wrong(name, "setting-missing", what=what)
            return default
        value = self.values[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(name, "setting-type", what=what, value=value)
            return default
        return value

    def text(self, name: str, default: str | None = None, *, pattern: str | None = None) -> str:
        value = self._get(name, str, default, "văn bản / text")
        if value and len(value) > MAX_SETTING:
            self.wrong(name, "text-long", length=len(value), most=MAX_SETTING)
        if value and pattern and not re.fullmatch(pattern, value):
            self.wrong(name, "setting-shape", value=value, pattern=SHOWN.get(pattern, pattern))
        return value or ""

    def name(self, name: str, default: str | None = None) -> str:
        return self.text(name, default, pattern=NAME)

    def flag(self, name: str, default: bool) -> bool:
        return bool(self._get(name, bool, default, "true / false"))

    def number(self, name: str, default: float | None = 0.0) -> float | None:
        value = self._get(name, (int, float), default, "số / number")
        return float(value) if value else None

    def whole(self, name: str, default: int, *, least: int, most: int, code: str = "setting-shape") -> int:
        value: int = self._get(name, int, default, "số nguyên / whole number")
        if not least <= value <= most:
            self.wrong(name, code, value=value, pattern=f"{least} … {most}")
            return default
        return value

    def hours(self, name: str) -> tuple[time, time] | None:
        """`22:30-04:30`: from, to; past midnight too."""
        text = self.text(name, "", pattern=HOURS)
        if not re.fullmatch(HOURS, text):
            return None
        first, last = (time.fromisoformat(part) for part in text.split("-"))
        return first, last

    def days(self, name: str) -> frozenset[date]:
        """`["2026-11-24"]`: days, at most `MAX_DAYS`."""
        value = self._get(name, list, [], "danh sách / list")
        if len(value) > MAX_DAYS:
            self.wrong(name, "setting-type", what=f"≤ {MAX_DAYS}", value=len(value))
        found = set()
        for one in value[:MAX_DAYS]:
            if isinstance(one, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", one):
                with suppress(ValueError):
                    found.add(date.fromisoformat(one))
                    continue
            self.wrong(name, "setting-shape", value=one, pattern="2026-11-24")
        return frozenset(found)

    def names(self, name: str, default: list[str] | None = None, *, pattern: str = NAME) -> tuple[str, ...]:
        value = self._get(name, list, default, "danh sách / list") or []
        if len(value) > MAX_NAMES:
            self.wrong(name, "setting-type", what=f"≤ {MAX_NAMES}", value=len(value))
        for one in value:
            if not (isinstance(one, str) and re.fullmatch(pattern, one)):
                self.wrong(name, "setting-shape", value=one, pattern=SHOWN.get(pattern, pattern))
        return tuple(v for v in value if isinstance(v, str))

    def integers(self, name: str, count: int, default: list[int] | None = None) -> tuple[int, ...]:
        value = self._get(name, list, default, f"[{count} số / numbers]") or []
        if len(value) != count or not all(type(v) is int and 0 <= v <= MAX_OUTPUT for v in value):
            if name in self.values:
                self.wrong(name, "setting-type", what=f"[{count} số / numbers]", value=value)
            return tuple([0] * count)
        return tuple(value)

    def moment(self, name: str) -> datetime | None:
        text = self.text(name, "")
        try:
            return to_moment(text) if text else None
        except ValueError:
            self.wrong(name, "setting-shape", value=text, pattern="2026-11-22T00:00:00Z")
            return None

    def tables(self, name: str, *, most: int = MAX_TABLES) -> list[Table]:
        self.used.add(name)
        values = self.values.get(name, [])
        found = values if isinstance(values, list) else [values]
        if len(found) > most:
            self.wrong(name, "setting-type", what=f"≤ {most}", value=len(found))
        label = f"{self._where}.{name}" if self._where else name
        return [Table(v, f"{label}[{i}]", self._file, self._problems) for i, v in enumerate(found[:most])]

    def table(self, name: str) -> Table:
        """One table inside, empty when it is not written."""
        self.used.add(name)
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            self.wrong(name, "setting-type", what="bảng / table", value=value)
        return Table(value, f"{self._where}.{name}" if self._where else name, self._file, self._problems)

    def done(self) -> None:
        """Name what is left over: a misspelt setting must not pass in silence."""
        for left in sorted(set(self.values) - self.used):
            near = difflib.get_close_matches(left, self.used, n=1)
            self.wrong(left, "setting-unknown", hint=near[0] if near else ", ".join(sorted(self.used)))
