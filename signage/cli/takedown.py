"""`bangtin withdraw`, `hide`, `show`, `safe`: who takes down, at night too: signed, published and answered at once."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import BangtinError, Refused, WrongUse
from ..settings import Board, Settings, load
from . import confirming, output, urgent
from .approval import desk_of, signatory, signing_verb
from .commune import notice_id

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.desk import Desk, Signatory
    from ..office.standing import Standing

MARK = re.compile(r"[0-9a-f]{12,64}")  # the beginning of a statement's SHA-256
TAKING, GIVING = ("approver", "author", "duty"), ("approver",)  # who may take down; who may show again
ACTS = {
    "withdraw": "thu hồi hẳn một thông báo, có lý do, và phát hành ngay",
    "hide": "ẩn ngay một thông báo khỏi bảng và trang",
    "show": "cho hiện lại thông báo đã ẩn (người duyệt)",
}
SAFE = {
    "on": ("hide", "mọi bảng hiện ngay hình an toàn, không chiếu thông báo nào (một người là đủ)"),
    "off": ("show", "thôi hình an toàn, chiếu lại như thường (người duyệt)"),
}


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for act, words in ACTS.items():
        verb = signing_verb(verbs, act, _take_back, words)
        verb.add_argument(
            "notice", metavar="THÔNG-BÁO", help="mã thông báo, tệp của nó, hay dấu ghi ở máy chủ tình trạng"
        )
        verb.add_argument("--reason", default="", help="lý do, người dân đọc được")
        verb.set_defaults(act=act)
        add_publishing(verb)
    safe = verbs.add_parser("safe", help="hình an toàn trên mọi bảng", description="hình an toàn trên mọi bảng")
    acts = safe.add_subparsers(metavar="VIỆC", required=True)
    for name, (act, words) in SAFE.items():
        verb = signing_verb(acts, name, _safe, words)
        verb.add_argument("--reason", default="", help="lý do, ghi vào sổ duyệt")
        verb.set_defaults(act=act)
        add_publishing(verb)


def add_publishing(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--no-publish", action="store_true", help="chỉ ký, chưa phát hành")
    confirming.add_options(verb)


def _take_back(args: argparse.Namespace) -> int:
    if args.act == "withdraw" and not args.reason.strip():
        raise WrongUse("answer-missing", option="--reason")
    settings = load(args.dir)
    return taken_back(args, settings, signatory(args, settings, *(GIVING if args.act == "show" else TAKING)))


def taken_back(args: argparse.Namespace, settings: Settings, who: Signatory) -> int:
    """Sign `args.act` of `args.notice` as this person, publish it, and say who has followed."""
    from ..office import safety
    from ..office.standing import in_force

    desk, now = desk_of(settings), datetime.now(UTC)
    every = urgent.on_boards(settings, desk)  # an alarm is ended without a look at all that was ever approved
    if (ident := _named(settings, every, args.notice)) not in in_force(every):
        marked = desk.book.statements(f"{args.notice}*") if MARK.fullmatch(args.notice) else {}
        every = desk.about(notice_id(settings, args.notice), *(one.notice for one in marked.values()))
        ident = _named(settings, every, args.notice)
    found = in_force(every).get(ident)
    if found and args.act != "withdraw":
        now = safety.moment(desk.book.records(found.sha256).get(found.sha256, []), args.act, now)
    (standing,) = desk.take_back(ident, args.act, who, now, args.reason.strip(), every)
    output.say(args, f"Đã ký: {ident}.", f"Signed: {ident}.")
    boards = _boards_of(desk, settings, standing)

    def without_it(showing: dict[str, Any]) -> bool:
        return args.act == "show" or showing.get("statement") != standing.sha256

    return _published(args, settings, boards, without_it, [standing.sha256] if standing.statement.is_emergency else [])


def _boards_of(desk: Desk, settings: Settings, standing: Standing) -> list[Board]:
    """The boards that may show it; all of them when its words are damaged: that must not keep it on the glass."""
    try:
        notice = desk.book.notice(standing.statement)
    except Refused:
        return list(settings.boards)
    return [board for board in settings.boards if notice.shown_on(board.id, board.groups)]


def _named(settings: Settings, every: list[Standing], written: str) -> str:
    """A notice's id, from what a person types: that, its file, or the mark that the hub's page gives it."""
    if MARK.fullmatch(written):
        found = {standing.statement.notice for standing in every if standing.sha256.startswith(written)}
        if len(found) == 1:
            return found.pop()
    return notice_id(settings, written)


def _safe(args: argparse.Namespace) -> int:
    from ..office import safety
    from ..office.publish import repository

    settings = load(args.dir)
    who = signatory(args, settings, *(GIVING if args.act == "show" else TAKING))
    identity = repository(settings).identity()[1]
    safety.ask(desk_of(settings), identity, args.act, who, datetime.now(UTC), args.reason.strip())
    output.say(args, "Đã ký.", "Signed.")

    def is_safe(showing: dict[str, Any]) -> bool:
        return args.act == "show" or showing.get("kind") in (None, "safe", "emergency")

    return _published(args, settings, list(settings.boards), is_safe)


def _published(
    args: argparse.Namespace, settings: Settings, boards: list[Board], right: Callable[[dict[str, Any]], bool],
    emergencies: Sequence[str] = (),
) -> int:  # fmt: skip
    """Publish where this machine can, `emergencies` before all else, then say which boards have followed.

    A site that cannot be built keeps no board waiting: boards come first, and their answer is given all the same.
    """
    from ..office.boards import number_told, repository
    from .publishing import publish_once

    if args.no_publish or not urgent.can_publish(settings):
        output.say(
            args,
            "Chưa có hiệu lực: máy của xã phát hành ngay khi nhận được chữ ký này (thư mục chung hay git, với\n"
            "`bangtin publish --watch`). Cần ngay: gõ `bangtin publish` trên máy của xã, qua SSH cũng được.",
            "Not in force yet: the office box publishes as soon as it has this signature (shared folder or git, with\n"
            "`bangtin publish --watch`). At once: type `bangtin publish` on the office box, over SSH too.",
        )
        return 0
    repo = repository(settings)
    before, failed = repo.version("lich"), 0
    if emergencies:
        urgent.at_once(settings, args, emergencies)
    try:
        publish_once(settings, args)
    except BangtinError as error:
        if repo.version("lich") == before:
            raise
        output.failure(error, args)
        failed = error.exit_code
    return max(failed, confirming.answer(args, settings, boards, number_told(repo), right))
