"""`bangtin.toml` and `people.toml`: read once, checked whole, all problems at once.

A commune's folder:

    bangtin.toml people.toml        settings; on the office's machine, never in the shared folder
    content/                        notices, pages, pictures; content/so-duyet/ the review book
    keys/                           private keys, 0600 (never in git)
    publication/                    what is served: the website, and board/ for the boards
    state/                          can be made again
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from .errors import BadInput, Problem
from .keys import PublicKey, valid_public
from .notice import Places
from .notice.reading import REVIEW_BOOK
from .publication import MAX_OUTPUT, ROTATIONS, Mode, Shape
from .review import People, Person, PersonKey
from .review.record import ROLES
from .wire import to_moment

SETTINGS, PEOPLE_FILE = "bangtin.toml", "people.toml"
MAX_SETTINGS = 1024 * 1024  # bytes of one settings file
KEY_LIFE = timedelta(days=3 * 365)  # of a personal key, unless people.toml says otherwise
T = TypeVar("T")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Commune:
    """Who publishes. `sample` marks invented data: every page and slide says so."""

    code: str
    name: str
    short: str
    province: str
    authority: str
    phone: str
    address: str
    email: str
    site: str  # address of the website, no final slash
    agency: str
    sample: bool


@dataclass(frozen=True)
class Hamlet:
    """A thôn, ấp, khu phố …"""

    id: str
    name: str


@dataclass(frozen=True)
class Board:
    """One board's record."""

    id: str
    name: str
    mode: Mode
    groups: tuple[str, ...]
    hamlet: str | None
    site: str
    owner: str
    officer: str
    permit: str
    pitch_mm: float | None
    distance_m: float | None
    metered: bool


@dataclass(frozen=True)
class Member:
    """A person as the office knows them; only the id leaves it."""

    id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """A commune's settings, checked."""

    folder: Path
    commune: Commune
    hamlets: tuple[Hamlet, ...]
    boards: tuple[Board, ...]
    members: tuple[Member, ...]
    people: People

    @property
    def content(self) -> Path:
        return self.folder / "content"

    @property
    def review_book(self) -> Path:
        return self.content / REVIEW_BOOK

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def publication(self) -> Path:
        return self.folder / "publication"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def places(self) -> Places:
        groups = frozenset(g for b in self.boards for g in b.groups)
        return Places(frozenset(b.id for b in self.boards), groups, frozenset(h.id for h in self.hamlets))

    def board(self, ident: str) -> Board | None:
        return next((b for b in self.boards if b.id == ident), None)

    def member(self, ident: str) -> Member | None:
        return next((m for m in self.members if m.id == ident), None)


class _Table:
    """One TOML table; every wrong value becomes a problem, and a default stands in for it."""

    def __init__(self, values: Any, where: str, file: str, problems: list[Problem]) -> None:
        self.values = values if isinstance(values, dict) else {}
        self._where, self._file, self._problems = where, file, problems
        self._used: set[str] = set()

    def wrong(self, name: str, code: str, **values: Any) -> None:
        label = f"{self._where}.{name}" if self._where else name
        self._problems.append(Problem(code, self._file, None, label, values=values))

    def _get(self, name: str, kind: type | tuple[type, ...], default: Any, what: str) -> Any:
        self._used.add(name)
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
        if value and pattern and not re.fullmatch(pattern, value):
            self.wrong(name, "setting-shape", value=value, pattern=pattern)
        return value or ""

    def name(self, name: str, default: str | None = None) -> str:
        return self.text(name, default, pattern=_NAME.pattern)

    def flag(self, name: str, default: bool) -> bool:
        return bool(self._get(name, bool, default, "true / false"))

    def number(self, name: str, default: float | None = 0.0) -> float | None:
        value = self._get(name, (int, float), default, "số / number")
        return float(value) if value else None

    def texts(self, name: str, default: list[str] | None = None) -> tuple[str, ...]:
        value = self._get(name, list, default, "danh sách / list")
        return tuple(v for v in value or () if isinstance(v, str))

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

    def tables(self, name: str) -> list[_Table]:
        self._used.add(name)
        values = self.values.get(name, [])
        found = values if isinstance(values, list) else [values]
        label = f"{self._where}.{name}" if self._where else name
        return [_Table(v, f"{label}[{i}]", self._file, self._problems) for i, v in enumerate(found)]

    def done(self) -> None:
        """Name what is left over: a misspelt setting must not pass in silence."""
        for left in sorted(set(self.values) - self._used):
            near = difflib.get_close_matches(left, self._used, n=1)
            self.wrong(left, "setting-unknown", hint=near[0] if near else ", ".join(sorted(self._used)))


