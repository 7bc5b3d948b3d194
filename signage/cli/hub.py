"""`bangtin hub`: the collector of reports and its pages."""

from __future__ import annotations

import argparse
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import settings
from ..errors import Refused, Unavailable
from ..spoken import words
from ..stick import Card
from . import account, fleet, hub_backup, hub_report
from .output import as_json, say

if TYPE_CHECKING:  # an office without the extra [hub] has these verbs too, and every other starts sooner
    from ..hub.roster import Place

DEFAULT_PORT = 8300


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    hub = subparsers.add_parser("hub", help="máy chủ nghe báo cáo của các bảng")
    verbs = hub.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    _add_serve(verbs)
    _add_enroll(verbs)
    hub_backup.add(verbs)
    hub_report.add(verbs)
    fleet.add(verbs)
    account.add(verbs)


def _add_serve(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = verbs.add_parser(
        "serve",
        help="nhận báo cáo và cho xem tình trạng các bảng",
        description="Nhận báo cáo đã ký của các bảng và cho xem tình trạng. Người xem phải đăng"
        " nhập: thêm tài khoản bằng `bangtin hub account add`.",
    )
    _add_dir(serve)
    serve.add_argument("--host", default="127.0.0.1", help="địa chỉ nghe (mặc định: chỉ máy này)")
    serve.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"cổng (mặc định {DEFAULT_PORT})")
    where = serve.add_mutually_exclusive_group()
    where.add_argument(
        "--publication", type=Path, metavar="THƯ-MỤC",
        help="thư mục publication/ của xã, để biết bản mới nhất của từng bảng",
    )  # fmt: skip
    where.add_argument(
        "--publications", type=Path, metavar="THƯ-MỤC",
        help="thư mục chứa bản phát hành của nhiều xã, mỗi xã một thư mục con tên là mã xã",
    )  # fmt: skip
    serve.set_defaults(run=run_serve)


def _add_enroll(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    enroll = verbs.add_parser(
        "enroll",
        help="ghi danh một bảng bằng tệp khóa công khai của nó",
        description="Ghi danh bảng từ tệp board.pub.json mang tay về. So dấu vân tay in ra với dấu hiện trên bảng.",
    )
    _add_dir(enroll)
    enroll.add_argument("file", type=Path, metavar="TỆP", help="board.pub.json của bảng")
    enroll.add_argument("--settings", type=Path, metavar="THƯ-MỤC", help="thư mục của xã, để lấy tên và nơi đặt bảng")
    enroll.add_argument("--replace", action="store_true", help="thay khóa của bảng đã ghi danh")
    enroll.add_argument("--yes", action="store_true", help="không hỏi lại: dấu vân tay đã so xong")
    enroll.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    enroll.set_defaults(run=run_enroll)


def _add_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục riêng của máy chủ")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def run_serve(args: argparse.Namespace) -> int:
    """Exit 0 when it was told to stop; raises `Unavailable` (`hub-missing`, `hub-port`, `locked`)."""
    from ..hub import app

    if args.publication and not (args.publication / "board").is_dir():
        raise Unavailable("hub-publication", folder=str(args.publication))
    if args.publications and not args.publications.is_dir():
        raise Unavailable("hub-publications", folder=str(args.publications))
    with app.listen(args.host, args.port) as listening:
        host, port = listening.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        vi, en = f"Tình trạng các bảng: {url} (Ctrl-C để dừng)", f"Boards: {url} (Ctrl-C to stop)"

        def ready() -> None:
            say(args, vi, en)
            _tell_how_to_log_in(args)

        app.serve(args.dir, listening, args.publication, ready, args.publications)
    return 0


def _tell_how_to_log_in(args: argparse.Namespace) -> None:
    """While nobody has an account: pages show nothing without one, and only this machine makes the first."""
    from ..hub.people import accounts
    from ..hub.store import open_store

    with open_store(args.dir) as store, store.reading() as connection:
        if accounts.any_at_all(connection):
            return
    command = f"bangtin hub account add TÊN --role admin --dir {shlex.quote(str(args.dir))}"
    say(
        args, f"Chưa ai đăng nhập được: chưa có tài khoản nào. Ở cửa sổ khác trên máy này, gõ:\n  {command}",
        f"Nobody can log in: there is no account yet. In another window of this machine type:\n  {command}",
    )  # fmt: skip


def run_enroll(args: argparse.Namespace) -> int:
    """Raises `Refused` when the key differs from the enrolled one, or a person says so."""
    from ..hub import roster
    from ..hub.store import open_store

    card = roster.read_card(args.file)
    place = _place(card, args.settings) if args.settings else None
    if not args.json:
        name, mark = place.name if place else card.board, card.key.fingerprint
        say(args, f"Bảng: {name}\nDấu vân tay: {mark}", f"Board: {name}\nFingerprint: {mark}")
        four = "   ".join(words(card.key.public, card.root))
        say(args, f"Bốn từ: {four}", f"Four words: {four}")
    asked = not args.yes and not args.json and sys.stdin.isatty() and sys.stdout.isatty()
    if asked and not _agreed():
        raise Refused("enroll-stopped", board=card.board)
    with open_store(args.dir) as store, store.writing() as connection:
        done = roster.enroll(connection, card, place, datetime.now(UTC), replace=args.replace)
    if args.json:
        key, place = done.key, done.place
        answer = {
            "v": 1,
            "commune": done.commune,
            "board": done.board,
            "keyid": key.keyid,
            "fingerprint": key.fingerprint,
        }
        as_json(answer | {"chain": done.chain, "name": place.name})
    else:
        say(
            args,
            "Đã ghi danh. So dấu vân tay này với dấu hiện trên bảng; nếu khác thì báo cáo không phải của bảng đó.",
            "Enrolled. Compare this fingerprint with the one on the board; another means another board.",
        )
    return 0


def _place(card: Card, folder: Path) -> Place:
    from ..hub.roster import Place

    found = settings.load(folder)
    board = found.board(card.board) if found.commune.code == card.commune else None
    if board is None:
        raise Refused("enroll-not-ours", board=card.board, known=", ".join(b.id for b in found.boards))
    hamlet = next((h.name for h in found.hamlets if h.id == board.hamlet), "")
    commune = found.commune
    return Place(board.name, board.site, hamlet, commune.name, board.metered, commune.sample, commune.agency)


def _agreed() -> bool:
    return input("Bốn từ (hoặc dấu vân tay) hiện trên bảng có giống hệt không? [c/K] ").strip().lower() in (
        "c",
        "có",
        "co",
        "y",
    )
