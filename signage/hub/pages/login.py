"""Log in and out, one's own password, one's own log-ins."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from ...errors import Problem
from ..people import accounts, audit, browsers, entry, passwords, sessions
from ..people.audit import Actor
from .forms import next_of
from .shell import LOGIN, PASSWORD, Section
from .visit import Visit

SESSIONS = "/phien"
WRONG = (
    "Tên hoặc mật khẩu không đúng, hoặc đã gõ sai nhiều lần nên phải chờ. "
    "Xem lại rồi thử lại sau ít phút; quên mật khẩu thì hỏi người quản trị."
)

section = Section("Tài khoản của tôi")


@section.open(LOGIN)
def ask(visit: Visit) -> Response:
    """The form; and what to type on the hub's machine while nobody has an account."""
    return _form(visit)


@section.open(LOGIN, "POST")
def log_in(visit: Visit) -> Response:
    """A new log-in, never one that was there before: a token that somebody planted is worth nothing."""
    with visit.writing() as connection:
        tried = entry.begin(connection, visit.text("name"), visit.address, visit.now, visit.browser)
    if tried.address_waits:
        return _form(visit, 429, f"Nơi này đã gõ sai quá nhiều lần. Thử lại sau {_minutes(visit, tried)} phút.")
    typed = (visit.form.get("password") or [""])[-1]  # blanks around a password are part of it
    right = entry.is_right(tried, typed)
    with visit.writing() as connection:
        account = entry.end(connection, tried, right, visit.now)
        if account is None:
            return _form(visit, 403, WRONG)
        if visit.cookie:
            sessions.end_token(connection, visit.cookie)
        token = _open(visit, connection, account)
        audit.record(connection, Actor(account, tried.name), "login", tried.address, visit.now)
    known = browsers.mark(account, tried.kept or "")
    return _with_token(visit, RedirectResponse(next_of(visit.text("tiep")), 303), token, known)


@section.post("/dang-xuat", own=True)
def log_out(visit: Visit) -> Response:
    """End this log-in."""
    assert visit.known
    with visit.writing() as connection:
        sessions.end(connection, visit.viewer.account, visit.known.session.token_sha)
        visit.record(connection, "logout", visit.address)
    return _gone(visit)


@section.get(PASSWORD, own=True)
def password(visit: Visit) -> Response:
    """The form for another password."""
    return _password(visit, [])


@section.post(PASSWORD, own=True, said={"mat-khau": "Đã đổi mật khẩu. Các lần đăng nhập khác đã kết thúc."})
def change_password(visit: Visit) -> Response:
    """The old one is asked again: a log-in that was left open gives nobody the account."""
    assert visit.known
    account = visit.known.account
    old, new, again = ((visit.form.get(name) or [""])[-1] for name in ("old", "new", "again"))
    with visit.writing() as connection:
        tried = entry.begin(connection, account.name, visit.address, visit.now, visit.browser)
    right = entry.is_right(tried, old)
    fresh = passwords.fresh(new, account.name)
    problems = list(fresh.problems)
    if new != again:
        problems.append(Problem("password-differs", account.name))
    elif new == old:
        problems.append(Problem("password-same", account.name))
    with visit.writing() as connection:
        if entry.end(connection, tried, right, visit.now) is None:
            problems.insert(0, Problem("password-wrong", account.name))
        if problems:
            return _password(visit, problems)
        accounts.set_password(connection, account, fresh, visit.actor, visit.now)
        token = _open(visit, connection, account.id)
    return _with_token(visit, visit.go("/", said="mat-khau"), token, browsers.mark(account.id, fresh.kept))


@section.get(SESSIONS, own=True)
def mine(visit: Visit) -> Response:
    """Where one is logged in."""
    assert visit.known
    with visit.reading() as connection:
        found = sessions.of_account(connection, visit.viewer.account, visit.now)
    return visit.page("sessions.html", sessions=found, this=visit.known.session.mark)


@section.post(SESSIONS, own=True, said={"phien": "Đã kết thúc."})
def end(visit: Visit) -> Response:
    """End one of them by its mark, or all."""
    assert visit.known
    mark = visit.text("mark")
    with visit.writing() as connection:
        if mark:
            sessions.end(connection, visit.viewer.account, mark)
        else:
            sessions.end_all(connection, visit.viewer.account)
        visit.record(connection, "logout", visit.address, all=not mark)
    return _gone(visit) if mark in ("", visit.known.session.mark) else visit.go(SESSIONS, said="phien")


def _form(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    with visit.reading() as connection:
        anybody = accounts.any_at_all(connection)
    after = next_of(visit.query("tiep") or visit.text("tiep") or "/")
    return visit.page("login.html", status=status, wrong=wrong, anybody=anybody, after=after, name=visit.text("name"))


def _password(visit: Visit, problems: list[Problem]) -> Response:
    assert visit.known
    return visit.page(
        "password.html", status=422 if problems else 200, problems=problems, least=passwords.SHORTEST,
        asked=visit.known.must_change,
    )  # fmt: skip


def _open(visit: Visit, connection: Connection, account: int) -> str:
    agent = visit.request.headers.get("user-agent", "")
    return sessions.open_new(connection, account, visit.now, address=visit.address, agent=agent)


def _with_token(visit: Visit, answer: Response, token: str, known: str) -> Response:
    """The log-in, and that this browser is no stranger to the account."""
    for name, value, lasts in ((visit.cookie_name, token, None), (visit.browser_name, known, browsers.DAYS * 86_400)):
        answer.set_cookie(
            name, value, max_age=lasts, secure=visit.is_safe, httponly=True, samesite="strict", path="/"
        )  # fmt: skip
    return answer


def _gone(visit: Visit) -> Response:
    answer = RedirectResponse(LOGIN, 303)
    answer.delete_cookie(visit.cookie_name, path="/", secure=visit.is_safe, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _minutes(visit: Visit, tried: entry.Try) -> int:
    assert tried.address_waits
    return max(1, -int((visit.now - tried.address_waits).total_seconds() // 60))
