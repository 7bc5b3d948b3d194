"""`bangtin demo`: all of it on this machine with the sample commune.

Site, publication, hub and one board, as the separate processes that they are in the field. Keys
are made on the spot without passphrases, so a demo's folder is good for nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .. import durable
from ..errors import Unavailable
from ..settings import Settings, load
from . import output
from .publishing import publish_once, stop_on_signals

MARK = "demo.json"  # written last when the demo's commune is complete
START_LIMIT_S = 60.0  # for a server or the first picture to appear
STOP_LIMIT_S = 8.0  # for a process to end before it is killed
HUB_PORT, SITE_PORT = 8300, 8200
VIEWER = "xem-thu"  # who logs in at the demo's hub
BOARD = "tram-y-te"  # its picture, 1280 × 720, fits a laptop's screen


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "chạy thử tất cả trên máy này với xã mẫu"
    demo = verbs.add_parser("demo", help=words, description=words)
    demo.add_argument("--dir", type=Path, default=Path("demo"), help="thư mục chạy thử (mặc định: demo)")
    demo.add_argument("--board", default=BOARD, help=f"bảng chạy thử (mặc định: {BOARD})")
    demo.add_argument("--fresh", action="store_true", help="làm lại từ đầu")
    demo.add_argument("--headless", action="store_true", help="không mở cửa sổ, chỉ chụp hình bảng")
    demo.add_argument("--open", action="store_true", help="mở trang thông tin trong trình duyệt")
    demo.add_argument("--for", dest="seconds", type=float, default=None, metavar="GIÂY", help="tự dừng sau số giây")
    demo.set_defaults(run=_demo)


@dataclass(frozen=True)
class _Parts:
    """What runs, and where a person finds it."""

    commune: Path
    site: str
    hub: str | None  # with the name and the password that log in; None without the [hub] extra
    picture: Path | None  # None when the board is a window
    processes: dict[str, subprocess.Popen[bytes]]


def _demo(args: argparse.Namespace) -> int:
    began = time.monotonic()
    if args.fresh and (args.dir / MARK).exists():
        shutil.rmtree(args.dir)
    settings = _commune(args)
    stop = stop_on_signals()
    with contextlib.ExitStack() as running:
        parts = _start(args, settings, running)
        _tell(args, parts, time.monotonic() - began)
        if args.open:
            webbrowser.open(parts.site)
        return _stay(args, parts.processes, stop)


# ── the commune ──────────────────────────────────────────────────────────────────────────────────


def _commune(args: argparse.Namespace) -> Settings:
    """The sample commune with everything approved and published; made once, then used again."""
    from ..office import starter

    folder = args.dir / "xa"
    if not (args.dir / MARK).exists():
        if args.dir.exists() and any(args.dir.iterdir()):
            raise Unavailable("demo-folder", folder=str(args.dir))
        output.say(args, "Tạo xã mẫu và khóa …", "Making the sample commune and its keys …")
        starter.copy_sample(folder)
        starter.make_keys(folder, {}, datetime.now(UTC))
        _approve_all(args, load(folder))
        output.say(args, "Dựng trang, ký, phát hành …", "Building the site, signing, publishing …")
        publish_once(load(folder), args)
        durable.write(args.dir / MARK, json.dumps({"v": 1, "made": f"{datetime.now(UTC):%Y-%m-%d}"}).encode())
    return load(folder)


def _approve_all(args: argparse.Namespace, settings: Settings) -> None:
    """Every notice of the sample, submitted by its author and approved by another person."""
    from ..office.desk import Desk, Signatory
    from ..office.publish import signed_people
    from ..office.starter import person_key

    def person(role: str) -> Signatory:
        member = next(m for m in settings.members if role in m.roles)
        return Signatory(member.id, role, output.unlock(person_key(settings.folder, member.id), args))

    desk = Desk(settings, signed_people(settings))
    ids = sorted(desk.read().notices)
    author, approver = person("author"), person("approver")
    output.say(
        args,
        f"{author.person} trình, {approver.person} duyệt {len(ids)} thông báo và trang (vẽ hình cho từng bảng) …",
        f"{author.person} submits, {approver.person} approves {len(ids)} notices and pages (drawing slides) …",
    )
    desk.submit(ids, author, datetime.now(UTC))
    desk.approve(ids, approver, datetime.now(UTC))


# ── the machines ─────────────────────────────────────────────────────────────────────────────────


def _start(args: argparse.Namespace, settings: Settings, running: contextlib.ExitStack) -> _Parts:
    commune, board, hub = settings.folder, args.dir / "bang", args.dir / "hub"
    site_port, hub_port = _free_port(SITE_PORT), _free_port(HUB_PORT)
    site, hub_url = f"http://127.0.0.1:{site_port}", f"http://127.0.0.1:{hub_port}"
    with_hub = all(importlib.util.find_spec(part) for part in ("starlette", "uvicorn", "sqlalchemy", "argon2"))
    names: dict[str, subprocess.Popen[bytes]] = {}
    password = "-".join(secrets.token_hex(2) for _ in range(4))  # of a hub that is made anew each time

    def run(name: str, *words: object) -> None:
        names[name] = running.enter_context(_process(args.dir / "log" / f"{name}.log", *words))

    run("trang", "serve", "--dir", commune, "--port", site_port)
    run("van-phong", "publish", "--watch", "--dir", commune)
    _wait_for(site_port, names["trang"])
    shutil.rmtree(board, ignore_errors=True)
    root = settings.publication / "board" / "metadata" / "1.root.json"
    enrol = ["board", "enroll", "--dir", board, "--board", args.board, "--url", site, "--root", root]
    _once(args, *enrol, *(["--hub", hub_url] if with_hub else []))
    if with_hub:
        shutil.rmtree(hub, ignore_errors=True)
        _once(args, "hub", "enroll", "--dir", hub, "--settings", commune, "--yes", board / "board.pub.json")
        _once(args, "hub", "account", "add", VIEWER, "--role", "admin", "--dir", hub, typed=f"{password}\n")
        run("hub", "hub", "serve", "--dir", hub, "--port", hub_port, "--publication", settings.publication)
        _wait_for(hub_port, names["hub"])
    _once(args, "board", "sync", "--dir", board)
    run("dong-bo", "board", "sync", "--watch", "--every", "2", "--dir", board)
    picture = args.dir / "anh-bang.png"
    window = not args.headless and _has_display()
    how = ["--windowed"] if window else ["--headless", "--screenshot", picture]
    run("bang", "board", "play", "--dir", board, *how)
    if not window:
        _wait_until(picture.exists, names["bang"])
    seen = f"{hub_url}/ ({VIEWER} / {password})" if with_hub else None
    return _Parts(commune, f"{site}/", seen, None if window else picture, names)


@contextlib.contextmanager
def _process(log: Path, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    """One of our own commands, its words in a log file; ended, and if need be killed, on leaving."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "signage", *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _once(args: argparse.Namespace, *words: object, typed: str = "") -> None:
    """One of our own commands, to its end, with what a person types; raises `Unavailable` (`demo-failed`)."""
    command = [sys.executable, "-m", "signage", "--lang", args.lang, *map(str, words)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=START_LIMIT_S, check=False)
    if done.returncode:
        raise Unavailable("demo-failed", command=" ".join(map(str, words[:2])), why=(done.stderr or done.stdout)[-800:])


