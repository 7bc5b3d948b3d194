"""Notices as slides: everything is said, nothing is cut in silence, and the same words give the same bytes.

The golden digests stand in `tests/golden/slides.json`. After a wanted change of the design, look at the
slides (`bangtin preview`), then write them anew: `BANGTIN_GOLDEN=write pytest tests/office/test_slides.py`.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from signage.errors import BadInput, codes
from signage.lettering import nfc
from signage.notice import LEVELS, Notice, SourceFile, parse
from signage.notice.canonical import canonical_text
from signage.office import drawing, qr
from signage.office.drawing import letterer
from signage.office.layout import MAX_NOTICE_SLIDES, Photo, Placed, Sheet
from signage.office.layout.article import Article
from signage.office.layout.design import LCD_FLOOR, LED_FLOOR, Look
from signage.office.layout.sheet import Letters
from signage.office.sight import Sight
from signage.office.slides import compose, draw
from signage.publication import Shape
from signage.review.slide import MAX_TICKER
from signage.settings import Commune

GOLDEN = Path(__file__).parent.parent / "golden" / "slides.json"
BIG = ("lcd-1920x1080", "lcd-1080x1920", "led-384x192")
OTHERS = ("lcd-1920x1080-dark", "lcd-1366x768", "lcd-1280x1024", "lcd-3840x2160", "lcd-1920x540", "led-960x480",
          "led-320x160", "led-192x96", "led-160x320", "led-128x64", "led-64x32")  # fmt: skip
SMALL = ("lcd-1920x1080-dark", "led-192x96", "led-128x64")
COMMUNE = Commune(
    "99999", "xã Đồng Mẫu", "Đồng Mẫu", "tỉnh Mẫu Giang", "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "0299 000 0000", "", "",
    "https://dongmau.example", "", True,
)  # fmt: skip
USUAL = {
    "Title": "Tạm ngừng cung cấp điện thôn 3 và thôn 5", "Date": "2026-11-20 09:00", "Kind": "cat-dien",
    "Category": "an-sinh", "Start": "2026-11-21 05:00", "End": "2026-11-22 17:00", "Summary": "Ngừng cấp điện.",
}  # fmt: skip
FACTS = "Thời gian = 05:00–17:00 ngày 22/11; Phạm vi = thôn 3, thôn 5; Lý do = thay dây dẫn trạm biến áp"
NUMBERED = {
    "Number": "45/TB-UBND", "Issuer": "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "Issued": "2026-11-19",
    "Signer": "Lý Đức Thịnh | PHÓ CHỦ TỊCH | KT. CHỦ TỊCH",
}  # fmt: skip
LIST = """Người dân lưu ý:

1. Chủ động **tích nước** sinh hoạt, sạc đèn và điện thoại trước 05:00.
2. Ngắt cầu dao, rút phích cắm thiết bị điện.

## Liên hệ

