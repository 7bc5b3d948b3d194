"""One field's text → its value, or a problem that says what to type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from ..errors import Problem, Severity
from ..lettering import nearest
from ..schedule import VIETNAM_TIME, Yearly
from . import timing
from .canonical import NOTICE_ID
from .header import Field
from .model import Alert, Document, Picture, Signer
from .vocabulary import CATEGORIES, CLASSES, EMERGENCY, KINDS, NORMAL, PAGE

DEFAULT_VALIDITY = timedelta(days=30)  # Luật Tiếp cận thông tin art. 21: posted at least 30 days
LONGEST_VALIDITY = timedelta(days=20 * 366)
LONGEST_EMERGENCY = timedelta(hours=24)  # domain.md: without an expiry it ends after 24 h; never longer
LONGEST_PREPARED = timedelta(days=2 * 366)  # a template is read again by two persons every two years
YEARLY_VALIDITY = timedelta(days=5 * 365)  # of a notice that comes again each year
OF_A_DOCUMENT = ("signer", "recipients", "issued", "effective")
OF_AN_EMERGENCY = ("level", "source", "bulletin-time", "drill", "prepared-as")
NOT_OF_AN_EMERGENCY = ("hours", "days", "yearly", "holidays", "evergreen", "events")
MAX_SUMMARY = 300  # characters
YEARS = range(1900, 2201)  # beyond them a year is a slip of the finger, and a calendar ends
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_NUMBER = re.compile(r"\d{1,5}[A-Za-zĐđ]?(?:/\d{4})?/[A-ZĐa-zđ0-9.&-]{1,30}")


class Sort(Enum):
    """What time and review ask of a notice."""

    USUAL = "usual"
    PAGE = "page"
    EMERGENCY = "emergency"
    PREPARED = "prepared"  # an emergency's template


VALIDITY = {Sort.USUAL: DEFAULT_VALIDITY, Sort.PAGE: LONGEST_VALIDITY, Sort.PREPARED: LONGEST_PREPARED}


class FieldReader:
    """Reads typed values out of a header; problems gather in `problems`."""

    def __init__(self, fields: dict[str, Field], file: str) -> None:
        self._fields = fields
        self._file = file
        self.problems: list[Problem] = []

    @property
    def failed(self) -> bool:
        return any(p.severity == "error" for p in self.problems)

    def problem(self, code: str, name: str | None, *, severity: Severity = "error", **values: Any) -> None:
        field = self._fields.get(name) if name else None
        line = field.line if field else None
        label = field.name if field else "-".join(p.capitalize() for p in name.split("-")) if name else None
        if field:
            values.setdefault("value", field.value)
        self.problems.append(Problem(code, self._file, line, label, severity=severity, values=values))

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

    def yes(self, name: str, *, default: bool = False) -> bool:
        value = self._value(name).lower()
        if not value:
            return default
        if value not in ("yes", "no", "có", "không"):
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
                found = datetime.strptime(value, form).replace(tzinfo=VIETNAM_TIME)
            except ValueError:
                continue
            if found.year in YEARS:
                return found
        self.problem("time-bad", name)
        return None

    def day(self, name: str) -> date | None:
        value = self._value(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problem("date-bad", name)
            return None

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of these, the first unless it is written."""
        return self._choice(name, allowed, default=allowed[0])

    def _choice(self, name: str, allowed: Iterable[str], default: str = "") -> str:
        value = self._value(name) or default
        options = list(allowed)
        if not value:
            self.problem("field-missing", name)
        elif value not in options:
            near = nearest(value, options)
            self.problem("choice-bad", name, hint=near or ", ".join(options))
        return value

    def kind(self) -> str:
        return self._choice("kind", KINDS)

    def klass(self) -> str:
        return self._choice("class", CLASSES, default=NORMAL)

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
                near = nearest(value, known)
                first = [near, *(name for name in known if name != near)] if near else known
                self.problem("board-unknown", "boards", value=value, known=", ".join(first))
        if len(values) > 1 and {"all", "none"} & set(values):
            self.problem("boards-mixed", "boards")
        return values

    def validity(self, written: datetime | None, sort: Sort) -> tuple[datetime | None, datetime | None]:
        start = self.moment("start") or written
        if self._value("end"):
            end = self.moment("end")
        elif sort is Sort.EMERGENCY:
            self.problem("emergency-end-missing", "end")
            return start, None
        else:
            usual = YEARLY_VALIDITY if self._value("yearly") else VALIDITY[sort]
            end = start + usual if start else None
        if start and end:
            self._check_validity(start, end, sort)
        return start, end

    def _check_validity(self, start: datetime, end: datetime, sort: Sort) -> None:
        if end <= start:
            self.problem("end-before-start", "end", start=f"{start:%Y-%m-%d %H:%M}")
        elif sort is Sort.EMERGENCY and end - start > LONGEST_EMERGENCY:
            self.problem("emergency-long", "end", latest=f"{start + LONGEST_EMERGENCY:%Y-%m-%d %H:%M}")
        elif sort is Sort.PREPARED and end - start > LONGEST_PREPARED:
            self.problem("prepared-long", "end", latest=f"{start + LONGEST_PREPARED:%Y-%m-%d %H:%M}")
        elif end - start > LONGEST_VALIDITY:
            self.problem("validity-long", "end")

    def hours(self) -> tuple[time, time] | None:
        found = timing.hours(value) if (value := self._value("hours")) else None
        if value and found is None:
            self.problem("hours-bad", "hours")
        return found

    def days(self) -> frozenset[int]:
        found, wrong = timing.days(self._list("days"))
        for part in wrong:
            self.problem("days-bad", "days", value=part)
        return found

    def yearly(self, start: datetime | None, end: datetime | None) -> Yearly | None:
        found = timing.yearly(value) if (value := self._value("yearly")) else None
        if value and found is None:
            self.problem("yearly-bad", "yearly")
        elif found and start and end and start < end and not timing.ever(found, start, end):
            self.problem("yearly-never", "yearly")
        if found and self.yes("evergreen"):
            self.problem("yearly-evergreen", "yearly")
        return found

    def idle(self, names: Iterable[str], needs: str) -> None:
        """A warning for each of these fields that is written where it does nothing: none is dropped in silence."""
        for name in names:
            if self._value(name):
                self.problem("field-idle", name, severity="warning", needs=needs)

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

    def film(self, klass: str) -> Picture | None:
        value = self._value("film")
        if not value:
            return None
        name, _, words = (p.strip() for p in value.partition("|"))
        if not words:
            self.problem("film-words-missing", "film")
        if klass == EMERGENCY:  # its words must stand there at once, and nothing move beside them
            self.problem("film-emergency", "film")
        return Picture(name, words)

    def issuer(self) -> str:
        return self.text("issuer", most=200, required=bool(self._value("number")))

    def document(self, issuer: str) -> Document | None:
        number = self._value("number")
        if not number:
            self.idle(OF_A_DOCUMENT, "Number")
            return None
        if not _NUMBER.fullmatch(number):
            self.problem("document-number", "number")
        signer = None
        if written := self._value("signer"):
            parts = [p.strip() for p in written.split("|")]
            signer = Signer(*parts[:3])
        return Document(number, issuer, signer, self.names("recipients"), self.day("issued"), self.day("effective"))

    def sort(self, kind: str, klass: str) -> Sort:
        """Which rules hold; says what is written in vain."""
        prepared = self.yes("prepared")
        if prepared and klass != EMERGENCY:
            self.problem("prepared-class", "prepared")
        if klass != EMERGENCY:
            self.idle(OF_AN_EMERGENCY, "Class: khan-cap")
            return Sort.PAGE if kind == PAGE else Sort.USUAL
        self.idle(NOT_OF_AN_EMERGENCY, "Class: thong-thuong, uu-tien")
        if prepared:
            self.idle(OF_AN_EMERGENCY, "Prepared: no")
        return Sort.PREPARED if prepared else Sort.EMERGENCY

    def alert(self, sort: Sort) -> Alert | None:
        if sort is not Sort.EMERGENCY:
            return None
        if not self._value("level"):
            self.problem("field-missing", "level")
        level = self.integer("level", default=1, least=1, most=5)
        source = self.text("source", most=200, required=True)
        bulletin = self.moment("bulletin-time", required=True)
        prepared_as = self._value("prepared-as") or None
        if prepared_as and not NOTICE_ID.fullmatch(prepared_as):
            self.problem("prepared-unknown", "prepared-as")
        return Alert(level, source, bulletin, self.yes("drill"), prepared_as) if bulletin else None
