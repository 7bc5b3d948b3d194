"""One request as a page sees it: who asks, what it sent, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import origin
from ..people import accounts, audit, sessions
from ..people.accounts import Account
from ..people.audit import Actor
from ..people.roles import Role, Viewer
from ..people.sessions import Session
from ..store import Store
from .forms import Form

if TYPE_CHECKING:
    from .drawing import Drawing

COOKIE, SAFE_COOKIE = "bangtin-hub", "__Host-bangtin-hub"  # the second behind TLS: of this host alone
MAX_QUERY = 200  # characters of a value in an address
BY_ITSELF = "x-by-itself"  # a header of what a page's script asks for without a person's doing
READS_ONLY = "Tài khoản này không được làm việc đó."


@dataclass(frozen=True)
class Hub:
    """What pages may ask of the hub around them."""

    store: Store
    is_well: Callable[[], bool] = lambda: True  # whether reports are being written
    publications: Mapping[str, Path] = field(default_factory=dict)  # the office's folder by commune, where it is here
    more: Mapping[str, Any] = field(default_factory=dict)  # parts of the hub that one page alone knows, by name


@dataclass(frozen=True)
class Known:
    """Who asks: an account, and its log-in."""

    account: Account
    session: Session
    must_change: bool


@dataclass
class Visit:
    """One request; `known` is set before a page is called, unless the page is open to everybody."""

    hub: Hub
    drawing: Drawing
    request: Request
    now: datetime
    form: Form = field(default_factory=dict)
    known: Known | None = None

    @property
    def viewer(self) -> Viewer:
        """Raises `HTTPException` (401) on a page that is open to everybody."""
        if self.known is None:
            raise HTTPException(401)
        return self.known.account.as_viewer()

    # ── the store ────────────────────────────────────────────────────────────────────────────────

    def reading(self) -> AbstractContextManager[Connection]:
        """One moment for all that a page says."""
        return self.hub.store.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction for a change and its row of the audit."""
        return self.hub.store.writing()

    def record(self, connection: Connection, act: str, thing: str, *, commune: str = "", **detail: Any) -> None:
        """A row of the audit for what the viewer did."""
        audit.record(connection, self.actor, act, thing, self.now, commune=commune, **detail)

    @property
    def actor(self) -> Actor:
        return Actor(self.viewer.account, self.viewer.name)

    # ── what was sent ────────────────────────────────────────────────────────────────────────────

    def param(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def query(self, name: str, otherwise: str = "") -> str:
        """A value after `?`, cut to `MAX_QUERY` characters."""
        return self.request.query_params.get(name, otherwise).replace("\0", "")[:MAX_QUERY]

    def text(self, name: str) -> str:
        """A field of the form without the blanks around it; empty when it was not sent."""
        return (self.form.get(name) or [""])[-1].strip()

    def texts(self, name: str) -> list[str]:
        """All values of a field that may be ticked many times."""
        return self.form.get(name, [])

    def number(self, name: str) -> int:
        """A field that our own page filled with a number; raises `HTTPException` (400)."""
        value = self.text(name)
        if not (value.isascii() and value.isdecimal() and len(value) < 16):
            raise HTTPException(400)
        return int(value)

    def may_act(self, commune: str, least: Role = Role.OPERATOR) -> None:
        """Raises as the shell does for a commune in the address: 404 unseen, 403 not to be changed."""
        if not self.viewer.may_see(commune):
            raise HTTPException(404)
        if not self.viewer.may_act(commune, least):
            self.refuse(commune)

    def refuse(self, commune: str = "") -> NoReturn:
        """403, and a row of the audit when it was to change something."""
        if self.request.method == "POST":
            with self.writing() as connection:
                thing = self.request.url.path
                audit.bounded(connection, self.actor, "refused", thing, self.now, commune=commune)
        raise HTTPException(403, READS_ONLY)

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A template of `pages/templates`."""
        return self.drawing.page(self, template, status, values)

    def go(self, path: str, said: str = "") -> Response:
        """303 to another page of ours, which says the sentence of this word."""
        if said:
            path += f"{'&' if '?' in path else '?'}xong={quote(said)}"
        return RedirectResponse(path, 303)

    # ── where it comes from ──────────────────────────────────────────────────────────────────────

    @property
    def is_safe(self) -> bool:
        """Whether the person's browser speaks TLS, to us or to the proxy on this machine."""
        return origin.is_safe(self.request)

    @property
    def address(self) -> str:
        """Where the person is: behind a proxy on this machine, what the proxy says."""
        return origin.address(self.request)

    @property
    def cookie_name(self) -> str:
        return SAFE_COOKIE if self.is_safe else COOKIE

    @property
    def cookie(self) -> str | None:
        return self.request.cookies.get(self.cookie_name)

    @property
    def browser_name(self) -> str:
        """The cookie of `people.browsers`."""
        return f"{self.cookie_name}-quen"

    @property
    def browser(self) -> str:
        """That this browser is no stranger to an account; empty for one that is."""
        return self.request.cookies.get(self.browser_name, "")

    @property
    def bearer(self) -> str | None:
        """A program's token."""
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token else None

    @property
    def wants_page(self) -> bool:
        """Whether a person's browser opens a page, rather than a script or a program."""
        return "text/html" in self.request.headers.get("accept", "") and not self.is_by_itself

    @property
    def is_by_itself(self) -> bool:
        """Whether a page's script asks without a person's doing: no sign that somebody is there."""
        kind = self.request.headers.get("accept", "")
        return BY_ITSELF in self.request.headers or kind.startswith("text/event-stream")

    # ── who it is ────────────────────────────────────────────────────────────────────────────────

    def who(self, token: str, kind: str) -> Known | None:
        """The account and its log-in, while both are good."""
        with self.reading() as connection:
            session = sessions.find(connection, token, kind, self.now)
            account = accounts.by_id(connection, session.account) if session else None
            if session is None or account is None:
                return None
            return Known(account, session, accounts.must_change(connection, account, self.now))

    async def lasts(self, now: datetime) -> bool:
        """Whether the log-in is good still, with the same role and communes: for a stream, asked now and then."""
        self.now = now
        token = self.cookie
        known = await run_in_threadpool(self.who, token, sessions.PAGE) if token else None
        return known is not None and self.known is not None and known.account.as_viewer() == self.viewer
