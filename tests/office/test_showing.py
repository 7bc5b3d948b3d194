"""What the site says of the boards is what the boards were told: the same notices, their very slides made small."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from signage.office.showing import widest
from signage.review import SlideFile
from tests.conftest import NOW

Text = Callable[..., str]


def page(office: Any, name: str = "bang-tin.html") -> str:
    return (office.folder / "publication" / name).read_text("utf-8")


def pictures(office: Any) -> set[str]:
    return {p.name for p in (office.folder / "publication/bang").glob("*")}


def test_a_board_is_shown_with_its_slides_made_small(office: Any, text: Text) -> None:
    office.write("tin/a", text(title="Đã duyệt"))
    office.write("tin/b", text(title="Mới trình"))
    office.submit("tin/a", "tin/b")
    office.approve("tin/a")
    office.publish()
    said = page(office)
    assert "Đã duyệt" in said and "Mới trình" not in said
    (standing,) = [s for s in office.desk.standings() if s.approval]
    firsts = {slides[0] for slides in standing.statement.slides.values()}
    assert pictures(office) == {f"{slide.file[:16]}.webp" for slide in firsts}
    for board in office.settings.boards:
        section = said.split(f'id="{board.id}"')[1].split("</section>")[0]
        (source, width, height) = re.findall(r'src="([^"]+)" width="(\d+)" height="(\d+)"', section)[0]
        with Image.open(office.folder / "publication" / source) as small:
            assert small.size == (int(width), int(height)) and small.width <= 480
            assert abs(small.width / small.height - board.mode.shape.width / board.mode.shape.height) < 0.02
    assert "bang/" in page(office, "index.html")


def test_hidden_and_expired_notices_leave_the_boards_page_and_their_pictures_go(office: Any, text: Text) -> None:
    office.write("tin/a", text(title="Tin một"))
    office.write("tin/b", text(title="Tin hai"))
    office.both("tin/a", "tin/b")
    office.publish()
    before = pictures(office)
    office.desk.take_back("tin/a", "hide", office.person("p1", "author"), NOW, "thử")
    office.publish(NOW + timedelta(minutes=1))
    assert "Tin một" not in page(office) and "Tin hai" in page(office)
    assert pictures(office) < before
    kept = {p.name for p in (office.folder / "state/thumbs").glob("*.webp")}
    assert kept == pictures(office)
    office.publish(NOW + timedelta(days=400))
    assert "Tin hai" not in page(office) and pictures(office) == set()


def test_a_shared_link_carries_the_slide(office: Any, text: Text) -> None:
    office.write("tin/a", text(title="Tin một"))
    office.both("tin/a")
    office.publish()
    (card,) = (office.folder / "publication/tin").glob("*.jpg")
    with Image.open(io.BytesIO(card.read_bytes())) as picture:
        assert picture.size == (1200, 630) and picture.format == "JPEG"
    address = f"{office.settings.commune.site}/tin/{card.name}"
    assert f'<meta property="og:image" content="{address}">' in Path(card).with_suffix(".html").read_text("utf-8")


def test_a_link_and_a_message_have_a_picture_that_lies() -> None:
    """Not the one of an upright screen, which would be small between two bars."""
    one = [SlideFile("0" * 64, 1, "0" * 64, "image/webp", 8000, None)]
    shapes = {
        "lcd-1080x1920": one,
        "lcd-1280x720": one,
        "lcd-1280x720-dark": one,
        "lcd-1920x1080": [],
        "led-384x192": one,
    }
    assert widest(shapes) == "lcd-1280x720"
    assert widest({"lcd-1080x1920": one, "led-384x192": one}) is None
