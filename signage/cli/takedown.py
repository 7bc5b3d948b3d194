"""`bangtin withdraw`, `hide`, `show`: who takes back."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from ..errors import WrongUse
from ..settings import load
from . import output
from .approval import desk_of, signatory, signing_verb
from .commune import notice_id

ACTS = {
    "withdraw": "thu hồi hẳn một thông báo, có lý do",
    "hide": "ẩn ngay một thông báo khỏi bảng và trang",
    "show": "cho hiện lại thông báo đã ẩn (người duyệt)",
}


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for act, words in ACTS.items():
        verb = signing_verb(verbs, act, _take_back, words)
        verb.add_argument("notice", metavar="THÔNG-BÁO")
        verb.add_argument("--reason", default="", help="lý do, người dân đọc được")
        verb.set_defaults(act=act)


def _take_back(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    if args.act == "withdraw" and not args.reason.strip():
        raise WrongUse("answer-missing", option="--reason")
    roles = ("approver",) if args.act == "show" else ("approver", "author", "duty")
    who = signatory(args, settings, *roles)
    ident = notice_id(settings, args.notice)
    desk_of(settings).take_back(ident, args.act, who, datetime.now(UTC), args.reason.strip())
    output.say(args, f"Đã ký. Chạy `bangtin publish` để có hiệu lực: {ident}",
               f"Signed. Run `bangtin publish` to make it so: {ident}")  # fmt: skip
    return 0
