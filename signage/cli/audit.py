"""`bangtin audit`: for the auditor: is the log whole, and what is in it, as a table."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Refused
from ..schedule import VIETNAM_TIME
from ..settings import Settings, load
from ..wire import to_moment
from . import output
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.audit import Entry

WHAT = {
    "record": "Ký", "root": "Gốc tin cậy mới", "people": "Danh sách người mới", "publication": "Phát hành",
    "alert-raised": "Phát khẩn cấp", "alert-cancelled": "Chấm dứt khẩn cấp", "restored": "Khôi phục từ bản sao lưu",
    "broken": "Thấy nhật ký không nguyên vẹn",
}  # fmt: skip
ACTS = {"submit": "Trình", "approve": "Duyệt", "withdraw": "Thu hồi", "hide": "Ẩn", "show": "Cho hiện lại"}
ROLES = {"author": "biên tập", "approver": "duyệt", "duty": "trực", "operator": "vận hành", "auditor": "kiểm tra"}
COLUMNS = (
    "Dòng", "Thời điểm", "Việc", "Mã người", "Họ tên", "Vai trò", "Thông báo", "Lý do", "Giờ ghi trong chữ ký",
    "Số phát hành", "Bản trình", "Chữ ký", "SHA-256 của dòng",
)  # fmt: skip


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = verbs.add_parser("audit", help="nhật ký: còn nguyên không, xuất cho người kiểm tra")
    acts = audit.add_subparsers(metavar="VIỆC", required=True)
    words = "nhật ký có dòng nào bị sửa, xóa, đảo không; có khớp bản đang phát hành và sổ duyệt không"
    verify = acts.add_parser("verify", help=words, description=words)
    verify.set_defaults(run=_verify)
    words = "xuất nhật ký thành bảng (CSV, mở bằng Excel) hoặc JSON, ra màn hình hoặc tệp"
    export = acts.add_parser("export", help=words, description=words)
    export.add_argument("--from", dest="since", type=_day, default=None, metavar="NGÀY", help="từ ngày, 2026-11-01")
    export.add_argument("--to", dest="until", type=_day, default=None, metavar="NGÀY", help="đến hết ngày")
    how = export.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="bảng CSV (mặc định)")
    how.add_argument("--json", action="store_true", help="nguyên văn từng dòng, cho chương trình đọc")
    export.add_argument("--output", type=Path, default=None, help="ghi vào tệp này")
    export.set_defaults(run=_export)
    for verb in (verify, export):
        in_commune(verb)


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=VIETNAM_TIME)


def _verify(args: argparse.Namespace) -> int:
    """Exit 3 (`audit-broken`) when anything was tampered with; what a power cut or a restore left is only told."""
    from ..office.inquiry import inquire
    from ..office.publish import repository

    settings = load(args.dir)
    entries, problems = inquire(settings, repository(settings))
    output.problems(problems, args)
    if wrong := [p for p in problems if p.severity == "error"]:
        raise Refused("audit-broken", count=len(wrong))
    output.say(args, f"Nhật ký nguyên vẹn: {len(entries)} dòng, khớp với bản đang phát hành.",
               f"The audit log is whole: {len(entries)} lines, as the publication says.")  # fmt: skip
    return 0


def _export(args: argparse.Namespace) -> int:
    from .. import spreadsheet
    from ..office import audit

    settings = load(args.dir)
    if not (settings.folder / audit.FOLDER).is_dir():
        raise Refused("audit-none", folder=str(settings.folder / audit.FOLDER))
    until = args.until + timedelta(days=1) if args.until else None
    entries = list(audit.between(audit.log_of(settings).entries, args.since, until))
    with args.output.open("w", encoding="utf-8", newline="") if args.output else _standard_output() as out:
        if args.json:
            lines = ",\n".join(entry.data.decode() for entry in entries)
            out.write(f"[{lines}]\n")
            return 0
        out.write(spreadsheet.table(COLUMNS, (_row(entry, settings) for entry in entries)))
    return 0


def _standard_output() -> Any:
    return open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False)


def _row(entry: Entry, settings: Settings) -> list[object]:
    facts = entry.facts
    member = settings.member(str(facts.get("person", "")))
    what = ACTS.get(str(facts.get("act")), "") if entry.what == "record" else ""
    return [
        entry.n, _local(entry.at), what or WHAT.get(entry.what, entry.what),
        facts.get("person", ""), member.name if member else "", ROLES.get(str(facts.get("role")), ""),
        facts.get("notice", ""), facts.get("reason", ""), _said(facts.get("said", "")),
        facts.get("number", facts.get("version", "")), facts.get("statement", ""), facts.get("record", ""),
        entry.sha256,
    ]  # fmt: skip


def _said(text: object) -> str:
    """The record's own moment; what is none (the log was changed) as it stands there."""
    try:
        return _local(to_moment(str(text)))
    except ValueError:
        return str(text)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM_TIME):%Y-%m-%d %H:%M:%S}"
