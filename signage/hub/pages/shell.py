"""The shell of all pages: who may reach one, what it is given, and how it is answered.

A module of pages declares a `Section`; `pages/__init__.py` lists the sections. To add a page:

    section = Section("Bảng", menu=Menu("/", "Các bảng", 10))

    @section.get("/bang/{commune}/{board}")             # any role; `least=Role.ADMIN` for fewer
    def one(visit: Visit) -> Response:
        with visit.reading() as connection:             # one moment for all that the page says
            found = boards.find(connection, visit.param("commune"), visit.param("board"))
        if found is None:
            raise HTTPException(404)
        return visit.page("board.html", title=found.name, board=found)

What the shell has checked before `one` is called: the log-in lasts; the role covers `least`; and where the
address has `{commune}`, that the viewer may see it (else 404, as for one that there is not). Where it has
none, the page shows only `visit.viewer.sees(t.board.c.commune)`, a condition for its SELECT: this is the one
thing that the shell cannot do for a page, so a test walks every route with a viewer of another commune.
A template extends `base.html` and has `viewer`, `csrf`, `menu`, `here`, `now`, `said` and what it was given.

And a form, which is a POST of `application/x-www-form-urlencoded` and nothing else:

    <form method="post" action="/bang/{{ b.commune }}/{{ b.code }}/ghi-nhan">{{ token() }} … </form>

    @section.post("/bang/{commune}/{board}/ghi-nhan", said={"ghi-nhan": "Đã ghi nhận."})   # least: operator
    def acknowledge(visit: Visit) -> Response:
        with visit.writing() as connection:             # the change and its row of the audit: one transaction
            alarms.acknowledge(connection, visit.number("alarm"), visit.viewer.account, visit.now)
            visit.record(connection, "alarm.acknowledge", visit.param("board"), commune=visit.param("commune"))
        return visit.go("/bang/…", said="ghi-nhan")     # 303, and the sentence above on the page that follows

The shell has checked that it comes from a page of ours (Sec-Fetch-Site or Origin), that its token is this
log-in's, and `may_act` on `{commune}`; what it refuses becomes a row of the audit. A commune that comes in a
field is checked by the form itself: `visit.may_act(commune)` raises as the shell would. `BangtinError`s become
a page with their sentence; `BadInput` is better shown beside the form. A stream (`@section.stream`) is an
`async def` that may ask `await visit.lasts()` now and then, and ends when the answer is no. A program may get
every page that is declared with `programs=True`, by `Authorization: Bearer` (`bangtin hub account token`).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...errors import BangtinError, Refused, Unavailable
from ..people import sessions
from ..people.roles import Role
from . import forms
from .drawing import HEADERS, Drawing
from .visit import Hub, Known, Visit

LOGIN, PASSWORD = "/dang-nhap", "/mat-khau"


class Answers(Protocol):
    """A page."""

    def __call__(self, visit: Visit, /) -> Response: ...


class Streams(Protocol):
    """A stream, in the event loop's own thread."""

    def __call__(self, visit: Visit, /) -> Awaitable[Response]: ...


@dataclass(frozen=True)
class Menu:
    """Where a section stands in the menu; the smallest `place` first."""

    path: str
    label: str
    place: int
    least: Role = Role.AUDITOR


@dataclass(frozen=True)
class Declared:
    """One page, form or stream. `least` None: anybody, also who has not logged in."""

    method: str
    path: str
    least: Role | None
    answers: Answers | None
    streams: Streams | None = None
    own: bool = False  # about the viewer's own account: an auditor may send it too, whose password is old as well
    programs: bool = False


@dataclass
class Section:
    """The pages of one module."""

    title: str
    menu: Menu | None = None
    declared: list[Declared] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)

    def get(
        self, path: str, *, least: Role = Role.AUDITOR, own: bool = False, programs: bool = False
    ) -> Callable[[Answers], Answers]:
        """A page, or a file, for whoever has at least this role; `programs`: also by a program's token."""

        def declare(answers: Answers) -> Answers:
            self.declared.append(Declared("GET", path, least, answers, own=own, programs=programs))
            return answers

        return declare

    def post(
        self, path: str, *, least: Role = Role.OPERATOR, own: bool = False, said: dict[str, str] | None = None
    ) -> Callable[[Answers], Answers]:
        """A form; `said`: what the page that follows may say, by the word that `visit.go` is given."""
        self.said |= said or {}

        def declare(answers: Answers) -> Answers:
            self.declared.append(Declared("POST", path, least, answers, own=own))
            return answers

        return declare

    def open(self, path: str, method: str = "GET") -> Callable[[Answers], Answers]:
        """For everybody: the log-in, and what it is made of."""

        def declare(answers: Answers) -> Answers:
            self.declared.append(Declared(method, path, None, answers))
            return answers

        return declare

    def stream(self, path: str, *, least: Role = Role.AUDITOR) -> Callable[[Streams], Streams]:
        """An answer that goes on, such as `text/event-stream`."""

        def declare(streams: Streams) -> Streams:
            self.declared.append(Declared("GET", path, least, None, streams))
            return streams

        return declare


