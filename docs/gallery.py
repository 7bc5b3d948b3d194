"""Make docs/gallery.md and its pictures from real frames: `.venv/bin/python docs/gallery.py [NAME …]`.

Every picture is a screenshot of the real player, which has verified a signed publication of one
notice of the sample commune, drawn by the office for seven boards. LED pictures are enlarged by
whole pixels, LCD pictures reduced. With names, only these are made again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "docs")]
from plates import MOVING, NIGHT_H, PLATES, SECTIONS, Plate  # noqa: E402
from publisher import COMMUNE, Publisher, fetch  # noqa: E402

from signage import settings  # noqa: E402
from signage.board import notes  # noqa: E402
from signage.notice import Notice, read_file  # noqa: E402
from signage.office import sight, slides  # noqa: E402
from signage.publication import Light, Shape  # noqa: E402
from signage.review import SlideFile, Statement  # noqa: E402
from signage.wire import when  # noqa: E402

PHONE = "0299 000 0000"  # as in content/
PAGE, PICTURES = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
TABLE = PICTURES / "frames.json"
# kind, width, height, mm from pixel to pixel, metres from which it is read
BOARDS = (
    ("lcd", 1920, 1080, 0.5, 4), ("lcd", 1080, 1920, 0.5, 4), ("led", 960, 480, 4.0, 15), ("led", 384, 192, 5.0, 15),
    ("led", 192, 96, 8.0, 20), ("led", 128, 64, 10.0, 20), ("led", 64, 32, 10.0, 15),
)  # fmt: skip
SHAPES = tuple(f"{kind}-{width}x{height}" for kind, width, height, *_ in BOARDS)
# where each lies on a sheet (x, y), and its size there; its caption stands above it
ROW_1, ROW_2, ROW_3 = 40, 692, 1212
PLACES = {
    "lcd-1920x1080": (24, ROW_1, 1088, 612), "lcd-1080x1920": (1136, ROW_1, 344, 612),
    "led-960x480": (24, ROW_2, 960, 480), "led-128x64": (1008, ROW_2, 512, 256),
    "led-64x32": (1008, ROW_2 + 288, 384, 192), "led-384x192": (24, ROW_3, 768, 384),
    "led-192x96": (816, ROW_3, 768, 384),
}  # fmt: skip
SHEET = (1608, 1620)
GROUND, INK = "#e8e8e4", "#333333"
FONT = ROOT / "signage" / "fonts" / "BeVietnamPro-SemiBold.ttf"
LOOK_S = (1.0, 3.0, 9.0)  # seconds that the player runs for a screenshot, when it had too little time before
AT_SHARE = 0.35  # of a slide's stay: a ticker is well under way by then
TOGETHER = 4  # players at a time: they mostly wait
NAMES = ("Xã Đồng Mẫu", "Nhà văn hóa thôn 3")
BANGTIN = [sys.executable, "-m", "signage"]


@dataclass(frozen=True)
class Frame:
    """What one board shows: its picture, which of how many slides it is, and what moves on it."""

    image: Image.Image
    number: int
    count: int
    moves: str  # "" | "scrolls" | "film"

    @property
    def told(self) -> str:
        count = f"{self.number} of {self.count}" if self.count else "board's own"
        return f"{count}, {self.moves}" if self.moves else count


# ── the notice ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def commune() -> Iterator[settings.Settings]:
    """The sample commune with the gallery's boards, in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in ("content", "people.toml"):
            source = ROOT / one
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / one)
        text = (ROOT / "bangtin.toml").read_text("utf-8")
        text = text[: text.index("[[board]]")]
        for kind, width, height, pitch, metres in BOARDS:
            text += (
                f'[[board]]\nid = "{kind}-{width}x{height}"\nname = "Nhà văn hóa thôn 3"\nkind = "{kind}"\n'
                f"output = [{width}, {height}]\nviewport = [0, 0, {width}, {height}]\n"
                f'hamlet = "thon-3"\npitch_mm = {pitch}\ndistance_m = {metres}\ngroups = ["trong-nha"]\n'
            )
        (folder / "bangtin.toml").write_text(text, "utf-8")
        moving(folder / "content" / "tin" / "2026")
        yield settings.load(folder)


def moving(folder: Path) -> None:
    """A short film: the sample's picture, slowly coming nearer."""
    zoom = "zoompan=z='1+0.0012*on':d=90:s=1280x720:fps=30"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(folder / "canh-dong-dong-mau.jpg"), "-vf", zoom,
               "-c:v", "libx264", "-pix_fmt", "yuv420p", "-frames:v", "90", str(folder / MOVING)]  # fmt: skip
    subprocess.run(command, check=True)


