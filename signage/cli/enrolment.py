"""A new board by stick: `board prepare` and `board confirm` at the office, `board enroll --usb` at the board."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused, WrongUse
from ..wire import sha256
from . import output
from .usb import as_owner
from .verbs import in_commune

if TYPE_CHECKING:
    from ..board.identity import Board

DEFAULT_DAYS = 14  # that a ticket is good for
MOST_DAYS = 90
SHOWN_DIGITS = 32  # of the root's fingerprint: 128 bits


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    prepare = verbs.add_parser(
        "prepare",
        help="ở văn phòng: ghi USB ghi danh dùng một lần cho một bảng",
        description="Ghi vào USB mọi thứ một bảng mới cần: gốc tin cậy, địa chỉ, khung hình, mã dùng một lần. Người lắp"
        " bảng chỉ gõ một lệnh.",
    )
    prepare.add_argument("board", metavar="BẢNG", help="mã bảng trong bangtin.toml")
    prepare.add_argument("--to", type=Path, required=True, metavar="USB", help="thư mục nơi USB được gắn")
    prepare.add_argument("--url", help="địa chỉ bản phát hành (mặc định: trang của xã trong bangtin.toml)")
    prepare.add_argument("--hub", help="địa chỉ máy chủ nhận báo cáo (mặc định: mục hub trong bangtin.toml)")
    prepare.add_argument(
        "--days", type=int, default=DEFAULT_DAYS, metavar="NGÀY", help=f"dùng được bao lâu (mặc định {DEFAULT_DAYS})"
    )
    prepare.set_defaults(run=run_prepare)
    confirm = verbs.add_parser(
        "confirm",
        help="ở văn phòng: so bốn từ của bảng vừa ghi danh, nhận thẻ của nó",
        description="Đọc thẻ của bảng trên USB mang về, in bốn từ để so với bốn từ trên tường. Giống hệt mới gõ"
        " “giống”.",
    )
    confirm.add_argument("usb", type=Path, metavar="USB", help="thư mục nơi USB được gắn")
    confirm.add_argument("--yes", action="store_true", help="không hỏi lại: bốn từ đã so xong")
    confirm.set_defaults(run=run_confirm)
    for verb in (prepare, confirm):
        in_commune(verb)


def run_prepare(args: argparse.Namespace) -> int:
    """Raises as `office.enrolment.prepare` does."""
    from ..office import enrolment
    from ..settings import load

    settings = load(args.dir)
    if not 1 <= args.days <= MOST_DAYS:
        raise WrongUse("ticket-days", most=MOST_DAYS)
    now = datetime.now(UTC)
    url, hub = args.url or settings.commune.site, args.hub or settings.commune.hub or None
    ticket = enrolment.prepare(settings, args.board, args.to, now, url=url, hub=hub, life=timedelta(days=args.days))
    width, height = ticket.mode.shape.width, ticket.mode.shape.height
    output.say(
        args,
        f"Đã ghi USB ghi danh cho bảng {ticket.board} ({ticket.board_name}, {width}×{height}) vào {args.to}.\n"
        f"Dùng một lần, đến {output.when(ticket.until)}. Bảng lấy tin ở {ticket.url}"
        f"{f', báo cáo về {ticket.hub}' if ticket.hub else '; chưa có máy chủ nhận báo cáo (--hub)'}.\n"
        f"Người lắp bảng cắm USB vào máy của bảng và gõ:\n"
        "  sudo -u bangtin bangtin board enroll --usb /media/usb --dir /srv/bang\n"
        f"Rồi mang USB về và gõ ở đây: bangtin board confirm {args.to}",
        f"Wrote the stick of board {ticket.board} to {args.to}; good once, until {output.when(ticket.until)}.\n"
        "At the board: bangtin board enroll --usb DIR --dir DIR\n"
        f"Then bring it back and type here: bangtin board confirm {args.to}",
    )
    return 0


def run_confirm(args: argparse.Namespace) -> int:
    """Raises as `office.enrolment.returned` does, and `Refused` (`words-differ`) when a person says so."""
    from ..office import enrolment
    from ..settings import load

    settings = load(args.dir)
    found = enrolment.returned(settings, args.usb, datetime.now(UTC))
    told = "   ".join(found.words)
    output.say(
        args,
        f"Bảng {found.card.board} ({found.name}). Bốn từ:\n\n    {told}\n",
        f"Board {found.card.board} ({found.name}). Four words:\n\n    {told}\n",
    )
    asked = (
        "Gọi cho người đứng trước bảng, để họ đọc bốn từ trên tường. Giống hệt thì gõ “giống”:",
        "Have the person at the board read the words on the wall. If all four are the same, type “yes”:",
    )
    if not output.sure(args, *asked, "giống"):
        raise Refused("words-differ", board=found.card.board)
    card = enrolment.confirm(settings, found)
    output.say(
        args,
        f"Đã nhận thẻ của bảng {found.card.board}. Để máy chủ nghe báo cáo của nó, gõ ở máy chủ:\n"
        f"  bangtin hub enroll --dir /srv/hub --settings {settings.folder} {card}",
        f"The card of board {found.card.board} is confirmed. For its reports, type at the hub:\n"
        f"  bangtin hub enroll --dir /srv/hub --settings {settings.folder} {card}",
    )
    return 0


def enroll(args: argparse.Namespace) -> Board:
    """`board enroll --usb`: nothing else may be said. Raises as `board.enrolment.enroll` does, and `WrongUse`."""
    from ..board import enrolment

    if args.board or args.url or args.hub:
        raise WrongUse("enroll-usb-alone")
    as_owner(args.dir)
    return enrolment.enroll(args.dir, args.usb, datetime.now(UTC), again=args.again)


def told(args: argparse.Namespace, board: Board) -> None:
    """What the technician does next."""
    words, root = "   ".join(board.words()), sha256(board.root())
    digits = " ".join(root[place : place + 4] for place in range(0, SHOWN_DIGITS, 4))
    output.say(
        args,
        f"Đã ghi danh bảng {board.id} của xã {board.commune}. Thẻ của bảng đã ghi vào USB.\n"
        f"Gốc tin cậy: {digits} … (so được với phiếu khôi phục).\nBốn từ:\n\n    {words}\n\n"
        "Tường hiện hình thử cùng bốn từ này đến khi bảng nhận bản phát hành đầu tiên.\n"
        "Đọc bốn từ cho văn phòng, rồi tháo USB và mang về để văn phòng gõ `bangtin board confirm`.",
        f"Board {board.id} of commune {board.commune} is enrolled; its card is on the stick.\n"
        f"Root: {digits} … (as on the recovery sheet)\n\n    {words}\n\n"
        "The wall shows these words with the test pattern. Read them to the office, take the stick back for "
        "`bangtin board confirm`.",
    )
