"""Colours: every text stands out from its ground, and the website wears the boards' colours."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from signage.notice import LEVELS
from signage.office.layout import palette
from signage.office.layout.palette import CONTRAST, Colours, contrast
from signage.publication import Shape

CSS = Path(__file__).parents[2] / "theme/static/site.css"
SCREEN, DARK, MATRIX = Shape("lcd", 1920, 1080), Shape("lcd", 1920, 1080, "dark"), Shape("led", 384, 192)
EVERY: dict[str, Colours] = {
    **{name: value for name, value in vars(palette).items() if isinstance(value, Colours)},
    **{
        f"level {n} {shape.name}": palette.emergency(n, shape)
        for n, shape in product(LEVELS, (SCREEN, DARK, MATRIX))
    },
}  # fmt: skip


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", EVERY)
def test_every_text_stands_out_from_its_ground(name: str) -> None:
    c = EVERY[name]
    pairs = [
        (c.ink, c.paper), (c.soft, c.paper), (c.headline, c.paper), (c.ink, c.wash), (c.soft, c.wash),
        (c.headline, c.wash), (c.band_ink, c.band), (c.band_soft, c.band), (c.accent_ink, c.accent),
    ]  # fmt: skip
    assert [(ink, paper) for ink, paper in pairs if contrast(ink, paper) < CONTRAST] == []


def test_tags_stand_out() -> None:
    for paper, ink in (palette.PRIORITY, palette.SAMPLE, palette.CODE):
        assert contrast(paper, ink) >= CONTRAST


def test_the_website_wears_the_boards_colours() -> None:
    """By choice of the machine (a media query) and by the reader's own alike."""
    css = CSS.read_text("utf-8")
    light, dark = css.split("@media")[0], css.split("@media")[1].split("}\n}")[0]
    for chosen, table in ((light, palette.SHARED), (dark, palette.SHARED_DARK)):
        assert {name: re.search(rf"{name}: (#\w{{6}})", chosen)[1] for name in table} == table  # type: ignore[index]
    for one, other in ((light, "m-sang"), (dark, "m-toi")):
        again = css.split(f"#{other}:checked) {{")[1].split("}")[0]
        assert set(re.findall(r"--[\w-]+: #\w+", again)) == set(re.findall(r"--[\w-]+: #\w+", one)) - {
            f"--dau: {palette.LCD.band}", f"--soc: {palette.LCD.strip}"
        }  # fmt: skip


@pytest.mark.parametrize("colours", [0, 1, 2, 3, 4])
def test_the_websites_letters_stand_out(colours: int) -> None:
    block = CSS.read_text("utf-8").split("--nen:")[colours + 1].split("}")[0]
    names = dict(re.findall(r"--([\w-]+): (#\w+)", "--nen:" + block))
    full = {
        name: "#" + "".join(c * 2 for c in value[1:]) if len(value) == 4 else value for name, value in names.items()
    }
    pairs = [(ink, paper) for ink in ("chu", "mo", "tua", "nhan", "lk") for paper in ("nen", "nhe", "the")]
    pairs.append(("vang-chu", "vang"))
    assert [(i, p) for i, p in pairs if contrast(full[i], full[p]) < CONTRAST] == []
