"""`bangtin alert`: what the duty person does when it matters."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..errors import BadInput, Problem, Refused, WrongUse
from ..notice import LEVELS, Notice
from ..notice.fields import MAX_SUMMARY
from ..notice.vocabulary import EMERGENCY
from ..schedule import VIETNAM_TIME
from ..settings import Settings, load
from . import capfile, output, urgent
from .approval import desk_of, signatory, signing_verb
from .commune import notice_id
from .takedown import add_publishing, taken_back
from .verbs import in_commune


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    alert = verbs.add_parser("alert", help="thông báo khẩn cấp", description="thông báo khẩn cấp")
    acts = alert.add_subparsers(metavar="VIỆC", required=True)
    raised = signing_verb(acts, "raise", _raise, "phát thông báo khẩn cấp (người trực, tối đa 24 giờ)")
    raised.add_argument("--prepared", default=None, metavar="MẪU", help="mẫu đã duyệt: hình hướng dẫn có sẵn trên bảng")
    raised.add_argument("--title", default=None, help="tiêu đề (mặc định: của mẫu)")
    raised.add_argument("--text", default=None, help="việc cần làm ngay (mặc định: tóm tắt của mẫu)")
    raised.add_argument("--level", type=int, choices=sorted(LEVELS), help="cấp độ rủi ro 1–5 (mặc định: của tệp CAP)")
    raised.add_argument("--source", help="cơ quan ra bản tin (mặc định: của tệp CAP)")
    raised.add_argument("--cap", type=Path, metavar="TỆP", help="bản tin CAP 1.2 (XML): lấy lời, cấp độ, hạn từ đó")
    raised.add_argument("--bulletin-time", default=None, help="giờ của bản tin, 2026-11-22 17:00")
    raised.add_argument("--hours", type=int, choices=range(1, 25), default=24, metavar="1-24", help="hiệu lực mấy giờ")
    raised.add_argument("--drill", action="store_true", help="diễn tập: bảng ghi rõ “DIỄN TẬP”")
    raised.add_argument("--name", default=None, help="tên tệp không dấu")
    raised.add_argument("--no-publish", action="store_true", help="chỉ ký, chưa phát")
    cancel = signing_verb(acts, "cancel", _cancel, "chấm dứt một thông báo khẩn cấp")
    cancel.add_argument("notice", metavar="THÔNG-BÁO")
    cancel.add_argument("--reason", default="Hết tình huống khẩn cấp", help="lý do")
    add_publishing(cancel)
    listed = acts.add_parser("list", help="các thông báo khẩn cấp đang có hiệu lực, và các mẫu")
    in_commune(listed)
    listed.set_defaults(run=_list)


def _raise(args: argparse.Namespace) -> int:
    from .. import durable

    settings = load(args.dir)
    desk = desk_of(settings)
    if args.cap:
        capfile.take(args)
        if args.only_cancels:
            return _published_now(args, settings, capfile.follow(args, desk, signatory(args, settings, "duty")))
    capfile.needed(args)
    template = None
    if args.prepared:
        args.prepared = notice_id(settings, args.prepared)
        prepared = desk.template(args.prepared, datetime.now(UTC))
        if prepared is None:
            raise BadInput([Problem("prepared-unknown", "--prepared", values={"value": args.prepared})])
        template = desk.book.notice(prepared.statement)
    for option in ("title", "text"):
        if not getattr(args, option) and template is None:
            raise WrongUse("answer-missing", option=f"--{option}")
    who = signatory(args, settings, "duty")
    now = datetime.now(VIETNAM_TIME)
    name = args.name or f"khan-cap-{now:%Y%m%d-%H%M%S}"
    ident = f"khan-cap/{now:%Y}/{name}"
    path = settings.content / f"{ident}.md"
    if path.exists():
        raise Refused("file-exists", file=str(path))
    durable.write(path, _text(args, template, now).encode())
    try:
        standings = desk.raise_alert(ident, who, datetime.now(UTC))
    except (BadInput, Refused):
        durable.remove(path)  # nothing half-written: the sentence says what to type instead
        raise
    output.say(args, f"Đã ký khẩn cấp {ident}, hết hiệu lực lúc {output.when(standings.statement.end)}.",
               f"Signed the emergency {ident}, until {output.when(standings.statement.end)}.")  # fmt: skip
    changed = [standings.sha256]
    if args.cap:
        changed += capfile.follow(args, desk, who)
    return _published_now(args, settings, changed)


def _text(args: argparse.Namespace, template: Notice | None, now: datetime) -> str:
    """The notice's file: words typed now, or else those of the template."""
    title = args.title or (template.title if template else "")
    words = args.text or (template.board_summary or template.summary if template else "")
    fields = {
        "Title": title, "Date": f"{now:%Y-%m-%d %H:%M}", "Kind": template.kind if template else "thien-tai",
        "Class": EMERGENCY, "Category": "thien-tai-dich-benh", "Boards": "all", "Start": f"{now:%Y-%m-%d %H:%M}",
        "End": f"{now + timedelta(hours=args.hours):%Y-%m-%d %H:%M}", "Level": str(args.level),
        "Source": args.source, "Bulletin-Time": args.bulletin_time or f"{now:%Y-%m-%d %H:%M}",
        "Drill": "yes" if args.drill else "", "Prepared-As": args.prepared or "",
        "Summary": " ".join(words.split())[:MAX_SUMMARY],
    }  # fmt: skip
    head = "".join(f"{key}: {' '.join(value.split())}\n" for key, value in fields.items() if value)
    return f"{head}\n{words.strip()}\n"


def _cancel(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    who = signatory(args, settings, "duty", "approver", "author")
    args.act = "withdraw"
    return taken_back(args, settings, who)


def _published_now(args: argparse.Namespace, settings: Settings, changed: list[str]) -> int:
    """Where the online keys are; on a duty person's second machine it is signed, and the office box publishes it."""
    from .publishing import publish_if_nobody_watches, publish_once

    if args.no_publish:
        return 0
    if urgent.can_publish(settings):
        rest = publish_if_nobody_watches if urgent.at_once(settings, args, changed) else publish_once
        rest(settings, args)  # a key that is about to end does not make an alarm fail
        return 0
    output.say(
        args,
        "Máy này không có khóa phát hành: mới ký xong, CHƯA lên bảng. Gửi ngay content/ về máy văn phòng (git push,\n"
        "hoặc thư mục dùng chung); máy ấy đang chạy `bangtin publish --watch` thì phát trong vài giây.",
        "This machine has no online keys: signed, NOT on the boards yet. Send content/ to the office box now\n"
        "(git push, or the shared folder); it publishes within seconds when `bangtin publish --watch` runs there.",
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    """One line each: id, level (or “mẫu”, a template), until when, title."""
    from ..office.knowledge.overview import Overview
    from ..office.standing import in_force

    settings, now = load(args.dir), datetime.now(UTC)
    desk, seen = desk_of(settings), Overview(settings)
    seen.look_at_book(desk, now)
    for standing in in_force(desk.about(*seen.live(now))).values():
        statement = standing.statement
        if statement.klass != EMERGENCY or statement.end <= now or standing.withdrawn:
            continue
        alert = statement.alert
        what = f"cấp {alert['level']}{' diễn tập' if alert.get('drill') else ''}" if alert else "mẫu"
        print(f"{statement.notice}\t{what}\t{output.when(statement.end)}\t{statement.title}")
    return 0
