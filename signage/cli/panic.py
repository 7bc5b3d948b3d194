"""`bangtin board panic`: the safe slide on this board at once, by whoever has its machine in hand."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Unavailable
from . import output

SEEN_WITHIN_S = 5.0  # that the player gets to say so; it looks twice a second
LOOK_S = 0.1


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    panic = verbs.add_parser(
        "panic",
        help="tại bảng: hiện ngay hình an toàn, không cần mạng; chỉ --off tại đây mới tắt",
        description="Gõ trên máy của bảng (SSH). Bảng bỏ mọi thứ đang chiếu, kể cả thông báo khẩn cấp, và chỉ hiện hình"
        " an toàn, cả sau khi mất điện, cho đến khi gõ lại lệnh này với --off.",
    )
    panic.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục của bảng")
    panic.add_argument("--off", action="store_true", help="thôi: chiếu lại như thường")
    panic.set_defaults(run=run_panic)


def run_panic(args: argparse.Namespace) -> int:
    """Exit 0 when it is noted, 1 when no player has been seen to follow. Raises `Unavailable`, `OSError`."""
    from ..board import panic

    if not (args.dir / "board.toml").is_file():
        raise Unavailable("board-not-enrolled", folder=str(args.dir))
    state = args.dir / "state"
    if args.off:
        panic.end(state)
        output.say(args, "Đã tắt hình an toàn: bảng chiếu lại như thường.", "Ended: the board shows as usual.")
        return 0
    panic.begin(state, datetime.now(UTC))
    if _followed(state):
        output.say(
            args,
            "Bảng đang hiện hình an toàn, và sẽ hiện mãi, cả khi mất điện rồi có lại.\n"
            "Nhìn lên bảng: nếu hình lạ còn đó thì không phải máy này chiếu; ngắt điện mặt hiển thị.\n"
            "Khi đã yên: bangtin board panic --off, gõ tại đây.",
            "The board shows its safe slide, and will after a power cut too.\n"
            "Look up: a strange picture that stays is not of this machine; cut the display's power.\n"
            "When all is well, type here: bangtin board panic --off.",
        )
        return 0
    output.say(
        args,
        "Đã ghi lệnh, nhưng chưa thấy trình chiếu làm theo: nó không chạy hoặc đứng. Nhìn lên bảng; nếu hình lạ còn"
        " đó, ngắt điện mặt hiển thị.",
        "Noted, but no player has been seen to follow. Look up; if the strange picture is still there, cut the"
        " display's power.",
    )
    return 1


def _followed(state: Path) -> bool:
    """Whether a living player says that the safe slide (or a dark hour) is on the glass."""
    from ..board import health, notes

    end = time.monotonic() + SEEN_WITHIN_S
    while time.monotonic() < end:
        note = notes.read(state / "player.json")
        raw = note.raw if note else {}
        showing, pid = raw.get("showing"), raw.get("pid")
        if not isinstance(pid, int) or not health.alive(pid):
            return False
        if showing is None or (isinstance(showing, dict) and showing.get("kind") == "safe"):
            return True
        time.sleep(LOOK_S)
    return False
