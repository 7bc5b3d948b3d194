"""Word files as offices write them, made in code: letterheads in tables, numbers that Word draws, old fonts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
COMMUNE = "ỦY BAN NHÂN DÂN\nXÃ ĐỒNG MẪU"


def put(where: Doc | _Cell, text: str, *, bold: bool = False, centred: bool = False, italic: bool = False,
        font: str = "") -> Paragraph:  # fmt: skip
    """A paragraph; `**strong**` words in it are, `\\n` is a line break."""
    paragraph = where.add_paragraph()
    for number, part in enumerate(text.split("**")):
        run = paragraph.add_run(part)
        run.bold, run.italic = (bold or number % 2 == 1) or None, italic or None
        if font:
            run.font.name = font
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def fill(cell: _Cell, lines: Iterable[tuple[str, bool]], *, centred: bool = True) -> None:
    for text, bold in lines:
        put(cell, text, bold=bold, centred=centred)
    first = cell.paragraphs[0]
    first._p.getparent().remove(first._p)


def letterhead(doc: Doc, number: str, day: str, *, above: str = "", body: str = COMMUNE, about: str = "") -> None:
    """The two columns of NĐ 30/2020; `about` is a letter's (công văn) abstract, below its number."""
    table = doc.add_table(rows=2, cols=2)
    lines = ([(above, False)] if above else []) + [(body, True)]
    fill(table.cell(0, 0), [*lines, ("-------", False)])
    fill(table.cell(0, 1), [(NATION, True), (MOTTO, True), ("---------------", False)])
    fill(table.cell(1, 0), [(number, False), *([(about, False)] if about else [])])
    cell = table.cell(1, 1)
    put(cell, day, centred=True, italic=True)


def title(doc: Doc, kind: str, about: str) -> None:
    put(doc, kind, bold=True, centred=True)
    put(doc, about, bold=True, centred=True)
    put(doc, "___________", centred=True)


def foot(doc: Doc, recipients: Sequence[str], signer: Sequence[str]) -> Table:
    table = doc.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    fill(left, [("**Nơi nhận:**", False), *((line, False) for line in recipients)], centred=False)
    fill(right, [(line, True) for line in signer])
    return table


def grid(doc: Doc, rows: Sequence[Sequence[str]]) -> Table:
    table = doc.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for cells, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text
    return table


def saved(doc: Doc) -> bytes:
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed, or added when `part` is not there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for name in names:
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
        if part not in names:
            new.writestr(part, change(b""))
    return out.getvalue()


# ── documents ────────────────────────────────────────────────────────────────────────────────────


def power_cut() -> bytes:
    """A signed notice: letterhead, table, strong words, a link."""
    doc = Document()
    letterhead(doc, "Số: 45/TB-UBND", "Đồng Mẫu, ngày 19 tháng 11 năm 2026")
    title(doc, "THÔNG BÁO", "Về việc tạm ngừng cung cấp điện thôn 3 và thôn 5")
    put(
        doc,
        "Theo thông báo của đơn vị quản lý lưới điện, Ủy ban nhân dân xã thông báo **lịch tạm ngừng cung cấp điện**:",
    )
    put(doc, "1. Thời gian, phạm vi", bold=True)
    grid(
        doc,
        [
            ["Ngày", "Giờ", "Khu vực"],
            ["24/11/2026", "05:00 – 17:00", "Thôn 3"],
            ["25/11/2026", "05:00 – 11:00", "Thôn 5"],
        ],
    )
    put(doc, "2. Đề nghị nhân dân", bold=True)
    put(doc, "- Tích nước sinh hoạt, sạc đèn và điện thoại trước giờ cắt điện;")
    put(doc, "- Ngắt cầu dao, rút phích cắm thiết bị điện;")
    put(doc, "+ Không tự ý đóng điện từ máy phát vào lưới điện.")
    put(doc, "Báo sự cố điện: 0299 000 0119./.")
    foot(
        doc,
        ["- Thường trực Đảng ủy (để báo cáo);", "- Trưởng các thôn;", "- Lưu: VT, KT."],
        ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "", "(Đã ký)", "", "Lý Đức Thịnh"],
    )
    return saved(doc)
