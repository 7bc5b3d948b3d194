"""Which boards have followed: the hub is asked for a while, and who has not confirmed is named, with what to do."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BangtinError, Unavailable
from ..settings import Board, Settings
from ..wire import to_moment
from . import output

if TYPE_CHECKING:
    from ..board.download import Line

WAIT_S, LONGEST_S = 60, 600
LOOK_S = 1.0  # seconds between two questions
OTHERWISE = ("frozen", "foreign")  # screens whose picture is not what the player says
TOKEN_FILE, MAX_TOKEN = "keys/hub.token", 200  # in the commune's folder; bytes
UNKNOWN = 401  # the hub's answer to who has no good token
MAX_ANSWER = 16 * 1024 * 1024  # bytes of /api/boards.json: about 1 kB a board

Told = Mapping[str, Any]  # a board as the hub tells of it
Right = Callable[[dict[str, Any]], bool]  # whether what a board shows is as it should be now


def add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--hub", default=None, metavar="NƠI",
        help="máy chủ tình trạng: địa chỉ http, hoặc thư mục của nó trên máy này (mặc định: hub trong bangtin.toml)",
    )  # fmt: skip
    verb.add_argument(
        "--wait", type=_seconds, default=WAIT_S, metavar="GIÂY",
        help=f"chờ các bảng xác nhận tối đa bao lâu (mặc định {WAIT_S}, nhiều nhất {LONGEST_S})",
    )  # fmt: skip


def _seconds(text: str) -> int:
    value = int(text)
    if not 0 <= value <= LONGEST_S:
        raise ValueError(text)
    return value


@dataclass(frozen=True)
class _Asked:
    """What every board of `boards` should have by now."""

    boards: list[Board]
    number: int
    right: Right

    def followed(self, told: Told | None) -> bool:
        """By the board's own report: it holds this publication or a later one, and shows what it should.

        A dead player shows nothing by its own word, and its last picture may stand on the glass all the same.
        """
        publication = told.get("publication") if told else None
        if told is None or not isinstance(publication, int) or publication < self.number:
            return False
        showing, screen = told.get("showing"), told.get("screen")
        if screen in OTHERWISE or (showing is None and screen != "dark"):
            return False
        return self.right(showing or {})


def answer(args: argparse.Namespace, settings: Settings, boards: list[Board], number: int, right: Right) -> int:
    """Print it; 0 when every board has followed or nobody can say, 1 when one has not."""
    if not boards:
        output.say(args, "Thông báo này không lên bảng nào.", "This notice is on no board.")
        return 0
    where = args.hub or settings.commune.hub
    if not where:
        output.say(
            args,
            "Không ai xác nhận được bảng nào đã đổi: chưa có máy chủ tình trạng (hub trong bangtin.toml, hay --hub).\n"
            "Nhìn tận nơi hoặc gọi người trông bảng: " + ", ".join(f"{b.name} ({b.id})" for b in boards) + ".",
            "Nobody can confirm which board has changed: there is no hub (hub in bangtin.toml, or --hub).\n"
            "Look, or call whoever minds the board: " + ", ".join(f"{b.name} ({b.id})" for b in boards) + ".",
        )
        return 0
    asked = _Asked(boards, number, right)
    if args.wait:
        output.say(args, f"Chờ các bảng xác nhận, tối đa {args.wait} giây …",
                   f"Waiting for the boards, {args.wait} s at most …")  # fmt: skip
    try:
        heard = _wait(asked, source(where, settings), args.wait)
    except BangtinError as error:
        output.failure(error, args)
        heard = {}
    return _tell(args, settings, asked, heard)


def source(where: str, settings: Settings) -> Callable[[], dict[str, Told]]:
    """How to ask: over HTTP with the office's token (`keys/hub.token`), or in the hub's own folder."""
    commune = settings.commune.code
    if where.startswith(("http://", "https://")):
        from ..board.download import Line

        line, url = Line(), f"{where.rstrip('/')}/api/boards.json?xa={commune}"
        line.bear(token(settings.folder))
        return lambda: _read(url, _asked_over(line, url), commune)
    return lambda: _in_folder(Path(where), commune)


def token(folder: Path) -> str:
    """What the hub knows this office by, or "". Raises `Unavailable` (`hub-token-file`)."""
    file = folder / TOKEN_FILE
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_TOKEN).decode("ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise Unavailable("hub-token-file", file=str(file), why=str(error)) from error


def _asked_over(line: Line, url: str) -> bytes:
    """Raises `Unavailable` (`hub-token`, `net-failed`)."""
    try:
        return line.small(url, limit=MAX_ANSWER)
    except Unavailable as error:
        if getattr(error.__cause__, "status_code", 0) != UNKNOWN:
            raise
        raise Unavailable("hub-token", url=url, file=TOKEN_FILE) from error


def _read(url: str, data: bytes, commune: str) -> dict[str, Told]:
    """Raises `Unavailable` (`hub-answer`)."""
    try:
        found = {one["board"]: one for one in json.loads(data)["boards"] if one["commune"] == commune}
        if not all(isinstance(one.get("showing") or {}, dict) for one in found.values()):
            raise TypeError("showing")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unavailable("hub-answer", url=url, why=type(error).__name__) from error
    return found


def _in_folder(folder: Path, commune: str) -> dict[str, Told]:
    from ..hub.seen import boards
    from ..hub.store import open_store
    from ..hub.store import tables as t
    from ..hub.store.engine import FILE, URL_FILE

    if not any((folder / name).is_file() for name in (FILE, URL_FILE)):  # to open would make an empty one
        raise Unavailable("hub-database", file=str(folder / FILE), why="—")
    with open_store(folder) as store, store.reading() as connection:
        here = boards.where(connection, t.board.c.commune == commune, datetime.now(UTC))
        return {board.code: board.as_json() for board in here}


def _wait(asked: _Asked, source: Callable[[], dict[str, Told]], seconds: int) -> dict[str, Told]:
    """What the hub says as soon as all have followed, or when the time is up; raises when it never answers."""
    end, heard, wrong = time.monotonic() + seconds, None, None
    while True:
        try:
            heard = source()
        except BangtinError as error:
            wrong = error
        if heard is not None and all(asked.followed(heard.get(board.id)) for board in asked.boards):
            return heard
        if time.monotonic() >= end:
            if heard is None and wrong is not None:
                raise wrong
            return heard or {}
        time.sleep(min(LOOK_S, max(0.0, end - time.monotonic())))


def _tell(args: argparse.Namespace, settings: Settings, asked: _Asked, heard: dict[str, Told]) -> int:
    missing = [board for board in asked.boards if not asked.followed(heard.get(board.id))]
    for board in (b for b in asked.boards if b not in missing):
        at = _when(heard[board.id].get("received"))
        output.say(args, f"✓ {board.name} ({board.id}): đã đổi, báo lúc {at}.",
                   f"✓ {board.name} ({board.id}): followed, heard at {at}.")  # fmt: skip
    for board in missing:
        at = _when((heard.get(board.id) or {}).get("received"))
        minder = settings.member(board.officer)
        name, place = minder.name if minder else board.officer, f", {board.site}" if board.site else ""
        output.say(
            args,
            f"✗ {board.name} ({board.id}){place}: CHƯA xác nhận, nghe lần cuối {at or 'chưa lần nào'}."
            + (f" Người trông: {name}." if name else ""),
            f"✗ {board.name} ({board.id}){place}: NOT confirmed, last heard {at or 'never'}."
            + (f" Minded by: {name}." if name else ""),
        )
    count, whole = len(asked.boards) - len(missing), len(asked.boards)
    output.say(args, f"{count} trên {whole} bảng đã xác nhận.", f"{count} of {whole} boards have confirmed.")
    if missing:
        output.say(
            args,
            "Bảng mất mạng đổi khi có mạng lại. Không chờ được: gọi người trông bảng; tại máy của bảng gõ\n"
            "`bangtin board panic --dir THƯ-MỤC`, hoặc ngắt điện mặt hiển thị.",
            "A board without network follows when it has one again. Too late: call whoever minds it; at its machine\n"
            "`bangtin board panic --dir FOLDER`, or cut the display's power.",
        )
    return 1 if missing else 0


def _when(text: Any) -> str:
    try:
        return output.when(to_moment(text))
    except (TypeError, ValueError):
        return ""
