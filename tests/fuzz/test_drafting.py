"""What somebody may drop into the office's folder: a draft or a refusal, never a hang, never other words."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import strategies as st

from signage.errors import BadInput
from signage.notice import read_file
from signage.office import starter
from signage.office.drafting import letterhead, skeleton, writing
from signage.office.drafting.blocks import Paragraph, Span, blocks
from signage.office.drafting.draft import ENDINGS, draft
from signage.office.drafting.package import MAX_DEPTH, MAX_ELEMENTS, NotWordError
from signage.office.drafting.word import read
from signage.office.website.wording import page_html
from signage.settings import load
from tests.office import documents
from tests.office.conftest import NOW

Tried = Callable[[Any, Callable[[Any], None]], None]
SIGNS = st.sampled_from([
    "chữ", "Thôn 3", " ", "  ", "\n", "1. ", "12. ", "2026. ", "- ", "+ ", "– ", "* ", "# ", "> ", "*", "**", "_", "__",
    "`", "```", "[", "]", "](", "[điền: gì đó]", "[a](b)", "<", ">", "<b>", "</script>", "<https://x.example>", "&",
    "&lt;", "&#60;", "\\", "\\*", "|", "---", "===", "~~~", "Số: 45/TB-UBND", "Số:    /KH-UBND", "KT. CHỦ TỊCH",
    "ngày 31 tháng 02 năm 2026", "ngày 05 tháng 12 năm 2026", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "THÔNG BÁO",
    "QUYẾT ĐỊNH", "Nơi nhận:", "- Lưu: VT.", "CHỦ TỊCH", "Nguyễn Văn An", "(Đã ký)", "Điều 1. ", "I. ", "a) ",
    "![x](y.png)", "https://x.example/a_b", "!", "{: .a}", "[x]: http://y", "Title: x", "\u00a0", "\u200b", "é", "m²",
    "a_b_c", "5*3*2", "1)", "=", ":", "    ",
])  # fmt: skip
LETTERS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=4)
TEXTS = st.lists(SIGNS | LETTERS, max_size=8).map("".join)
SPANS = st.lists(
    st.builds(Span, TEXTS, st.booleans(), st.booleans(), st.sampled_from(["", "https://x.example/"])), max_size=4
)
HEADINGS, ITEMS = st.sampled_from([0, 0, 0, 1, 3]), st.sampled_from([None, None, 0, 1])
PARAGRAPHS = st.builds(Paragraph, SPANS, st.just([]), st.booleans(), HEADINGS, ITEMS)
LEAVES = st.sampled_from([
    "", "<w:t>chữ</w:t>", "<w:br/>", "<w:tab/>", '<w:sym w:font="Wingdings" w:char="F0FC"/>', "<w:softHyphen/>",
    '<w:footnoteReference w:id="7"/>', '<w:fldChar w:fldCharType="end"/>', "<w:instrText>HYPERLINK x</w:instrText>",
    '<w:rPr><w:rFonts w:hAnsi=".VnTimeH"/></w:rPr>', '<w:tcPr><w:gridSpan w:val="99999"/></w:tcPr>',
    '<w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr></w:pPr>', "<w:tcPr><w:vMerge/></w:tcPr>",
    '<w:pPr><w:pStyle w:val="Heading1"/><w:jc w:val="center"/></w:pPr>', "<w:commentReference/>",
    '<a:blip r:embed="rId9"/>',
])  # fmt: skip
TAGS = st.sampled_from([
    "w:p", "w:r", "w:tbl", "w:tr", "w:tc", "w:del", "w:ins", "w:sdt", "w:sdtContent", "mc:AlternateContent",
    "mc:Choice", "mc:Fallback", "w:txbxContent", "w:hyperlink", "w:drawing", "wp:inline", "w:pict", "v:textbox",
    "w:moveFrom", "w:fldSimple", "m:oMath", "x:what",
])  # fmt: skip
XML = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)
_OLD = "http://schemas.openxmlformats.org"
NAMESPACES = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in {
    "x": "urn:x", "v": "urn:schemas-microsoft-com:vml", "mc": f"{_OLD}/markup-compatibility/2006",
    "wp": f"{_OLD}/drawingml/2006/wordprocessingDrawing", "a": f"{_OLD}/drawingml/2006/main",
    "m": f"{_OLD}/officeDocument/2006/math", "r": f"{_OLD}/officeDocument/2006/relationships",
}.items())  # fmt: skip
BASE = documents.bare("<w:p><w:r><w:t>chữ</w:t></w:r></w:p>")


def document(body: str) -> bytes:
    return documents.bare(body, NAMESPACES)


def seen(page: str) -> str:
    """What a reader of the page sees, without any space."""
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", page)))


def test_a_reader_of_the_draft_sees_the_words_of_the_document(tried: Tried) -> None:
    def check(found: list[Paragraph]) -> None:
        made = writing.body([p for p in found if p.text], {})
        shown = seen(page_html(made.markdown, lambda _: None))
        told = "".join(p.text for p in found)
        wanted = re.sub(r"\s", "", told)
        signs = re.compile(r"[-–—•·▪■●◦‣*+\d.]")  # a list's own signs and numbers are drawn, not written
        assert signs.sub("", shown) == signs.sub("", wanted)

    tried(st.lists(PARAGRAPHS, max_size=5), check)


def test_whatever_stands_in_a_draft_is_asked_for_or_right(tried: Tried, tmp_path: Path) -> None:
    """The header of a draft has no problem but its blanks, whatever the document says of itself."""
    settings = load(starter.sample_root())

    def check(found: list[Paragraph]) -> None:
        head, rest = letterhead.read([p for p in found if p.text])
        title = skeleton.title_of(head) or skeleton.blank("tiêu đề")
        fields = skeleton.header(head, title, " ".join(p.text for p in found), settings, NOW)
        made = writing.body(rest, {}).markdown
        text = "".join(f"{name}: {value}\n" for name, value in fields) + f"\n{made or 'Nội dung.'}\n"
        path = tmp_path / "a.md"
        path.write_text(text, "utf-8")
        problems = {p.code for p in read_file(path, tmp_path, settings.places)[1] if p.severity == "error"}
        allowed = {"blank-left", "control-character", "legacy-encoding", "text-long", "body-empty"}
        assert problems <= allowed and "blank-left" in problems

    tried(st.lists(PARAGRAPHS, max_size=8), check)


def test_no_word_file_makes_a_traceback(tried: Tried) -> None:
    def check(body: str) -> None:
        try:
            found = read(document(body))
        except NotWordError as error:
            assert error.code.startswith(("word-", "draft-"))
            return
        writing.body(letterhead.read(blocks(found.html))[1], {})

    tried(XML, check)


def test_no_damage_makes_a_traceback(tried: Tried) -> None:
    good = documents.changed(BASE, "word/numbering.xml", lambda _: b"<x/>")
    places = st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), min_size=1, max_size=6)

    def check(change: tuple[list[tuple[int, int]], int]) -> None:
        made = bytearray(good)
        for at, to in change[0]:
            made[at] = to
        try:
            read(bytes(made[: change[1]] if change[1] % 3 == 0 else made))
        except NotWordError as error:
            assert error.code in ("word-damaged", "word-heavy", "word-letters")

    tried(st.tuples(places, st.integers(1, len(good))), check)


# ── spite ────────────────────────────────────────────────────────────────────────────────────────

ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BASE)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
        with new.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(120):
                part.write(b" " * (1 << 20))
    return out.getvalue()


CELL = "<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>"
BOX = "<w:txbxContent><w:p><w:r><w:t>a</w:t></w:r></w:p></w:txbxContent>"
SPITE: dict[str, Callable[[], bytes]] = {
    "a bomb": _bomb,
    "entities": lambda: documents.changed(
        BASE, "word/document.xml", lambda _: f'<!DOCTYPE w [<!ENTITY a0 "ha">{ENTITIES}]><w>&a9;</w>'.encode()
    ),
    "another file": lambda: documents.changed(
        BASE, "word/document.xml", lambda _: b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
    ),
    "depth": lambda: document("<w:sdt>" * (MAX_DEPTH + 5) + "</w:sdt>" * (MAX_DEPTH + 5)),
    "elements": lambda: document("<w:p/>" * (MAX_ELEMENTS + 1)),
    "words": lambda: document(f"<w:p><w:r><w:t>{'chữ ' * 90_000}</w:t></w:r></w:p>"),
    "columns": lambda: document(f"<w:tbl>{f'<w:tr>{CELL * 300}</w:tr>' * 2}</w:tbl>"),
    "boxes": lambda: document(f"<w:p>{BOX * 500}</w:p>"),
}


@pytest.mark.parametrize("case", SPITE)
def test_spite_is_refused_in_words(case: str, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(SPITE[case]())
    with pytest.raises(BadInput) as refused:
        draft(path, load(starter.sample_root()), NOW)
    assert next(p.code for p in refused.value.problems) in ("word-heavy", "word-damaged", "draft-long")
    assert "root:" not in refused.value.told() and escape(path.name) in refused.value.told()


@pytest.mark.parametrize("ending", ENDINGS)
def test_rubbish_under_any_name_is_told(ending: str, tmp_path: Path) -> None:
    settings = load(starter.sample_root())
    for number, data in enumerate(
        (b"", b"PK\3\4", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"%PDF-1.7\nrubbish", b"\xff\xd8\xff\0")
    ):
        path = tmp_path / f"a{number}{ending}"
        path.write_bytes(data)
        try:
            found = draft(path, settings, NOW)
        except BadInput as error:
            assert error.problems and all(p.told("vi") and p.told("en") for p in error.problems)
        else:
            assert found.questions and not any("/" in name or name.startswith(".") for name in found.files)
