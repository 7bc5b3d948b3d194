"""`bangtin preview`: what it will look like, before anybody signs, and on a board at any moment.

With notices: the slides of the officer's own file, drawn as `submit` would draw them. With
`--board`: a real board, enrolled and synced in a folder of its own, played without a screen; so the
answer is the board's, not a guess. Of a past moment it holds what was published then (`past`).
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import durable
from ..errors import Unavailable, WrongUse
from ..schedule import VIETNAM_TIME
from ..settings import Settings, load
from . import output
from .commune import notice_id
from .past import enrolled, kept_at
from .verbs import in_commune

if TYPE_CHECKING:  # a board's parts are imported when one is asked
    from ..board.identity import Board

LOOK_S = 1.5  # seconds that the board plays before its picture is taken


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "xem trước hình của thông báo, hoặc đúng những gì một bảng chiếu vào lúc nào đó"
    preview = verbs.add_parser("preview", help=words, description=words)
    preview.add_argument("notices", nargs="*", metavar="THÔNG-BÁO")
    preview.add_argument("--board", default=None, metavar="MÃ", help="bảng nào (chỉ gồm những gì đã phát hành)")
    preview.add_argument("--at", type=_moment, default=None, metavar="GIỜ", help='lúc nào: "2026-11-22 17:00"')
    preview.add_argument("--output", type=Path, default=None, help="thư mục kết quả (mặc định: state/xem-truoc)")
    in_commune(preview)
    preview.set_defaults(run=_preview)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM_TIME)


def _preview(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    folder = args.output or settings.state / "xem-truoc"
    if args.board:
        if settings.board(args.board) is None and not (args.at and kept_at(settings, args.board, args.at)):
            raise Unavailable("board-not-ours", board=args.board, known=", ".join(b.id for b in settings.boards))
        made = _board_picture(args, settings, folder)
    elif args.notices:
        made = _draft(args, settings, folder)
    else:
        raise WrongUse("nothing-named")
    output.say(args, f"Mở để xem: {made}", f"Open: {made}")
    return 0


def _draft(args: argparse.Namespace, settings: Settings, folder: Path) -> Path:
    from ..office import brevity, preview
    from .approval import desk_of

    desk = desk_of(settings)
    drafts = desk.drafts([notice_id(settings, n) for n in args.notices])
    output.problems(brevity.of_all((n for n, _ in drafts), settings.commune, settings.boards), args)
    return preview.draft(settings, drafts, folder, datetime.now(UTC))


def _board_picture(args: argparse.Namespace, settings: Settings, folder: Path) -> Path:
    """What the board shows at `--at`, as a picture; says it in words too."""
    from ..board import player

    now = datetime.now(UTC)
    at = args.at or now
    picture = folder / f"{args.board}.png"
    durable.remove(picture)
    folder.mkdir(parents=True, exist_ok=True)
    settings.state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.state) as temporary:
        place = Path(temporary)
        kept = kept_at(settings, args.board, at) if at < now else None
        if kept:
            made = enrolled(settings, kept, args.board, at, place / args.board)
        else:
            if at < now:
                output.say(args, "! Lúc ấy chưa có bản phát hành nào được lưu: đây là theo bản hiện nay.",
                           "! No publication is kept of that moment: this is by today's.")  # fmt: skip
            made = _synced(settings, args.board, at, now, place)
        player.play(made, how="headless", screenshot=picture, seconds=LOOK_S, start=at)
        _tell(args, made, at)
    return picture


def _synced(settings: Settings, board: str, at: datetime, now: datetime, place: Path) -> Board:
    """A board in `place` that has fetched what is published.

    A moment beyond what the published manifest has worked out is asked of a publication that the
    office rehearses for that day, of what is approved today.
    """
    from ..board import identity, tending
    from ..office.boards import reaches, rehearse
    from ..office.serving import Server

    root = (settings.publication / "board/metadata/1.root.json").read_bytes()
    with contextlib.ExitStack() as opened:
        served = settings.publication
        if not reaches(settings, board, at):
            served = place / "publication"
            rehearse(settings, served, at, now)
        server = Server(served).start()
        opened.callback(server.stop)
        made = identity.enroll(place / board, board=board, url=server.address, hub=None, root=root)
        outcome = tending.once(made)
        if outcome.error:
            raise Unavailable("preview-failed", why=outcome.why)
        return made


def _tell(args: argparse.Namespace, made: Board, at: datetime) -> None:
    """The board's own answer in words: the notice on the glass, those that take turns, and the light."""
    from ..board.light import light
    from ..board.rotation import scene, taking_turns
    from ..board.shelf import Shelf

    held = Shelf(made.shelf).holding(made.root(), made.identity, at)
    playlist = held.playlist if held else None
    shown = scene(playlist, at)
    title = shown.entry.title if shown.entry else "–"
    lit = light(playlist, shown, at)
    how = ("tắt theo lịch", "dark by schedule") if lit.dark else (f"sáng {lit.percent} %", f"at {lit.percent} %")
    output.say(args, f"{output.when(at)}: {title} ({how[0]})", f"{output.when(at)}: {title} ({how[1]})")
    if len(turns := taking_turns(playlist, at)) > 1:
        output.say(args, "Thay phiên nhau:", "Taking turns:")
        for entry in turns:
            output.say(args, f"  {entry.title}", f"  {entry.title}")
