"""What a watching office says of itself: what it did, how long that took, what waits for whom, which boards have it.

`Picture` is that as a value; `Lines` tells what changed in it, a line each, for a log or a pipe. On a terminal
`console.Screen` shows it whole.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BangtinError, Language, Problem
from ..schedule import VIETNAM_TIME
from ..settings import Board, Settings
from ..wire import to_moment
from . import confirming, output

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.publish import Outcome

ASK_S, ASK_SOON_S = 30.0, 2.0  # seconds between two questions to the hub: usually, and while boards have not followed
SOON = timedelta(minutes=2)  # after a publication: a board that has not followed by then is told, and asked less
LEAST_STAGE_S = 0.05  # seconds of a stage that is told
HEARD = ("connected", "late")  # `hub.alarms.Contact` of a board that can be reached
WAITS = "waits-for-approval"
MAX_PERSONS = 4  # named after one notice
LANGUAGES: tuple[Language, Language] = ("vi", "en")


@dataclass(frozen=True)
class Waits:
    """A notice that waits for an approver."""

    notice: str
    title: str
    author: str
    at: datetime | None
    approvers: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """What the hub knows of one board."""

    name: str
    number: int | None  # of the publication that it says it has
    heard: datetime | None
    contact: str  # `hub.alarms.Contact`'s value; "" when the hub does not know the board


@dataclass(frozen=True)
class Picture:
    """Everything that is shown."""

    commune: str
    number: int | None = None
    at: datetime | None = None  # of the last publication
    took: float = 0.0  # seconds
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds by name, Vietnamese/English
    notices: int = 0
    written: int = 0
    removed: int = 0
    waits: tuple[Waits, ...] = ()
    drafts: int = 0  # notices that are being written: not submitted, or changed since
    next_change: datetime | None = None
    trouble: str = ""  # why the last publication failed
    compared: tuple[str, str] | None = None  # what the nightly comparison found, in both languages
    boards: tuple[Reached, ...] | None = None  # None: nobody can be asked
    unheard: str = ""  # why the hub did not answer


class Teller(Protocol):
    """Where a picture goes."""

    def show(self, picture: Picture, problems: list[Problem]) -> None:
        """Something changed; `problems` are those of the last publication, empty when that is not what changed."""


class Status(AbstractContextManager["Status"]):
    """Keeps the picture, and asks the hub in a thread of its own."""

    def __init__(self, settings: Settings, teller: Teller, hub: str | None) -> None:
        self._settings, self._teller = settings, teller
        self.picture = Picture(settings.commune.heading)
        self._known: dict[str, Waits] = {}
        self._lock, self._stop, self._ring = threading.Lock(), threading.Event(), threading.Event()
        self._source = confirming.source(hub, settings) if hub else None
        self._asking = threading.Thread(target=self._ask, name="hub", daemon=True)

    def __enter__(self) -> Status:
        if self._source:
            self._asking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._ring.set()
        if self._source:
            self._asking.join(ASK_SOON_S)

    def published(self, settings: Settings, outcome: Outcome, problems: list[Problem], took: float) -> None:
        """A publication is done; `problems`: its own and the reminders'."""
        self._settings = settings
        drafts = sum(p.code in ("not-submitted", "changed-after-approval") for p in problems)
        self._change(
            problems, number=outcome.number, at=datetime.now(UTC), took=took, trouble="", drafts=drafts,
            stages=_stages(outcome), notices=outcome.notices, written=outcome.files_written,
            removed=outcome.files_removed, next_change=outcome.next_change,
            waits=self._waiting(settings, [p for p in problems if p.code == WAITS]),
        )  # fmt: skip
        self._ring.set()

    def _waiting(self, settings: Settings, problems: list[Problem]) -> tuple[Waits, ...]:
        """As `waits` tells each; what waited before is not read again."""
        known = self._known
        self._known = {str(p.values): known.get(str(p.values)) or waits(settings, p) for p in problems}
        return tuple(self._known.values())

    def failed(self, why: str) -> None:
        """A publication did not come about; what was published stays."""
        self._change([], trouble=why)

    def compared(self, vi: str, en: str) -> None:
        """A nightly comparison is done."""
        self._change([], compared=(vi, en))

    def _change(self, problems: list[Problem], **what: Any) -> None:
        with self._lock:
            old, self.picture = self.picture, replace(self.picture, **what)
            if old != self.picture or problems:
                self._teller.show(self.picture, problems)

    def _ask(self) -> None:
        while not self._stop.is_set():
            self._ring.clear()
            assert self._source
            try:
                heard = self._source()
            except BangtinError as error:
                self._change([], unheard=error.told("vi").split("\n", 1)[0])
            else:
                boards = tuple(reached(board, heard.get(board.id)) for board in self._settings.boards)
                self._change([], boards=boards, unheard="")
            self._ring.wait(ASK_SOON_S if self._behind else ASK_S)

    @property
    def _behind(self) -> bool:
        picture = self.picture
        fresh = picture.at is not None and datetime.now(UTC) - picture.at < SOON
        return fresh and any(not has(board, picture) for board in picture.boards or ())


