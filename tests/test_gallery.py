"""docs/gallery.md: every picture that it names is there, and every layout is shown on every board."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from PIL import Image

DOCS = Path(__file__).parent.parent / "docs"
MOST = 3 * 1024 * 1024  # bytes of all its pictures
PAGE = (DOCS / "gallery.md").read_text("utf-8")
NAMED = re.findall(r"!\[[^\]]+\]\((gallery/[a-z0-9-]+\.webp)\)", PAGE)


@pytest.fixture(scope="module")
def gallery():
    """The maker of the page."""
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    made = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        sys.modules["gallery"] = made  # its dataclasses look themselves up
        spec.loader.exec_module(made)
    finally:
        sys.path[:] = before
    return made


def test_the_page_is_what_the_maker_writes(gallery):
    table = json.loads((DOCS / "gallery" / "frames.json").read_text("utf-8"))
    assert gallery.text(table) == PAGE, "run: python docs/gallery.py"


def test_every_picture_is_there_and_none_besides(gallery):
    there = {f"gallery/{path.name}" for path in (DOCS / "gallery").glob("*.webp")}
    assert there == set(NAMED) == {f"gallery/{plate.name}.webp" for plate in gallery.PLATES}
    assert sum((DOCS / name).stat().st_size for name in NAMED) <= MOST
    for name in NAMED:
        with Image.open(DOCS / name) as picture:
            assert picture.size == gallery.SHEET


def test_every_layout_is_shown_on_every_board(gallery):
    table = json.loads((DOCS / "gallery" / "frames.json").read_text("utf-8"))
    assert set(table) == {plate.name for plate in gallery.PLATES}
    for name, cells in table.items():
        assert set(cells) == set(gallery.SHAPES), name
        assert all(re.fullmatch(r"(\d+ of \d+|board's own)(, (scrolls|film))?", told) for told in cells.values()), name


def test_every_class_level_and_picture_of_the_boards_own_is_shown(gallery):
    names = {plate.name for plate in gallery.PLATES}
    assert {f"level-{n}" for n in range(1, 6)} <= names
    assert {"facts", "class-priority", "class-emergency"} <= names
    assert {"safe", "words", "drill", "dim", "pattern"} <= names
