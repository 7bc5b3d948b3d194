"""What an officer can get wrong, and what the digest promises."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.errors import Problem
from signage.notice import Places, SourceFile, canonical_text, digest, parse, read_all

PLACES = Places(frozenset({"cong-xa", "nha-van-hoa-3"}), frozenset({"ngoai-troi"}), frozenset({"thon-1", "thon-3"}))
GOOD = """Title: Ngừng cung cấp điện thôn 3
Date: 2026-11-20 09:00
Kind: cat-dien
Category: an-sinh
Hamlets: thon-3
Boards: group:ngoai-troi, board:nha-van-hoa-3
Start: 2026-11-21 05:00
End: 2026-11-22 17:00
Number: 45/TB-UBND
Issuer: UBND xã Thử Nghiệm
Signer: Nguyễn Văn An | PHÓ CHỦ TỊCH | KT. CHỦ TỊCH
Recipients: Các thôn; Lưu: VT
Facts: Thời gian = 05:00–17:00 ngày 22/11; Phạm vi = thôn 3
Summary: Sửa đường dây.

Đề nghị nhân dân **chú ý**.
"""


def write(folder: Path, text: str | bytes, name: str = "tin/a.md") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def problems(folder: Path) -> list[Problem]:
    return read_all(folder, PLACES).problems


def test_a_good_notice_is_read_whole(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    reading = read_all(tmp_path, PLACES)
    assert not reading.problems
    notice = reading.notices["tin/a"]
    assert notice.document and notice.document.signer and notice.document.signer.authority == "KT. CHỦ TỊCH"
    assert notice.document.recipients == ("Các thôn", "Lưu: VT")
    assert notice.facts[1] == ("Phạm vi", "thôn 3")
    assert notice.url == "tin/a.html"
    assert notice.start.isoformat() == "2026-11-21T05:00:00+07:00"
    assert notice.shown_on("x", ("ngoai-troi",)) and not notice.shown_on("x", ())


WRONG = {
    "title": ("Title: Ngừng", "Titel: Ngừng", {"field-unknown", "field-missing"}),
    "no kind": ("Kind: cat-dien\n", "", {"field-missing"}),
    "bad kind": ("Kind: cat-dien", "Kind: cat-diem", {"choice-bad"}),
    "board": ("board:nha-van-hoa-3", "board:nha-van-hoa-4", {"board-unknown"}),
    "all and one": ("Boards: group:ngoai-troi", "Boards: all", {"boards-mixed"}),
    "hamlet": ("Hamlets: thon-3", "Hamlets: thon-9", {"hamlet-unknown"}),
    "end before start": ("End: 2026-11-22", "End: 2026-11-20", {"end-before-start"}),
    "no date": ("Start: 2026-11-21 05:00", "Start: 21/11/2026 5h", {"time-bad"}),
    "a year beyond": ("Start: 2026-11-21 05:00", "Start: 9999-12-02 05:00", {"time-bad"}),
    "impossible date": ("End: 2026-11-22", "End: 2026-02-30", {"time-bad"}),
    "emergency without end": ("End: 2026-11-22 17:00", "Class: khan-cap\nLevel: 3\nSource: Đài\n"
                              "Bulletin-Time: 2026-11-21 04:00", {"emergency-end-missing"}),
    "emergency without source": ("Start:", "Class: khan-cap\nStart:", {"emergency-long", "field-missing"}),
    "status": ("Start:", "Status: published\nStart:", {"field-forbidden"}),
    "template": ("Start:", "Template: x\nStart:", {"field-forbidden"}),
    "twice": ("Start:", "Title: hai\nStart:", {"field-twice"}),
    "not a field": ("Start:", "cái này không phải\nStart:", {"header-line"}),
    "number": ("45/TB-UBND", "bốn lăm", {"document-number"}),
    "facts": ("Phạm vi = thôn 3", "Phạm vi thôn 3", {"facts-bad"}),
    "hours": ("Start:", "Hours: 5h-21h\nStart:", {"hours-bad"}),
    "days": ("Start:", "Days: T8\nStart:", {"days-bad"}),
    "html": ("**chú ý**", "<script>alert(1)</script>", {"raw-html"}),
    "empty": ("Đề nghị nhân dân **chú ý**.\n", "", {"body-empty"}),
    "no picture": ("**chú ý**", "![bản đồ](ban-do.png)", {"file-missing"}),
    "picture outside": ("**chú ý**", "![bản đồ](../ban-do.png)", {"file-outside"}),
    "picture of a name that no disk takes": ("**chú ý**", f"![bản đồ]({'9' * 300}.png)", {"file-outside"}),
    "no attachment": ("Start:", "Attachments: 45-TB-UBND.pdf\nStart:", {"file-missing"}),
    "TCVN3": ("**chú ý**", "Th«ng b¸o vÒ viÖc c¾t ®iÖn", {"legacy-encoding"}),
    "VNI": ("**chú ý**", "Thoâng baùo veà vieäc caét ñieän", {"legacy-encoding"}),
    "bidi": ("**chú ý**", "chú \u202eý", {"control-character"}),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_has_its_code(case: str, tmp_path: Path) -> None:
    old, new, codes = WRONG[case]
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new))
    reading = read_all(tmp_path, PLACES)
    assert {p.code for p in reading.problems} == codes
    assert not reading.notices
    for problem in reading.problems:
        assert problem.told("vi") != problem.told("en") and "{" not in problem.told("vi")


def test_a_line_is_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("board:nha-van-hoa-3", "board:nha-van-hoa-4"))
    (problem,) = problems(tmp_path)
    assert (problem.file, problem.line, problem.field) == ("tin/a.md", 6, "Boards")
    assert "board:nha-van-hoa-3" in problem.told("vi")


@pytest.mark.parametrize(
    ("old", "new", "said", "unsaid"),
    [
        ("Kind: cat-dien", "Kind: trau-bo", "tiep-dan, cat-dien", "Viết: trang"),
        ("Kind: cat-dien", "Kind: Cắt điện", "Viết: cat-dien", "tiep-dan"),
        ("board:nha-van-hoa-3", "board:nha-van-hoa-4", "tên: board:nha-van-hoa-3, all", "Có phải"),
        ("board:nha-van-hoa-3", "toàn xã", "tên: all, none, ", "Có phải"),
        ("Start:", "Attachments: don.pdf\nStart:", "Chép tệp vào cùng thư mục", "Viết đúng"),
    ],
)
def test_nothing_is_proposed_that_was_hardly_meant(tmp_path: Path, old: str, new: str, said: str, unsaid: str) -> None:
    write(tmp_path, GOOD.replace(old, new))
    (problem,) = problems(tmp_path)
    assert said in problem.told("vi") and unsaid not in problem.told("vi")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, GOOD.encode("utf-16"), "tin/a.md")
    write(tmp_path, GOOD.replace("Ngừng", "Ng\x00ừng"), "tin/b.md")
    write(tmp_path, "x" * 300_000, "tin/c.md")
    write(tmp_path, GOOD, "tin/Cắt điện.md")
    assert sorted(p.code for p in problems(tmp_path)) == ["control-character", "file-large", "file-name", "not-utf8"]


def test_a_picture_must_be_one(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("Start:", "Image: anh.png | một ảnh\nStart:"))
    write(tmp_path, b"MZ this is no picture", "tin/anh.png")
    assert [p.code for p in problems(tmp_path)] == ["not-a-picture"]


def test_two_notices_with_one_slug(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "tin/a.md")
    write(tmp_path, GOOD, "van-ban/a.md")
    (problem,) = problems(tmp_path)
    assert problem.code == "slug-twice" and problem.file == "van-ban/a.md"


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    for i, case in enumerate(WRONG):
        old, new, _ = WRONG[case]
        write(tmp_path, GOOD.replace(old, new), f"tin/n{i}.md")
    assert {p.file for p in problems(tmp_path)} == {f"tin/n{i}.md" for i in range(len(WRONG))}


def test_line_ends_and_field_order_do_not_matter_but_a_letter_does(tmp_path: Path) -> None:
    head, body = GOOD.split("\n\n", 1)
    turned = "\r\n".join(reversed(head.split("\n"))) + "\r\n\r\n" + body.replace("\n", "  \r\n") + "\r\n\r\n"
    variants = {"a": GOOD, "b": turned, "c": unicodedata.normalize("NFD", GOOD), "d": "\ufeff" + GOOD,
                "e": GOOD.replace("chú ý", "chú y")}  # fmt: skip
    found = {}
    for name, text in variants.items():
        folder = tmp_path / name
        write(folder, text)
        found[name] = read_all(folder, PLACES).notices["tin/a"].digest
        shutil.rmtree(folder)
    assert found["a"] == found["b"] == found["c"] == found["d"] != found["e"]


def test_a_changed_attachment_changes_the_digest(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("Start:", "Attachments: a.pdf\nStart:"))
    write(tmp_path, b"%PDF-1", "tin/a.pdf")
    before = read_all(tmp_path, PLACES).notices["tin/a"].digest
    write(tmp_path, b"%PDF-2", "tin/a.pdf")
    assert read_all(tmp_path, PLACES).notices["tin/a"].digest != before


def test_the_canonical_text_reads_back_as_the_same_notice(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    notice = read_all(tmp_path, PLACES).notices["tin/a"]
    assert parse(notice.id, notice.text, notice.files) == notice
    with pytest.raises(ValueError, match="canonical"):
        parse(notice.id, GOOD.encode(), ())


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_a_traceback(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), text.encode("utf-8", "surrogatepass"))
        reading = read_all(Path(folder), PLACES)
        assert reading.problems or reading.notices
        assert all(p.told() and p.told("en") for p in reading.problems)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=30), max_size=5),
       st.text(max_size=100))  # fmt: skip
def test_the_digest_is_of_the_canonical_form_alone(fields: dict[str, str], body: str) -> None:
    text = canonical_text(fields, body)
    assert text == canonical_text(dict(reversed(list(fields.items()))), body)
    assert text.decode() == unicodedata.normalize("NFC", text.decode())
    files = [SourceFile("b.png", "0" * 64, 1), SourceFile("a.pdf", "1" * 64, 1)]
    assert digest(text, files) == digest(text, reversed(files)) != digest(text, files[:1])


SAID = {
    "": ("", ""),
    "hours": ("Hours: 5:00-21:00", "05:00–21:00"),
    "days": ("Days: T2-T6", "T2–T6"),
    "two days": ("Days: T7, CN", "T7, CN"),
    "days apart": ("Days: T2, T4-T6", "T2, T4–T6"),
    "each year": ("Yearly: 25/8-5/9", "hằng năm 25/08–05/09"),
    "a lunar day": ("Yearly: âm 10/3", "hằng năm 10/03 âm lịch"),
    "holidays": ("Hours: 07:30-17:00\nHolidays: no", "07:30–17:00; trừ ngày nghỉ lễ"),
}


@pytest.mark.parametrize("case", SAID)
def test_when_it_is_shown_is_said(tmp_path: Path, case: str) -> None:
    written, said = SAID[case]
    end = "End: 2030-01-01 00:00\n" if "Yearly" in written else ""
    text = GOOD.replace("End: 2026-11-22 17:00\n", end or "End: 2026-11-22 17:00\n")
    write(tmp_path, text.replace("Number:", f"{written}\nNumber:" if written else "Number:"))
    reading = read_all(tmp_path, PLACES)
    assert not reading.problems and reading.notices["tin/a"].shown_when == said


ODD = {
    "no such day": ("Yearly: 30/02-05/03", {"yearly-bad"}),
    "no such lunar day": ("Yearly: âm 31/01", {"yearly-bad"}),
    "words": ("Yearly: Tết", {"yearly-bad"}),
    "never within its time": ("Yearly: 25/08-05/09", {"yearly-never"}),
    "evergreen": ("Yearly: 20/11-30/11\nEvergreen: yes", {"yearly-evergreen"}),
    "a level without an emergency": ("Level: 3", {"field-idle"}),
    "a drill without an emergency": ("Drill: yes", {"field-idle"}),
    "a template that is no emergency": ("Prepared: yes", {"prepared-class"}),
    "a holiday that is neither": ("Holidays: maybe", {"choice-bad"}),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_told(tmp_path: Path, case: str) -> None:
    written, codes = ODD[case]
    write(tmp_path, GOOD.replace("Number:", f"{written}\nNumber:"))
    assert {p.code for p in problems(tmp_path)} == codes


@pytest.mark.parametrize("field", ["Signer: A | B", "Recipients: C", "Issued: 2026-11-20", "Effective: 2026-11-20"])
def test_what_does_nothing_without_a_number_is_told_and_stops_nothing(tmp_path: Path, field: str) -> None:
    bare = "\n".join(line for line in GOOD.split("\n") if not line.startswith(("Number", "Signer", "Recipients")))
    write(tmp_path, bare.replace("Facts:", f"{field}\nFacts:"))
    reading = read_all(tmp_path, PLACES)
    (problem,) = reading.problems
    assert (problem.code, problem.severity, problem.values["needs"]) == ("field-idle", "warning", "Number")
    assert reading.notices["tin/a"].issuer == "UBND xã Thử Nghiệm", "an issuer needs no number"


URGENT = """Title: Khi có lũ
Date: 2026-11-20 09:00
Kind: thien-tai
Class: khan-cap
Category: thien-tai-dich-benh
{more}Summary: Lên chỗ cao.

