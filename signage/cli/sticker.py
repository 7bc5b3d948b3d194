"""`bangtin sticker`: what is stuck on each board, to print."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path

from ..errors import BadInput, Problem
from ..settings import load
from . import output
from .verbs import in_commune


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "nhãn dán trên bảng, khổ A4: mã bảng, số điện thoại, mã QR để gọi"
    sticker = verbs.add_parser("sticker", help=words, description=words)
    sticker.add_argument("boards", nargs="*", metavar="BẢNG", help="mã bảng (mặc định: mọi bảng)")
    in_commune(sticker)
    sticker.add_argument("--phone", default="", metavar="SỐ", help="số để gọi (mặc định: của xã, trong bangtin.toml)")
    sticker.add_argument("--output", type=Path, default=None, help="tệp HTML (mặc định: state/nhan-bang.html)")
    sticker.set_defaults(run=_sticker)


def _sticker(args: argparse.Namespace) -> int:
    """Raises `BadInput` (`board-unknown`)."""
    from .. import durable
    from ..office import sticker

    settings = load(args.dir)
    known = [board.id for board in settings.boards]
    if strange := [name for name in args.boards if name not in known]:
        hint = difflib.get_close_matches(strange[0], known, n=1, cutoff=0)
        values = {"value": strange[0], "hint": hint[0] if hint else "—", "known": ", ".join(known)}
        raise BadInput([Problem("board-unknown", "BẢNG", values=values)])
    chosen = [board for board in settings.boards if not args.boards or board.id in args.boards]
    file = args.output or settings.state / "nhan-bang.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    durable.write(file, sticker.page(settings.commune, chosen, args.phone.strip()).encode())
    output.say(args, f"Mở bằng trình duyệt rồi in khổ A4: {file}", f"Open in a browser and print on A4: {file}")
    return 0
