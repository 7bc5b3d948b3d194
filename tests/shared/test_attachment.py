"""Attachments are what their names say, and carry no program."""

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document

from signage.notice import Places, read_all
from signage.notice.attachment import MAX_MEMBERS, attachment_problem

HEAD = "Title: a\nDate: 2026-11-20 09:00\nKind: tin\nCategory: an-sinh\nSummary: a\nAttachments: {}\n\nNội dung.\n"


def docx(**more: bytes) -> bytes:
    out = io.BytesIO()
    Document().save(out)
    with zipfile.ZipFile(out, "a") as packed:
        for name, data in more.items():
            packed.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return out.getvalue()


def packed(*names: str, data: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, data)
    return out.getvalue()


CASES: dict[str, tuple[str, bytes, str | None]] = {
    "a docx": ("a.docx", docx(), None),
    "a docx with macros, renamed": ("a.docx", docx(word__vbaProject_DOT_bin=b"x"), "attachment-program"),
    "a docx with ActiveX": ("a.docx", docx(word__activeX__activeX1_DOT_bin=b"x"), "attachment-program"),
    "an odt with Basic": ("a.odt", packed("content.xml", "Basic/Standard/Module1.xml"), "attachment-program"),
    "a plain zip as docx": ("a.docx", packed("a.txt"), "attachment-other"),
    "a program as docx": ("a.docx", b"MZ\x90\0" + b"\0" * 200, "attachment-other"),
    "a program in a zip": ("a.zip", packed("huong-dan.pdf.exe"), "attachment-program"),
    "a good zip": ("a.zip", packed("a.pdf", "b.txt"), None),
    "a bomb in a zip is not unpacked": ("a.zip", packed("a.txt", data=b"\0" * (64 << 20)), None),
    "a zip cut short": ("a.zip", packed("a.txt")[:40], "attachment-other"),
    "a pdf": ("a.pdf", b"%PDF-1.7\n/Type /Catalog /OpenAction 3 0 R", None),
    "a page as pdf": ("a.pdf", b"<html><script>alert(1)</script>", "attachment-other"),
    "a pdf with a script": ("a.pdf", b"%PDF-1.7\n/S /JavaScript /JS (app.alert(1))", "attachment-script"),
    "a pdf with a script far in": ("a.pdf", b"%PDF-1.7" + b" " * ((1 << 20) - 12) + b"/Launch 1", "attachment-script"),
    "a pdf that only begins like one": ("a.pdf", b"%PDF-1.7 /JSON /Launcher", None),
    "a text": ("a.csv", "Số,Tên\n1,An\n".encode(), None),
    "a program as text": ("a.txt", b"\x7fELF\2\1\1\0\0", "attachment-other"),
    "a picture": ("a.png", b"\x89PNG\r\n\x1a\nx", None),
    "a page as picture": ("a.jpg", b"<svg onload=alert(1)>", "attachment-other"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_it(case: str, tmp_path: Path) -> None:
    name, data, code = CASES[case]
    (tmp_path / name).write_bytes(data)
    found = attachment_problem(tmp_path / name, "tin/a.md", (1, "Attachments"))
    assert (found.code if found else None) == code, found
    assert found is None or name in found.told()


def test_a_zip_with_too_many_names(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed(*(f"{n}.txt" for n in range(MAX_MEMBERS + 1))))
    found = attachment_problem(tmp_path / "a.zip", "tin/a.md", (1, "Attachments"))
    assert found is not None and found.code == "attachment-other"


def test_the_officer_is_told_where(tmp_path: Path) -> None:
    """A program stops the notice; a script in a PDF does not, and the file stays with the notice."""
    places = Places(frozenset(), frozenset(), frozenset())
    (tmp_path / "tin").mkdir()
    (tmp_path / "tin/a.pdf").write_bytes(b"%PDF-1.7 /JavaScript")
    (tmp_path / "tin/b.docx").write_bytes(CASES["a docx with macros, renamed"][1])
    (tmp_path / "tin/a.md").write_text(HEAD.format("a.pdf"), "utf-8")
    (tmp_path / "tin/b.md").write_text(HEAD.format("b.docx"), "utf-8")
    reading = read_all(tmp_path, places)
    assert [(p.code, p.file, p.line) for p in reading.errors] == [("attachment-program", "tin/b.md", 6)]
    assert [f.name for f in reading.notices["tin/a"].files] == ["a.pdf"]
    assert "attachment-script" in {p.code for p in reading.problems}
