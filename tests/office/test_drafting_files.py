"""PDFs, old Word files and posters get a skeleton; the verb lays drafts into a folder; limits hold."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from signage.__main__ import main
from signage.errors import BadInput, Unavailable
from signage.office.drafting import apart, skeleton
from signage.office.drafting.package import NotWordError
from signage.settings import Settings
from tests.office import documents
from tests.office.test_drafting import ALWAYS, Made, answered, body, codes, fields

A4 = (595.276, 841.89)  # points


def pdf(*, signed: bool = False, password: str = "", script: bool = False) -> bytes:
    made = pypdf.PdfWriter()
    for _ in range(3):
        made.add_blank_page(*A4)
    if signed:
        value = DictionaryObject(
            {NameObject("/Type"): NameObject("/Sig"), NameObject("/Contents"): TextStringObject("x")}
        )
        field = DictionaryObject({NameObject("/FT"): NameObject("/Sig"), NameObject("/T"): TextStringObject("Ký")})
        field[NameObject("/V")] = value
        fields = pypdf.generic.ArrayObject([made._add_object(field)])
        made._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    if password:
        made.encrypt(password)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue() + b"% /JavaScript\n" * script


def test_a_scan_is_attached_to_a_notice_that_is_still_to_be_written(
    made: Made, settings: Settings, tmp_path: Path
) -> None:
    data = pdf()
    found = made("45 TB-UBND (bản quét).pdf", data)
    assert found.files == {"45-tb-ubnd-ban-quet.pdf": data}
    assert fields(found)["Attachments"] == "45-tb-ubnd-ban-quet.pdf"
    assert {p.field for p in found.questions} == ALWAYS | {"Title", None}
    assert "45 TB UBND bản quét" in fields(found)["Title"] and fields(found)["Title"].startswith("[điền:")
    told = {p.code: p.told() for p in found.warnings}
    assert "3 trang, khổ 210 × 297 mm" in told["pdf-told"] and "không kiểm tra" in told["pdf-unsigned"]
    assert answered(found, settings, tmp_path).attachments == ("45-tb-ubnd-ban-quet.pdf",)


def test_a_signed_pdf_says_that_nobody_verified_it(made: Made) -> None:
    found = made("ky-so.pdf", pdf(signed=True))
    assert "không kiểm tra" in {p.code: p.told() for p in found.warnings}["pdf-signed"]


def test_a_pdf_that_citizens_cannot_open_or_that_runs_something_is_told(made: Made) -> None:
    assert "pdf-locked" in codes(made("khoa.pdf", pdf(password="bí mật")))
    assert "attachment-script" in codes(made("lenh.pdf", pdf(script=True)))


def test_an_old_word_file_is_asked_for_in_another_form(made: Made) -> None:
    found = made("Cũ.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert not found.files and codes(found) == ["word-old"]
    assert "lưu thành PDF" in fields(found)["Attachments"] and any(p.field == "Attachments" for p in found.questions)


def test_a_poster_becomes_the_picture_of_a_notice(made: Made, settings: Settings, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), "#c00").save(out, "PNG")
    found = made("Áp phích Tết.png", out.getvalue())
    assert fields(found)["Image"].startswith("ap-phich-tet.png | [điền:")
    assert "600 × 800" in found.warnings[0].told()
    notice = answered(found, settings, tmp_path)
    assert notice.image is not None and notice.image.name == "ap-phich-tet.png"


@pytest.mark.parametrize(
    "name, data, code",
    [
        ("a.txt", b"x", "draft-type"), ("khoa.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 99, "word-locked"),
        ("hong.docx", b"PK\3\4 rubbish", "word-damaged"), ("rong.docx", documents.bare("<w:p/>"), "word-empty"),
        ("hong.pdf", b"%PDF-1.7 rubbish", "pdf-damaged"), ("khong.pdf", b"hello", "pdf-damaged"),
        ("hong.jpg", b"\xff\xd8\xff\xe0", "not-a-picture"), ("hong.odt", b"PK", "attachment-other"),
    ],
)  # fmt: skip
def test_what_makes_no_draft_says_what_to_do(made: Made, name: str, data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        made(name, data)
    problem = refused.value.problems[0]
    assert problem.code == code and problem.file == name and "→" in problem.told()


def test_one_that_takes_too_long_is_given_up(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MAX_SECONDS", 0.01)
    with pytest.raises(BadInput) as refused:
        made("a.docx", documents.bare("<w:p/>"))
    assert refused.value.problems[0].code == "word-heavy"


def test_the_other_process_has_an_end_to_its_memory(tmp_path: Path) -> None:
    """It dies, not the office: a limit of its own, and the answer says which."""
    code = "import signage.office.drafting.apart as a; a.MAX_MEMORY = 20 << 20; a.main('word')"
    with pytest.MonkeyPatch.context() as patched:
        real = apart.subprocess.run
        run = lambda command, **more: real([command[0], "-P", "-c", code], **more)  # noqa: E731
        patched.setattr(apart.subprocess, "run", run)
        with pytest.raises(NotWordError) as refused:
            apart.answer("word", documents.bare("<w:p/>" * 5000))
    assert refused.value.code == "word-heavy"


def test_without_its_library_the_verb_says_what_to_install(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    real = apart.subprocess.run
    code = "import sys; sys.modules['mammoth'] = None; import signage.office.drafting.apart as a; a.main('word')"
    run = lambda command, **more: real([command[0], "-P", "-c", code], **more)  # noqa: E731
    monkeypatch.setattr(apart.subprocess, "run", run)
    with pytest.raises(Unavailable) as missing:
        made("a.docx", documents.bare("<w:p/>"))
    assert missing.value.code == "draft-extra" and "bangtin[office]" in missing.value.told()


@pytest.mark.parametrize(
    "name, slug",
    [
        ("Thông báo số 45 (1)", "thong-bao-so-45-1"), ("CON", "tep-con"), ("com1", "tep-com1"), ("…", "ban-nhap"),
        ("../../etc/passwd", "etc-passwd"), ("Đường liên thôn", "duong-lien-thon"), ("a" * 300, "a" * 80),
        ("Thu\u031b\u0301c Nfd", "thuc-nfd"),
    ],
)  # fmt: skip
def test_names_that_every_machine_can_keep(name: str, slug: str) -> None:
    assert skeleton.slug(name) == slug


# ── bangtin draft ────────────────────────────────────────────────────────────────────────────────


def test_the_verb_lays_drafts_and_check_names_what_is_left(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One bad file keeps no other from its draft; `check` then asks for exactly what the draft asks for."""
    documents_in = tmp_path / "Tài liệu"
    documents_in.mkdir()
    (documents_in / "Cắt điện.docx").write_bytes(documents.power_cut())
    (documents_in / "Làm đường.docx").write_bytes(documents.illustrated(_noise()))
    (documents_in / "khác.txt").write_text("x")
    commune = tmp_path / "xa"
    assert main(["init", "--sample", str(commune), "--no-passphrase"]) == 0
    files = [str(p) for p in sorted(documents_in.iterdir())]
    capsys.readouterr()
    assert main(["draft", *files, "--dir", str(commune)]) == 1
    told = capsys.readouterr()
    assert "Đã soạn nháp" in told.out and "draft-type" in told.err
    folder = next((commune / "content" / "thong-bao").glob("*/cat-dien.md")).parent
    assert sorted(p.name for p in folder.glob("lam-duong*")) == ["lam-duong-hinh-1.jpg", "lam-duong.md"]
    assert main(["check", "--json", "--dir", str(commune), str(folder / "cat-dien.md")]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {(p["code"], p["field"]) for p in problems if p["severity"] == "error"} == {
        ("blank-left", f) for f in ALWAYS
    }
    before = {p: p.read_bytes() for p in folder.iterdir()}
    assert main(["draft", files[0], "--dir", str(commune)]) == 1
    assert "draft-exists" in capsys.readouterr().err
    assert before == {p: p.read_bytes() for p in folder.iterdir()}


def _noise() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 40), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_long_tables_and_long_names_stay_within_their_lines(made: Made) -> None:
    rows = "".join(f"<w:tr>{f'<w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc>' * 5}</w:tr>" for n in range(300))
    found = made("bảng.docx", documents.bare(f"<w:p><w:r><w:t>Bảng</w:t></w:r></w:p><w:tbl>{rows}</w:tbl>"))
    assert body(found).count("\n| ") == 300 and len(found.questions) == len(ALWAYS) + 1
