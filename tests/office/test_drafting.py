"""What officers have becomes a draft: what the document says is there, what it does not say is asked for."""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from signage.errors import BadInput
from signage.notice import Notice, read_file
from signage.notice.header import split
from signage.office.drafting import letterhead, oldletters
from signage.office.drafting.blocks import Paragraph, Span
from signage.office.drafting.draft import Draft
from signage.office.prose import Table as Slides
from signage.office.prose import parts
from signage.settings import Settings
from tests.office import documents

GOLDEN = Path(__file__).parents[1] / "golden" / "drafts"
ALWAYS = {"Kind", "Category", "Hamlets", "Boards", "Start", "End", "Summary"}  # asked for, whatever a document says
ANSWERS = {
    "Kind": "van-ban", "Category": "an-sinh", "Hamlets": "thon-3", "Boards": "all", "Start": "2026-11-22 09:00",
    "End": "2026-12-23 17:00", "Summary": "Tóm tắt.", "Title": "Tiêu đề", "Number": "46/KH-UBND",
    "Issued": "2026-11-21", "Issuer": "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "Recipients": "Lưu: VT",
}  # fmt: skip
Made = Callable[[str, bytes], Draft]


def fields(found: Draft) -> dict[str, str]:
    """A draft's fields by name."""
    return {f.name: f.value for f in split(found.markdown.decode(), "")[0].values()}


def body(found: Draft) -> str:
    return found.markdown.decode().split("\n\n", 1)[1]


def answered(found: Draft, settings: Settings, tmp_path: Path) -> Notice:
    """The notice that a draft becomes when a person fills in each of its blanks, and nothing else."""
    text = found.markdown.decode()
    for name, answer in ANSWERS.items():
        text = re.sub(rf"^{name}: \[điền:.*$", f"{name}: {answer}", text, flags=re.MULTILINE)
    text = re.sub(r"\[điền:[^\[\]\n]*\]", "chữ điền vào", text)
    folder = tmp_path / "content" / "thong-bao"
    folder.mkdir(parents=True)
    for name, data in found.files.items():
        (folder / name).write_bytes(data)
    (folder / f"{found.name}.md").write_text(text, encoding="utf-8")
    notice, problems = read_file(folder / f"{found.name}.md", tmp_path / "content", settings.places)
    assert notice is not None, [p.told() for p in problems]
    return notice


def codes(found: Draft) -> list[str]:
    return [p.code for p in found.warnings]


def test_a_signed_notice_asks_only_for_what_no_document_says(made: Made, settings: Settings, tmp_path: Path) -> None:
    found = made("Cắt điện thôn 3.docx", documents.power_cut())
    assert {p.field for p in found.questions} == ALWAYS and not found.warnings
    assert {p.code for p in found.questions} == {"blank-left"}
    notice = answered(found, settings, tmp_path)
    assert notice.document is not None and notice.document.signer is not None
    assert notice.title == "Thông báo về việc tạm ngừng cung cấp điện thôn 3 và thôn 5"
    assert (notice.document.number, str(notice.document.issued)) == ("45/TB-UBND", "2026-11-19")
    assert notice.issuer == "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU"
    assert notice.document.signer.name == "Lý Đức Thịnh" and notice.document.signer.title == "PHÓ CHỦ TỊCH"
    assert notice.document.signer.authority == "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH"
    assert notice.document.recipients == ("Thường trực Đảng ủy (để báo cáo)", "Trưởng các thôn", "Lưu: VT, KT")
    assert "| 24/11/2026 | 05:00 – 17:00 | Thôn 3 |" in notice.body
    assert "CỘNG HÒA" not in notice.body and "Lý Đức Thịnh" not in notice.body


@pytest.mark.parametrize("name", ["plan", "decision"])
def test_the_draft_is_this_one(made: Made, name: str) -> None:
    """Whole drafts, letter by letter: numbers that Word draws, articles, a blank number, an annex."""
    found = made(f"{name}.docx", getattr(documents, name)())
    assert found.markdown.decode() == (GOLDEN / f"{name}.md").read_text("utf-8")


