"""How long a slide takes: fit, draw, encode (CPU ms), bytes and slides, per shape of board.

    python bench/slides.py [--quick] [--commune DIR]

Draws the sample commune's notices. `cpu_ms_1080p` is the median of fit + draw + encode for one
text slide of 1920×1080; fitting is shared by the slides of a notice and counted in equal parts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))
from record import Row, write

from signage import settings
from signage.notice import Notice, read_all
from signage.office import drawing, slides
from signage.publication import Shape

SHAPES = ("lcd-1920x1080", "lcd-1080x1920", "led-384x192")
QUICK = 12  # notices drawn with --quick
GOAL = "<= 120"  # ms, targets: slide, 1080p text
PROTOTYPE = 140.0  # ms, the middle of what the prototype took
T = TypeVar("T")


@dataclass
class Figures:
    """What was measured on one shape, one entry a slide (fit: a notice's, in equal parts)."""

    fit: list[float] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)
    encode: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    photos: int = 0
    notices: int = 0


def cpu(act: Callable[[], T]) -> tuple[float, T]:
    """CPU milliseconds of this process, and what the act returned."""
    began = time.process_time()
    result = act()
    return (time.process_time() - began) * 1000, result


def measure(notices: list[tuple[Notice, dict[str, bytes]]], shape: Shape, commune: settings.Commune) -> Figures:
    figures = Figures()
    for notice, pictures in notices:
        decoded = {notice.image.name: drawing.decode(pictures[notice.image.name])} if notice.image else {}
        fit, sheets = cpu(lambda n=notice: slides.compose(n, shape, commune))  # type: ignore[misc]
        figures.notices += 1
        for sheet in sheets:
            if sheet.photo_share >= slides.PHOTO_SLIDE:
                figures.photos += 1
                continue
            draw, image = cpu(lambda s=sheet, d=decoded: drawing.paint(s, d))  # type: ignore[misc]
            encode, (data, _, _) = cpu(lambda i=image: drawing.encode(i, "text"))  # type: ignore[misc]
            figures.fit.append(fit / len(sheets))
            figures.draw.append(draw)
            figures.encode.append(encode)
            figures.size.append(len(data))
    return figures


def read(folder: Path, most: int | None) -> tuple[settings.Settings, list[tuple[Notice, dict[str, bytes]]]]:
    commune = settings.load(folder)
    found = []
    for ident, notice in read_all(commune.content, commune.places).notices.items():
        if not notice.is_page:
            beside = (commune.content / ident).parent
            found.append((notice, {f.name: (beside / f.name).read_bytes() for f in notice.files}))
    step = max(1, len(found) // most) if most else 1
    return commune, found[::step]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"about {QUICK} notices instead of all")
    parser.add_argument("--commune", type=Path, default=Path(__file__).parent.parent)
    wanted = parser.parse_args()
    commune, notices = read(wanted.commune, QUICK if wanted.quick else None)
    if not notices:
        sys.exit("no notices to draw")
    measure(notices[:2], Shape.named(SHAPES[0]), commune.commune)  # letters measured once, before the clock runs
    table, rows = [], []
    print(f"{'shape':16}{'notices':>8}{'slides':>8}{'fit':>8}{'draw':>8}{'encode':>8}{'sum':>8}{'p95':>8}{'kB':>8}")
    for name in SHAPES:
        figures = measure(notices, Shape.named(name), commune.commune)
        sums = sorted(a + b + c for a, b, c in zip(figures.fit, figures.draw, figures.encode, strict=True))
        line = {
            "shape": name, "notices": figures.notices, "slides": len(sums) + figures.photos,
            "fit_ms": statistics.median(figures.fit), "draw_ms": statistics.median(figures.draw),
            "encode_ms": statistics.median(figures.encode), "cpu_ms": statistics.median(sums),
            "cpu_ms_p95": sums[int(len(sums) * 0.95)], "kb": statistics.median(figures.size) / 1024,
        }  # fmt: skip
        table.append({key: round(value, 2) if isinstance(value, float) else value for key, value in line.items()})
        numbers = [line[k] for k in ("fit_ms", "draw_ms", "encode_ms", "cpu_ms", "cpu_ms_p95", "kb")]
        print(f"{name:16}{line['notices']:>8}{line['slides']:>8}" + "".join(f"{n:>8.1f}" for n in numbers))
        if name == SHAPES[0]:
            rows.append(Row("cpu_ms_1080p", line["cpu_ms"], "ms", len(sums), GOAL, "prototype", PROTOTYPE))
            rows.append(Row("cpu_ms_1080p_p95", line["cpu_ms_p95"], "ms", len(sums)))
            rows.append(Row("kb_1080p", line["kb"], "kB", len(sums)))
    write("slides", rows, shapes=table)


if __name__ == "__main__":
    main()
