"""`bangtin submit`, `approve`: who says yes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput, Refused, WrongUse
from ..settings import Member, Settings, load
from . import browser, output
from .commune import WRITTEN, hinted, notice_id
from .verbs import Verbs, verb

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.desk import Desk, Signatory


def add(verbs: Verbs) -> None:
    submit = signing_verb(verbs, "submit", _submit, "người biên tập vẽ, xem, ký: chờ người khác duyệt")
    submit.add_argument("notices", nargs="*", metavar="THÔNG-BÁO")
    submit.add_argument("--all", action="store_true", help="mọi thông báo chưa trình")
    approve = signing_verb(verbs, "approve", _approve, "người duyệt xem đúng các tệp sẽ lên bảng rồi ký", who=False)
    approve.add_argument("notices", nargs="*", metavar="THÔNG-BÁO")
    approve.add_argument("--as", dest="person", default=None, metavar="NGƯỜI", help="mã người ký, ví dụ p3")
    approve.add_argument("--all", action="store_true", help="mọi thông báo đang chờ")
    approve.add_argument("--list", action="store_true", help="chỉ liệt kê những gì đang chờ duyệt")
    for one in (submit, approve):
        one.add_argument("--web", action="store_true", help="mở trang xem và ký trên trình duyệt của máy này")
        one.add_argument("--no-browser", action="store_true", help="với --web: chỉ in địa chỉ, không mở trình duyệt")


def signing_verb(
    verbs: Verbs, name: str, run: Callable[[argparse.Namespace], int], words: str,
    *, who: bool = True,
) -> argparse.ArgumentParser:  # fmt: skip
    made = verb(verbs, name, run, words)
    made.add_argument("--key", type=Path, default=None, help="tệp khóa riêng (mặc định: keys/people/NGƯỜI.pem)")
    made.add_argument("--passphrase-file", default=None, help="đọc mật khẩu từ tệp thay vì gõ")
    made.add_argument("--yes", action="store_true", help="không hỏi lại")
    if who:
        made.add_argument("--as", dest="person", required=True, metavar="NGƯỜI", help="mã người ký, ví dụ p1")
    return made


def desk_of(settings: Settings) -> Desk:
    """The commune's desk, with the people whom the offline key has signed."""
    from ..office.boards import signed_people
    from ..office.desk import Desk

    return Desk(settings, signed_people(settings))


def signatory(args: argparse.Namespace, settings: Settings, *roles: str) -> Signatory:
    """The person named by `--as`, in the first of these roles that they have, with their key unlocked."""
    from ..office.desk import Signatory

    _, role = member_as(args, settings, *roles)
    return Signatory(args.person, role, output.unlock(browser.key_file(args), args))


def member_as(args: argparse.Namespace, settings: Settings, *roles: str) -> tuple[Member, str]:
    """The person named by `--as`, and the first of these roles that they have."""
    if not args.person:
        raise WrongUse("answer-missing", option="--as")
    member = settings.member(args.person)
    if member is None:
        raise Refused("person-unknown", person=args.person, known=", ".join(m.id for m in settings.members))
    role = next((r for r in roles if r in member.roles), None)
    if role is None:
        raise Refused("role-missing", person=args.person, roles=", ".join(roles))
    return member, role


def _submit(args: argparse.Namespace) -> int:
    from ..office import brevity
    from ..office.knowledge import overview

    settings = load(args.dir)
    if args.web:
        return browser.submit(args, settings, lambda: desk_of(settings), *member_as(args, settings, "author"))
    desk, now = desk_of(settings), datetime.now(UTC)
    ids = [notice_id(settings, n) for n in args.notices]
    if args.all:
        every = overview.seen(settings, desk, now)
        ids += [p.values["notice"] for p in every.unsigned() if p.code in WRITTEN]
        if errors := [p for p in every.folder.problems if p.severity == "error"]:
            raise BadInput(errors)
    if not ids:
        raise WrongUse("nothing-named")
    output.problems(hinted(settings, ids), args)  # before the passphrase: there is still time to stop
    who = signatory(args, settings, "author")
    submitted = desk.submit(ids, who, datetime.now(UTC))
    for name in desk.bared:
        output.say(args, f"Đã gỡ dữ liệu ẩn (nơi chụp, giờ chụp, máy chụp) khỏi {name}; hình không đổi.",
                   f"Took hidden data (place, time, camera) out of {name}; what it shows is unchanged.")  # fmt: skip
    made = [desk.book.notice(standing.statement) for standing in submitted]
    output.problems(brevity.of_all(made, settings.commune, settings.boards), args)
    for standing in submitted:
        count = sum(len(s) for s in standing.statement.slides.values())
        output.say(args, f"Đã trình {standing.statement.notice}: {count} hình cho bảng, chờ người khác duyệt.",
                   f"Submitted {standing.statement.notice}: {count} slides, waits for another person.")  # fmt: skip
        for mb in sorted({s.film.size / 1e6 for each in standing.statement.slides.values() for s in each if s.film}):
            output.say(args, f"  kèm phim {mb:.1f} MB: mỗi bảng tải một lần, sau mọi thứ khác.",
                       f"  with a film of {mb:.1f} MB: each board fetches it once, after all else.")  # fmt: skip
    return 0


def _approve(args: argparse.Namespace) -> int:
    from ..office import preview
    from ..office.knowledge import overview

    settings = load(args.dir)
    desk = desk_of(settings)
    if args.web:
        return browser.approve(
            args, settings, lambda: desk_of(settings), *member_as(args, settings, "approver", "duty")
        )
    now, ids = datetime.now(UTC), [notice_id(settings, n) for n in args.notices]
    whole = args.list or args.all
    waiting = overview.seen(settings, desk, now).waiting(desk) if whole else desk.waiting(ids)
    notes = desk.book.notes()
    if args.list:
        for standing in waiting:
            back = "\t(đã trả lại)" if standing.sha256 in notes else ""
            print(f"{standing.statement.notice}\t{standing.statement.title}{back}")
        return 0
    ids = [s.statement.notice for s in waiting if s.sha256 not in notes] if args.all else ids
    if not ids:
        raise WrongUse("nothing-named") if not args.all else Refused("nothing-waits", notice="*")
    who = signatory(args, settings, "approver", "duty")
    chosen = [s for s in waiting if s.statement.notice in ids]
    page = preview.sheet(settings, desk, chosen, settings.state / "duyet", now) if chosen else None
    output.say(args, f"Đúng các tệp sẽ lên bảng, mở để xem: {page}", f"The very files for the boards, open: {page}")
    for warning in [*preview.strange_files(desk, chosen), *preview.redrawn_differently(desk, chosen)]:
        output.problems([warning], args)
    if not output.sure(args, f"Gõ “duyệt” để ký {len(ids)} thông báo:", f"Type “yes” to sign {len(ids)}:", "duyệt"):
        raise Refused("not-confirmed")
    shown = {s.statement.notice: s.sha256 for s in chosen}
    for standing in desk.approve(ids, who, datetime.now(UTC), shown):
        output.say(args, f"Đã duyệt {standing.statement.notice}.", f"Approved {standing.statement.notice}.")
    return 0
