"""`bangtin hub backup` and `bangtin hub restore`: all that the hub knows, in one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from .output import as_json, say


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    backup = verbs.add_parser(
        "backup",
        help="sao lưu mọi điều máy chủ biết vào một tệp",
        description="Sao lưu vào một tệp SQLite, trong khi máy chủ vẫn chạy; dùng được cho cả PostgreSQL. Tệp có dấu"
        " mật khẩu của người dùng: cất như cất khóa.",
    )
    _add_words(backup, "tệp chưa có, sẽ được tạo")
    backup.set_defaults(run=run_backup)
    restore = verbs.add_parser(
        "restore",
        help="lấy lại từ bản sao lưu",
        description="Lấy bản sao lưu vào sổ còn trống, SQLite hay PostgreSQL. Dừng máy chủ trước khi làm.",
    )
    _add_words(restore, "tệp do `bangtin hub backup` ghi")
    restore.set_defaults(run=run_restore)


def _add_words(parser: argparse.ArgumentParser, says: str) -> None:
    parser.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục riêng của máy chủ")
    parser.add_argument("file", type=Path, metavar="TỆP", help=says)
    parser.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")


def run_backup(args: argparse.Namespace) -> int:
    """Raises `Refused` (`backup-exists`), `Unavailable` (`backup-failed`)."""
    from ..hub.store import open_store
    from ..hub.store.backup import backup

    with open_store(args.dir) as store:
        count = backup(store, args.file)
    _told(args, count, f"Đã sao lưu {count} dòng vào {args.file}.", f"{count} rows are in {args.file}.")
    return 0


def run_restore(args: argparse.Namespace) -> int:
    """Raises `Refused` (`hub-not-empty`, `hub-newer`, `backup-bad`)."""
    from ..hub.store import open_store
    from ..hub.store.backup import restore

    with open_store(args.dir) as store:
        count = restore(store, args.file)
    _told(args, count, f"Đã lấy lại {count} dòng từ {args.file}.", f"{count} rows are back from {args.file}.")
    return 0


def _told(args: argparse.Namespace, count: int, vi: str, en: str) -> None:
    if args.json:
        as_json({"v": 1, "file": str(args.file), "rows": count})
    else:
        say(args, vi, en)
