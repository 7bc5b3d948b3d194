"""How long a slide takes (fit, draw, check, encode: CPU ms), its bytes, and whether it can be read (OCR).

    python bench/slides.py [--quick] [--commune DIR] [--shape NAME ...] [--misread]

Draws the sample commune's notices as its boards need them. `cpu_ms_1080p` is the median of all four for one text
slide of 1920×1080; fitting is shared by the slides of a notice and counted in equal parts. `cer_lcd` and
`cer_led` are character error rates over all read slides of the LCD shapes, and of the LED shapes from 192×96;
`bench/ocr.py` tells the method. `cer_lcd_raw` is of the frames as they are. Smaller matrices are drawn and
timed, not read: no model knows letters of 16 rows; `office.legibility` judges them. With --quick every
so-many-th slide is read. `--misread` prints each line that was read wrong.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))
import ocr
from record import Row, write

from signage import settings
from signage.notice import Notice, read_all
from signage.office import drawing, legibility, sight, slides
from signage.office.layout import Look, Photo, Sheet
from signage.publication import Shape

SHAPES = ("lcd-1920x1080", "lcd-1080x1920", "lcd-1280x720", "led-384x192", "led-192x96", "led-128x64", "led-64x32")
READ = {"lcd": ("lcd-1920x1080", "lcd-1080x1920", "lcd-1280x720"), "led": ("led-384x192", "led-192x96")}
QUICK = 12  # notices drawn with --quick
QUICK_READ = 14  # slides of each shape read with --quick
AT_ONCE = 2  # slides read at once
GOALS = {"cpu": "<= 120", "lcd": "<= 1.0", "led": "<= 3.0"}  # ms; % of characters
PROTOTYPE = 140.0  # ms, the middle of what the prototype took
T = TypeVar("T")
Pictures = dict[str, bytes]


@dataclass
class Figures:
    """What was measured on one shape, one entry a slide (fit: a notice's, in equal parts)."""

    fit: list[float] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    encode: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    photos: int = 0
    notices: int = 0
    faults: int = 0

    @property
    def sums(self) -> list[float]:
        return sorted(map(sum, zip(self.fit, self.draw, self.check, self.encode, strict=True)))


@dataclass
class Reading:
    """What tesseract made of a shape's slides."""

    slides: int = 0
    wrong: int = 0
    characters: int = 0

    @property
    def rate(self) -> float:
        """% of characters."""
        return 100 * self.wrong / max(1, self.characters)


def cpu(act: Callable[[], T]) -> tuple[float, T]:
    """CPU milliseconds of this process, and what the act returned."""
    began = time.process_time()
    result = act()
    return (time.process_time() - began) * 1000, result


def decoded(sheets: list[Sheet], pictures: Pictures) -> dict[str, drawing.Picture]:
    """The photographs of these sheets."""
    names = {mark.name for sheet in sheets for block in sheet.blocks for mark in block.marks if isinstance(mark, Photo)}
    return {name: drawing.decode(pictures[name]) for name in names}


def checked(sheet: Sheet, image: drawing.Picture, look: Look) -> int:
    """What `slides.draw` checks on a slide: that its QR code reads back, that its letters can be read."""
    if sheet.code:
        assert slides._read_back(sheet, image) == [sheet.code]
    return len(legibility.problems([sheet], look, ""))


def measure(
    notices: list[tuple[Notice, Pictures]], shape: Shape, commune: settings.Commune, asked: sight.Sight
) -> Figures:
    figures, look = Figures(), Look(shape, capital=asked.capital)
    for notice, pictures in notices:
        fit, sheets = cpu(lambda n=notice: slides.compose(n, shape, commune, asked))  # type: ignore[misc]
        photos = decoded(sheets, pictures)
        figures.notices += 1
        for sheet in sheets:
            if sheet.photo_share >= slides.PHOTO_SLIDE:
                figures.photos += 1
                continue
            draw, image = cpu(lambda s=sheet, d=photos: drawing.paint(s, d))  # type: ignore[misc]
            check, faults = cpu(lambda s=sheet, i=image: checked(s, i, look))  # type: ignore[misc]
            encode, (data, _, _) = cpu(lambda i=image: drawing.encode(i, "text"))  # type: ignore[misc]
            figures.fit.append(fit / len(sheets))
            figures.draw.append(draw)
            figures.check.append(check)
            figures.encode.append(encode)
            figures.size.append(len(data))
            figures.faults += faults
    return figures


def read_back(
    notices: list[tuple[Notice, Pictures]], shape: Shape, commune: settings.Commune, asked: sight.Sight,
    most: int | None, *, raw: bool = False, told: bool = False,
) -> Reading:  # fmt: skip
    """Reads a shape's slides, or `most` of them, evenly chosen."""
    every = [(s, p) for n, p in notices for s in slides.compose(n, shape, commune, asked)]
    step = max(1, len(every) // most) if most else 1
    times = ocr.ENLARGED if shape.kind == "led" else 1

    def one(work: tuple[Sheet, Pictures]) -> tuple[int, int, list[tuple[str, str]]]:
        sheet, pictures = work
        photos = decoded([sheet], pictures)
        grey = drawing.paint(sheet, photos).convert("L") if raw else ocr.inked(sheet, photos)
        return ocr.wrong(sheet, ocr.read(grey, times))

    reading = Reading()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for wrong, characters, misread in pool.map(one, every[::step]):
            reading.slides, reading.wrong = reading.slides + 1, reading.wrong + wrong
            reading.characters += characters
            for said, heard in misread if told else ():
                print(f"    {shape.name}  {said!r} → {heard!r}")
    return reading


def read(folder: Path, most: int | None) -> tuple[settings.Settings, list[tuple[Notice, Pictures]]]:
    commune = settings.load(folder)
    found = []
    for ident, notice in read_all(commune.content, commune.places).notices.items():
        if not notice.is_page:
            beside = (commune.content / ident).parent
            found.append((notice, {f.name: (beside / f.name).read_bytes() for f in notice.files}))
    step = max(1, len(found) // most) if most else 1
    return commune, found[::step]


def table_line(name: str, figures: Figures) -> dict[str, float | str]:
    sums = figures.sums
    line: dict[str, float | str] = {
        "shape": name, "notices": figures.notices, "slides": len(sums) + figures.photos,
        "fit_ms": statistics.median(figures.fit), "draw_ms": statistics.median(figures.draw),
        "check_ms": statistics.median(figures.check), "encode_ms": statistics.median(figures.encode),
        "cpu_ms": statistics.median(sums), "cpu_ms_p95": sums[int(len(sums) * 0.95)],
        "kb": statistics.median(figures.size) / 1024, "faults": figures.faults,
    }  # fmt: skip
    shown = [line[k] for k in ("fit_ms", "draw_ms", "check_ms", "encode_ms", "cpu_ms", "cpu_ms_p95", "kb")]
    numbers = "".join(f"{n:>8.1f}" for n in shown)
    print(f"{name:16}{line['notices']:>8}{line['slides']:>8}{numbers}{figures.faults:>8}")
    return {key: round(value, 2) if isinstance(value, float) else value for key, value in line.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"about {QUICK} notices instead of all")
    parser.add_argument("--commune", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--shape", nargs="+", default=SHAPES, help="only these")
    parser.add_argument("--misread", action="store_true", help="print the lines that were read wrong")
    wanted = parser.parse_args()
    commune, notices = read(wanted.commune, QUICK if wanted.quick else None)
    if not notices:
        sys.exit("no notices to draw")
    asked = sight.sights(commune.boards)
    measure(notices[:2], Shape.named(SHAPES[0]), commune.commune, sight.Sight())  # letters measured before the clock
    table, rows = [], []
    heads = ("notices", "slides", "fit", "draw", "check", "encode", "sum", "p95", "kB", "faults")
    print(f"{'shape':16}" + "".join(f"{head:>8}" for head in heads))
    for name in wanted.shape:
        figures = measure(notices, Shape.named(name), commune.commune, asked.get(name, sight.Sight()))
        line = table_line(name, figures)
        table.append(line)
        if name == SHAPES[0]:
            count = len(figures.sums)
            rows.append(Row("cpu_ms_1080p", float(line["cpu_ms"]), "ms", count, GOALS["cpu"], "prototype", PROTOTYPE))
            rows.append(Row("cpu_ms_1080p_p95", float(line["cpu_ms_p95"]), "ms", count))
            rows.append(Row("kb_1080p", float(line["kb"]), "kB", count))
    for kind, names in READ.items():
        sums = Reading()
        for name in (n for n in names if n in wanted.shape):
            shape, most = Shape.named(name), QUICK_READ if wanted.quick else None
            of = (notices, shape, commune.commune, asked.get(name, sight.Sight()), most)
            one = read_back(*of, told=wanted.misread)
            print(f"{name:16}{one.slides:>8} slides read, {one.rate:.2f} % of {one.characters} characters wrong")
            rows.append(Row(f"cer_{name}", one.rate, "%", one.slides))
            sums = Reading(sums.slides + one.slides, sums.wrong + one.wrong, sums.characters + one.characters)
            if name == SHAPES[0] and not wanted.quick:
                rows.append(Row("cer_lcd_raw", read_back(*of, raw=True).rate, "%", one.slides, GOALS["lcd"]))
        if sums.slides:
            rows.append(Row(f"cer_{kind}", sums.rate, "%", sums.slides, GOALS[kind]))
    write("slides", rows, shapes=table)


if __name__ == "__main__":
    main()
