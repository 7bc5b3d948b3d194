"""Which file format a slide is stored in: bytes, encode ms, decode ms in pygame, on real slides.

    python bench/codecs.py [--quick] [--commune DIR]

Slides of the sample commune: `text` (no photograph) and `mixed` (a picture beside words) at 1920×1080, the
same with a camera's noise (`camera`: the sample's picture is drawn, and smoother than a photograph), and on
a matrix of 384×192 (`matrix`). `ink` is the mean distance, 0 to 255, between what was drawn and what a board
decodes, over the pixels at the edge of letters: what a lossy codec does to small words. `colours` is how many
a slide has: `drawing.DRAWN_COLOURS` parts those that are smaller without loss from those that are not.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame
from PIL import Image, ImageChops, ImageFilter, ImageStat
from record import Row, write
from slides import read

from signage.office import drawing, slides
from signage.publication import Shape

SCREEN, MATRIX = "lcd-1920x1080", "led-384x192"
QUICK, ALL = 3, 24  # text slides
NOISE = 12  # levels that the camera's noise spreads
ROUNDS = 3  # encodings and decodings of each slide; the median counts
EDGE = 60  # brightness between neighbours from which a pixel is an edge of ink

CODECS: dict[str, dict[str, Any]] = {
    "png 1": {"format": "PNG", "compress_level": 1},
    "png 6": {"format": "PNG", "compress_level": 6},
    **{
        f"webp lossless m{method} q{effort}": {"format": "WEBP", "lossless": True, "method": method, "quality": effort}
        for method, effort in ((0, 0), (0, 25), (1, 25), (2, 10), (2, 25), (2, 50), (4, 25), (4, 75))
    },
    **{f"webp q{quality} m2": {"format": "WEBP", "quality": quality, "method": 2} for quality in (85, 90, 95)},
    **{
        f"jpeg q{quality} {'4:4:4' if not sampling else '4:2:0'}": {
            "format": "JPEG", "quality": quality, "subsampling": sampling,
        }
        for quality, sampling in ((80, 0), (85, 0), (90, 0), (90, 2), (95, 0))
    },
}  # fmt: skip
NOW = {
    drawing.TEXT_TYPE: f"webp lossless m{drawing.WEBP_METHOD} q{drawing.WEBP_EFFORT}",
    drawing.PHOTO_TYPE: f"jpeg q{drawing.PHOTO_QUALITY} 4:4:4",
}


Slides = list[tuple[Image.Image, Image.Image]]  # each with a mask of the edges of its letters, photographs left out


def drawn(folder: Path, most: int) -> dict[str, Slides]:
    """Slides by set."""
    commune, notices = read(folder, None)
    found: dict[str, Slides] = {"text": [], "mixed": [], "camera": [], "matrix": []}
    for notice, beside in notices:
        if notice.image is None:
            if len(found["text"]) < most:
                found["text"] += sheets(notice, {}, SCREEN, commune)
            continue
        plain = {notice.image.name: drawing.decode(beside[notice.image.name])}
        noisy = {name: grained(picture) for name, picture in plain.items()}
        for name, pictures, shape in (("mixed", plain, SCREEN), ("camera", noisy, SCREEN), ("matrix", noisy, MATRIX)):
            found[name] += [one for one in sheets(notice, pictures, shape, commune) if one[2]]
    return {name: [one[:2] for one in images[:most]] for name, images in found.items()}


def sheets(notice: Any, pictures: dict[str, Image.Image], shape: str, commune: Any) -> list[Any]:
    """(slide, edges, share of photograph) of a notice on a shape."""
    made = []
    for sheet in slides.compose(notice, Shape.named(shape), commune.commune):
        image = drawing.paint(sheet, pictures)
        edges = image.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda v: 255 if v >= EDGE else 0)
        for x, y, width, height in (m.rect for b in sheet.blocks for m in b.marks if hasattr(m, "whole")):
            edges.paste(0, (x - 4, y - 4, x + width + 4, y + height + 4))
        made.append((image, edges, sheet.photo_share))
    return made


def grained(picture: Image.Image) -> Image.Image:
    """As a camera would have taken it."""
    noise = [Image.effect_noise(picture.size, NOISE) for _ in range(3)]
    bands = [ImageChops.add(band, grain, 1, -128) for band, grain in zip(picture.split(), noise, strict=True)]
    return Image.merge("RGB", bands)


def cpu(act: Callable[[], Any]) -> float:
    """CPU milliseconds of all threads, median of `ROUNDS`."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)


def encoded(image: Image.Image, how: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    image.save(out, **how)
    return out.getvalue()


def measure(images: Slides, how: dict[str, Any]) -> dict[str, float]:
    figures: dict[str, list[float]] = {"encode_ms": [], "kb": [], "decode_ms": [], "ink": []}
    for image, edges in images:
        data = encoded(image, how)
        figures["encode_ms"].append(cpu(lambda i=image: encoded(i, how)))
        figures["kb"].append(len(data) / 1024)
        figures["decode_ms"].append(cpu(lambda d=data: pygame.image.load(io.BytesIO(d), f"x.{how['format'].lower()}")))
        back = Image.open(io.BytesIO(data)).convert("RGB")
        figures["ink"].append(statistics.mean(ImageStat.Stat(ImageChops.difference(image, back), edges).mean))
    return {name: statistics.median(values) for name, values in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} slides of each set instead of {ALL}")
    parser.add_argument("--commune", type=Path, default=Path(__file__).parent.parent)
    wanted = parser.parse_args()
    rows, table = [], []
    for name, images in drawn(wanted.commune, QUICK if wanted.quick else ALL).items():
        colours = statistics.median(len(image.getcolors(1 << 24)) for image, _ in images)
        kind = drawing.encode(images[0][0], "text" if name == "text" else "photo")[1]
        print(f"\n{name}: {len(images)} slides, {colours:.0f} colours, stored as {kind}")
        print(f"{'codec':26}{'encode ms':>10}{'kB':>9}{'decode ms':>10}{'ink':>7}")
        for codec, how in CODECS.items():
            found = measure(images, how)
            numbers = f"{found['encode_ms']:>10.1f}{found['kb']:>9.1f}{found['decode_ms']:>10.1f}{found['ink']:>7.2f}"
            print(f"{codec:26}{numbers}")
            figures = {key: round(value, 2) for key, value in found.items()}
            table.append({"set": name, "codec": codec, "n": len(images), "colours": colours, **figures})
            if codec == NOW[kind]:
                rows += [
                    Row(f"{name}_encode_ms", found["encode_ms"], "ms", len(images)),
                    Row(f"{name}_kb", found["kb"], "kB", len(images)),
                    Row(f"{name}_decode_ms", found["decode_ms"], "ms", len(images), "<= 33"),
                ]
    write("codecs", rows, codecs=table)


if __name__ == "__main__":
    main()
