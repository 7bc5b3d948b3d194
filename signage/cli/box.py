"""`bangtin backup`, `restore`, `box install`: the always-on office box, and another one in its place."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BangtinError, Unavailable, WrongUse
from ..settings import load
from . import output
from .board import PLAIN_PATH
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.restoring import Fetch


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "sao lưu những gì không làm lại được: nội dung, sổ duyệt, nhật ký, chữ ký, khóa phát hành (có mật khẩu)"
    backup = verbs.add_parser("backup", help=words, description=words)
    backup.add_argument("file", type=Path, metavar="TỆP")
    backup.add_argument("--with-offline", action="store_true", help="cả khóa gốc và khóa cá nhân đang ở máy này")
    in_commune(backup)
    backup.add_argument(
        "--passphrase-file", dest="new_passphrase_file", default=None, help="đọc mật khẩu sao lưu từ tệp thay vì gõ"
    )
    backup.set_defaults(run=_backup, no_passphrase=False)
    words = "dựng lại văn phòng từ bản sao lưu, trên máy khác; các bảng đi tiếp, không phải ghi danh lại"
    restore = verbs.add_parser("restore", help=words, description=words)
    restore.add_argument("file", type=Path, metavar="TỆP")
    restore.add_argument("folder", type=Path, metavar="THƯ-MỤC", help="thư mục mới của xã, chưa có gì trong đó")
    restore.add_argument(
        "--served",
        default=None,
        metavar="NƠI",
        help="bản đang phục vụ: địa chỉ mà bảng đang dùng, hay thư mục publication",
    )
    restore.add_argument("--passphrase-file", default=None, help="đọc mật khẩu sao lưu từ tệp thay vì gõ")
    restore.set_defaults(run=_restore)
    box = verbs.add_parser("box", help="máy văn phòng luôn bật", description="máy văn phòng luôn bật")
    acts = box.add_subparsers(metavar="VIỆC", required=True)
    words = "viết các dịch vụ systemd của máy văn phòng: phát hành, gia hạn, phục vụ, sao lưu hằng đêm"
    install = acts.add_parser("install", help=words, description=words)
    in_commune(install)
    install.add_argument("--store", type=Path, default=Path("/srv/sao-luu"), help="nơi để bản sao lưu: ổ đĩa khác")
    install.add_argument("--program", type=Path, default=None, help="tệp chạy bangtin (mặc định: của lệnh này)")
    install.add_argument("--root", type=Path, default=Path("/"), help="ghi dưới thư mục này thay vì /")
    install.add_argument("--print", dest="show", action="store_true", help="chỉ in ra, không ghi")
    install.set_defaults(run=_install)


def _backup(args: argparse.Namespace) -> int:
    from ..office.backup import backup

    settings = load(args.dir)
    passphrase = output.new_passphrase(args, "bản sao lưu", "the backup") or ""
    saved = backup(settings, args.file, passphrase, datetime.now(UTC), with_offline=args.with_offline)
    mb = f"{saved.size / 1e6:.1f}"
    output.say(args, f"Đã sao lưu {saved.files} tệp, {mb.replace('.', ',')} MB: {args.file}. Chép sang nơi khác.",
               f"Backed up {saved.files} files, {mb} MB: {args.file}. Keep it elsewhere.")  # fmt: skip
    return 0


def _restore(args: argparse.Namespace) -> int:
    """Raises what `backup.unpack` and `restoring.go_on` raise; then nothing is there."""
    from ..office import backup, restoring
    from ..office.publish import repository

    if not args.file.is_file():
        raise Unavailable("backup-missing", file=str(args.file))
    passphrase = _passphrase(args)
    now, fetch = datetime.now(UTC), _fetch(args.served) if args.served else None
    newer = False

    def go_on(folder: Path, made: datetime) -> None:
        nonlocal newer
        settings = load(folder)
        newer = restoring.go_on(settings, repository(settings), made, now, fetch)

    saved = backup.unpack(args.file, args.folder, passphrase, go_on)
    output.say(args, f"Đã khôi phục {saved.files} tệp từ bản sao lưu lúc {output.when(saved.made)} vào {args.folder}.",
               f"Restored {saved.files} files of {output.when(saved.made)} to {args.folder}.")  # fmt: skip
    if newer:
        output.say(args, "Bản đang phục vụ mới hơn bản sao lưu: số hiệu đi tiếp từ đó.\n"
                   "Những gì ký sau lúc sao lưu mà không còn ở máy khác thì phải ký lại.",
                   "What is served is newer than the backup: versions go on from there.")  # fmt: skip
    elif fetch is None:
        output.say(args, "Không có bản đang phục vụ để so: số hiệu nhảy một quãng, để không bảng nào thấy số nhỏ đi.\n"
                   "Nếu danh sách người đã đổi sau lúc sao lưu: lấy khóa targets trong tủ, chạy `bangtin people sign`.",
                   "Versions jump, so that no board sees one go back.\n"
                   "If people were signed after the backup: `bangtin people sign` with the targets key.")  # fmt: skip
    output.say(args, f"Gõ tiếp: bangtin publish --dir {args.folder}", f"Now: bangtin publish --dir {args.folder}")
    return 0


def _passphrase(args: argparse.Namespace) -> str:
    if args.passphrase_file:
        return Path(args.passphrase_file).read_text("utf-8").strip("\r\n")
    return getpass.getpass("Mật khẩu của bản sao lưu: " if args.lang == "vi" else "Passphrase of the backup: ")


def _fetch(served: str) -> Fetch:
    """How to get what is served, by its path below `board/`: over http, or from a folder."""
    if "://" not in served:
        folder = Path(served) / "board"
        return lambda path: (folder / path).read_bytes()
    from ..board.download import Line
    from ..office.restoring import MAX_FILE

    line, address = Line(), served.rstrip("/")
    return lambda path: line.small(f"{address}/board/{path}", limit=MAX_FILE)


def _install(args: argparse.Namespace) -> int:
    """Raises `WrongUse` (`install-path`); `OSError` where the files cannot be written."""
    from .. import durable
    from ..office import box

    folder, store = args.dir.resolve(), args.store.resolve()
    program = (args.program or Path(sys.executable).with_name("bangtin")).absolute()
    shared = _shared(folder)
    for path in (folder, store, program, *([shared] if shared else [])):
        if not PLAIN_PATH.fullmatch(str(path)):
            raise WrongUse("install-path", path=str(path))
    for name, text in box.files(folder, store, program, shared).items():
        if args.show:
            print(f"### {name}\n{text}")
        else:
            durable.write(args.root / name.lstrip("/"), text.encode())
    typed = "\n".join(f"  sudo {command}" for command in box.COMMANDS)
    output.say(args, f"Gõ tiếp, theo thứ tự:\n{typed}", f"Now type, in this order:\n{typed}")
    return 0


def _shared(folder: Path) -> Path | None:
    """The officers' folder, where it does not lie in the commune's own; None before there are settings."""
    with contextlib.suppress(BangtinError):
        settings = load(folder)
        shared = settings.shared.absolute()
        return shared if settings.sharing.on and not shared.is_relative_to(folder) else None
    return None