def noticed(plate: Plate, place: settings.Settings) -> Notice:
    """The plate's notice: the sample's, with its fields changed."""
    lines = (place.content / f"{plate.notice}.md").read_text("utf-8").split("\n\n", 1)
    body = plate.changes.get("", lines[1])
    head = lines[0].split("\n")
    for name, value in {"Boards": "all", **plate.changes}.items():
        head = without(head, name)
        if name and value is not None:
            head.append(f"{name}: {value}")
    path = (place.content / plate.notice).with_name(f"{plate.name}-mau.md")
    path.write_text("\n".join(head) + f"\n\n{body}", "utf-8")
    notice, problems = read_file(path, place.content, place.places)
    if notice is None:
        sys.exit(f"{plate.name}: {problems}")
    return notice


def without(head: list[str], name: str) -> list[str]:
    """A header without this field and the lines that continue it."""
    kept, gone = [], False
    for line in head:
        gone = gone and line.startswith(" ") if line.startswith(" ") else bool(name) and line.startswith(f"{name}:")
        if not gone:
            kept.append(line)
    return kept


def stated(notice: Notice, drawn: slides.Drawn, *, with_slides: bool) -> Statement:
    alert = notice.alert
    told = alert and {
        "level": alert.level, "source": alert.source, "bulletin_time": when(alert.bulletin_time),
        "words": " ".join((notice.board_summary or notice.body).split()), **({"drill": True} if alert.drill else {}),
    }  # fmt: skip
    return Statement(
        COMMUNE, notice.id, notice.digest, "0" * 64, (), notice.kind, notice.klass, notice.title, notice.start,
        notice.end, ("all",), drawn.slides if with_slides else {}, drawn.drawn_by, told,
    )  # fmt: skip


# ── its frames ───────────────────────────────────────────────────────────────────────────────────


