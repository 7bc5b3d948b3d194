"""`bangtin board`: the kiosk's verbs."""

from __future__ import annotations

import argparse
import gc
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused, Unavailable, WrongUse
from . import output

if TYPE_CHECKING:
    from ..board.identity import Board

PLAIN_PATH = re.compile(r"/[\w./-]*", re.ASCII)  # systemd gives meanings to other characters
DEFAULT_EVERY_S = 30.0  # seconds between two looks for a new publication
DEFAULT_HEARTBEAT_S = 30.0  # seconds between two reports when nothing happens


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], only: str | None = None) -> None:
    """`only`: of the verb of a process that stays, nothing of the others is loaded."""
    board = subparsers.add_parser("board", help="bảng điện tử: ghi danh, đồng bộ, chiếu, tình trạng")
    verbs = board.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    stays = {"play": _add_play, "kiosk": _add_kiosk, "sync": _add_sync}
    if only in stays:
        stays[only](verbs)
        return
    from . import doctor, enrolment, fleet, panic, usb

    _add_enroll(verbs)
    _add_sync(verbs)
    _add_play(verbs)
    _add_kiosk(verbs)
    _add_install(verbs)
    _add_status(verbs)
    panic.add(verbs)
    usb.add_board(verbs)
    enrolment.add(verbs)
    fleet.add_board(verbs)
    doctor.add_board(verbs)


