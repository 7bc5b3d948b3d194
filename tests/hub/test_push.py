"""Hints by the ways of `deploy/push`: a real broker, a real nginx with nchan, and a real board at the end of each."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from signage.board import identity
from signage.board.identity import Board
from signage.board.shelf import Shelf
from signage.office.serving import Server
from tests.hub.proxy import NGINX, configured, free_port, server_certificate
from tests.waiting import until

DEPLOY = Path(__file__).parents[2] / "deploy"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
GUIDE = (DEPLOY.parent / "docs/van-hanh.md").read_text("utf-8")
NEVER_S = 3600  # between two polls: within a test, nothing but a hint makes a board look
BOARD = "cong-xa"
PLACES = {"folder": "/srv/bangtin/publications", "broker": "mqtts://mqtt.tinh.example", "commune": "20506",
          "board": "/srv/bang", "channel": "http://127.0.0.1:8290/board/hints"}  # fmt: skip
Street = tuple[Path, Board]


@contextmanager
def running(*words: object, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, env={**os.environ, **env})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def typed(start: str, **places: object) -> tuple[object, ...]:
    """The guide's own line that begins so, with this test's places."""
    (line,) = [one for one in GUIDE.splitlines() if one.startswith(start)]
    program, *words = shlex.split(line)
    for theirs, here in places.items():
        words = [word.replace(PLACES[theirs], str(here)) for word in words]
    words = [str(DEPLOY.parent / word) if word.startswith("deploy/") else word for word in words]
    return (sys.executable, *(() if program == "python" else ("-m", "signage")), *words)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def shows(board: Board, *titles: str) -> bool:
    held = Shelf(board.shelf).holding(board.root(), board.identity, datetime.now(UTC))
    return held is not None and {entry.title for entry in held.playlist.entries} == set(titles)


def notice(office: Any, text: Callable[..., str], name: str) -> None:
    """Approved and published; `name` is its title too."""
    now = datetime.now(UTC)
    local = now + timedelta(hours=7)
    office.write(f"tin/{name}", text(title=name, start=f"{local - timedelta(days=1):%Y-%m-%d %H:%M}",
                                     end=f"{local + timedelta(days=3):%Y-%m-%d %H:%M}"))  # fmt: skip
    office.both(f"tin/{name}", now=now - timedelta(minutes=1))
    office.publish(now)


@pytest.fixture
def publications(office: Any, tmp_path: Path, text: Callable[..., str]) -> Path:
    """Of many communes, by their codes: here is one, with one notice."""
    notice(office, text, "mot")
    (tmp_path / "publications").mkdir()
    (tmp_path / "publications/99999").symlink_to(office.folder / "publication")
    return tmp_path / "publications"


def enrolled(folder: Path, publications: Path, url: str) -> Board:
    root = (publications / "99999/board/metadata/1.root.json").read_bytes()
    return identity.enroll(folder, board=BOARD, url=url, hub=None, root=root)


def syncing(board: Board, *more: str) -> tuple[object, ...]:
    return (
        sys.executable,
        "-m",
        "signage",
        "board",
        "sync",
        "--watch",
        "--every",
        NEVER_S,
        "--dir",
        board.folder,
        *more,
    )


def heard(url: str, ca: Path | None = None) -> bool:
    """Whether something would be told there now: the channel is open."""
    with suppress(requests.RequestException), requests.get(url, stream=True, timeout=5, verify=str(ca or True)) as got:
        return got.ok
    return False


@contextmanager
def ringing(publications: Path, address: str) -> Iterator[None]:
    """`ring.py`, from its first look on."""
    with running(*typed("python deploy/push/ring.py", folder=publications, broker=address)) as ring:
        assert ring.stdout and ring.stdout.readline() == b"looking at 1 communes\n"
        yield


def lines(process: subprocess.Popen[bytes], port: int) -> int:
    """How many connections a process has to a server of this machine."""
    held = psutil.Process(process.pid).net_connections()
    return sum(one.status == "ESTABLISHED" and one.raddr.port == port for one in held)


@contextmanager
def mosquitto(folder: Path, port: int) -> Iterator[None]:
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    assert MOSQUITTO
    with running(MOSQUITTO, "-c", folder / "mosquitto.conf"):
        until(lambda: answers(port))
        yield


@pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto (apt-get install mosquitto)")
def test_a_board_hears_through_a_broker(
    office: Any, publications: Path, tmp_path: Path, text: Callable[..., str]
) -> None:
    """Also from one that was away; meanwhile nobody tells the board that it would hear."""
    port, ears = free_port(), free_port()
    channel = f"http://127.0.0.1:{ears}/board/hints"
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        first.enter_context(mosquitto(tmp_path, port))
        server = Server(publications / "99999").start()
        stack.callback(server.stop)
        board = enrolled(tmp_path / "bang", publications, server.address)
        broker = f"mqtt://127.0.0.1:{port}"
        stack.enter_context(ringing(publications, broker))
        stack.enter_context(running(*typed("python deploy/push/hear.py", broker=broker, commune="99999"), ears))
        until(lambda: heard(channel))
        told = typed("bangtin board sync --dir /srv/bang --watch --hints", board=board.folder, channel=channel)
        sync = stack.enter_context(running(*told, "--every", NEVER_S))
        until(lambda: shows(board, "mot") and lines(sync, ears) == 1)
        notice(office, text, "hai")
        until(lambda: shows(board, "mot", "hai"))
        first.close()
        until(lambda: not heard(channel))
        stack.enter_context(mosquitto(tmp_path, port))
        until(lambda: heard(channel))
        notice(office, text, "ba")
        until(lambda: shows(board, "mot", "hai", "ba"))


@pytest.mark.skipif(NGINX is None or not NCHAN.exists(), reason="no nchan (apt-get install libnginx-mod-nchan)")
def test_a_board_hears_through_nginx(office: Any, publications: Path, tmp_path: Path, text: Callable[..., str]) -> None:
    """The recipe as it stands, with its three lines of nchan; publications and hints come from it alone."""
    server_certificate(tmp_path)
    public, ring = free_port(), free_port()
    recipe = configured(tmp_path, {8301: free_port(), 8302: free_port(), 443: free_port(), 8443: public})
    recipe = re.sub(r"^( *)# (load_module|include \S*nchan)", r"\1\2", recipe, flags=re.MULTILINE)
    assert recipe.count("nchan") > 2
    for name in ("nchan.conf", "nchan-boards.conf"):
        part = (DEPLOY / "nginx" / name).read_text("utf-8").replace("127.0.0.1:8299", f"127.0.0.1:{ring}")
        (tmp_path / name).write_text(part, "utf-8")
    recipe = recipe.replace("modules/ngx_nchan_module.so", str(NCHAN)).replace("/etc/nginx/nchan", f"{tmp_path}/nchan")
    (tmp_path / "nginx.conf").write_text(recipe.replace("/srv/bangtin/publications", str(publications)), "utf-8")
    assert NGINX
    trusted = {"REQUESTS_CA_BUNDLE": str(tmp_path / "cert.pem")}
    with ExitStack() as stack:
        stack.enter_context(running(NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf"))
        until(lambda: answers(public) and answers(ring))
        url = f"https://127.0.0.1:{public}/99999"
        board = enrolled(tmp_path / "bang", publications, url)
        stack.enter_context(ringing(publications, f"http://127.0.0.1:{ring}"))
        sync = stack.enter_context(running(*syncing(board), **trusted))
        until(lambda: shows(board, "mot") and lines(sync, public) == 2)  # one asks, one listens
        notice(office, text, "hai")
        until(lambda: shows(board, "mot", "hai"))