def _stages(outcome: Outcome) -> dict[str, float]:
    """Seconds by a stage's name in both languages, in the order in which they are done."""
    took = outcome.timings
    return {
        "đọc/read": took.read + took.check + took.folder, "bảng/boards": took.sign, "trang/site": took.site,
        "lưu/kept": took.archive + took.remember,
    }  # fmt: skip


def waits(settings: Settings, problem: Problem) -> Waits:
    """Who submitted it and who is waited for; of the review book only this statement and its records are read."""
    from ..office.book import Book

    ident, sha = problem.values["notice"], problem.values.get("statement", "")
    book = Book(settings.review_book, settings.commune.code)
    statement = book.statements(sha).get(sha) if sha else None
    if statement is None:
        return Waits(ident, ident, "", None, ())
    submits = [r for r in book.records(sha).get(sha, ()) if r.act == "submit"]
    first = min(submits, key=lambda r: r.at, default=None)
    by, at = (first.person, first.at) if first else ("", None)
    can = [p for p in settings.people.people if "approver" in p.roles and p.id != by and p.may_sign(statement.klass)]
    author, named = settings.member(by), [m.name for p in can if (m := settings.member(p.id))]
    return Waits(ident, statement.title, author.name if author else by, at, tuple(named[:MAX_PERSONS]))


def reached(board: Board, told: confirming.Told | None) -> Reached:
    """A board as the hub tells of it."""
    told = told or {}
    number, heard = told.get("publication"), told.get("received")
    try:
        at = to_moment(heard) if isinstance(heard, str) else None
    except ValueError:
        at = None
    return Reached(board.name, number if isinstance(number, int) else None, at, str(told.get("contact", "")))


def has(board: Reached, picture: Picture) -> bool:
    """Whether the board says that it has the last publication."""
    return board.number is not None and picture.number is not None and board.number >= picture.number


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def seconds(value: float, lang: Language) -> str:
    text = f"{value:.1f}" if value >= LEAST_STAGE_S else f"{value:.2f}"
    return text.replace(".", ",") + " giây" if lang == "vi" else text + " s"


def stages(picture: Picture, lang: Language) -> str:
    """`đọc 0,1 · bảng 0,2`: the stages that took long enough to be told."""
    told = {name.split("/")[LANGUAGES.index(lang)]: took for name, took in picture.stages.items()}
    return " · ".join(f"{name} {seconds(t, lang).split(' ')[0]}" for name, t in told.items() if t >= LEAST_STAGE_S)


def clock(moment: datetime | None, now: datetime, lang: Language) -> str:
    """`09:41`, with the day when it is another."""
    if moment is None:
        return ""
    local, today = moment.astimezone(VIETNAM_TIME), now.astimezone(VIETNAM_TIME).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}" if lang == "vi" else f"{local:%H:%M on %d/%m/%Y}"