- Báo sự cố: 0299 000 0119.
"""
TABLE = "Lịch theo thôn:\n\n| Thôn | Ngày tiêm | Số trẻ |\n|---|---|---|\n" + "".join(
    f"| Thôn {n} ({name}) | {n:02}/12/2026 | {n * 7} |\n"
    for n, name in enumerate(("Đồng Trước", "Gò Mẫu", "Bến Mẫu", "Ruộng Mẫu", "Cửa Đình", "Bờ Đá", "Núi Ngự") * 3, 1)
)
ASKED = "## Hỏi\n\nLoa phát lúc 11:30, xin đổi giờ.\n\n## Trả lời\n\nTừ 23/11 chỉ phát 06:00 và 17:00."
ALERT = {
    "Class": "khan-cap", "Kind": "thien-tai", "Title": "Bão số 6 đổ bộ chiều tối 18/9", "Level": "4",
    "Source": "Đài Khí tượng Thủy văn tỉnh Mẫu Giang", "Bulletin-Time": "2026-11-21 04:00",
    "Facts": "Gió = cấp 9–10, giật cấp 12; Trực ban = 0299 000 0001", "End": "2026-11-21 23:00",
    "Board-Summary": "BÃO ĐANG VÀO. Không ra khỏi nhà từ 16:00. Nhà ven sông: sơ tán trước 15:30.",
}  # fmt: skip


def notice(body: str = "Đề nghị nhân dân chú ý.", files: tuple[SourceFile, ...] = (), **fields: str) -> Notice:
    both = {**USUAL, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return parse("thong-bao/2026/cat-dien-thon-3", canonical_text({k: v for k, v in both.items() if v}, body), files)


def jpeg(size: tuple[int, int] = (640, 480)) -> bytes:
    image = Image.frombytes("RGB", size, random.Random(7).randbytes(3 * size[0] * size[1]))
    image.paste("#2f8f4e", (0, size[1] // 2, size[0], size[1]))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def mapped(**fields: str) -> Notice:
    """A notice with a picture in its body."""
    body = "Cấm đường từ 22/11.\n\n![Sơ đồ đường tránh](dong.jpg)\n\nĐi tránh qua thôn 4."
    return notice(body, (SourceFile("dong.jpg", "0" * 64, 1),), Kind="duong-cam", Title="Cấm đường thôn 2", **fields)


def pictured(body: str = "Đề nghị nhân dân chú ý.", **fields: str) -> Notice:
    return notice(body, (SourceFile("dong.jpg", "0" * 64, 1),), Image="dong.jpg | cánh đồng", **fields)


NOTICES: dict[str, Notice] = {
    "facts": notice(Facts=FACTS, **NUMBERED),
    "list": notice(LIST, Facts=FACTS, Class="uu-tien", **NUMBERED),
    "table": notice(TABLE, Kind="tiem-chung", Title="Lịch tiêm chủng tháng 12", **NUMBERED),
    "summary": notice(LIST, Board_Summary="Ngừng điện 05:00–17:00. Gọi 0299 000 0119. Không tự đóng điện."),
    "alert": notice(**ALERT),
    "slogan": notice(Kind="khau-hieu", Title="Nhiệt liệt chào mừng Ngày hội Đại đoàn kết toàn dân tộc"),
    "photo": pictured(
        "Toàn xã đã trồng 24,5 ha khoai tây. " * 3, Kind="tin", Title="Vụ đông: khoai tây lên xanh hai bên bờ sông"
    ),
    "stacked": notice(Title="ỦY BAN ẨN ẪM ỆCH ỘC ỬNG Ẫ gypqj ỊẠỤ", Facts="ẪỆ Ộ = ẨẪỆỘỬ gypq; Ngày = ẪỬ"),
    "long-words": notice(
        f"Xem {'a' * 90} và https://dongmau.example/{'b' * 80}", Title="Ư" * 120, Facts=f"{'Ệ' * 40} = {'Ộ' * 90}"
    ),
    "signs": notice("Đất 2 m² × 3; ≥ 15 °C → “được”… 5 ‰, № 3, ½ ha, 10 ₫ • ‘a’ – b — c", Title="15 °C ≤ t ≤ 38 °C"),
    "campaign": notice(LIST, Kind="chien-dich", Title="Tháng cao điểm vì người nghèo", Facts="Nơi nhận = thôn 3"),
    "asked": notice(ASKED, Kind="phan-anh", Title="Trả lời về loa phát thanh thôn 3"),
    "poster": pictured("Mời bà con đến dự.", Kind="tin", Title="Ngày hội Đại đoàn kết thôn 3"),
    "mapped": mapped(Board_Summary="Đi tránh qua thôn 4."),
    "evergreen": notice(LIST, Kind="van-ban", Title="Số điện thoại cần biết", Evergreen="yes"),
    "prepared": notice(LIST, Kind="thien-tai", Class="khan-cap", Prepared="yes", Title="Lũ: lên chỗ cao ngay"),
    "drill": notice(**{**ALERT, "Level": "3", "Drill": "yes"}),
    "nested": notice("- một\n    - hai\n        1. ba\n- bốn\n\n> Lời dẫn\n\n---\n\nHết."),
}  # fmt: skip
INKED = dict.fromkeys(
    ("stacked", "signs", "list", "alert", "photo"), (*BIG, "led-192x96", "led-128x64")
)  # the rest: matrices
HARD = ("facts", "list", "table", "alert", "stacked", "long-words", "slogan")  # these on every shape
ALL = [(name, shape) for name in NOTICES for shape in (*BIG, *(OTHERS if name in HARD else SMALL))]


@cache
def sheets(name: str, shape: str) -> list[Sheet]:
    return compose(NOTICES[name], Shape.named(shape), COMMUNE, Sight(code=200))


def letters(sheet: Sheet) -> Iterator[Letters]:
    return (mark for block in sheet.blocks for mark in block.marks if isinstance(mark, Letters))


def said(sheet: Sheet, block: str = "") -> str:
    marks = (m for b in sheet.blocks if not block or b.name == block for m in b.marks if isinstance(m, Letters))
    scrolled = [sheet.ticker.text] if sheet.ticker and not block else []
    return " ".join([*(mark.text for mark in marks), *scrolled]).replace("\u00a0", " ")


# ── where things stand ───────────────────────────────────────────────────────────────────────────


def overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


@pytest.mark.parametrize(("name", "shape"), ALL)
def test_blocks_lie_on_the_slide_apart_and_off_the_clock_in_letters_of_the_floor(name: str, shape: str) -> None:
    made = Shape.named(shape)
    floor = LED_FLOOR if made.kind == "led" else LCD_FLOOR * min(made.width, made.height) // 1080
    for sheet in sheets(name, shape):
        assert all(mark.style.size >= floor for mark in letters(sheet))
        for block in sheet.blocks:
            x, y, width, height = block.rect
            assert x >= 0
            assert y >= 0
            assert x + width <= sheet.width, block.name
            assert y + height <= sheet.height, block.name
            assert not sheet.clock or not overlap(block.rect, sheet.clock.area), block.name
        for a, b in itertools.combinations(sheet.blocks, 2):
            assert not overlap(a.rect, b.rect), (a.name, a.rect, b.name, b.rect)


@pytest.mark.parametrize(
    ("name", "shape"), [(n, s) for n, s in ALL if s in INKED.get(n, ("led-384x192", "led-128x64"))]
)
def test_ink_stays_in_its_block(name: str, shape: str) -> None:
    """Painted alone, a block changes no pixel outside its rectangle: no clipped and no straying marks."""
    pictures = {"dong.jpg": drawing.decode(jpeg())}
    for sheet in sheets(name, shape)[:2]:
        wide = replace(sheet, width=sheet.width + 400, height=sheet.height + 400, ground=(), clock=None, blocks=())
        empty = drawing.paint(wide, pictures)
        for block in sheet.blocks:
            painted = drawing.paint(replace(wide, blocks=(block,)), pictures)
            box = ImageChops.difference(painted, empty).getbbox()
            x, y, width, height = block.rect
            if box is not None:
                lean = max(1, sheet.height // 300)  # a letter may lean a hair out of its line's begin and end
                assert x - lean <= box[0], (block.name, block.rect, box)
                assert y <= box[1], (block.name, block.rect, box)
                assert box[2] <= x + width + lean, (block.name, block.rect, box)
                assert box[3] <= y + height, (block.name, block.rect, box)


@pytest.mark.parametrize(("name", "shape"), [(n, s) for n, s in ALL if s in BIG])
def test_the_clock_has_plain_paper(name: str, shape: str) -> None:
    pictures = {"dong.jpg": drawing.decode(jpeg())}
    for sheet in sheets(name, shape)[:2]:
        if sheet.clock is None:
            assert NOTICES[name].is_emergency
            continue
        x, y, width, height = sheet.clock.area
        cut = drawing.paint(sheet, pictures).crop((x, y, x + width, y + height))
        assert [colour for _, colour in cut.getcolors() or []] == [tuple(bytes.fromhex(sheet.clock.paper[1:]))]
        assert min(width, height) >= (22 if sheet.width < 400 else 100)


def test_small_matrices_have_no_clock() -> None:
    for shape in ("led-128x64", "led-64x32", "led-191x96"):
        assert sheets("facts", shape)[0].clock is None
    assert compose(notice(Title="Họp thôn 3"), Shape.named("led-192x96"), COMMUNE)[0].clock is not None


# ── what is said ─────────────────────────────────────────────────────────────────────────────────


def words_of(text: str) -> list[str]:
    found = (w.replace("**", "").strip("*#|>-:") for w in text.replace("|", " ").split())
    return [word for word in found if word]


@pytest.mark.parametrize("shape", [*BIG, "led-192x96", "led-128x64"])
@pytest.mark.parametrize("name", ["facts", "list", "table", "summary", "alert", "signs", "nested"])
def test_every_word_is_on_a_slide(name: str, shape: str) -> None:
    """Of what a person wrote: the words for boards, else the body, else the summary where that is too long."""
    made, one = sheets(name, shape), NOTICES[name]
    assert len(made) < MAX_NOTICE_SLIDES
    shown = "".join(said(sheet) for sheet in made).replace(" ", "")
    for label, value in (*one.facts, ("", one.title)):
        assert label.replace(" ", "") in shown
        assert all(word in shown for word in value.split())
    texts = [one.board_summary] if one.board_summary else [one.body, one.summary] if "led" in shape else [one.body]
    missing = [[w for w in words_of(text) if w not in shown] for text in texts]
    assert [] in missing, missing


def test_a_notice_too_long_says_where_the_rest_stands() -> None:
    long = unsummed(notice("\n\n".join(f"Điều {n}. {LIST.splitlines()[2]}" * 3 for n in range(200))))
    for shape in BIG:
        made = compose(long, Shape.named(shape), COMMUNE)
        assert len(made) == MAX_NOTICE_SLIDES
        where = "Xemtoànvăntạidongmau.example/tin/cat-dien-thon-3.html"
        assert where in said(made[-1], "whole-text").replace(" ", "")
        assert not any("Xem toàn văn" in said(sheet) for sheet in made[:-1])


def unsummed(one: Notice) -> Notice:
    """The notice without its summary, which would stand for a body that is too long."""
    return replace(one, summary="")


def test_a_hundred_pages_end_at_the_limit_of_slides() -> None:
    body = "đất " * 20_000 + "\n\n" + "- một\n" * 10_000 + "\n| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 10_000
    made = compose(unsummed(notice(body)), Shape.named(BIG[0]), COMMUNE)
    assert len(made) == MAX_NOTICE_SLIDES
    assert "Xem toàn văn tại" in said(made[-1], "whole-text")


@pytest.mark.parametrize("shape", BIG)
def test_pages_are_numbered_and_carry_the_headline(shape: str) -> None:
    made = compose(unsummed(NOTICES["table"]), Shape.named(shape), COMMUNE)
    assert len(made) > 1
    for n, sheet in enumerate(made, 1):
        assert said(sheet, "page").removeprefix("Trang ") == f"{n}/{len(made)}"
        assert "Lịch tiêm chủng" in said(sheet)
    assert all(not said(sheet, "page") for sheet in sheets("slogan", shape))


@pytest.mark.parametrize("shape", BIG)
def test_invented_data_say_so_on_every_slide(shape: str) -> None:
    for name, one in NOTICES.items():
        for sheet in sheets(name, shape):
            assert said(sheet, "sample") == "DỮ LIỆU MẪU"
        real = compose(one, Shape.named(shape), replace(COMMUNE, sample=False))
        assert not any(said(sheet, "sample") for sheet in real)


@pytest.mark.parametrize("shape", BIG)
@pytest.mark.parametrize("level", LEVELS)
def test_an_emergency_says_its_level_source_and_end(shape: str, level: int) -> None:
    made = compose(notice(**{**ALERT, "Level": str(level)}), Shape.named(shape), COMMUNE)
    for sheet in made:
        head = " ".join(said(sheet, name) for name in ("class", "authority", "number", "level"))
        assert "KHẨN CẤP" in head
        assert str(level) in head
        assert LEVELS[level].word.upper() in head
        assert any(block.name == "icon" for block in sheet.blocks)
        assert "23:00 21/11/2026" in said(sheet, "until")
        painted = drawing.paint(sheet, {})
        corners = {painted.getpixel(at) for at in ((0, 0), (sheet.width - 1, sheet.height - 1), (0, sheet.height - 1))}
        assert corners == {tuple(bytes.fromhex(LEVELS[level].colour[1:]))}
    everything = " ".join(said(sheet) for sheet in made)
    assert "Đài Khí tượng Thủy văn" in everything
    assert "04:00 21/11/2026" in everything


@pytest.mark.parametrize("shape", BIG)
def test_the_class_is_told_by_words_and_by_shape(shape: str) -> None:
    normal, urgent = (next(b for b in sheets(n, shape)[0].blocks if b.name == "kind") for n in ("facts", "list"))
    assert "ƯU TIÊN" in " ".join(m.text for m in urgent.marks if isinstance(m, Letters)).upper()
    assert {type(m) for m in normal.marks} != {type(m) for m in urgent.marks}


def test_a_signature_a_number_and_a_date_are_shown() -> None:
    for shape in BIG:
        made = compose(NOTICES["facts"], Shape.named(shape), replace(COMMUNE, sample=False))
        everything = " ".join(said(sheet) for sheet in made)
        for words in ("Số 45/TB-UBND", "19/11/2026", "KT. CHỦ TỊCH, PHÓ CHỦ TỊCH", "Lý Đức Thịnh", "0299 000 0000"):
            assert words in everything, (shape, words)
    assert "Hiệu lực đến 17:00 22/11/2026" in said(sheets("facts", BIG[0])[0])


@pytest.mark.parametrize("shape", [*BIG, "led-256x128"])
def test_a_heading_and_a_lead_in_never_end_a_slide(shape: str) -> None:
    body = "\n\n".join(
        f"## Phần {n}\n\nCác việc phải làm ngay trong tuần:\n\n- {'việc cần làm ' * 9}." for n in range(9)
    )
    pages = [p for p in Article(notice(body), COMMUNE, Look(Shape.named(shape)), letterer()).chosen() if p]
    for page in pages[:-1]:
        if all(block.sticky for block in page):
            continue  # so few rows that what follows needs a slide of its own
        assert page[-1].name != "heading"
        assert not page[-1].reading.endswith(":")


@pytest.mark.parametrize("shape", BIG)
def test_a_signature_stands_below_words_though_a_picture_comes_last(shape: str) -> None:
    body = f"{LIST}\n![Sơ đồ](so-do.png)\n"
    one = notice(body, (SourceFile("so-do.png", "0" * 64, 1),), Facts=FACTS, **NUMBERED)
    signed = [s for s in compose(one, Shape.named(shape), COMMUNE) if "Số 45/TB-UBND" in said(s)]
    assert signed
    assert all({"text", "item", "facts"} & {block.name for block in sheet.blocks} for sheet in signed)


def test_a_table_goes_on_under_its_head() -> None:
    for shape in BIG[:2]:
        found = [sheet for sheet in sheets("table", shape) if "table" in {b.name for b in sheet.blocks}]
        assert len(found) > 1
        assert all("Ngày tiêm" in said(sheet, "table") for sheet in found)


def test_a_table_too_wide_for_a_matrix_becomes_records() -> None:
    made = compose(unsummed(NOTICES["table"]), Shape.named("led-160x320"), COMMUNE)
    everything = " ".join(said(sheet) for sheet in made)
    assert "Ngày tiêm: 01/12/2026" in everything


# ── pictures and problems ────────────────────────────────────────────────────────────────────────


def test_a_slide_with_a_photograph_is_a_jpeg_and_the_others_are_not() -> None:
    drawn = draw(NOTICES["photo"], [Shape.named(s) for s in BIG], COMMUNE, {"dong.jpg": jpeg()})
    for shape, slides in drawn.slides.items():
        assert slides[0].type == ("image/jpeg" if "lcd" in shape else "image/webp"), shape  # few pixels, few colours
        assert all(slide.type == "image/webp" for slide in slides[1:])


def test_all_problems_are_told_at_once() -> None:
    bad = pictured("Chúc mừng 🎉 năm mới", Title="Thông báo 漢", Facts="Nơi = nhà 🏠")
    with pytest.raises(BadInput) as told:
        draw(bad, [Shape.named(BIG[0])], COMMUNE, {"dong.jpg": jpeg()[:500]})
    problems = told.value.problems
    assert [(p.code, p.field) for p in problems] == [
        ("glyph-missing", "Title"), ("glyph-missing", "Facts"), ("glyph-missing", None), ("picture-broken", "Image"),
    ]  # fmt: skip
    assert "U+6F22" in problems[0].told()
    assert "漢" in problems[0].told("en")
    assert "Chúc mừng" in problems[2].told()
    assert {p.code for p in problems} | {"picture-large", "picture-missing", "slides-many", "slide-large"} <= codes()


def test_a_missing_picture_is_told() -> None:
    with pytest.raises(BadInput) as told:
        draw(NOTICES["photo"], [Shape.named(BIG[0])], COMMUNE, {})
    assert [p.code for p in told.value.problems] == ["picture-missing"]


# ── the same bytes ───────────────────────────────────────────────────────────────────────────────


def decomposed(one: Notice) -> Notice:
    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    facts = tuple((nfd(a), nfd(b)) for a, b in one.facts)
    return replace(one, title=nfd(one.title), body=nfd(one.body), facts=facts, board_summary=nfd(one.board_summary))


@pytest.mark.parametrize("name", ["list", "summary", "stacked"])
def test_decomposed_letters_give_the_same_bytes(name: str) -> None:
    shapes = [Shape.named(s) for s in BIG]
    loose = decomposed(NOTICES[name])
    assert loose.title != nfc(loose.title)
    assert draw(loose, shapes, COMMUNE, {}).files == draw(NOTICES[name], shapes, COMMUNE, {}).files


PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import test_slides as t
drawn = t.draw(t.NOTICES["list"], [t.Shape.named(s) for s in t.BIG], t.COMMUNE, {})
print(json.dumps(sorted(drawn.files)))
"""


