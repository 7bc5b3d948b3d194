"""What `bangtin check` reminds an officer of: each hint with what it finds and what it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage import settings
from signage.errors import sentence
from signage.lettering import nfc
from signage.notice import Places, read_file
from signage.notice.hints import MOST, hints
from signage.notice.privacy import digits

ROOT = Path(__file__).parents[2]
OWN = ("0299 000 0000", "0912 345 678")
HEAD = "Title: Mời họp thôn 3\nDate: 2026-11-20 09:00\nKind: tin\nSummary: Mời đại diện các hộ dự họp.\n"
FIRST = HEAD.count("\n") + 2  # line of the body's first line


def codes(body: str, head: str = HEAD) -> list[str]:
    return [p.code for p in hints(nfc(f"{head}\n{body}\n"), "tin/a.md", OWN)]


FOUND = {
    "hint-id-number": [
        "Ông A, số 001085012345.", "CCCD: 079 185 012 345", "Căn cước công dân số 0790.8501.2345",
        "CMND số 171234567 cấp tại Mẫu Giang", "Hộ chiếu B1234567", "Số định danh cá nhân: 999085012345",
    ],
    "hint-phone": [
        "Gọi anh Bình 0983 123 456.", "ĐT: 0383123456", "+84 77 123 45 67", "[Gọi](tel:0563123456)", "SĐT 0812.345.679",
    ],
    "hint-birth": [
        "Bà B, sinh ngày 12/3/1985, trú tại thôn 3.", "Ngày sinh: 01-02-1990", "Sinh ngày 5 tháng 4 năm 1979",
        "Ông Nguyễn Văn An, sinh năm 1985, trú tại thôn 3", "NGUYỄN VĂN AN (SN 1985)",
        "| STT | Họ và tên | Năm sinh | Thôn |\n|---|---|---|---|\n| 1 | A | 1985 | 3 |",
    ],
    "hint-link-words": [
        "Mẫu đơn [tại đây](a.pdf).", "[Xem thêm »](https://a.example)", "[**Tải về**](a.docx)",
        "[xin bấm vào đây](a.pdf)", "[click here](a.pdf)", "[](a.pdf)", "[Chi tiết](a.pdf)",
    ],
    "hint-address": [
        "Nộp tại https://dichvucong.gov.vn nhé.", "[https://a.example](https://a.example)", "Xem www.mau.example.",
        "<https://a.example/b>",
    ],
    "hint-picture-words": [
        "![](a.png)", "![IMG_2034](a.jpg)", "![Ảnh 1](a.jpg)", "![so-do.png](so-do.png)", "![hình ảnh](a.webp)",
    ],
    "hint-heading": ["### A\n\nx\n\n## B\n\ny", "## A\n\nx\n\n#### B\n\ny", "# A\n\n### B\n\ny"],
    "hint-bold": ["**Thời gian, địa điểm**\n\nTừ 08:00.", "Chữ.\n\n**1. Đối tượng:**\n\n- Trẻ em"],
    "hint-capitals": [
        "ĐỀ NGHỊ TOÀN THỂ NHÂN DÂN TRONG XÃ NGHIÊM TÚC THỰC HIỆN.",
        "Vậy. CẤM MỌI XE QUA ĐƯỜNG LIÊN THÔN 2 VÀ 6 TRONG MÙA LŨ",
    ],
    "hint-spaces": ["Từ 08:00\u00a0ngày 21/11", "Đề nghị  nhân dân", "Mang theo\tsổ", "nhân\u200bdân"],
    "hint-list": ["• Mang theo sổ", "▪ Mang theo sổ", "– Mang theo sổ\n– Đến đúng giờ"],
    "hint-gap": [
        "Mang theo:\n- Sổ tiêm chủng\n- Thẻ bảo hiểm", "Gồm\n1. Đơn",
        "Lịch như sau:\n| Ngày | Giờ |\n|---|---|\n| 1 | 2 |",
    ],
}  # fmt: skip
ALONE = [
    "Gọi 0299 000 0000, 0912 345 678 hoặc +84 912 345 678.", "Công an 113, cứu hỏa 114, Tổng đài 1900 0000.",
    "Giá khởi điểm 209.400.000.000 đồng; 49.600.000 đồng.", "Mã số thuế 0312345678, tài khoản 0912345679 tại kho bạc.",
    "Số hiệu 123456789.", "Biên lai số 001234567890.",
    "Điện thoại 0299 000 0001 0299 000 0002.", "Từ 22:00 ngày 25/11/2026 đến 04:00.",
    "Công dân nam sinh năm 2008 đến 2001; trẻ sinh từ ngày 01/01/2020.", "Thanh niên xã Đồng Mẫu sinh năm 2008.",
    "Kỷ niệm ngày sinh Chủ tịch Hồ Chí Minh (19/5/1890 – 19/5/2026).", "Mở năm học 2026; sinh viên năm 2026.",
    "[Mẫu đơn đăng ký](a.docx) và [dongmau.example](https://dongmau.example).",
    "Thư: <ubnd@dongmau.example>", "![Sơ đồ đoạn cấm đường qua thôn 4](a.png)", "## A\n\nx\n\n### B\n\ny\n\n## C\n\nz",
    "# A\n\nx\n\n## B\n\ny", "### Thời gian\n\nChữ.",
    "**Từ 05:00 đến 17:00 ngày 24/11.**\n\nĐề nghị chú ý.", "**ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU**\n\n- Điện thoại",
    "Chủ tịch UBND, HĐND, MTTQ, BCH, CSGT, PCCC và BHXH cùng dự.", "| A  | B   |\n|----|-----|\n| 1  | 2   |",
    "-  Hai dấu cách sau gạch\n-  vẫn là danh sách", "Dòng một  \nDòng hai", "– Tôi chỉ làm việc phải làm, anh nói.",
    "- a\n- b\ntiếp theo\n- c", "1. a\n   tiếp\n2. b", "## Lưu ý\n- a", "```\nhttps://a.example  0983 123 456\n```",
    "Nhiệt độ 13 - 15 độ, cấp III – IV.",
]  # fmt: skip


@pytest.mark.parametrize(("code", "body"), [(code, body) for code, bodies in FOUND.items() for body in bodies])
def test_a_hint_finds_it_and_nothing_else_does(code: str, body: str) -> None:
    assert set(codes(body)) == {code}


@pytest.mark.parametrize("body", ALONE)
def test_what_is_right_is_left_alone(body: str) -> None:
    assert codes(body) == []


def test_a_hint_says_where_and_what_to_type() -> None:
    (hint,) = hints(f"{HEAD}\nĐoạn một.\n\nGọi 0983 123 456 và 0983.123.456.\n", "tin/a.md")
    assert (hint.severity, hint.file, hint.line, hint.field) == ("warning", "tin/a.md", FIRST + 2, None)
    assert "0983 123 456" in hint.told() and "phones" in hint.told() and "{" not in hint.told()
    (hint,) = hints(HEAD.replace("dự họp.", "dự họp, hỏi 0983 123 456.") + "\nChữ.\n", "tin/a.md")
    assert (hint.line, hint.field) == (4, "Summary")


@pytest.mark.parametrize("code", FOUND)
def test_every_hint_is_a_whole_sentence(code: str) -> None:
    for hint in hints(f"{HEAD}\n{FOUND[code][0]}\n", "a.md"):
        for lang in ("vi", "en"):
            assert "{" not in hint.told(lang) and hint.as_json(lang)["remedy"]  # type: ignore[arg-type]


def test_titles_slogans_and_emergencies() -> None:
    assert codes("Chữ.", HEAD.replace("Mời họp thôn 3", "THÔNG BÁO VỀ VIỆC HỌP")) == ["hint-capitals"]
    loud = "**THI ĐUA YÊU NƯỚC LÀ YÊU NƯỚC PHẢI THI ĐUA HẰNG NGÀY**\n\nHồ Chí Minh"
    assert codes(loud, HEAD.replace("Kind: tin", "Kind: khau-hieu")) == []
    assert codes("SƠ TÁN NGAY ĐẾN NHÀ VĂN HÓA THÔN BA TRƯỚC MƯỜI GIỜ", HEAD + "Class: khan-cap\n") == []


def test_a_number_may_be_kept_on_purpose() -> None:
    text = f"{HEAD}\nCông an xã: 0983 123 456.\n"
    assert hints(text, "a.md") and not hints(text, "a.md", ["+84 983.123.456"])
    assert digits("84 983 123 456") == digits("0983123456") and digits("0299 000 0000") == "02990000000"


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Th«ng b¸o vÒ viÖc ngõng cung cÊp ®iÖn t¹i th«n", "TCVN3"),
        ("Thoâng baùo veà vieäc ngöøng cung caáp ñieän", "VNI"),
    ],
)
def test_old_encodings_are_refused(tmp_path: Path, words: str, encoding: str) -> None:
    (tmp_path / "a.md").write_text(f"{HEAD}\n{words}\n", "utf-8")
    notice, found = read_file(tmp_path / "a.md", tmp_path, Places(*[frozenset[str]()] * 3))
    assert notice is None
    assert [(p.line, p.values["encoding"]) for p in found if p.code == "legacy-encoding"] == [(FIRST, encoding)]


def test_the_sample_commune_is_reminded_of_nothing() -> None:
    commune = settings.load(ROOT).commune
    own = (commune.phone, *commune.phones)
    files = sorted((ROOT / "content").rglob("*.md"))
    assert len(files) > 50
    assert [p.told() for f in files for p in hints(nfc(f.read_text("utf-8")), f.name, own)] == []


SIGNS = st.sampled_from(
    ["[", "](", ")", "![", "|", "\n", " ", "  ", "#", "**", "•", "–", "-", "sinh năm", "0", "9", "CCCD"]
)


@given(st.one_of(st.text(), st.lists(SIGNS, max_size=60).map("".join)), st.booleans())
def test_no_hint_ever_fails(words: str, whole: bool) -> None:
    text = nfc(words if whole else f"{HEAD}\n{words}")
    found = hints(text, "a.md", OWN)
    assert len(found) <= MOST and all(p.severity == "warning" and sentence(p.code) for p in found)
    assert all(p.line and 1 <= p.line <= text.count("\n") + 1 for p in found)


PLAIN = re.findall(r"\w+", "Đề nghị các hộ dân thôn ba chủ động tích nước sinh hoạt trước giờ cắt điện")


@given(st.lists(st.sampled_from(PLAIN), min_size=1))
def test_plain_words_give_none(words: list[str]) -> None:
    assert codes(" ".join(words) + ".") == []
