"""`bangtin hub fleet`: codes for new boards, the fleet's settings from one file, boards out of use and back.

And the board's side of a code: `bangtin board introduce`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import durable
from ..errors import BadInput, Refused, WrongUse
from ..settings.table import NAME
from . import output
from .output import as_json, say

if TYPE_CHECKING:
    from ..hub.fleet.plan import Change
    from ..hub.roster import Place

DEFAULT_DAYS = 7
MOST_DAYS = 30
MAX_SHOWN = 200  # changes that are printed; the rest are counted
FIELD = {
    "name": "tên", "site": "nơi đặt", "hamlet": "thôn", "shape": "khung hình", "metered": "SIM tính dung lượng",
    "retired": "ngừng dùng", "latitude": "vĩ độ", "longitude": "kinh độ", "mute": "không báo", "boards": "các bảng",
}  # fmt: skip

Verbs = argparse._SubParsersAction  # of one more level


def add(hub: Verbs[argparse.ArgumentParser]) -> None:
    """The verbs below `bangtin hub`."""
    fleet = hub.add_parser("fleet", help="các bảng: mã ghi danh, cài đặt từ một tệp, ngừng dùng")
    verbs = fleet.add_subparsers(dest="act", metavar="VIỆC", required=True)
    code = _verb(verbs, "code", run_code, "cấp mã dùng một lần để một bảng tự mang thẻ đến máy chủ",
                 "In một mã để gõ ở bảng: bangtin board introduce MÃ. Mã cho phép đúng một khóa vào đúng một chỗ;"
                 " vẫn nên so bốn từ.")  # fmt: skip
    code.add_argument("board", metavar="BẢNG", help="mã bảng, hoặc XÃ/BẢNG khi không có --settings")
    code.add_argument("--settings", type=Path, metavar="THƯ-MỤC", help="thư mục của xã, để lấy tên và nơi đặt bảng")
    code.add_argument("--name", default="", metavar="TÊN", help="tên bảng, khi không có --settings")
    code.add_argument("--replaces", action="store_true", help="thay máy hỏng: bảng mới đứng vào chỗ bảng cũ")
    code.add_argument(
        "--days", type=int, default=DEFAULT_DAYS, metavar="NGÀY", help=f"dùng được bao lâu (mặc định {DEFAULT_DAYS})"
    )
    show = _verb(verbs, "show", run_show, "in cài đặt của mọi bảng, thành tệp để sửa",
                 "In cài đặt của các bảng và các nhóm. Sửa tệp rồi gõ: bangtin hub fleet apply.")  # fmt: skip
    show.add_argument("--commune", action="append", default=None, metavar="MÃ", help="chỉ xã này, nhiều lần được")
    show.add_argument("--out", type=Path, metavar="TỆP", help="ghi vào tệp")
    change = _verb(verbs, "apply", run_apply, "đổi cài đặt của các bảng theo một tệp",
                   "Cho xem mọi chỗ sẽ đổi, rồi hỏi. Tệp có lỗi thì nêu hết và không đổi gì.")  # fmt: skip
    change.add_argument("file", type=Path, metavar="TỆP", help="tệp cài đặt, như fleet show in ra")
    change.add_argument("--check", action="store_true", help="chỉ cho xem chỗ sẽ đổi")
    change.add_argument("--yes", action="store_true", help="không hỏi lại")
    change.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    for name, run, told in (("retire", run_retire, "ngừng dùng một bảng: không nghe nữa, giữ lại quá khứ của nó"),
                            ("restore", run_restore, "dùng lại một bảng đã ngừng")):  # fmt: skip
        verb = _verb(verbs, name, run, told)
        verb.add_argument("board", metavar="XÃ/BẢNG", help="như 20506/cong-xa")


def add_board(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """The verb below `bangtin board`."""
    told = "mang thẻ của bảng đến máy chủ bằng mã dùng một lần"
    introduce = verbs.add_parser("introduce", help=told, description=f"{told[0].upper()}{told[1:]}. Bảng phải ghi danh"
                                 " với xã trước (board enroll).")  # fmt: skip
    introduce.add_argument("code", metavar="MÃ", help="mã do máy chủ in ra: bangtin hub fleet code")
    introduce.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục của bảng")
    introduce.set_defaults(run=run_introduce)


def _verb(
    verbs: Verbs[argparse.ArgumentParser], name: str, run: Any, told: str, more: str = ""
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=told, description=more or f"{told[0].upper()}{told[1:]}.")
    verb.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục riêng của máy chủ")
    verb.set_defaults(run=run)
    return verb


def run_code(args: argparse.Namespace) -> int:
    """Raises `Refused` (`code-board-known`, `code-board-unknown`, `codes-many`), `WrongUse` (`fleet-which`)."""
    from ..hub.fleet import codes
    from ..hub.people.audit import ON_THE_BOX
    from ..hub.store import open_store

    if not 1 <= args.days <= MOST_DAYS:
        raise WrongUse("code-days", most=MOST_DAYS)
    commune, board, place = _place(args)
    with open_store(args.dir) as store, store.writing() as connection:
        code = codes.make(
            connection, ON_THE_BOX, commune, board, place, _now(), days=args.days, replaces=args.replaces
        )  # fmt: skip
    say(
        args,
        f"Mã cho bảng {board} (xã {commune}), dùng một lần, trong {args.days} ngày:\n\n    {code}\n\nGõ ở bảng:\n"
        f"  bangtin board introduce {code} --dir /srv/bang\nRồi so bốn từ bảng in ra với trang Các bảng.",
        f"Code of board {board} (commune {commune}), good once, for {args.days} days:\n\n    {code}\n\nAt the board:\n"
        f"  bangtin board introduce {code} --dir /srv/bang\nThen compare the four words.",
    )
    return 0


def run_show(args: argparse.Namespace) -> int:
    from ..hub.fleet import changing, file
    from ..hub.store import open_store

    with open_store(args.dir) as store, store.reading() as connection:
        text = file.written(changing.settings(connection, args.commune))
    if args.out:
        durable.write(args.out, text.encode())
        say(args, f"Đã ghi {args.out}.", f"Wrote {args.out}.")
    else:
        sys.stdout.write(text)
    return 0


def run_apply(args: argparse.Namespace) -> int:
    """Raises `BadInput` with everything that is wrong, `Refused` (`fleet-stopped`)."""
    from ..hub.fleet import changing, file, plan
    from ..hub.people.audit import ON_THE_BOX
    from ..hub.store import open_store

    wanted = file.read(args.file)
    with open_store(args.dir) as store:
        with store.reading() as connection:
            there = changing.settings(connection)
        if problems := plan.problems(there, wanted, args.file.name):
            raise BadInput(problems)
        changes = plan.changes(there, wanted)
        if not args.json:
            _show(args, changes)
        if changes and not args.check:
            asked = ("Đổi như trên? Gõ “đổi”:", "Change this? Type “yes”:")
            if not args.json and not output.sure(args, *asked, "đổi"):
                raise Refused("fleet-stopped")
            with store.writing() as connection:
                changes = changing.apply(connection, wanted, args.file.name, ON_THE_BOX, _now())
            if not args.json:
                say(args, f"Đã đổi {len(changes)} chỗ.", f"Changed {len(changes)} values.")
    if args.json:
        as_json({"v": 1, "done": not args.check, "changes": [vars(change) for change in changes]})
    return 0


def run_retire(args: argparse.Namespace) -> int:
    """Raises `Refused` (`board-not-there`), `WrongUse` (`fleet-which`)."""
    return _turn(args, "retire", "Đã ngừng dùng {0}: máy chủ không nghe bảng ấy nữa.", "{0} is out of use.")


def run_restore(args: argparse.Namespace) -> int:
    """Raises as `run_retire`."""
    return _turn(args, "restore", "Dùng lại {0}: bảng báo bằng khóa cũ của nó.", "{0} is in use again.")


def run_introduce(args: argparse.Namespace) -> int:
    """Raises as `board.introduction.introduce`."""
    from ..board import identity, introduction
    from ..board.download import Line

    board = identity.load(args.dir)
    words = "   ".join(introduction.introduce(board, Line(), args.code))
    say(
        args,
        f"Máy chủ đã nhận thẻ của bảng {board.id}. Bốn từ, phải giống hệt trên máy chủ:\n\n    {words}\n",
        f"The hub has taken the card of board {board.id}. Its people must see the same words:\n\n    {words}\n",
    )
    return 0


def _turn(args: argparse.Namespace, act: str, vi: str, en: str) -> int:
    from ..hub.fleet import changing
    from ..hub.people.audit import ON_THE_BOX
    from ..hub.store import open_store

    commune, board = _which(args.board)
    with open_store(args.dir) as store, store.writing() as connection:
        getattr(changing, act)(connection, commune, board, ON_THE_BOX, _now())
    say(args, vi.format(args.board), en.format(args.board))
    return 0


def _place(args: argparse.Namespace) -> tuple[str, str, Place]:
    from .. import settings
    from ..hub.roster import Place

    if args.settings is None:
        commune, board = _which(args.board)
        return commune, board, Place(args.name or board)
    found = settings.load(args.settings)
    known = found.board(args.board)
    if known is None:
        raise Refused("enroll-not-ours", board=args.board, known=", ".join(b.id for b in found.boards))
    hamlet = next((h.name for h in found.hamlets if h.id == known.hamlet), "")
    of = found.commune
    return of.code, known.id, Place(known.name, known.site, hamlet, of.name, known.metered, of.sample, of.agency)


def _which(text: str) -> tuple[str, str]:
    commune, _, board = text.partition("/")
    if not (len(commune) == 5 and commune.isascii() and commune.isdecimal() and re.fullmatch(NAME, board)):
        raise WrongUse("fleet-which", given=text)
    return commune, board


def _show(args: argparse.Namespace, changes: Sequence[Change]) -> None:
    if not changes:
        say(args, "Không có gì phải đổi.", "Nothing to change.")
    for change in changes[:MAX_SHOWN]:
        say(
            args,
            f"{change.key}: {FIELD[change.field]}: {_value(change.was)} → {_value(change.now)}",
            f"{change.key}: {change.field}: {_value(change.was)} → {_value(change.now)}",
        )
    if (more := len(changes) - MAX_SHOWN) > 0:
        say(args, f"… và {more} chỗ nữa.", f"… and {more} more.")


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value[:10]) + (f" … ({len(value)})" if len(value) > 10 else "") or "—"
    return {True: "có", False: "không", None: "—", "": "—"}.get(value, str(value))


def _now() -> datetime:
    return datetime.now(UTC)