def frames(plate: Plate, place: settings.Settings) -> dict[str, Frame]:
    """What each board shows, by the name of its shape."""
    suffix = f"-{plate.paper}" if plate.paper else ""
    shapes = [Shape.named(name + (suffix if name.startswith("lcd") else "")) for name in SHAPES]
    statement, files, moment = None, {}, datetime.fromisoformat("2026-11-24T00:30:00Z")
    if plate.notice:
        notice = noticed(plate, place)
        sights = sight.sights(place.boards)
        folder = (place.content / notice.id).parent
        beside = {file.name: (folder / file.name).read_bytes() for file in notice.files}
        asked = {shape.name: sights[name] for shape, name in zip(shapes, SHAPES, strict=True)}
        drawn = slides.draw(notice, shapes, place.commune, beside, asked)
        statement, files = stated(notice, drawn, with_slides=plate.drawn), drawn.files
        moment = notice.start + min(timedelta(hours=26.5), (notice.end - notice.start) / 2)
        if notice.alert:
            moment = notice.start + timedelta(minutes=10)
    moment = moment.astimezone(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as folder_name, ThreadPoolExecutor(TOGETHER) as together:
        found = together.map(
            lambda shape: frame(plate, shape, statement, files, moment, Path(folder_name) / shape.name), shapes
        )
        return dict(zip(SHAPES, found, strict=True))


def frame(
    plate: Plate, shape: Shape, statement: Statement | None, files: dict[str, bytes], moment: datetime, folder: Path
) -> Frame:
    """Publish for one board, and look at its player."""
    publisher = Publisher(folder, shape, moment - timedelta(hours=30), board="nha-van-hoa-3", names=NAMES)
    own: tuple[SlideFile, ...] = ()
    for name, data in files.items():
        publisher.put(f"slides/{name}", data)
    if statement:
        (publisher.raise_alarm if statement.alert else publisher.show)(statement)
        own = statement.slides.get(shape.name, ())
    night = ((moment - timedelta(hours=NIGHT_H), moment + timedelta(hours=NIGHT_H)),)
    publisher.values = {"dark": night if plate.dark else (), "light": Light(100, plate.percent, night), "phone": PHONE}
    publisher.publish(moment)
    board = publisher.enroll(folder / "board")
    fetch(board, moment)
    page = min(plate.page, len(own) - 1)
    picture = folder / "frame.png"
    command = [*BANGTIN, "board", "play", "--dir", str(board.folder), "--headless", "--screenshot", str(picture),
               "--now", seen_at(own, page, moment).isoformat(), *plate.play]  # fmt: skip
    for seconds in LOOK_S:
        subprocess.run([*command, "--for", str(seconds)], check=True, cwd=ROOT)
        if not own or plate.play or shows(board.state, own[page]):
            break
    publisher.server.stop()
    with Image.open(picture) as image:
        there = own[page] if own else None
        moves = "film" if there and there.film else "scrolls" if there and there.ticker else ""
        return Frame(image.convert("RGB"), page + 1, len(own), moves)


def shows(state: Path, slide: SlideFile) -> bool:
    """Whether the player came to this slide: on a busy machine it says an emergency's words meanwhile."""
    note = notes.read(state / "player.json")
    return bool(note and note.raw["showing"] and note.raw["showing"]["file"] == slide.file)


def seen_at(own: tuple[SlideFile, ...], page: int, moment: datetime) -> datetime:
    """When the slide of this number is on the glass: the position in the loop is absolute."""
    if not own:
        return moment
    whole = sum(slide.dwell_ms for slide in own)
    wanted = sum(slide.dwell_ms for slide in own[:page]) + round(own[page].dwell_ms * AT_SHARE)
    here = round(moment.timestamp() * 1000) % whole
    return moment + timedelta(milliseconds=(wanted - here) % whole)


# ── the sheets and the page ──────────────────────────────────────────────────────────────────────


def sheet(found: dict[str, Frame]) -> Image.Image:
    """All boards on one picture."""
    paper = Image.new("RGB", SHEET, GROUND)
    draw, font = ImageDraw.Draw(paper), ImageFont.truetype(str(FONT), 17)
    for name, (x, y, width, height) in PLACES.items():
        image = found[name].image
        grown = width % image.width == 0
        way = Image.Resampling.NEAREST if grown else Image.Resampling.LANCZOS
        paper.paste(image.resize((width, height), way), (x, y))
        scale = f" × {width // image.width}" if width > image.width else ""
        kind, _, size = name.partition("-")
        draw.text((x, y - 26), f"{kind.upper()} {size.replace('x', ' × ')}{scale} · {found[name].told}", INK, font)
    return paper


def make(plate: Plate, place: settings.Settings) -> None:
    found = frames(plate, place)
    reduced = sheet(found).quantize(plate.colours, dither=Image.Dither.NONE).convert("RGB")
    reduced.save(PICTURES / f"{plate.name}.webp", lossless=True, quality=90, method=4)
    table = {**told(), plate.name: {name: frame.told for name, frame in found.items()}}
    TABLE.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", "utf-8")
    print(plate.name, (PICTURES / f"{plate.name}.webp").stat().st_size // 1024, "kB", flush=True)


def told() -> dict[str, dict[str, str]]:
    """What each plate shows on each board, as far as they were made."""
    found = json.loads(TABLE.read_text("utf-8")) if TABLE.exists() else {}
    return {plate.name: found[plate.name] for plate in PLATES if plate.name in found}


def text(table: dict[str, dict[str, str]]) -> str:
    """The page."""
    columns = [name.replace("x", "×").replace("-", " ").upper().replace("×", " × ") for name in SHAPES]
    parts = [
        "# Gallery\n\nReal frames: screenshots of the player, which verified a signed publication of one notice of the "
        "sample commune.\nLED pictures are enlarged by whole pixels, LCD pictures reduced. "
        "Made by `.venv/bin/python docs/gallery.py`; do not edit by hand.\n\n"
        "Which slide of how many is shown, and what moves on it:\n",
        "| | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns),
    ]
    for plate in PLATES:
        cells = [table[plate.name][name] for name in SHAPES]
        parts.append(f"| [{plate.title}](#{plate.name}) | " + " | ".join(cells) + " |")
    for section, plates in SECTIONS:
        parts.append(f"\n## {section}")
        for plate in plates:
            anchor = f'<a id="{plate.name}"></a>'
            parts.append(f"\n### {plate.title}\n\n{anchor}{plate.words}\n\n![{plate.title}](gallery/{plate.name}.webp)")
    return "\n".join(parts) + "\n"


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with commune() as place:
        for plate in PLATES:
            if not sys.argv[1:] or plate.name in sys.argv[1:]:
                make(plate, place)
    if len(table := told()) == len(PLATES):
        PAGE.write_text(text(table), "utf-8")


if __name__ == "__main__":
    main()
