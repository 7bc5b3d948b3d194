"""A street for the journeys: an office, a web server, a hub, a board in a real window under Xvfb."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image, ImageChops, ImageGrab

from signage.office.serving import Server
from signage.office.standing import in_force
from signage.review import SlideFile

PATIENCE_S = 90.0  # for anything that the journeys wait for, on a machine that does ten other things
SCREEN = (1280, 720)


def wait_until(what: str, happened: Callable[[], Any], patience: float = PATIENCE_S) -> Any:
    """Poll until it is true; the test fails with `what` otherwise."""
    end = time.monotonic() + patience
    while not (answer := happened()):
        assert time.monotonic() < end, f"waited {patience} s in vain: {what}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(log: Path, *words: object, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        running = subprocess.Popen(list(map(str, words)), stdout=out, stderr=out, env={**os.environ, **(env or {})})
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


BANGTIN = (sys.executable, "-m", "signage")


@dataclass
class Street:
    """Everything that runs, and what a passer-by sees."""

    office: Any
    folder: Path
    display: str
    stack: ExitStack
    server: Server
    hub_port: int
    running: dict[str, ExitStack] = field(default_factory=dict)
    viewer: requests.Session = field(default_factory=requests.Session)

    @property
    def board(self) -> Path:
        return self.folder / "bang"

    @property
    def hub(self) -> str:
        return f"http://127.0.0.1:{self.hub_port}"

    def bangtin(self, *words: object) -> str:
        done = subprocess.run([*BANGTIN, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def page(self, path: str = "/") -> str:
        """A page of the hub, as a person who has logged in sees it."""
        return self.viewer.get(self.hub + path, timeout=5).text

    def boards(self) -> list[dict[str, Any]]:
        """What the hub tells programs."""
        return list(self.viewer.get(f"{self.hub}/api/boards.json", timeout=5).json()["boards"])

    def log_in(self) -> None:
        """A person at the hub's pages, and the office's own token."""
        folder, password = self.folder / "hub", "một câu rất dễ nhớ"
        add = [*BANGTIN, "hub", "account", "add", "truc-ban", "--role", "admin", "--dir", folder]
        subprocess.run(list(map(str, add)), input=f"{password}\n", text=True, timeout=60, check=True)
        token = self.office.folder / "keys/hub.token"
        self.bangtin("hub", "account", "token", "truc-ban", "--dir", folder, "--to", token)
        wait_until("the hub", lambda: requests.get(f"{self.hub}/dang-nhap", timeout=5).ok, patience=30)
        form = {"name": "truc-ban", "password": password}
        assert self.viewer.post(f"{self.hub}/dang-nhap", form, headers={"Origin": self.hub}, timeout=20).ok
        assert self.viewer.cookies

    def start(self, name: str, *words: object) -> None:
        self.running[name] = ExitStack()
        env = {"DISPLAY": self.display}
        self.running[name].enter_context(process(self.folder / f"{name}.log", *BANGTIN, *words, env=env))
        self.stack.push(self.running[name])

    def stop(self, name: str) -> None:
        self.running.pop(name).close()

    def publish(self) -> None:
        self.bangtin("publish", "--dir", self.office.folder)

    def both(self, ident: str) -> None:
        self.bangtin("submit", ident, "--as", "p1", "--dir", self.office.folder)
        self.bangtin("approve", ident, "--as", "p3", "--yes", "--dir", self.office.folder)

    def glass(self) -> Image.Image:
        """What hangs on the wall now."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def slides(self, ident: str, shape: str = "led-384x192") -> tuple[SlideFile, ...]:
        return in_force(self.office.desk.standings())[ident].statement.slides[shape]

    def shows(self, ident: str, corner: tuple[int, int] = (0, 0)) -> bool:
        """Whether one of the notice's approved slides is on the glass, pixel for pixel but for the clock."""
        seen = self.glass()
        return any(self._is(slide, seen, corner) for slide in self.slides(ident))

    def _is(self, slide: SlideFile, seen: Image.Image, corner: tuple[int, int]) -> bool:
        with Image.open(self.office.folder / "content/so-duyet/files" / slide.name) as file:
            wanted = file.convert("RGB")
        x, y = corner
        region = seen.crop((x, y, x + wanted.width, y + wanted.height))
        if slide.clock:
            cx, cy, cw, ch = slide.clock.area
            region.paste(wanted.crop((cx, cy, cx + cw, cy + ch)), (cx, cy))
        return ImageChops.difference(region, wanted).getbbox() is None


@pytest.fixture(scope="session")
def display(make_screen: Callable[[int, int], str]) -> str:
    """The virtual screen on which the journeys' boards hang, one after another."""
    return make_screen(*SCREEN)


@pytest.fixture
def street(make_office: Any, display: str, tmp_path: Path) -> Iterator[Street]:
    """One commune's street with nothing on the wall yet: office, web server, hub, enrolled board."""
    office = make_office("xa")
    with ExitStack() as stack:
        publication = office.folder / "publication"
        server = Server(publication).start()
        stack.callback(server.stop)
        made = Street(office, tmp_path, display, stack, server, free_port())
        root = publication / "board/metadata/1.root.json"
        made.publish()
        made.bangtin("board", "enroll", "--dir", made.board, "--board", "cong-xa", "--url", server.address,
                     "--root", root, "--hub", made.hub)  # fmt: skip
        made.bangtin("hub", "enroll", "--dir", tmp_path / "hub", "--settings", office.folder, "--yes",
                     made.board / "board.pub.json")  # fmt: skip
        made.start(
            "hub", "hub", "serve", "--dir", tmp_path / "hub", "--port", made.hub_port, "--publication", publication
        )
        made.log_in()
        yield made


@pytest.fixture
def waiting() -> Callable[..., Any]:
    """`waiting("what", condition, patience=seconds)`."""
    return wait_until
