"""`bangtin hub account`, `bangtin hub audit`: people of the hub, on the hub's own machine.

Whoever may write the hub's folder may do all of this: here the first administrator is made, and here one who
locked himself out is let in again. Every change is a row of the audit, by `box`.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import durable
from ..errors import BadInput, Problem, Refused, WrongUse
from .output import as_json, say, when

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ..hub.people.accounts import Account
    from ..hub.store import Store

MAX_TYPED = 1000  # characters of a password on stdin
MAX_TRIES = 5  # to type a new password twice alike
TOKEN_DAYS = 366  # how long a program's token lasts, unless --days says otherwise

Verbs = argparse._SubParsersAction  # of one more level


def add(hub: Verbs[argparse.ArgumentParser]) -> None:
    """The verbs below `bangtin hub`."""
    account = hub.add_parser("account", help="người được đăng nhập vào các trang của máy chủ")
    verbs = account.add_subparsers(dest="act", metavar="VIỆC", required=True)
    _add_add(verbs)
    told = "đặt mật khẩu mới cho một người"
    password = _verb(verbs, "password", told, run_password)
    password.add_argument("--give", action="store_true", help="tự đặt một mật khẩu, in ra một lần; lần đầu phải đổi")
    _verb(verbs, "disable", "không cho một người đăng nhập nữa", run_disable)
    _verb(verbs, "unlock", "cho đăng nhập lại: hết khóa tạm, hết bị ngừng", run_unlock)
    token = _verb(verbs, "token", "cấp mã cho một chương trình đọc số liệu", run_token)
    token.add_argument("--to", type=Path, default=None, metavar="TỆP", help="ghi mã vào tệp này thay vì in ra")
    token.add_argument("--days", type=int, default=TOKEN_DAYS, help=f"dùng được bao nhiêu ngày (mặc định {TOKEN_DAYS})")
    listed = verbs.add_parser("list", help="các tài khoản", description="Các tài khoản của máy chủ.")
    _common(listed, run_list)
    listed.add_argument("--json", action="store_true", help="in cho chương trình đọc")
    audit = hub.add_parser(
        "audit",
        help="nhật ký việc đã làm trên máy chủ",
        description="Kiểm tra chuỗi nhật ký: mỗi dòng ghi dấu của dòng trước. Chép lại dấu cuối để lần sau so: ai cắt"
        " bớt các dòng cuối thì chỉ so dấu ấy mới biết.",
    )
    _common(audit, run_audit)
    audit.add_argument("--verify", action="store_true", required=True, help="kiểm tra từng dòng")
    audit.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")


def _add_add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    told = "thêm người được đăng nhập"
    made = _verb(verbs, "add", told, run_add)
    made.add_argument(
        "--role", choices=("admin", "operator", "auditor"), required=True,
        help="admin: quản trị, kể cả tài khoản; operator: vận hành; auditor: chỉ xem",
    )  # fmt: skip
    made.add_argument("--full-name", default="", metavar="TÊN", help="họ và tên (mặc định: tên đăng nhập)")
    made.add_argument("--email", default="", metavar="ĐỊA-CHỈ", help="thư điện tử")
    made.add_argument(
        "--commune", action="append", default=None, metavar="MÃ", help="xã được xem, nhiều lần được (mặc định: mọi xã)"
    )
    made.add_argument("--give", action="store_true", help="tự đặt một mật khẩu, in ra một lần; lần đầu phải đổi")


def _verb(
    verbs: Verbs[argparse.ArgumentParser], name: str, told: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=told, description=told[0].upper() + told[1:] + ".")
    verb.add_argument("name", metavar="TÊN", help="tên đăng nhập, như nguyen.lan")
    _common(verb, run)
    return verb


def _common(verb: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int]) -> None:
    verb.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục riêng của máy chủ")
    verb.set_defaults(run=run)


def run_add(args: argparse.Namespace) -> int:
    """Raises `BadInput` with everything that is wrong, `Refused` (`account-there`)."""
    with _store(args.dir) as store:
        from ..hub.people import accounts, passwords
        from ..hub.people.audit import ON_THE_BOX
        from ..hub.people.roles import Role

        name = args.name.strip().lower()
        communes = None if args.commune is None else frozenset(args.commune)
        wanted = accounts.Wanted(args.full_name.strip() or name, Role(args.role), communes, args.email)
        with store.reading() as connection:  # before anybody types a password twice
            if problems := accounts.problems(connection, name, wanted):
                raise BadInput(problems)
            if accounts.find(connection, name):
                raise Refused("account-there", name=name)
        password = _password(args, name)
        fresh = passwords.fresh(password, name)
        with store.writing() as connection:
            accounts.add(connection, name, wanted, fresh, ON_THE_BOX, _now(), must_change=args.give)
    _tell_given(args, password)
    say(args, f"Đã thêm {name}.", f"Added {name}.")
    return 0


def run_password(args: argparse.Namespace) -> int:
    """Raises `Refused` (`account-missing`), `BadInput`."""
    with _store(args.dir) as store:
        from ..hub.people import accounts, passwords
        from ..hub.people.audit import ON_THE_BOX

        with store.reading() as connection:
            name = _account(connection, args.name).name
        password = _password(args, name)
        fresh = passwords.fresh(password, name)
        with store.writing() as connection:
            account = _account(connection, name)
            accounts.set_password(connection, account, fresh, ON_THE_BOX, _now(), must_change=args.give)
    _tell_given(args, password)
    say(args, f"Đã đổi mật khẩu của {name}; mọi lần đăng nhập của người này đã kết thúc.",
        f"The password of {name} is changed; all log-ins have ended.")  # fmt: skip
    return 0


def run_disable(args: argparse.Namespace) -> int:
    """Raises `Refused` (`account-missing`, `account-last`)."""
    with _store(args.dir) as store, store.writing() as connection:
        from ..hub.people import accounts
        from ..hub.people.audit import ON_THE_BOX

        account = _account(connection, args.name)
        accounts.disable(connection, account, ON_THE_BOX, _now())
    say(args, f"{account.name} không đăng nhập được nữa.", f"{account.name} cannot log in any more.")
    return 0


def run_unlock(args: argparse.Namespace) -> int:
    """Raises `Refused` (`account-missing`)."""
    with _store(args.dir) as store, store.writing() as connection:
        from ..hub.people import accounts
        from ..hub.people.audit import ON_THE_BOX

        account = _account(connection, args.name)
        accounts.unlock(connection, account, ON_THE_BOX, _now())
    say(args, f"{account.name} đăng nhập lại được.", f"{account.name} can log in again.")
    return 0


def run_token(args: argparse.Namespace) -> int:
    """Prints the token once, or writes it into a file of its owner alone.

    Raises `Refused` (`account-missing`), `BadInput` (`token-days`).
    """
    with _store(args.dir) as store, store.writing() as connection:
        from ..hub.people import audit, sessions

        account = _account(connection, args.name)
        if not 1 <= args.days <= sessions.TOKEN_DAYS:
            raise BadInput([Problem("token-days", "--days", values={"most": sessions.TOKEN_DAYS})])
        lasts, now = timedelta(days=args.days), _now()
        token = sessions.open_new(
            connection, account.id, now, address="", agent="", kind=sessions.TOKEN, lasts=lasts
        )  # fmt: skip
        audit.record(connection, audit.ON_THE_BOX, "account.token", account.name, now, days=args.days)
        if args.to:
            durable.write(args.to, f"{token}\n".encode(), mode=0o600)
    end = when(now + lasts)
    vi, en = f"Mã của {account.name}, chỉ đọc được, đến {end}", f"Token of {account.name}, reads only, until {end}"
    if args.to:
        say(args, f"{vi}: đã ghi vào {args.to}.", f"{en}: written to {args.to}.")
    else:
        say(args, f"{vi}; in ra một lần này:\n{token}", f"{en}; printed this once:\n{token}")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """Who may log in."""
    with _store(args.dir) as store, store.reading() as connection:
        from ..hub.people import accounts

        found, now = accounts.everyone(connection), _now()
    if args.json:
        as_json({"v": 1, "accounts": [_as_json(one) for one in found]})
        return 0
    if not found:
        say(args, "Chưa có tài khoản nào. Thêm: bangtin hub account add TÊN --role admin --dir THƯ-MỤC",
            "There is no account yet. Add one: bangtin hub account add NAME --role admin --dir FOLDER")  # fmt: skip
    for one in found:
        where = ("mọi xã", "all communes") if one.communes is None else (", ".join(sorted(one.communes)),) * 2
        state = (
            ("đã ngừng", "disabled")
            if one.disabled
            else ("đang khóa tạm", "locked")
            if one.is_locked(now)
            else ("", "")
        )
        seen = (
            (f"đăng nhập {when(one.seen)}", f"logged in {when(one.seen)}") if one.seen else ("chưa đăng nhập", "never")
        )
        vi, en = ([one.name, one.full_name, one.role.value, where[i], seen[i], state[i]] for i in (0, 1))
        say(args, " · ".join(filter(None, vi)), " · ".join(filter(None, en)))
    return 0


def run_audit(args: argparse.Namespace) -> int:
    """Exit 3 and `hub-audit-broken` when a row does not fit."""
    with _store(args.dir) as store, store.reading() as connection:
        from ..hub.people import audit

        chain = audit.verify(connection)
    if args.json:
        as_json(
            {"v": 1, "ok": chain.broken is None, "rows": chain.rows, "newest": chain.newest, "broken": chain.broken}
        )
    if chain.broken is not None:
        raise Refused("hub-audit-broken", row=chain.broken)
    if not args.json:
        say(args, f"Nhật ký nguyên vẹn: {chain.rows} dòng, dấu cuối {chain.newest}.",
            f"The audit is whole: {chain.rows} rows, newest hash {chain.newest}.")  # fmt: skip
    return 0


@contextmanager
def _store(folder: Path) -> Iterator[Store]:
    from ..hub.store import open_store

    with open_store(folder) as store:
        yield store


def _account(connection: Connection, name: str) -> Account:
    from ..hub.people import accounts

    found = accounts.find(connection, name)
    if found is None:
        raise Refused("account-missing", name=name)
    return found


def _password(args: argparse.Namespace, name: str) -> str:
    """Made, asked for twice, or a line of stdin. Raises `WrongUse` (`answer-missing`)."""
    from ..hub.people import accounts, passwords

    if args.give:
        return accounts.given_password()
    if not sys.stdin.isatty():
        return sys.stdin.readline(MAX_TYPED).rstrip("\r\n")
    for _ in range(MAX_TRIES):
        told = f"Mật khẩu mới của {name}: " if args.lang == "vi" else f"New password of {name}: "
        typed = getpass.getpass(told)
        if problems := passwords.problems(typed, name):
            print("\n".join(problem.told(args.lang) for problem in problems), file=sys.stderr)
        elif typed == getpass.getpass("Gõ lại: " if args.lang == "vi" else "Again: "):
            return typed
        else:
            say(args, "Hai lần gõ không giống nhau.", "They differ.")
    raise WrongUse("answer-missing", option="password")


def _tell_given(args: argparse.Namespace, password: str) -> None:
    if args.give:
        say(args, f"Mật khẩu lần đầu, in ra một lần này: {password}", f"First password, printed this once: {password}")


def _as_json(account: Account) -> dict[str, Any]:
    def maybe(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="seconds") if moment else None

    return {
        "name": account.name, "full_name": account.full_name, "email": account.email, "role": account.role.value,
        "communes": None if account.communes is None else sorted(account.communes),
        "disabled": maybe(account.disabled), "locked_until": maybe(account.locked_until), "seen": maybe(account.seen),
    }  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)
