"""One field's text → its value, or a problem that says what to type."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from ..errors import Problem
from ..schedule import VIETNAM_TIME
from .header import Field
from .model import Alert, Document, Picture, Signer
from .vocabulary import CATEGORIES, CLASSES, EMERGENCY, KINDS, WEEKDAYS

DEFAULT_VALIDITY = timedelta(days=30)  # Luật Tiếp cận thông tin art. 21: posted at least 30 days
LONGEST_VALIDITY = timedelta(days=20 * 366)
LONGEST_EMERGENCY = timedelta(hours=24)  # domain.md: without an expiry it ends after 24 h; never longer
PAGE_VALIDITY = LONGEST_VALIDITY
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_NUMBER = re.compile(r"\d{1,5}[A-Za-zĐđ]?(?:/\d{4})?/[A-ZĐa-zđ0-9.&-]{1,30}")


class FieldReader:
    """Reads typed values out of a header; problems gather in `problems`."""

    def __init__(self, fields: dict[str, Field], file: str) -> None:
        self._fields = fields
        self._file = file
        self.problems: list[Problem] = []

    @property
    def failed(self) -> bool:
        return any(p.severity == "error" for p in self.problems)

    def problem(self, code: str, name: str | None, **values: Any) -> None:
        field = self._fields.get(name) if name else None
        line = field.line if field else None
        label = field.name if field else "-".join(p.capitalize() for p in name.split("-")) if name else None
        if field:
            values.setdefault("value", field.value)
        self.problems.append(Problem(code, self._file, line, label, values=values))

    def _value(self, name: str) -> str:
        field = self._fields.get(name)
        return " ".join(field.value.split()) if field else ""

    def text(self, name: str, *, most: int, required: bool = False) -> str:
        value = self._value(name)
        if required and not value:
            self.problem("field-missing", name)
        if len(value) > most:
            self.problem("text-long", name, most=most, length=len(value))
        return value

    def integer(self, name: str, *, default: int, least: int, most: int) -> int:
        value = self._value(name)
        if not value:
            return default
        if not re.fullmatch(r"-?\d{1,6}", value) or not least <= int(value) <= most:
            self.problem("number-bad", name, least=least, most=most)
            return default
        return int(value)

    def yes(self, name: str) -> bool:
        value = self._value(name).lower()
        if value not in ("", "yes", "no", "có", "không"):
            self.problem("choice-bad", name, hint="yes, no")
        return value in ("yes", "có")

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        value = self._value(name)
        if not value:
            if required:
                self.problem("field-missing", name)
            return None
        for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
            try:
                return datetime.strptime(value, form).replace(tzinfo=VIETNAM_TIME)
            except ValueError:
                continue
        self.problem("time-bad", name)
        return None

    def day(self, name: str) -> date | None:
        value = self._value(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problem("date-bad", name)
            return None

    def _choice(self, name: str, allowed: Iterable[str], default: str = "") -> str:
        value = self._value(name) or default
        options = list(allowed)
        if not value:
            self.problem("field-missing", name)
        elif value not in options:
            near = difflib.get_close_matches(value, options, n=1, cutoff=0.5)
            self.problem("choice-bad", name, hint=near[0] if near else ", ".join(options))
        return value

    def kind(self) -> str:
        return self._choice("kind", KINDS)

    def klass(self) -> str:
        return self._choice("class", CLASSES, default="thong-thuong")

    def category(self, *, required: bool) -> str | None:
        if not required and not self._value("category"):
            return None
        return self._choice("category", CATEGORIES)

    def slug(self, default: str) -> str:
        value = self._value("slug") or default
        if not _SLUG.fullmatch(value):
            self.problem("slug-bad", "slug", value=value)
        return value

    def _list(self, name: str, separator: str = ",") -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (v.strip() for v in self._value(name).split(separator)))))

    def names(self, name: str) -> tuple[str, ...]:
        return self._list(name, ";")

    def hamlets(self, known: frozenset[str] | None) -> tuple[str, ...]:
        values = self._list("hamlets")
        for value in values if known is not None else ():
            if value not in (known or ()):
                self.problem("hamlet-unknown", "hamlets", value=value, known=", ".join(sorted(known or ())))
        return values

    def boards(self, boards: frozenset[str] | None = None, groups: frozenset[str] | None = None) -> tuple[str, ...]:
        values = self._list("boards") or ("all",)
        if boards is None or groups is None:
            return values
        known = ["all", "none", *sorted(f"board:{b}" for b in boards), *sorted(f"group:{g}" for g in groups)]
        for value in values:
            if value not in known:
                near = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
                self.problem("board-unknown", "boards", value=value, hint=near[0] if near else "all",
                             known=", ".join(known))  # fmt: skip
        if len(values) > 1 and {"all", "none"} & set(values):
            self.problem("boards-mixed", "boards")
        return values

    def validity(
        self, written: datetime | None, klass: str, *, is_page: bool
    ) -> tuple[datetime | None, datetime | None]:
        start = self.moment("start") or written
        if self._value("end"):
            end = self.moment("end")
        elif klass == EMERGENCY:
            self.problem("emergency-end-missing", "end")
            return start, None
        else:
            end = start + (PAGE_VALIDITY if is_page else DEFAULT_VALIDITY) if start else None
        if start and end:
            self._check_validity(start, end, klass)
        return start, end

    def _check_validity(self, start: datetime, end: datetime, klass: str) -> None:
        if end <= start:
            self.problem("end-before-start", "end", start=f"{start:%Y-%m-%d %H:%M}")
        elif klass == EMERGENCY and end - start > LONGEST_EMERGENCY:
            self.problem("emergency-long", "end", latest=f"{start + LONGEST_EMERGENCY:%Y-%m-%d %H:%M}")
        elif end - start > LONGEST_VALIDITY:
            self.problem("validity-long", "end")

    def hours(self) -> tuple[time, time] | None:
        value = self._value("hours")
        if not value:
            return None
        match = re.fullmatch(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})", value)
        try:
            first, last = (datetime.strptime(t, "%H:%M").time() for t in match.groups()) if match else (None, None)
        except ValueError:
            first = last = None
        if first is None or last is None or first == last:
            self.problem("hours-bad", "hours")
            return None
        return first, last

    def days(self) -> frozenset[int]:
        found: set[int] = set()
        for part in self._list("days"):
            ends = [e.strip().upper() for e in re.split(r"[-–]", part)]
            if len(ends) > 2 or any(e not in WEEKDAYS for e in ends):
                self.problem("days-bad", "days", value=part)
                continue
            first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
            found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
        return frozenset(found)

    def facts(self) -> tuple[tuple[str, str], ...]:
        facts = []
        for part in self._list("facts", ";"):
            label, equals, value = (p.strip() for p in part.partition("="))
            if not (label and equals and value):
                self.problem("facts-bad", "facts", value=part)
                continue
            facts.append((label, value))
        return tuple(facts)

    def picture(self) -> Picture | None:
        value = self._value("image")
        if not value:
            return None
        name, _, alt = (p.strip() for p in value.partition("|"))
        if not alt:
            self.problem("picture-words-missing", "image")
        return Picture(name, alt)

    def document(self) -> Document | None:
        number = self._value("number")
        if not number:
            return None
        if not _NUMBER.fullmatch(number):
            self.problem("document-number", "number")
        signer = None
        if written := self._value("signer"):
            parts = [p.strip() for p in written.split("|")]
            signer = Signer(*parts[:3])
        return Document(
            number, self.text("issuer", most=200, required=True), signer, self.names("recipients"),
            self.day("issued"), self.day("effective"),
        )  # fmt: skip

    def alert(self, klass: str) -> Alert | None:
        if klass != EMERGENCY:
            return None
        if not self._value("level"):
            self.problem("field-missing", "level")
        level = self.integer("level", default=1, least=1, most=5)
        source = self.text("source", most=200, required=True)
        bulletin = self.moment("bulletin-time", required=True)
        return Alert(level, source, bulletin) if bulletin else None