class Shell:
    """All sections as routes of the application."""

    def __init__(self, hub: Hub, sections: Iterable[Section]) -> None:
        self._hub, self._sections = hub, tuple(sections)
        said = {word: sentence for section in self._sections for word, sentence in section.said.items()}
        menu = sorted((s.menu for s in self._sections if s.menu), key=lambda one: one.place)
        self.drawing = Drawing(menu, said)

    def routes(self) -> list[Route]:
        """In the order in which they were declared."""
        return [
            Route(one.path, self._endpoint(one), methods=[one.method])
            for section in self._sections
            for one in section.declared
        ]

    def missing(self, request: Request, error: Exception) -> Response:
        """404 in words, the same for what is not there and for what is not shown; 405 too."""
        visit = Visit(self._hub, self.drawing, request, datetime.now(UTC))
        visit.known = visit.who(visit.cookie, sessions.PAGE) if visit.cookie else None
        return self.drawing.trouble(visit, error.status_code if isinstance(error, HTTPException) else 404)

    def broken(self, request: Request, error: Exception) -> Response:
        """500 in words, which asks the store for nothing; what broke is in the log, not on the page."""
        answer = self.drawing.trouble(Visit(self._hub, self.drawing, request, datetime.now(UTC)), 500)
        answer.headers.update(HEADERS)  # it goes out past the middleware that sets them
        return answer

    def _endpoint(self, one: Declared) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            visit = Visit(self._hub, self.drawing, request, datetime.now(UTC))
            try:
                if one.method == "POST":
                    visit.form = await forms.read(request)
                answer = await run_in_threadpool(self._reach, one, visit)
                if answer is None:
                    assert one.streams is not None
                    answer = await one.streams(visit)
            except HTTPException as error:
                answer = await run_in_threadpool(self.drawing.trouble, visit, error.status_code, str(error.detail))
            except BangtinError as error:
                status = 409 if isinstance(error, Refused) else 503 if isinstance(error, Unavailable) else 422
                answer = await run_in_threadpool(self.drawing.trouble, visit, status, error.told("vi"))
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return endpoint

    def _reach(self, one: Declared, visit: Visit) -> Response | None:
        """The page's answer, or another in its place; None for a stream that may begin."""
        if one.method == "POST":
            forms.refuse_foreign(visit.request)
        if one.least is not None and (other := self._let_in(one, visit, one.least)):
            return other
        return one.answers(visit) if one.answers else None

    def _let_in(self, one: Declared, visit: Visit, least: Role) -> Response | None:
        """Refuse, or send to the log-in; None when the page may be asked."""
        visit.known = self._known(one, visit)
        if visit.known is None:
            return self._log_in_first(visit)
        if visit.known.must_change and not one.own and visit.known.session.kind == sessions.PAGE:  # no program can
            return RedirectResponse(PASSWORD, 303)
        commune = visit.request.path_params.get("commune")
        if commune is not None and not visit.viewer.may_see(commune):
            raise HTTPException(404)
        if one.method == "POST" and not hmac.compare_digest(visit.known.session.csrf, visit.text("csrf")):
            raise HTTPException(403, forms.EXPIRED)
        if not visit.viewer.role.covers(Role.AUDITOR if one.own else least):
            visit.refuse(commune or "")
        return None

    def _known(self, one: Declared, visit: Visit) -> Known | None:
        """Whose log-in it is, or whose program's."""
        bearer = visit.bearer if one.programs else None
        kind, token = (sessions.TOKEN, bearer) if bearer else (sessions.PAGE, visit.cookie)
        known = visit.who(token, kind) if token else None
        if known and not visit.is_by_itself and visit.now - known.session.seen > sessions.TOUCH:
            with self._hub.store.writing() as connection:
                sessions.touch(connection, known.session, visit.now)
        return known

    def _log_in_first(self, visit: Visit) -> Response:
        if not visit.wants_page:
            raise HTTPException(401)
        return RedirectResponse(LOGIN + forms.then(visit.request), 303)