def load(folder: Path) -> Settings:
    """The commune in `folder`; raises `BadInput` with every problem of both files."""
    problems: list[Problem] = []
    root = _open(folder / SETTINGS, problems)
    people_root = _open(folder / PEOPLE_FILE, problems)
    if problems:
        raise BadInput(problems)
    if root.values.get("v") != 1:
        root.wrong("v", "setting-shape", value=root.values.get("v"), pattern="v = 1")
    root._used |= {"v", "commune"}
    commune = _commune(_Table(root.values.get("commune"), "commune", SETTINGS, problems))
    hamlets = _unique([_hamlet(t) for t in root.tables("hamlet")], lambda h: h.id, "hamlet", problems)
    boards = _unique([b for t in root.tables("board") if (b := _board(t))], lambda b: b.id, "board", problems)
    root.done()
    read = [_member(t) for t in people_root.tables("person")]
    members = _unique([m for m, _ in read], lambda m: m.id, "person", problems, PEOPLE_FILE)
    people_root._used.add("v")
    people_root.done()
    for board in boards:
        if board.hamlet and board.hamlet not in {h.id for h in hamlets}:
            values = {"value": board.hamlet, "known": ", ".join(h.id for h in hamlets)}
            problems.append(Problem("hamlet-unknown", SETTINGS, None, f"board.{board.id}.hamlet", values=values))
    people = _people([p for _, p in read], problems)
    if problems:
        raise BadInput(problems)
    return Settings(folder, commune, tuple(hamlets), tuple(boards), tuple(members), people)


def _open(path: Path, problems: list[Problem]) -> _Table:
    try:
        data = path.read_bytes()
        if len(data) > MAX_SETTINGS:
            raise ValueError(f"more than {MAX_SETTINGS} bytes")
        return _Table(tomllib.loads(data.decode()), "", path.name, problems)
    except FileNotFoundError:
        problems.append(Problem("settings-missing", path.name, values={"folder": str(path.parent)}))
    except ValueError as error:
        problems.append(Problem("settings-toml", path.name, values={"why": str(error)}))
    return _Table({}, "", path.name, problems)


def _commune(t: _Table) -> Commune:
    commune = Commune(
        code=t.text("code", pattern=r"\d{5}"),
        name=t.text("name"),
        short=t.text("short"),
        province=t.text("province"),
        authority=t.text("authority"),
        phone=t.text("phone"),
        address=t.text("address", ""),
        email=t.text("email", ""),
        site=t.text("site", pattern=r"https?://[^\s/]+(/[^\s]*)?").rstrip("/"),
        agency=t.text("agency", "", pattern=r"[0-9A-Z]+(\.[0-9A-Z]+)*"),
        sample=t.flag("sample", False),
    )
    t.done()
    return commune


def _hamlet(t: _Table) -> Hamlet:
    hamlet = Hamlet(t.name("id"), t.text("name"))
    t.done()
    return hamlet


def _board(t: _Table) -> Board | None:
    ident, name = t.name("id"), t.text("name")
    kind = t.text("kind", pattern="lcd|led")
    width, height = t.integers("output", 2)
    x, y, w, h = t.integers("viewport", 4, [0, 0, width, height])
    rotate = int(t.number("rotate") or 0)
    board_rest = {
        "groups": t.texts("groups", []), "hamlet": t.name("hamlet", "") or None, "site": t.text("site", ""),
        "owner": t.text("owner", ""), "officer": t.text("officer", ""), "permit": t.text("permit", ""),
        "pitch_mm": t.number("pitch_mm"), "distance_m": t.number("distance_m"), "metered": t.flag("metered", False),
    }  # fmt: skip
    t.done()
    if rotate not in ROTATIONS:
        t.wrong("rotate", "setting-shape", value=rotate, pattern="0 | 90 | 180 | 270")
    if not (w and h) or x + w > width or y + h > height:
        t.wrong("viewport", "viewport-outside", viewport=[x, y, w, h], output=[width, height])
        return None
    shape = Shape(kind, h, w) if rotate in (90, 270) else Shape(kind, w, h)
    mode = Mode((width, height), (x, y, w, h), rotate, shape)
    return Board(ident, name, mode, **board_rest)  # type: ignore[arg-type]


def _member(t: _Table) -> tuple[Member, Person]:
    ident, name, roles = t.name("id"), t.text("name"), t.texts("roles")
    for role in roles:
        if role not in ROLES:
            t.wrong("roles", "setting-shape", value=role, pattern=" | ".join(ROLES))
    keys = tuple(k for table in t.tables("key") if (k := _key(table)))
    person = Person(ident, frozenset(roles), keys, t.moment("void_from"))
    t.done()
    return Member(ident, name, roles), person


def _key(t: _Table) -> PersonKey | None:
    public, since, until = t.text("public"), t.moment("from"), t.moment("until")
    t.done()
    if not valid_public(public) or since is None:
        t.wrong("public", "setting-shape", value=public[:12], pattern="64 hex (bangtin init / bangtin people)")
        return None
    return PersonKey(PublicKey(public), since, until or since + KEY_LIFE)


def _people(people: list[Person], problems: list[Problem]) -> People:
    publics = [k.key.public for p in people for k in p.keys]
    if len(set(publics)) < len(publics):
        problems.append(Problem("key-shared", PEOPLE_FILE))
    return People(tuple(people))


def _unique(
    found: list[T], ident: Callable[[T], str], what: str, problems: list[Problem], file: str = SETTINGS
) -> list[T]:
    seen: set[str] = set()
    for one in found:
        if ident(one) in seen:
            problems.append(Problem("setting-twice", file, None, what, values={"value": ident(one)}))
        seen.add(ident(one))
    return found