def _add_enroll(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    enroll = verbs.add_parser(
        "enroll",
        help="ghi danh bảng này với xã",
        description="Ghi danh bảng. Gốc tin cậy phải đến tận tay: USB do văn phòng chuẩn bị (--usb, không phải gõ gì"
        " thêm), tệp root.json, hoặc dấu vân tay gõ từ tờ ghi danh đã in. Không bao giờ tự tin lần đầu.",
    )
    _add_dir(enroll)
    enroll.add_argument("--board", metavar="MÃ", help="mã bảng như trong bangtin.toml của xã")
    enroll.add_argument("--url", help="địa chỉ bản phát hành của xã (http hoặc https)")
    how = enroll.add_mutually_exclusive_group(required=True)
    how.add_argument("--usb", type=Path, metavar="USB", help="USB ghi danh, nơi nó được gắn (`bangtin board prepare`)")
    how.add_argument("--root", type=Path, metavar="TỆP", help="tệp 1.root.json chép tay từ xã")
    how.add_argument("--fingerprint", metavar="HEX", help="dấu vân tay của 1.root.json, ít nhất 32 chữ số hex")
    enroll.add_argument("--hub", metavar="URL", help="địa chỉ máy chủ nhận báo cáo")
    enroll.add_argument("--again", action="store_true", help="ghi danh lại thư mục đã ghi danh")
    enroll.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    enroll.set_defaults(run=run_enroll)


def _add_sync(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sync = verbs.add_parser("sync", help="lấy bản phát hành mới và gửi báo cáo")
    _add_dir(sync)
    sync.add_argument("--watch", action="store_true", help="chạy mãi")
    sync.add_argument(
        "--every", type=_seconds, default=DEFAULT_EVERY_S, metavar="GIÂY",
        help=f"với --watch: bao lâu xem một lần (mặc định {DEFAULT_EVERY_S:.0f})",
    )  # fmt: skip
    sync.add_argument(
        "--heartbeat", type=_seconds, default=DEFAULT_HEARTBEAT_S, metavar="GIÂY",
        help=f"với --watch: bao lâu báo cáo một lần khi không có gì mới (mặc định {DEFAULT_HEARTBEAT_S:.0f})",
    )  # fmt: skip
    sync.add_argument(
        "--hints", metavar="URL", help="với --watch: nghe lời nhắn ở đây thay cho nơi phát hành (thí dụ từ MQTT)"
    )
    sync.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    sync.set_defaults(run=run_sync)


def _add_play(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    play = verbs.add_parser("play", help="chiếu những gì bảng đang giữ; không cần mạng")
    _add_dir(play)
    where = play.add_mutually_exclusive_group()
    where.add_argument("--windowed", action="store_true", help="trong một cửa sổ thay vì cả màn hình")
    where.add_argument("--headless", action="store_true", help="không màn hình (để thử và xem trước)")
    play.add_argument("--screenshot", type=Path, metavar="TỆP", help="chép hình đang chiếu ra tệp PNG mỗi lần đổi")
    play.add_argument("--for", dest="seconds", type=_seconds, metavar="GIÂY", help="tự dừng sau số giây")
    play.add_argument("--now", type=_moment, metavar="GIỜ", help="giả như bắt đầu lúc này: 2026-09-02T07:30+07:00")
    play.add_argument("--pattern", action="store_true", help="hình thử để lắp bảng: lưới, góc, thước, màu, mã bảng")
    play.set_defaults(run=run_play)


def _add_kiosk(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    kiosk = verbs.add_parser(
        "kiosk",
        help="chiếu và tự trông: nhìn đúng cửa sổ đang hiện, khởi động lại trình chiếu khi cần",
        description="Chạy trình chiếu và đứng ngoài nhìn cửa sổ thật (X11): đúng hình, hình lạ, đen, đứng hình."
        " Trình chiếu chết hoặc đứng thì khởi động lại; báo cho systemd chỉ khi đã nhìn thấy đúng.",
    )
    _add_dir(kiosk)
    kiosk.add_argument("--for", dest="seconds", type=_seconds, metavar="GIÂY", help="tự dừng sau số giây")
    kiosk.set_defaults(run=run_kiosk)


def _add_install(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    install = verbs.add_parser(
        "install",
        help="ghi các tệp để máy này tự chiếu khi bật điện (Debian, Raspberry Pi OS)",
        description="Ghi dịch vụ systemd, người dùng và phiên X không có màn hình nền cho máy của bảng, rồi in các lệnh"
        " cần gõ tiếp. Không tự chạy lệnh nào. Cần quyền root, trừ khi có --print hay --root.",
    )
    _add_dir(install)
    install.add_argument("--program", type=Path, metavar="TỆP", help="lệnh bangtin (mặc định: lệnh đang chạy)")
    where = install.add_mutually_exclusive_group()
    where.add_argument("--print", dest="show", action="store_true", help="chỉ in ra những gì sẽ ghi")
    where.add_argument("--root", type=Path, default=Path("/"), metavar="CÂY", help="ghi vào cây thư mục này thay cho /")
    install.set_defaults(run=run_install)


def _add_status(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    status = verbs.add_parser("status", help="bảng này đang thế nào")
    _add_dir(status)
    status.add_argument("--json", action="store_true", help="in kết quả cho chương trình đọc")
    status.set_defaults(run=run_status)


def _add_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, required=True, metavar="THƯ-MỤC", help="thư mục của bảng")


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 10**7:
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def run_enroll(args: argparse.Namespace) -> int:
    """Raises `Refused` (`enrolled-already`, `fingerprint-differs`, `trust-root`), `WrongUse`, `Unavailable`."""
    from ..board import identity
    from . import enrolment

    if args.usb:
        return _enrolled(args, enrolment.enroll(args))
    if not args.board or not args.url:
        raise WrongUse("enroll-incomplete")
    root = None
    if args.root:
        try:
            root = args.root.read_bytes()
        except OSError as error:
            raise WrongUse("root-file-missing", file=str(args.root)) from error
    made = identity.enroll(
        args.dir, board=args.board, url=args.url, hub=args.hub, root=root, fingerprint=args.fingerprint,
        fetch_root=_fetch_root, again=args.again,
    )  # fmt: skip
    return _enrolled(args, made)


def _enrolled(args: argparse.Namespace, made: Board) -> int:
    fingerprint = made.key().public.fingerprint
    if args.json:
        told = {"board": made.id, "commune": made.commune, "repository": made.repository}
        card = str(args.dir / "board.pub.json")
        output.as_json({"v": 1, **told, "fingerprint": fingerprint, "words": made.words(), "card": card})
        return 0
    if args.usb:
        from . import enrolment

        enrolment.told(args, made)
        return 0
    output.say(
        args,
        f"Đã ghi danh bảng {made.id} của xã {made.commune}.\nDấu vân tay của bảng: {fingerprint}\n"
        f"Chép {args.dir / 'board.pub.json'} về máy chủ và chạy `bangtin hub enroll`.",
        f"Board {made.id} of commune {made.commune} is enrolled.\nFingerprint of the board: {fingerprint}\n"
        f"Take {args.dir / 'board.pub.json'} to the hub and run `bangtin hub enroll`.",
    )
    return 0


def _fetch_root(url: str) -> bytes:
    from ..board import identity
    from ..board.download import Line

    return Line().small(f"{url}/board/metadata/1.root.json", limit=identity.MAX_ROOT)


def run_sync(args: argparse.Namespace) -> int:
    """One round, or rounds for ever; exit 1 or 3 when the one round failed, what was held stays."""
    from ..board import identity, tending

    board = identity.load(args.dir)
    if args.watch:
        hints = identity.address(args.hints) if args.hints else None
        return tending.watch(board, every=args.every, heartbeat=args.heartbeat, hints=hints)
    outcome = tending.once(board)
    if args.json:
        output.as_json({"v": 1, **vars(outcome)})
    elif outcome.error:
        output.say(args, f"Chưa đồng bộ được: {outcome.why}", f"Not synced: {outcome.why}")
    else:
        output.say(args, f"Đang giữ bản {outcome.number}.", f"Holding publication {outcome.number}.")
    if outcome.error is None:
        return 0
    return Refused.exit_code if outcome.refusal else 1


def run_play(args: argparse.Namespace) -> int:
    gc.disable()  # while all is loaded there is nothing to collect; the player enables it after the first slide
    try:
        return _play(args)
    finally:
        gc.enable()


def _play(args: argparse.Namespace) -> int:
    from ..board import identity

    board = identity.load(args.dir)
    how = "headless" if args.headless else "windowed" if args.windowed else "full"
    if args.pattern:
        from ..board import pattern

        return pattern.show(board, how=how, screenshot=args.screenshot, seconds=args.seconds)
    from ..board import player

    return player.play(board, how=how, screenshot=args.screenshot, seconds=args.seconds, start=args.now)


def run_kiosk(args: argparse.Namespace) -> int:
    """Exit 0 when told to stop; raises `Unavailable` (`board-not-enrolled`, `locked`).

    What checks signatures is loaded by the player alone: this process stays small for years.
    """
    from ..board import kiosk

    if not (args.dir / "board.toml").is_file():
        raise Unavailable("board-not-enrolled", folder=str(args.dir))
    player = [sys.executable, "-m", "signage", "board", "play", "--dir", str(args.dir)]
    return kiosk.run(args.dir / "state", player, seconds=args.seconds)


def run_install(args: argparse.Namespace) -> int:
    """Raises `WrongUse` (`install-path`); `OSError` where the files cannot be written."""
    from ..board import install

    folder = args.dir.resolve()
    program = (args.program or Path(sys.executable).with_name("bangtin")).absolute()
    for path in (folder, program):
        if not PLAIN_PATH.fullmatch(str(path)):
            raise WrongUse("install-path", path=str(path))
    made = install.plan(folder, program)
    if args.show:
        for path, text in made.files.items():
            print(f"### {path}\n{text}")
    else:
        install.write(made, args.root)
    typed = "\n".join(f"  sudo {command}" for command in made.commands)
    output.say(args, f"Gõ tiếp, theo thứ tự:\n{typed}", f"Now type, in this order:\n{typed}")
    return 0


def run_status(args: argparse.Namespace) -> int:
    """Exit 0 when the board could be read, whatever its state."""
    from ..board import identity, standing

    told = standing.told(identity.load(args.dir), datetime.now(UTC))
    if args.json:
        output.as_json(told)
    else:
        print(standing.sentence(told, args.lang))
    return 0
