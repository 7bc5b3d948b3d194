"""`bangtin hub report`: a period's report of each commune, the roll-up, and a notice's certificate, as files."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Unavailable
from .output import as_json, say


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verb, among those of `bangtin hub`."""
    report = verbs.add_parser(
        "report",
        help="báo cáo tháng, quý, năm: PDF, XLSX, CSV",
        description="Ghi báo cáo của từng xã và bảng tổng hợp ra thư mục: PDF, XLSX, mỗi bảng số liệu một tệp CSV. "
        "Số liệu giống hệt trên trang; không cần dừng máy chủ.",
    )  # fmt: skip
    report.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục riêng của máy chủ")
    report.add_argument("--period", metavar="KỲ", help="2026-11, 2026-Q4 hoặc 2026 (mặc định: tháng trước)")
    report.add_argument("--commune", metavar="MÃ", help="chỉ xã này (mặc định: mọi xã, và bảng tổng hợp)")
    report.add_argument("--notice", metavar="MÃ", help="thay vì báo cáo: Giấy xác nhận niêm yết của thông báo này")
    report.add_argument("--out", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục để ghi")
    report.add_argument("--no-pdf", action="store_true", help="không làm PDF (máy chưa cài phần in)")
    report.add_argument("--json", action="store_true", help="in danh sách tệp cho chương trình đọc")
    report.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    """Raises `BadInput` (`period-bad`, `report-commune`, `report-notice`, `rules-bad`), `Unavailable`."""
    try:
        from ..hub.reports import files
        from ..hub.store import open_store
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("sqlalchemy", "alembic", "jinja2"):
            raise
        raise Unavailable("hub-missing", missing=error.name) from error
    now = datetime.now(UTC)
    order = files.Order(args.dir, args.period, args.commune, now, pdf=not args.no_pdf)
    with open_store(args.dir) as store:
        made = files.certificate(store, order, args.notice) if args.notice else files.reports(store, order)
        written = [_write(args, name, data) for name, data in made]
    if args.json:
        as_json({"v": 1, "files": [str(path) for path in written]})
    return 0


def _write(args: argparse.Namespace, name: str, data: bytes) -> Path:
    from .. import durable

    path: Path = args.out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write(path, data)
    if not args.json:
        say(args, f"Đã ghi {path}", f"Wrote {path}")
    return path
