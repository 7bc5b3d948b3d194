"""People who may log in: made, changed and stopped, each change with its row of the audit.

A name is what is typed to log in; it is never given away again, since the audit names people by it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ...errors import BadInput, Problem, Refused
from ...lettering import control_characters, nfc
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from . import audit, entry, notes, sessions
from .audit import Actor
from .passwords import Fresh
from .roles import Role, Viewer

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
MAX_FULL_NAME, MAX_EMAIL = 80, 200  # characters
MAX_ACCOUNTS = 5000  # of one hub, those that were stopped included
PASSWORD_DAYS = "password.days"  # noqa: S105 (the note that holds the greatest age of a password; 0: none)
MAX_PASSWORD_DAYS = 3650
_GIVEN = "abcdefghijkmnpqrstuvwxyz23456789"  # of passwords that we make: nothing that looks like another
GIVEN_GROUPS, GIVEN_SIZE = 4, 4  # 16 of 32 signs: 80 bits


@dataclass(frozen=True)
class Account:
    """Somebody who may log in."""

    id: int
    name: str
    full_name: str
    email: str
    role: Role
    communes: frozenset[str] | None  # None: all
    password_set: datetime
    must_change: bool
    locked_until: datetime | None
    disabled: datetime | None
    made: datetime
    seen: datetime | None

    def as_viewer(self) -> Viewer:
        return Viewer(self.id, self.name, self.full_name, self.role, self.communes)

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


@dataclass(frozen=True)
class Wanted:
    """What an account should be."""

    full_name: str
    role: Role
    communes: frozenset[str] | None
    email: str = ""

    def problems(self, connection: Connection) -> list[Problem]:
        """What is wrong with it, all at once; each names the field."""
        found = []
        if not 0 < len(self.full_name) <= MAX_FULL_NAME or control_characters(self.full_name):
            found.append(Problem("account-full-name", self.full_name, values={"most": MAX_FULL_NAME}))
        if self.email and not re.fullmatch(rf"[^\s@]{{1,100}}@[^\s@]{{1,{MAX_EMAIL - 101}}}", self.email):
            found.append(Problem("account-email", self.email))
        if self.communes is not None:
            known = set(connection.execute(select(t.commune.c.code)).scalars())
            if not self.communes:
                found.append(Problem("account-nowhere", self.full_name))
            for code in sorted(self.communes - known):
                found.append(Problem("account-commune", code, values={"known": ", ".join(sorted(known)) or "—"}))
        return found


def any_at_all(connection: Connection) -> bool:
    """Whether anybody may log in yet."""
    return connection.execute(select(t.account.c.id).where(t.account.c.disabled.is_(None)).limit(1)).first() is not None


def find(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(t.account).where(t.account.c.name == name.strip().lower())).first()
    return _account(connection, row) if row else None


def by_id(connection: Connection, ident: int) -> Account | None:
    row = connection.execute(select(t.account).where(t.account.c.id == ident)).first()
    return _account(connection, row) if row else None


def everyone(connection: Connection) -> list[Account]:
    """All of them, also those that were stopped, by name."""
    return _accounts(connection, connection.execute(select(t.account).order_by(t.account.c.name)).all())


def problems(connection: Connection, name: str, wanted: Wanted) -> list[Problem]:
    """What is wrong with a new account but its password."""
    named = [] if NAME.fullmatch(name) else [Problem("account-name", name, field="name")]
    return named + wanted.problems(connection)


def add(
    connection: Connection, name: str, wanted: Wanted, password: Fresh, by: Actor, now: datetime, *,
    must_change: bool = False,
) -> Account:  # fmt: skip
    """A new account. Raises `BadInput` with everything that is wrong, `Refused` (`account-there`, `account-many`)."""
    name = name.strip().lower()
    if found := [*problems(connection, name, wanted), *password.problems]:
        raise BadInput(found)
    if find(connection, name):
        raise Refused("account-there", name=name)
    if connection.execute(select(func.count()).select_from(t.account)).scalar_one() >= MAX_ACCOUNTS:
        raise Refused("account-many", most=MAX_ACCOUNTS)
    values = {"name": name, "password": password.kept, "password_set": to_ms(now), "made": to_ms(now)}
    values |= {"must_change": must_change, **_columns(wanted)}
    ident = connection.execute(insert(t.account).values(values).returning(t.account.c.id)).scalar_one()
    _put_communes(connection, ident, wanted.communes)
    audit.record(connection, by, "account.add", name, now, **_told(wanted))
    return _known(connection, ident)


def change(connection: Connection, account: Account, wanted: Wanted, by: Actor, now: datetime) -> Account:
    """Another role, other communes, another name; it must log in again when it may less or elsewhere.

    Raises `BadInput`, `Refused` (`account-last`: nobody would be left who may do this).
    """
    if problems := wanted.problems(connection):
        raise BadInput(problems)
    if not (wanted.role is Role.ADMIN and wanted.communes is None):
        _keep_one(connection, account)
    connection.execute(update(t.account).where(t.account.c.id == account.id).values(_columns(wanted)))
    _put_communes(connection, account.id, wanted.communes)
    if (wanted.role, wanted.communes) != (account.role, account.communes):
        sessions.end_all(connection, account.id)
    audit.record(connection, by, "account.change", account.name, now, **_told(wanted))
    return _known(connection, account.id)


def set_password(
    connection: Connection, account: Account, password: Fresh, by: Actor, now: datetime, *, must_change: bool = False
) -> None:
    """A new password; every log-in of the account ends. Raises `BadInput`."""
    if password.problems:
        raise BadInput(password.problems)
    values: dict[str, Any] = {"password": password.kept, "password_set": to_ms(now)}
    values |= {"must_change": must_change}
    connection.execute(update(t.account).where(t.account.c.id == account.id).values(values))
    entry.forgive(connection, account.id)
    sessions.end_all(connection, account.id)
    audit.record(connection, by, "account.password", account.name, now, must_change=must_change)


def disable(connection: Connection, account: Account, by: Actor, now: datetime) -> None:
    """It logs in no more, and is logged out. Raises `Refused` (`account-last`)."""
    _keep_one(connection, account)
    connection.execute(update(t.account).where(t.account.c.id == account.id).values(disabled=to_ms(now)))
    sessions.end_all(connection, account.id)
    audit.record(connection, by, "account.disable", account.name, now)


def unlock(connection: Connection, account: Account, by: Actor, now: datetime) -> None:
    """It may try again at once, and again when it was stopped."""
    connection.execute(update(t.account).where(t.account.c.id == account.id).values(disabled=None))
    entry.forgive(connection, account.id)
    audit.record(connection, by, "account.unlock", account.name, now)


def given_password() -> str:
    """A password for somebody else's first log-in, to be read aloud: `k7pw-…`."""
    groups = ("".join(secrets.choice(_GIVEN) for _ in range(GIVEN_SIZE)) for _ in range(GIVEN_GROUPS))
    return "-".join(groups)