def board_words(board: Reached, picture: Picture, now: datetime, lang: Language) -> str:
    """What is known of a board, in a few words."""
    at, number = clock(board.heard, now, lang), board.number
    vi = lang == "vi"
    if board.heard is None:
        return "chưa nghe lần nào" if vi else "never heard"
    if board.contact not in HEARD:
        return f"mất liên lạc từ {at}" + (f", khi ấy có số {number}" if number else "") if vi else f"silent since {at}"
    if has(board, picture):
        return f"đã có, báo lúc {at}" if vi else f"has it, heard at {at}"
    return f"chưa có (đang có số {number or '—'}), báo lúc {at}" if vi else f"not yet ({number or '—'}), heard at {at}"


def waits_words(one: Waits, now: datetime, lang: Language) -> str:
    """Who submitted it when, and who can approve it."""
    by, at = one.author, clock(one.at, now, lang)
    names = ", ".join(one.approvers)
    if lang == "vi":
        submitted = f"{by} trình{' lúc ' + at if at else ''}; " if by else ""
        return submitted + (f"chờ {names}" if names else "chưa có ai được quyền duyệt loại này")
    return (f"submitted by {by}{' at ' + at if at else ''}; " if by else "") + (
        f"for {names}" if names else "for nobody"
    )


class Lines:
    """One line for each thing that changed: for a log, a pipe, a service."""

    def __init__(self, args: argparse.Namespace, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._args, self._now = args, now
        self._old, self._told = Picture(""), set[str]()

    def show(self, picture: Picture, problems: list[Problem]) -> None:
        old, self._old = self._old, picture
        now, lang = self._now(), self._args.lang
        if problems or picture.at != old.at:
            named = {p.told(lang): p for p in problems if p.code != WAITS}
            output.problems([p for told, p in named.items() if told not in self._told], self._args)
            self._told = set(named)
        if picture.at != old.at:
            self._published(picture)
        if picture.compared and picture.compared != old.compared:
            output.say(self._args, *picture.compared)
        for one in picture.waits:
            if one not in old.waits:
                output.say(self._args, f"Chờ duyệt: {one.notice} — {waits_words(one, now, 'vi')}",
                           f"Waits for approval: {one.notice}: {waits_words(one, now, 'en')}")  # fmt: skip
        if picture.next_change and picture.next_change != old.next_change:
            at = clock(picture.next_change, now, lang)
            output.say(self._args, f"Thay đổi tiếp theo: {at}.", f"Next change: {at}.")
        self._boards(old, picture, now)

    def _published(self, picture: Picture) -> None:
        vi, en = (f" ({told})" if (told := stages(picture, lang)) else "" for lang in LANGUAGES)
        output.say(
            self._args,
            f"Đã phát hành số {picture.number}: {picture.notices} thông báo và trang, ghi {picture.written} tệp, "
            f"xóa {picture.removed} tệp, {seconds(picture.took, 'vi')}{vi}.",
            f"Published number {picture.number}: {picture.notices} notices and pages, {picture.written} files written, "
            f"{picture.removed} removed, {seconds(picture.took, 'en')}{en}.",
        )

    def _boards(self, old: Picture, picture: Picture, now: datetime) -> None:
        if picture.unheard and picture.unheard != old.unheard:
            output.say(self._args, f"! {picture.unheard}", f"! {picture.unheard}")
        before = {one.name: has(one, old) for one in old.boards or ()}
        for one in picture.boards or ():
            if has(one, picture) != before.get(one.name) or picture.number != old.number:
                mark = "✓" if has(one, picture) else "…"
                words = board_words(one, picture, now, self._args.lang)
                output.say(self._args, f"{mark} {one.name}: {words}", f"{mark} {one.name}: {words}")