def test_what_a_draft_leaves_blank_is_asked_for(made: Made, settings: Settings, tmp_path: Path) -> None:
    """Never 1/KH-UBND, never today: the number, the day and the name stand open, each with its line."""
    found = made("kế hoạch.docx", documents.plan())
    assert {p.field for p in found.questions} == ALWAYS | {"Number", "Issued", "Signer"}
    told = {p.field: (p.line, p.told()) for p in found.questions}
    lines = found.markdown.decode().split("\n")
    for name in ("Number", "Issued", "Signer"):
        line, words = told[name]
        assert line and lines[line - 1].startswith(f"{name}: ") and f"ke-hoach.md:{line}" in words
    assert "/KH-UBND" in lines[told["Number"][0] - 1]  # type: ignore[operator]
    notice = answered(found, settings, tmp_path)
    assert notice.document and notice.document.number == "46/KH-UBND"


@pytest.mark.parametrize(
    "number, asked",
    [
        ("Số: 45/TB-UBND", ""), ("Số:  45 / TB-UBND", ""), ("Số 05/2026/NQ-HĐND", ""), ("Số: …/TB-UBND", "/TB-UBND"),
        ("Số: ...../TB-UBND", "/TB-UBND"), ("Số:      /2026/NQ-HĐND", "/2026/NQ-HĐND"), ("Số:", "/TB-UBND"),
    ],
)  # fmt: skip
def test_numbers_as_they_are_typed(number: str, asked: str) -> None:
    lines = [documents.NATION, documents.MOTTO, "UBND XÃ ĐỒNG MẪU", number]
    head, rest = letterhead.read([Paragraph([Span(line, True)], centred=True) for line in lines])
    whole = number.partition("Số")[2].replace(" ", "").lstrip(":")
    assert not rest and head.number == ("" if asked else whole)
    assert not asked or head.symbol in (asked, "")


@pytest.mark.parametrize(
    "text, day",
    [
        ("Đồng Mẫu, ngày 05 tháng 02 năm 2026", "2026-02-05"), ("ngày 5 tháng 2 năm 2026", "2026-02-05"),
        ("Đồng Mẫu, ngày 19/11/2026", "2026-11-19"), ("Đồng Mẫu, ngày    /11/2026", None),
        ("Đồng Mẫu, ngày    tháng 11 năm 2026", None), ("Đồng Mẫu, ngày … tháng … năm 20…", None),
        ("Đồng Mẫu, ngày 31 tháng 02 năm 2026", None), ("Đồng Mẫu, ngày 05 tháng 02 năm 26", None),
    ],
)  # fmt: skip
def test_a_day_is_whole_or_asked_for(text: str, day: str | None) -> None:
    lines = [documents.NATION, "Số: 1/TB-UBND", text]
    head, rest = letterhead.read([Paragraph([Span(line)]) for line in lines])
    assert not rest and (str(head.issued) if head.issued else None) == day and head.dated


def test_who_issues_is_bold_and_who_stands_above_is_not(made: Made) -> None:
    assert fields(made("a.docx", documents.invitation()))["Issuer"] == "TRẠM Y TẾ"
    unsure = [Paragraph([Span(t)]) for t in (documents.NATION, "ĐẢNG ỦY XÃ ĐỒNG MẪU", "VĂN PHÒNG", "Số: 2/TB-VP")]
    assert letterhead.read(list(unsure))[0].issuer == ""  # two bodies in one look: asked for


