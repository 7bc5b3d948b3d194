"""`bangtin print`: a hamlet's week on one sheet, for the village notice board."""

from __future__ import annotations

import argparse
import difflib
from datetime import UTC, date, datetime
from pathlib import Path

from ..errors import BadInput, Problem
from ..settings import load
from . import output
from .verbs import in_commune


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "tờ tuần của thôn, một trang A4 để dán bảng tin thôn: lịch, thông báo, số điện thoại, mã QR"
    sheet = verbs.add_parser("print", help=words, description=words)
    sheet.add_argument("--hamlet", default="", metavar="THÔN", help="mã thôn (mặc định: mọi thôn)")
    sheet.add_argument(
        "--week", type=date.fromisoformat, default=None, metavar="NGÀY",
        help="tuần có ngày này, 2026-11-23 (mặc định: tuần này; từ thứ Sáu là tuần sau)",
    )  # fmt: skip
    in_commune(sheet)
    sheet.add_argument("--output", type=Path, default=None, help="thư mục để ghi (mặc định: state/to-tuan)")
    sheet.set_defaults(run=_print)


def _print(args: argparse.Namespace) -> int:
    """Raises `BadInput` (`hamlet-unknown`), `Unavailable` (`print-extra`)."""
    from .. import durable
    from ..office import weeksheet
    from ..office.handover import published

    settings, now = load(args.dir), datetime.now(UTC)
    known = [hamlet.id for hamlet in settings.hamlets]
    if args.hamlet and args.hamlet not in known:
        hint = difflib.get_close_matches(args.hamlet, known, n=1, cutoff=0)
        values = {"value": args.hamlet, "hint": hint[0] if hint else "—", "known": ", ".join(known)}
        raise BadInput([Problem("hamlet-unknown", "--hamlet", values=values)])
    folder, first = args.output or settings.state / "to-tuan", weeksheet.monday(args.week, now)
    items = published(settings)
    for hamlet in settings.hamlets:
        if args.hamlet in ("", hamlet.id):
            one = weeksheet.week(settings, items, hamlet, first, now)
            file = folder / f"tuan-{first}-{hamlet.id}.pdf"
            data = weeksheet.pdf(settings, one)
            file.parent.mkdir(parents=True, exist_ok=True)
            durable.write(file, data)
            output.say(args, f"In khổ A4: {file}", f"Print on A4: {file}")
    return 0
