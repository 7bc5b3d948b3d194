"""What people did on this hub: looked through, and as a table for a spreadsheet."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from ... import spreadsheet
from ...schedule import VIETNAM_TIME
from ..people import audit
from ..people.audit import Entry, Sought
from ..people.roles import ROLES_VI, Role
from ..seen.fleet import communes_of
from . import words
from .fleet import FIELDS
from .shell import Menu, Section
from .telling import CAUSES
from .visit import Visit

AUDIT, TABLE = "/nhat-ky", "/nhat-ky.csv"
ROWS_A_PAGE = 100
MOST_IN_TABLE = 50_000  # rows of one file; narrower dates give the others
MAX_PAGE = 100_000

section = Section("Nhật ký", menu=Menu(AUDIT, "Nhật ký", 90))

ACTS = {  # what the audit says, in words; `group.` alone names the group in the filter
    "login": "Đăng nhập",
    "login.failed": "Đăng nhập sai",
    "logout": "Đăng xuất",
    "refused": "Bị từ chối",
    "account.": "Tài khoản",
    "account.add": "Thêm tài khoản",
    "account.change": "Sửa tài khoản",
    "account.password": "Đổi mật khẩu",
    "account.password-days": "Đặt tuổi mật khẩu",
    "account.disable": "Ngừng tài khoản",
    "account.unlock": "Mở lại tài khoản",
    "account.logout": "Kết thúc các lần đăng nhập",
    "account.token": "Cấp mã cho chương trình",
    "alarm.acknowledge": "Nhận cảnh báo",
    "span.cause": "Ghi nguyên nhân sự cố",
    "maintenance.": "Bảo trì",
    "frame.ask": "Xin ảnh của bảng",
    "maintenance.set": "Đặt giờ bảo trì",
    "maintenance.end": "Kết thúc bảo trì",
    "board.": "Bảng",
    "board.code": "Cấp mã ghi danh",
    "board.enroll": "Ghi danh bằng mã",
    "board.retire": "Ngừng dùng bảng",
    "board.restore": "Dùng lại bảng",
    "board.settings": "Đổi cài đặt các bảng",
    "report.": "Báo cáo",
    "report.fill-in": "Điền mục báo cáo",
    "report.hand-in": "Ghi báo cáo đã nộp",
}

YES_NO = {"true": "có", "false": "không"}
NAMES = {  # of a row's details
    "full_name": "họ tên",
    "role": "vai trò",
    "communes": "nơi được xem",
    "email": "thư",
    "must_change": "phải đổi lần đầu",
    "days": "số ngày",
    "alarm": "cảnh báo số",
    "note": "ghi chú",
    "cause": "nguyên nhân",
    "replaces": "thay máy hỏng",
    "words": "bốn từ",
    "made_by": "người cấp mã",
    "set": "đặt",
    "window": "đợt bảo trì số",
    "since": "từ",
    "until": "đến",
    "span": "sự cố số",
    "cut": "chi tiết quá dài, mã SHA-256 của nó",
    "reason": "lý do",
    "all": "mọi nơi",
    "fields": "mục",
    "sha": "mã số liệu",
    "not_written": "lần trước đó không ghi riêng",
}


@section.get(AUDIT)
def look(visit: Visit) -> Response:
    """The newest first, those of the viewer's communes."""
    sought = _sought(visit)
    page = min(max(1, _number(visit.query("trang", "1"))), MAX_PAGE)
    with visit.reading() as connection:
        total = audit.count(connection, visit.viewer, sought)
        pages = max(1, -(-total // ROWS_A_PAGE))
        page = min(page, pages)
        rows = audit.newest(
            connection, visit.viewer, sought, offset=(page - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE
        )  # fmt: skip
        communes = communes_of(connection, visit.viewer.communes)
    asked = {name: visit.query(name) for name in ("ai", "viec", "xa", "tu", "den")}
    return visit.page(
        "audit.html", rows=rows, total=total, page=page, pages=pages, communes=communes, acts=ACTS, asked=asked,
        said_of=said_of, details=details, more=urlencode({k: v for k, v in asked.items() if v}), table=TABLE,
    )  # fmt: skip


@section.get(TABLE, programs=True)
def table(visit: Visit) -> Response:
    """The same for a spreadsheet, with each row's hash."""
    with visit.reading() as connection:
        rows = audit.newest(connection, visit.viewer, _sought(visit), limit=MOST_IN_TABLE)
    head = ("Số", "Lúc", "Ai", "Việc", "Mã việc", "Xã", "Đối tượng", "Chi tiết", "SHA-256")
    text = spreadsheet.table(
        head,
        (
            (one.id, words.clock(one.at), one.actor, said_of(one), one.act, one.commune, one.thing, one.detail, one.sha)
            for one in rows
        ),
    )
    headers = {"Content-Disposition": 'attachment; filename="nhat-ky.csv"'}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def said_of(entry: Entry) -> str:
    """The act in words; its code where there are none."""
    return ACTS.get(entry.act, entry.act)


def details(entry: Entry) -> str:
    """What else the row says, on one line."""
    told = json.loads(entry.detail)
    if "cause" in told:
        told["cause"] = CAUSES.get(told["cause"], told["cause"])
    named = {NAMES.get(name, name): value for name, value in told.items() if value not in ("", False)}
    return "; ".join(f"{name}: {_plainly(value)}" if value is not True else name for name, value in named.items())


def _plainly(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_change(*one) if isinstance(one, list) else str(one) for one in value)
    return "mọi xã" if value == "*" else ROLES_VI[Role(value)] if value in list(Role) else str(value)


def _change(key: str, field: str, value: str) -> str:
    """`20506/cong-xa nơi đặt = Cổng chợ`"""
    return f"{key} {FIELDS.get(field, field)} = {YES_NO.get(value, value) or '—'}"


def _sought(visit: Visit) -> Sought:
    since, until = _day(visit.query("tu")), _day(visit.query("den"))
    return Sought(
        visit.query("ai").strip().lower(), visit.query("viec"), visit.query("xa"), since,
        until + timedelta(days=1) if until else None,
    )  # fmt: skip


def _day(text: str) -> datetime | None:
    """A day in Vietnam, as a browser sends it; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=VIETNAM_TIME)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