def test_the_head_stands_in_one_cell_and_the_abstract_behind_the_kind(
    made: Made, settings: Settings, tmp_path: Path
) -> None:
    lines = ["UBND XÃ ĐỒNG MẪU", "Số:08/TB-UBND"], [documents.NATION, documents.MOTTO, "Đồng Mẫu, ngày 5/12/2026"]
    cells = "".join(
        f"<w:tc><w:p><w:r>{'<w:br/>'.join(f'<w:t>{t}</w:t>' for t in cell)}</w:r></w:p></w:tc>" for cell in lines
    )
    title = "<w:p><w:r><w:t>THÔNG BÁO Về việc lấy ý kiến quy ước thôn 3</w:t></w:r></w:p>"
    text = "<w:p><w:r><w:t>\uf0b7 Mời nhân dân góp ý.</w:t></w:r></w:p>"
    found = made("góp ý.docx", documents.bare(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>{title}{text}"))
    notice = answered(found, settings, tmp_path)
    assert notice.title == "Thông báo về việc lấy ý kiến quy ước thôn 3" and "lay-y-kien" in fields(found)["Kind"]
    assert notice.document and notice.document.number == "08/TB-UBND" and str(notice.document.issued) == "2026-12-05"
    assert notice.body.strip() == "- Mời nhân dân góp ý."


def test_a_head_with_a_picture_and_the_kind_inside_its_table(made: Made, settings: Settings, tmp_path: Path) -> None:
    """The picture stays, since nobody knows what it shows; the kind is found where it stands."""
    found = made("mời.docx", documents.framed(picture("PNG")))
    notice = answered(found, settings, tmp_path)
    assert notice.title == "Giấy mời dự họp tổng kết" and notice.document and notice.document.number == "3/GM-UBND"
    assert [f.name for f in notice.files] == ["moi-hinh-1.png"] and "Kính gửi: Các ông, bà" in notice.body


def test_the_strict_form_of_the_format_is_read_too(made: Made) -> None:
    """Word can save with the namespaces of ISO 29500 Strict."""
    strict = {
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }

    def change(part: bytes) -> bytes:
        for old, new in strict.items():
            part = part.replace(old, new)
        return part

    data = documents.plan()
    for part in (
        "_rels/.rels",
        "word/document.xml",
        "word/_rels/document.xml.rels",
        "word/numbering.xml",
        "word/styles.xml",
    ):
        data = documents.changed(data, part, change)
    assert made("plan.docx", data).markdown.decode() == (GOLDEN / "plan.md").read_text("utf-8")


def test_what_only_word_draws_is_told(made: Made) -> None:
    chart = '<w:p><w:r><w:drawing><c:chart xmlns:c="urn:c"/></w:drawing></w:r></w:p><w:altChunk/>'
    found = made("biểu đồ.docx", documents.bare(f"<w:p><w:r><w:t>Số liệu</w:t></w:r></w:p>{chart}"))
    assert codes(found) == ["word-elsewhere"] and "2 biểu đồ" in found.warnings[0].told()


def test_a_letter_has_its_abstract_below_the_number(made: Made, settings: Settings, tmp_path: Path) -> None:
    notice = answered(made("Công văn rét.docx", documents.letter()), settings, tmp_path)
    assert notice.title == "Về việc phòng, chống rét cho cây trồng, vật nuôi"
    assert notice.document and notice.document.signer and notice.document.signer.authority == "TL. CHỦ TỊCH"


def test_merged_cells_are_laid_out_and_told(made: Made, settings: Settings, tmp_path: Path) -> None:
    found = made("lịch tiêm.docx", documents.vaccination())
    assert codes(found) == ["word-table-inside", "word-merged"]
    rows = [line for line in body(found).split("\n") if line.startswith("|")]
    assert rows[0] == "| Thôn | Buổi sáng – Từ | Buổi sáng – Đến | Ghi chú |"
    assert rows[3] == "| Thôn 1 | 09:00 | 10:30 | Điểm tiêm; Nhà văn hóa |"  # the hamlet again: rows are read alone
    assert rows[5] == "| Nghỉ lễ |  |  |  |"
    table = next(p for p in parts(answered(found, settings, tmp_path).body) if isinstance(p, Slides))
    assert len(table.rows) == 4 and {len(row) for row in table.rows} == {4}


def test_letters_of_old_fonts_become_unicode_by_their_font(made: Made) -> None:
    found = made("cũ.docx", documents.old_fonts())
    assert fields(found)["Title"] == "Thông báo về việc tạm ngừng cung cấp điện"
    assert "Đề nghị nhân dân chủ động sắp xếp sản xuất và sinh hoạt." in body(found)
    assert "Thông báo về việc họp thôn, địa điểm: nhà văn hoá thôn 3. Thứ Bảy, xã Đồng Mẫu." in body(found)
    assert "phông mới, chữ mới" in body(found)
    assert codes(found) == ["word-converted", "word-converted"]


def test_old_letters_in_a_new_font_are_refused(made: Made) -> None:
    """Nothing says which encoding it is but the letters: a person converts it."""
    text = "<w:p><w:r><w:t>Thoâng baùo veà vieäc hoïp thoân</w:t></w:r></w:p>"
    with pytest.raises(BadInput) as refused:
        made("lạ.docx", documents.bare(text))
    assert refused.value.problems[0].code == "word-letters" and "UniKey" in refused.value.told()


def test_a_file_that_went_through_many_hands(made: Made) -> None:
    found = made("nhiều tay.docx", documents.busy())
    text = found.markdown.decode()
    assert "Họp thôn lúc 20 giờ ngày 05/12/2026." in text and "Nhà văn hóa thôn 3" in text
    assert "Ngày trong trường 05/12" in text  # a field's words are words
    for gone in ("19 giờ", "MẬT KHẨU", "hỏi lại trưởng thôn", "Người xem", "Không đi được"):
        assert gone not in text
    told = {p.code: p.told() for p in found.warnings}
    assert set(told) == {"word-changes", "word-comments", "word-hidden", "word-struck", "word-box", "word-edge"}
    assert "Nhà văn hóa thôn 3" in told["word-box"] and "DỰ THẢO lần 2" in told["word-edge"]
    assert all(p.severity == "warning" and p.file == "nhiều tay.docx" for p in found.warnings)


def test_notes_links_and_words_of_mathematics(made: Made) -> None:
    """A note's number and words both stay; a link that runs something does not lead anywhere."""
    found = made("ghi chú.docx", documents.noted())
    assert "Mức thu \\[1\\] là 5.000 m²." in body(found) and "\\[1\\] Theo Nghị quyết số 02." in body(found)
    assert "[Cổng Dịch vụ công](https://dichvucong.gov.vn/)" in body(found)
    assert "bấm vào đây" in body(found) and "javascript" not in body(found)


def test_pictures_lie_beside_the_draft_and_ask_for_words(made: Made, settings: Settings, tmp_path: Path) -> None:
    jpeg, bmp = picture("JPEG"), picture("BMP")
    found = made("Thôn 6 làm đường.docx", documents.illustrated(jpeg))
    assert found.files == {"thon-6-lam-duong-hinh-1.jpg": jpeg}
    assert any(p.field is None and "hình này cho thấy gì" in p.told() for p in found.questions)
    notice = answered(found, settings, tmp_path)
    assert [f.name for f in notice.files] == ["thon-6-lam-duong-hinh-1.jpg"]
    assert notice.title == "Thôn 6 hiến đất làm đường" and notice.document is None
    described = made("b.docx", documents.illustrated(jpeg, "Bà con thôn 6 san đường"))
    assert "![Bà con thôn 6 san đường](b-hinh-1.jpg)" in body(described)
    odd = made("c.docx", documents.illustrated(bmp))
    assert not odd.files and codes(odd) == ["word-picture-kind"]


def test_a_picture_where_one_signs_stays_in_the_office(made: Made) -> None:
    found = made("dấu.docx", documents.sealed(picture("PNG")))
    assert not found.files and codes(found) == ["word-seal"]
    assert fields(found)["Signer"] == "Đặng Thị Minh Hà | CHỦ TỊCH | TM. ỦY BAN NHÂN DÂN"


def test_the_table_of_tcvn3_is_the_standards() -> None:
    """glibc has TCVN 5712:1993 too."""
    command = ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"]
    letters = oldletters.TCVN3_LETTERS.encode("latin-1")
    found = subprocess.run(command, input=letters, capture_output=True, check=True).stdout.decode()
    assert unicodedata.normalize("NFC", found) == oldletters.unicode_of(oldletters.TCVN3_LETTERS, ".VnTime")


def test_vni_letters_one_by_one() -> None:
    vni = "aø aù aû aõ aï aâ aà aá aå aã aä aê aè aé aú aü aë ñ eø eâ eä ì í æ ó ò oâ oä ô ôï ö öï uï yø î Ñ AÂ ÔØ ÖÔ"
    new = "à á ả ã ạ â ầ ấ ẩ ẫ ậ ă ằ ắ ẳ ẵ ặ đ è ê ệ ì í ỉ ĩ ị ô ộ ơ ợ ư ự ụ ỳ ỵ Đ Â Ờ ƯƠ"
    assert oldletters.unicode_of(vni, "VNI-Times") == new
    with pytest.raises(oldletters.UnsureError):
        oldletters.unicode_of("xÿ", "VNI-Times")


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 40), 60).convert("RGB").save(out, kind)
    return out.getvalue()
