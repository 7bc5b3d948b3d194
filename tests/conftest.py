"""What many tests share: a small commune in a folder of its own, with real keys and real people."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from signage.keys import PrivateKey
from signage.office import starter
from signage.office.desk import Desk, Signatory
from signage.office.publish import Outcome, publish, signed_people
from signage.settings import Settings, load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# No test fails on a time: a machine with other work is slow at everything.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam

TOML = """
v = 1
[commune]
code = "99999"
name = "xã Thử Nghiệm"
short = "Thử Nghiệm"
province = "tỉnh Mẫu Giang"
authority = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"
phone = "0299 000 0000"
site = "https://thunghiem.example"
sample = true
[[hamlet]]
id = "thon-1"
name = "Thôn 1"
[[hamlet]]
id = "thon-3"
name = "Thôn 3"
[[board]]
id = "cong-xa"
name = "Cổng xã"
kind = "led"
output = [1280, 720]
viewport = [0, 0, 384, 192]
groups = ["ngoai-troi"]
[[board]]
id = "nha-van-hoa-3"
name = "Nhà văn hóa thôn 3"
kind = "lcd"
output = [1280, 720]
viewport = [0, 0, 1280, 720]
groups = ["trong-nha"]
hamlet = "thon-3"
"""
PEOPLE = """
v = 1
[[person]]
id = "p1"
name = "Người Biên Tập"
roles = ["author"]
[[person]]
id = "p2"
name = "Người Biên Tập Hai"
roles = ["author", "approver"]
[[person]]
id = "p3"
name = "Người Duyệt"
roles = ["approver"]
[[person]]
id = "p5"
name = "Người Trực"
roles = ["duty"]
"""


def notice_text(title: str = "Ngừng cung cấp điện thôn 3", body: str = "Đề nghị nhân dân chú ý.", **fields: str) -> str:
    """A good notice's file, with these fields changed or added (`board_summary=` writes Board-Summary)."""
    usual = {
        "Title": title, "Date": "2026-11-20 09:00", "Kind": "cat-dien", "Category": "an-sinh", "Boards": "all",
        "Start": "2026-11-21 05:00", "End": "2026-11-25 17:00", "Summary": "Ngừng cung cấp điện để sửa đường dây.",
    }  # fmt: skip
    named = {"-".join(p.capitalize() for p in key.split("_")): value for key, value in fields.items()}
    both = {key: value for key, value in {**usual, **named}.items() if value}
    return "".join(f"{key}: {value}\n" for key, value in both.items()) + f"\n{body}\n"


@dataclass
class Office:
    """A commune's office as its people use it."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return load(self.folder)

    @property
    def desk(self) -> Desk:
        return Desk(self.settings, signed_people(self.settings))

    def write(self, ident: str, text: str) -> Path:
        path = self.folder / "content" / f"{ident}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def person(self, ident: str, role: str) -> Signatory:
        return Signatory(ident, role, PrivateKey.load(starter.person_key(self.folder, ident)))

    def submit(self, *ids: str, person: str = "p1", now: datetime = NOW) -> None:
        self.desk.submit(ids, self.person(person, "author"), now)

    def approve(self, *ids: str, person: str = "p3", now: datetime = NOW) -> None:
        self.desk.approve(ids, self.person(person, "approver"), now)

    def both(self, *ids: str, now: datetime = NOW) -> None:
        self.submit(*ids, now=now)
        self.approve(*ids, now=now)

    def publish(self, now: datetime = NOW) -> Outcome:
        return publish(self.settings, now)


@pytest.fixture(autouse=True)
def no_display_left_over() -> Iterator[None]:
    """A headless board in this process has told SDL so for good: not to the players that are started after it."""
    before = {name: value for name, value in os.environ.items() if name.startswith("SDL_")}
    yield
    for name in [name for name in os.environ if name.startswith("SDL_")]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def make_office(tmp_path: Path) -> Callable[[str], Office]:
    """Makes a commune with keys (no passphrases) and no notices, in a folder of this name."""

    def make(name: str = "xa") -> Office:
        folder = tmp_path / name
        (folder / "content").mkdir(parents=True)
        (folder / "bangtin.toml").write_text(TOML, "utf-8")
        (folder / "people.toml").write_text(PEOPLE, "utf-8")
        starter.make_keys(folder, {}, NOW - timedelta(days=30))
        return Office(folder)

    return make


@pytest.fixture
def office(make_office: Callable[[str], Office]) -> Office:
    """One such commune."""
    return make_office("xa")


@pytest.fixture
def text() -> Callable[..., str]:
    """`text(title=…, body=…, kind=…)`: a good notice's file with these fields changed."""
    return notice_text


def film(path: Path, *, codec: str = "libx264", size: tuple[int, int] = (320, 180), fps: int = 30,
         seconds: float = 1.0, dark_ms: int = 0, pixels: str = "yuv420p", place: str = "",
         ground: str = "#103060") -> Path:  # fmt: skip
    """A film: a yellow bar goes from left to right on its ground, after some darkness."""
    import av
    from PIL import Image

    with av.open(str(path), "w") as out:
        out.metadata.update({"location": place} if place else {})
        stream: Any = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.options = {"preset": "ultrafast"} if codec == "libx264" else {"deadline": "realtime", "cpu-used": "8"}
        for n in range(count := round(fps * seconds)):
            image = Image.new("RGB", size, ground)
            left = n * (size[0] - size[0] // 8) // count
            image.paste("#f0d020", (left, 0, left + size[0] // 8, size[1]))
            if n * 1000 < dark_ms * fps:
                image = Image.new("RGB", size)
            out.mux(stream.encode(av.VideoFrame.from_image(image)))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def make_film() -> Callable[..., Path]:
    """`make_film(path, codec=…, size=…, fps=…, seconds=…, dark_ms=…)`: a film in a file."""
    return film


@pytest.fixture(scope="session")
def make_screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, int], str]]:
    """Starts a virtual screen of this size that lasts as long as the session; answers its display name."""
    with ExitStack() as stack:
        yield lambda width, height: stack.enter_context(xvfb(tmp_path_factory.mktemp("x") / "log", width, height))


@contextmanager
def xvfb(log: Path, width: int, height: int) -> Iterator[str]:
    """An Xvfb of its own.

    Its number is named: a server that looks for a free one binds, and then removes, the sockets of
    those that are already running.
    """
    server, display = None, ""
    with log.open("wb") as out:
        for number in range(first := 100 + os.getpid() % 9000, first + 50):
            read, write = os.pipe()
            server = subprocess.Popen(
                ["Xvfb", f":{number}", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24",
                 "-nolisten", "tcp", "-noreset"],
                pass_fds=(write,), stdout=out, stderr=out,
            )  # fmt: skip
            os.close(write)
            with os.fdopen(read) as answer:
                display = answer.readline().strip()
            if display:
                break
            server.wait(10)
    assert server and display, log.read_text()
    try:
        yield f":{display}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for a module's tests."""
    from tests.browsing import chromium  # not above: many tests need no browser

    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a desk's browser; a module that says `SCRIPTS = False` gets it without scripts."""
    scripts = getattr(request.module, "SCRIPTS", True)
    with browser.new_context(
        locale="vi-VN", viewport={"width": 1280, "height": 900}, java_script_enabled=scripts
    ) as context:
        yield context.new_page()