def password_days(connection: Connection) -> int:
    """How old a password may grow, in days; 0: as old as it likes (NIST SP 800-63B-4, 3.1.1)."""
    found = notes.read(connection, PASSWORD_DAYS)
    return found if isinstance(found, int) else 0


def set_password_days(connection: Connection, days: int, by: Actor, now: datetime) -> None:
    """Raises `BadInput` (`password-days`)."""
    if not 0 <= days <= MAX_PASSWORD_DAYS:
        raise BadInput([Problem("password-days", str(days), values={"most": MAX_PASSWORD_DAYS})])
    notes.write(connection, PASSWORD_DAYS, days)
    audit.record(connection, by, "account.password-days", str(days), now)


def must_change(connection: Connection, account: Account, now: datetime) -> bool:
    """Whether it may do nothing before it has another password."""
    days = password_days(connection)
    return account.must_change or bool(days and now - account.password_set > timedelta(days=days))


def _keep_one(connection: Connection, but: Account) -> None:
    """Refuse what would leave nobody who may manage everybody."""
    admins = (
        select(t.account.c.id)
        .where(t.account.c.role == Role.ADMIN, t.account.c.everywhere, t.account.c.disabled.is_(None))
        .with_for_update()
    )  # two of them do not stop each other
    left = set(connection.execute(admins).scalars())
    if but.id in left and left == {but.id}:
        raise Refused("account-last", name=but.name)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "full_name": nfc(wanted.full_name), "email": wanted.email, "role": wanted.role.value,
        "everywhere": wanted.communes is None,
    }  # fmt: skip


def _told(wanted: Wanted) -> dict[str, Any]:
    where = "*" if wanted.communes is None else sorted(wanted.communes)
    return {"full_name": wanted.full_name, "role": wanted.role.value, "communes": where, "email": wanted.email}


def _put_communes(connection: Connection, ident: int, communes: frozenset[str] | None) -> None:
    connection.execute(delete(t.account_commune).where(t.account_commune.c.account == ident))
    if communes:
        rows = [{"account": ident, "commune": code} for code in sorted(communes)]
        connection.execute(insert(t.account_commune), rows)


def _known(connection: Connection, ident: int) -> Account:
    found = by_id(connection, ident)
    assert found is not None
    return found


def _account(connection: Connection, row: Row[Any]) -> Account:
    return _accounts(connection, [row])[0]


def _accounts(connection: Connection, rows: Iterable[Row[Any]]) -> list[Account]:
    rows = list(rows)
    of = t.account_commune
    query = select(of.c.account, of.c.commune)
    if len(rows) == 1:
        query = query.where(of.c.account == rows[0].id)
    where: dict[int, set[str]] = {}
    for account, commune in connection.execute(query):
        where.setdefault(account, set()).add(commune)
    return [_made(row, None if row.everywhere else frozenset(where.get(row.id, ()))) for row in rows]


def _made(row: Row[Any], communes: frozenset[str] | None) -> Account:
    def maybe(ms: int | None) -> datetime | None:
        return None if ms is None else from_ms(ms)

    return Account(
        row.id, row.name, row.full_name, row.email, Role(row.role), communes, from_ms(row.password_set),
        row.must_change, maybe(row.locked_until), maybe(row.disabled), from_ms(row.made), maybe(row.seen),
    )  # fmt: skip
