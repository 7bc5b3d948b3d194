"""Accounts: who may log in, as what, and where. For administrators, within their own communes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...errors import BadInput, Problem, Refused
from ..people import accounts, entry, passwords, sessions
from ..people.accounts import Account, Wanted
from ..people.roles import ROLES_SAY_VI, ROLES_VI, Role
from ..seen.fleet import communes_of
from .shell import Menu, Section
from .visit import Visit

PEOPLE, ADD = "/nguoi", "/them-nguoi"
EVERYWHERE = "*"  # the value of "all communes" in the form

section = Section("Tài khoản", menu=Menu(PEOPLE, "Tài khoản", 80, Role.ADMIN))
section.said |= {
    "nguoi-sua": "Đã lưu.",
    "nguoi-ngung": "Đã ngừng tài khoản; người này không đăng nhập được nữa.",
    "nguoi-mo": "Đã mở lại: người này đăng nhập được.",
    "nguoi-ra": "Đã kết thúc mọi lần đăng nhập của người này.",
    "tuoi": "Đã lưu tuổi của mật khẩu.",
}


@section.get(PEOPLE, least=Role.ADMIN)
def everybody(visit: Visit) -> Response:
    """Those that this administrator may change."""
    with visit.reading() as connection:
        found = [one for one in accounts.everyone(connection) if visit.viewer.may_manage(one.communes)]
        days, names = accounts.password_days(connection), communes_of(connection, None)
    return visit.page(
        "people.html", people=found, names=names, days=days, most=accounts.MAX_PASSWORD_DAYS,
        whole=visit.viewer.communes is None,
    )  # fmt: skip


@section.post("/tuoi-mat-khau", least=Role.ADMIN)
def password_days(visit: Visit) -> Response:
    """How old passwords may grow: of the whole hub, so for who sees all of it."""
    if visit.viewer.communes is not None:
        visit.refuse()
    with visit.writing() as connection:
        accounts.set_password_days(connection, visit.number("days"), visit.actor, visit.now)
    return visit.go(PEOPLE, said="tuoi")


@section.get(ADD, least=Role.ADMIN)
def new(visit: Visit) -> Response:
    """The form for one more."""
    return _form(visit, None, Wanted("", Role.AUDITOR, frozenset()))


@section.post(ADD, least=Role.ADMIN)
def add(visit: Visit) -> Response:
    """A new account with a password that we make, shown this once."""
    wanted, name, given = _wanted(visit), visit.text("name").lower(), accounts.given_password()
    fresh = passwords.fresh(given, name)
    try:
        with visit.writing() as connection:
            made = accounts.add(connection, name, wanted, fresh, visit.actor, visit.now, must_change=True)
    except (BadInput, Refused) as error:
        return _form(visit, None, wanted, _problems(error))
    return visit.page("given.html", person=made, given=given)


@section.get(PEOPLE + "/{name}", least=Role.ADMIN)
def one(visit: Visit) -> Response:
    """One account."""
    with visit.reading() as connection:
        account = _mine(visit, connection)
    return _form(visit, account, Wanted(account.full_name, account.role, account.communes, account.email))


@section.post(PEOPLE + "/{name}", least=Role.ADMIN)
def change(visit: Visit) -> Response:
    """Another role, other communes, another name."""
    wanted = _wanted(visit)
    with visit.reading() as connection:
        account = _mine(visit, connection)
    try:
        with visit.writing() as connection:
            accounts.change(connection, _mine(visit, connection), wanted, visit.actor, visit.now)
    except (BadInput, Refused) as error:
        return _form(visit, account, wanted, _problems(error))
    return visit.go(f"{PEOPLE}/{account.name}", said="nguoi-sua")


@section.post(PEOPLE + "/{name}/mat-khau", least=Role.ADMIN)
def give_password(visit: Visit) -> Response:
    """Another password for somebody who has forgotten his, shown this once."""
    given = accounts.given_password()
    fresh = passwords.fresh(given, visit.param("name"))
    with visit.writing() as connection:
        account = _mine(visit, connection)
        accounts.set_password(connection, account, fresh, visit.actor, visit.now, must_change=True)
    return visit.page("given.html", person=account, given=given)


@section.post(PEOPLE + "/{name}/ngung", least=Role.ADMIN)
def disable(visit: Visit) -> Response:
    """No more log-ins, and those that last end."""
    try:
        with visit.writing() as connection:
            account = _mine(visit, connection)
            accounts.disable(connection, account, visit.actor, visit.now)
    except Refused as error:
        wanted = Wanted(account.full_name, account.role, account.communes, account.email)
        return _form(visit, account, wanted, _problems(error))
    return visit.go(f"{PEOPLE}/{account.name}", said="nguoi-ngung")


@section.post(PEOPLE + "/{name}/mo", least=Role.ADMIN)
def unlock(visit: Visit) -> Response:
    """It may log in again."""
    with visit.writing() as connection:
        account = _mine(visit, connection)
        accounts.unlock(connection, account, visit.actor, visit.now)
    return visit.go(f"{PEOPLE}/{account.name}", said="nguoi-mo")


@section.post(PEOPLE + "/{name}/ra", least=Role.ADMIN)
def log_out(visit: Visit) -> Response:
    """End its log-ins, and the tokens of its programs."""
    with visit.writing() as connection:
        account = _mine(visit, connection)
        sessions.end_all(connection, account.id)
        visit.record(connection, "account.logout", account.name)
    return visit.go(f"{PEOPLE}/{account.name}", said="nguoi-ra")


def _mine(visit: Visit, connection: Connection) -> Account:
    """The account of the address, if it is this administrator's to change; else 404."""
    account = accounts.find(connection, visit.param("name"))
    if account is None or not visit.viewer.may_manage(account.communes):
        raise HTTPException(404)
    return account


def _wanted(visit: Visit) -> Wanted:
    """What the form says; nobody hands out more than he has."""
    ticked = frozenset(visit.texts("commune"))
    communes = None if EVERYWHERE in ticked else ticked
    if not visit.viewer.may_manage(communes):
        visit.refuse()
    if visit.text("role") not in list(Role):
        raise HTTPException(400)
    return Wanted(visit.text("full_name"), Role(visit.text("role")), communes, visit.text("email"))


def _form(visit: Visit, account: Account | None, wanted: Wanted, problems: Sequence[Problem] = ()) -> Response:
    with visit.reading() as connection:
        names = {code: name for code, name in communes_of(connection, None).items() if visit.viewer.may_see(code)}
        waits = entry.waits(connection, account.id, visit.now) if account else None
    return visit.page(
        "person.html", status=422 if problems else 200, account=account, wanted=wanted, problems=problems,
        names=names, whole=visit.viewer.communes is None, roles=ROLES_VI, roles_say=ROLES_SAY_VI,
        name=account.name if account else visit.text("name"), waits=waits,
    )  # fmt: skip


def _problems(error: BadInput | Refused) -> list[Problem]:
    return error.problems if isinstance(error, BadInput) else [Problem(error.code, "", values=error.values)]