Lên chỗ cao.
"""
TEMPLATES = {
    "good": ("Prepared: yes\n", set()),
    "two years": ("Prepared: yes\nEnd: 2028-11-20 09:00\n", set()),
    "longer": ("Prepared: yes\nEnd: 2028-11-23 09:00\n", {"prepared-long"}),
    "with a level": ("Prepared: yes\nLevel: 3\n", {"field-idle"}),
    "with a template of its own": ("Prepared: yes\nPrepared-As: a/b\n", {"field-idle"}),
    "with hours": ("Prepared: yes\nHours: 05:00-21:00\n", {"field-idle"}),
    "no template, no emergency": ("", {"emergency-end-missing", "field-missing"}),
    "names nonsense": (
        "End: 2026-11-20 19:00\nLevel: 3\nSource: x\nBulletin-Time: 2026-11-20\nPrepared-As: A B\n",
        {"prepared-unknown"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TEMPLATES)
def test_templates(tmp_path: Path, case: str) -> None:
    more, codes = TEMPLATES[case]
    write(tmp_path, URGENT.format(more=more))
    reading = read_all(tmp_path, PLACES)
    assert {p.code for p in reading.problems} == codes
    if not reading.errors:
        notice = reading.notices["tin/a"]
        assert notice.prepared and notice.alert is None and not notice.is_emergency
        assert (notice.end - notice.start).days in (731, 732)