def test_a_fresh_process_draws_the_same_bytes() -> None:
    again = draw(NOTICES["list"], [Shape.named(s) for s in BIG], COMMUNE, {})
    assert again.files == draw(NOTICES["list"], [Shape.named(s) for s in BIG], COMMUNE, {}).files
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert json.loads(ran.stdout) == sorted(again.files)


def test_files_are_named_by_what_is_in_them() -> None:
    drawn = draw(NOTICES["list"], [Shape.named(s) for s in BIG], COMMUNE, {})
    named = {slide.name: slide for slides in drawn.slides.values() for slide in slides}
    assert set(named) == set(drawn.files)
    for name, slide in named.items():
        assert slide.size == len(drawn.files[name])
        assert drawing.pixels_digest(Image.open(io.BytesIO(drawn.files[name])).convert("RGB").tobytes()) == slide.pixels
    assert set(drawn.drawn_by) == {"bangtin", "pillow", "fonts", "design"}


FAMILIES = ("facts", "list", "table", "alert", "slogan", "photo", "poster", "mapped", "campaign", "asked", "evergreen",
            "prepared", "drill")  # fmt: skip
GOLDEN_SHAPES = (*BIG, "lcd-1920x1080-dark", "led-192x96", "led-128x64")


def test_slides_look_as_they_did() -> None:
    """The pixels of every layout on six shapes, as digests: a change of design is seen here, and wanted or not.

    A board turns a slide by quarters, pixel for pixel: its own tests hold that.
    """
    pictures = {"dong.jpg": drawing.decode(jpeg())}
    found = {}
    for name, shape in itertools.product(FAMILIES, GOLDEN_SHAPES):
        frames = [drawing.paint(sheet, pictures).tobytes() for sheet in sheets(name, shape)[:2]]
        found[f"{name} {shape}"] = drawing.pixels_digest(b"".join(frames))
    if os.environ.get("BANGTIN_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text("utf-8"))


def block_names(made: list[Sheet]) -> list[list[str]]:
    return [[block.name for block in sheet.blocks] for sheet in made]


def placed(made: list[Sheet], name: str) -> list[Placed]:
    return [block for sheet in made for block in sheet.blocks if block.name == name]


def test_facts_stand_with_the_headline() -> None:
    for shape in BIG[:2]:
        assert "facts" in block_names(sheets("list", shape))[0]
        assert len(placed(sheets("list", shape), "facts")) == 1


# ── families ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shape", [*BIG[:2], "lcd-1920x1080-dark", "lcd-1366x768"])
def test_the_code_of_the_page_is_read_back_from_the_whole_frame(shape: str) -> None:
    sheet = sheets("facts", shape)[0]
    assert sheet.code == "https://dongmau.example/tin/cat-dien-thon-3.html"
    assert qr.read(drawing.paint(sheet, {})) == [sheet.code]


def test_a_code_that_does_not_read_back_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape.named(BIG[0])
    without = draw(NOTICES["facts"], [shape], COMMUNE, {}, {shape.name: Sight()}).files
    asked = {shape.name: Sight(code=200)}
    assert draw(NOTICES["facts"], [shape], COMMUNE, {}, asked).files != without
    monkeypatch.setattr(qr, "read", lambda image: [])
    assert draw(NOTICES["facts"], [shape], COMMUNE, {}, asked).files == without


@pytest.mark.parametrize(("shape", "needed"), [(BIG[0], 0), (BIG[0], 400), (BIG[2], 100)])
def test_where_a_phone_could_not_read_it_the_address_is_said(shape: str, needed: int) -> None:
    made = compose(NOTICES["facts"], Shape.named(shape), replace(COMMUNE, sample=False), Sight(code=needed))
    assert not any(sheet.code for sheet in made)
    assert any("dongmau.example" in said(sheet) or "0299 000 0000" in said(sheet) for sheet in made)


@pytest.mark.parametrize("level", [None, "4"])
def test_an_emergency_has_no_code(level: str | None) -> None:
    one = notice(**{**ALERT, "Level": level}) if level else NOTICES["prepared"]
    assert not any(sheet.code for sheet in compose(one, Shape.named(BIG[0]), COMMUNE, Sight(code=200)))


def test_a_question_and_its_answer_stand_under_their_names() -> None:
    short = "Hỏi: Loa phát lúc 11:30, xin đổi giờ. Trả lời: Từ 23/11 chỉ phát 06:00 và 17:00."
    for one in (NOTICES["asked"], notice(Kind="phan-anh", Board_Summary=short)):
        for shape in BIG:
            everything = " ".join(said(sheet) for sheet in compose(one, Shape.named(shape), COMMUNE))
            parts = [everything.rindex(words) for words in ("HỎI", "Loa phát lúc", "TRẢ LỜI", "Từ 23/11")]
            assert parts == sorted(parts)


def test_a_picture_of_the_body_has_a_slide_with_its_words() -> None:
    for one in (NOTICES["mapped"], mapped()):
        made = compose(one, Shape.named(BIG[0]), COMMUNE)
        (picture,) = placed(made, "picture")
        assert any(isinstance(mark, Photo) and mark.whole for mark in picture.marks)
        assert "Sơ đồ đường tránh" in " ".join(m.text for m in picture.marks if isinstance(m, Letters))
    assert not placed(compose(mapped(), Shape.named(BIG[2]), COMMUNE), "picture")


def test_a_picture_with_little_to_read_is_a_poster() -> None:
    (poster,) = placed(sheets("poster", BIG[0]), "photo")
    (photo,) = placed(sheets("photo", BIG[0]), "photo")
    assert [m.whole for m in (*poster.marks, *photo.marks) if isinstance(m, Photo)] == [True, False]
    assert poster.rect[3] > photo.rect[3]


@pytest.mark.parametrize("shape", ["led-128x64", "led-64x32"])
def test_a_small_matrix_scrolls_everything_over_plain_paper(shape: str) -> None:
    (sheet,) = sheets("list", shape)
    assert sheet.ticker is not None
    x, y, width, height = sheet.ticker.area
    assert sheet.ticker.size * 1.4 <= height
    for words in ("DỮ LIỆU MẪU", "ƯU TIÊN", "Tạm ngừng", "Thời gian: 05:00–17:00", "17:00 22/11/2026", "0299 000 0000"):
        assert words in sheet.ticker.text
    cut = drawing.paint(sheet, {}).crop((x, y, x + width, y + height))
    assert [colour for _, colour in cut.getcolors() or []] == [tuple(bytes.fromhex(sheet.ticker.paper[1:]))]
    (slide,) = draw(NOTICES["list"], [Shape.named(shape)], COMMUNE, {}).slides[shape]
    assert slide.ticker == sheet.ticker
    assert slide.dwell_ms > 5_000


def test_an_emergency_of_many_words_loses_none_on_a_small_matrix() -> None:
    one = notice(**{**ALERT, "Board-Summary": "Sơ tán ngay đến trường học. " * 20})
    made = compose(one, Shape.named("led-64x32"), COMMUNE)
    assert " ".join(said(sheet) for sheet in made).count("Sơ tán ngay") == 20
    assert all(sheet.ticker and len(sheet.ticker.text) <= MAX_TICKER for sheet in made)


@pytest.mark.parametrize("shape", [*BIG, "led-192x96", "led-128x64"])
def test_a_drill_says_so_on_every_slide(shape: str) -> None:
    for n, sheet in enumerate(sheets("drill", shape)):
        assert "DIỄN TẬP" in said(sheet).upper() or (n % 2 and shape == "led-192x96")
        assert "KHẨN CẤP" not in said(sheet)


def test_what_stands_for_long_or_is_prepared_has_no_date() -> None:
    assert "thường xuyên" in said(sheets("evergreen", BIG[0])[0], "until")
    for shape in BIG:
        assert not any("22/11/2026" in said(sheet) for sheet in sheets("prepared", shape))


def test_dark_screens_are_dark() -> None:
    for name in ("facts", "campaign", "alert"):
        dark, light = (drawing.paint(sheets(name, s)[0], {}).convert("L") for s in ("lcd-1920x1080-dark", BIG[0]))
        assert ImageStat.Stat(dark).mean[0] < ImageStat.Stat(light).mean[0] / 2