def _free_port(wanted: int) -> int:
    """The wanted port on loopback, or a free one when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Unavailable("demo-failed", command="port", why="no free port on loopback")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _wait_until(answers, process)


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_LIMIT_S
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise Unavailable("demo-failed", command=str(process.args), why="log/*.log")
        time.sleep(0.05)


def _has_display() -> bool:
    return sys.platform == "win32" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# ── the person ───────────────────────────────────────────────────────────────────────────────────


def _tell(args: argparse.Namespace, parts: _Parts, took: float) -> None:
    xa, hub, picture = parts.commune, parts.hub, parts.picture
    where_vi = f"hình bảng (không có màn hình): {picture}" if picture else "bảng: cửa sổ vừa mở"
    where_en = f"picture of the board (no display): {picture}" if picture else "board: the window just opened"
    ready_vi, ready_en = f"Sẵn sàng sau {took:.0f} giây.", f"Ready after {took:.0f} seconds."
    lines = [
        (ready_vi, ready_en),
        (f"  trang thông tin: {parts.site}", f"  website: {parts.site}"),
        (f"  tình trạng bảng: {hub or 'cần cài bangtin[hub]'}", f"  health: {hub or 'needs bangtin[hub]'}"),
        (f"  {where_vi}", f"  {where_en}"),
        ("Thử: sửa một chữ trong một thông báo rồi xem nó KHÔNG lên bảng:", "Try: change one letter of a notice:"),
        *((line := f"  {_bangtin()} {words} --dir {xa}", line) for words in _TRIES),
        ("Phát khẩn cấp:", "Raise an emergency:"),
        (_alert_line(xa), _alert_line(xa)),
        ("Ctrl-C để dừng.", "Ctrl-C ends it."),
    ]
    for vi, en in lines:
        output.say(args, vi, en)


_TRIES = ("check", "submit --all --as p1", "approve --all --as p3")


def _bangtin() -> str:
    """The command as this person can type it."""
    typed = Path(sys.argv[0])
    if typed.name != "bangtin":
        return f"{sys.executable} -m signage"
    if shutil.which("bangtin") == str(typed.absolute()):
        return "bangtin"
    return str(typed.relative_to(Path.cwd())) if typed.is_relative_to(Path.cwd()) else str(typed)


def _alert_line(commune: Path) -> str:
    return (
        f"  {_bangtin()} alert raise --as p5 --dir {commune} --level 3 --source 'Đài KTTV' --hours 2 "
        "--title 'Lũ trên sông đang lên' --text 'Di dời khỏi bãi ven sông ngay.'"
    )


def _stay(args: argparse.Namespace, processes: dict[str, subprocess.Popen[bytes]], stop: threading.Event) -> int:
    """Until Ctrl-C, the time limit, or one of the processes ends by itself (the window was closed)."""
    end = time.monotonic() + args.seconds if args.seconds else None
    while not stop.wait(0.2):
        ended = [name for name, process in processes.items() if process.poll() is not None]
        if ended:
            code = processes[ended[0]].returncode
            log = args.dir / "log" / f"{ended[0]}.log"
            output.say(args, f"Phần “{ended[0]}” đã dừng, xem {log}", f"“{ended[0]}” has ended, see {log}")
            return 1 if code else 0
        if end and time.monotonic() > end:
            break
    output.say(args, "Đã dừng chạy thử.", "The demo has ended.")
    return 0
