"""A USB stick between office and board: `publish --to-usb`, `board import-usb`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import WrongUse
from . import output

if TYPE_CHECKING:
    from ..settings import Settings

MB = 1_000_000  # bytes, as sticks are sold
MOST_TOLD = 10  # names of wrong files


def add_publish(publish: argparse.ArgumentParser) -> None:
    publish.add_argument(
        "--to-usb", type=Path, metavar="THƯ-MỤC", help="phát hành rồi ghi phần của các bảng vào USB gắn ở đây"
    )
    publish.add_argument(
        "--board", action="append", default=[], metavar="MÃ", help="với --to-usb: chỉ cho bảng này (nhắc lại được)"
    )


def check_publish(args: argparse.Namespace) -> None:
    """Raises `WrongUse` (`usb-with-watch`, `usb-board-alone`)."""
    if args.to_usb and args.watch:
        raise WrongUse("usb-with-watch")
    if args.board and not args.to_usb:
        raise WrongUse("usb-board-alone")


def after_publish(settings: Settings, args: argparse.Namespace, code: int) -> int:
    """Write the stick, if one was asked for; the exit code, which tells of keys that are about to end."""
    if not args.to_usb:
        return code
    from ..office import usb

    done = usb.write(settings, args.to_usb, args.board)
    size, boards, there = f"{done.size / MB:.1f}", ", ".join(done.boards), args.to_usb
    output.say(
        args,
        f"Đã ghi bản số {done.number} cho bảng {boards} vào {there}: {done.files} tệp, {size.replace('.', ',')} MB,"
        " đã đọc lại đúng.\n"
        f"Bảng nhận USB này đến {output.when(done.until)}; quá hạn thì ghi lại.\n"
        f"Tháo USB đúng cách (sudo umount {there}), mang đến bảng, cắm vào và gõ ở đó:\n"
        "  sudo -u bangtin bangtin board import-usb /media/usb --dir /srv/bang",
        f"Wrote publication {done.number} for {boards} to {there}: {done.files} files, {size} MB, read again.\n"
        f"Boards take this stick until {output.when(done.until)}.\n"
        "Unmount it, bring it to the board, and type there: bangtin board import-usb DIR --dir DIR",
    )
    if done.same_disk:
        output.say(
            args,
            f"! {there} nằm trên chính đĩa của máy này: xem USB đã gắn (mount) vào đó chưa.",
            f"! {there} lies on this machine's own disk: is a stick mounted there?",
        )
    return code


def as_owner(folder: Path) -> None:
    """Root's files would be in the way of the user whose the folder is. Raises `WrongUse` (`board-owner`)."""
    owner = next(path for path in (folder, *folder.absolute().parents) if path.exists()).stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        raise WrongUse("board-owner", folder=str(folder))


def add_board(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    taking = verbs.add_parser(
        "import-usb",
        help="nhận bản phát hành từ USB, kiểm tra đúng như từ mạng",
        description="Nhận bản phát hành mà máy văn phòng đã ghi vào USB. Kiểm tra đúng như khi lấy qua mạng; không chạy"
        " gì trên USB, không mở gì ngoài các tệp mà chữ ký kể tên. Dịch vụ đồng bộ cứ để chạy.",
    )
    taking.add_argument("usb", type=Path, metavar="USB", help="thư mục nơi USB được gắn, ví dụ /media/usb")
    taking.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục của bảng")
    taking.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    taking.set_defaults(run=run_import)


def run_import(args: argparse.Namespace) -> int:
    """0 taken in, or nothing new; 1 not all could be read; 3 refused. What was held stays in every case but 0 and 1."""
    from ..board import identity, usb

    as_owner(args.dir)
    done = usb.take(identity.load(args.dir), args.usb)
    if args.json:
        output.as_json({
            "v": 1, "number": done.number, "switched": done.switched, "fetched": done.fetched,
            "wrong": list(done.wrong), "error": done.error.code if done.error else None, "clock": done.clock,
        })  # fmt: skip
        return done.error.exit_code if done.error else 1 if done.wrong else 0
    made = output.when(done.made) if done.made else "?"
    if done.switched and done.error is None:
        output.say(
            args,
            f"Đã nhận bản số {done.number} từ USB (máy văn phòng làm lúc {made}): {done.fetched} tệp mới.",
            f"Took publication {done.number} from the stick (made {made}): {done.fetched} new files.",
        )
    elif done.error is None:
        more = (f" Bù {done.fetched} tệp.", f" {done.fetched} files made good.") if done.fetched else ("", "")
        output.say(
            args,
            f"Không có gì mới: bảng đang giữ đúng bản số {done.number} này (làm lúc {made}).{more[0]}",
            f"Nothing new: the board holds this very publication {done.number} (made {made}).{more[1]}",
        )
    elif done.switched:
        output.say(
            args,
            "Đã nhận phần gấp (khẩn cấp, gỡ xuống) từ USB; phần còn lại thì chưa:",
            "Took what is urgent from the stick; the rest was not:",
        )
    if done.switched and done.clock != "trusted":
        output.say(
            args,
            f"! Bảng không chắc ngày giờ (đang nghĩ là {output.when(done.now)}), nên có thể không biết USB đã quá hạn:"
            f" xem có đúng là bản làm lúc {made} không.",
            f"! The board is not sure of the time (it believes {output.when(done.now)}) and may not know an old stick:"
            f" is it the one of {made}?",
        )
    for name in done.wrong[:MOST_TOLD]:
        output.say(args, f"  thiếu hoặc hỏng trên USB: {name}", f"  missing or damaged on the stick: {name}")
    if done.wrong:
        output.say(
            args,
            f"! {len(done.wrong)} tệp chưa có; bảng chiếu phần còn lại. Ghi lại USB ở máy văn phòng.",
            f"! {len(done.wrong)} files are not here; the board shows the rest. Write the stick again.",
        )
    if done.error:
        raise done.error
    return 1 if done.wrong else 0
