"""Word files as offices write them, made in code: letterheads in tables, numbers that Word draws, old fonts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
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


def bare(body: str, namespaces: str = "") -> bytes:
    """The smallest package that Word opens, with this inside its `w:body`."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = f'<Relationship Id="r" Type="{office}" Target="word/document.xml"/>'
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{relations}">{main}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"{namespaces}><w:body>{body}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text.encode("utf-8", "replace"))
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


def invitation() -> bytes:
    """A letterhead of tabs instead of a table, a superior body, a foot of paragraphs."""
    doc = Document()
    put(doc, f"UBND XÃ ĐỒNG MẪU\t{NATION}", centred=True)
    put(doc, f"**TRẠM Y TẾ**\t**{MOTTO}**", centred=True)
    put(doc, "Số: 12/GM-TYT\tĐồng Mẫu, ngày 02 tháng 12 năm 2026", centred=True)
    put(doc, "GIẤY MỜI", bold=True, centred=True)
    put(doc, "Dự hội nghị cộng tác viên dân số", bold=True, centred=True)
    put(doc, "Kính gửi: Các ông, bà cộng tác viên dân số 07 thôn")
    put(doc, "**Thời gian:** 08 giờ 00 ngày 05/12/2026.")
    put(doc, "**Địa điểm:** Hội trường Trạm Y tế (chi tiết: https://xa.example/a_b_c?x=1&lt=2).")
    put(doc, "Rất mong các ông, bà đến dự đúng giờ./.")
    put(doc, "Nơi nhận:", bold=True, italic=True)
    put(doc, "- Như trên;")
    put(doc, "- Lưu: TYT.")
    put(doc, "TRƯỞNG TRẠM", bold=True, centred=True)
    put(doc, "")
    put(doc, "Trương Thị Kim Oanh", bold=True, centred=True)
    return saved(doc)


def plan() -> bytes:
    """A draft with a blank number and a blank day; headings, numbers and letters that Word draws."""
    doc = Document()
    letterhead(doc, "Số:        /KH-UBND", "Đồng Mẫu, ngày      tháng 11 năm 2026")
    title(doc, "KẾ HOẠCH", "Tổ chức Ngày hội Đại đoàn kết toàn dân tộc năm 2026")
    lists = (("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"))
    number = numbered(doc, lists)
    listed(put(doc, "MỤC ĐÍCH, YÊU CẦU", bold=True), number, 0)
    listed(put(doc, "Tạo không khí vui tươi, phấn khởi trong nhân dân."), number, 1)
    listed(put(doc, "Tổ chức tiết kiệm, an toàn."), number, 1)
    listed(put(doc, "NỘI DUNG", bold=True), number, 0)
    listed(put(doc, "Phần lễ:"), number, 1)
    listed(put(doc, "Chào cờ, tuyên bố lý do;"), number, 2)
    listed(put(doc, "Ôn truyền thống."), number, 2)
    put(doc, "Phần lễ không quá 60 phút.")
    listed(put(doc, "Phần hội: thể thao, văn nghệ tại 07 thôn."), number, 1)
    for text in ("Kéo co;", "Bóng chuyền."):
        bullet = doc.add_paragraph(text, style="List Bullet")
        assert bullet.style
    foot(doc, ["- TT Đảng ủy, HĐND xã;", "- Lưu: VT."], ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", ""])
    return saved(doc)


def decision() -> bytes:
    """Articles that Word numbers, a heading style, a note at the foot, an annex behind the signature."""
    doc = Document()
    letterhead(doc, "Số: 131/QĐ-UBND", "Đồng Mẫu, ngày 05 tháng 11 năm 2026")
    title(doc, "QUYẾT ĐỊNH", "Kiện toàn Ban Chỉ huy Phòng thủ dân sự xã Đồng Mẫu")
    put(doc, "CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ", bold=True, centred=True)
    put(doc, "Căn cứ Luật Tổ chức chính quyền địa phương;", italic=True)
    put(doc, "Theo đề nghị của Chỉ huy trưởng Ban Chỉ huy Quân sự xã,", italic=True)
    put(doc, "QUYẾT ĐỊNH:", bold=True, centred=True)
    number = numbered(doc, (("decimal", "Điều %1."),))
    listed(put(doc, "Kiện toàn Ban Chỉ huy gồm **12 thành viên** (có danh sách kèm theo)."), number, 0)
    put(doc, "Diện tích phụ trách 61.900 m2.")
    doc.paragraphs[-1].runs[0].text = "Diện tích phụ trách 61.900 m"
    doc.paragraphs[-1].add_run("2").font.superscript = True
    listed(put(doc, "Quyết định này có hiệu lực kể từ ngày ký."), number, 0)
    listed(put(doc, "Các ông, bà có tên tại Điều 1 chịu trách nhiệm thi hành./."), number, 0)
    foot(doc, ["- Như Điều 3;", "- Lưu: VT, QS."], ["CHỦ TỊCH", "", "Đặng Thị Minh Hà"])
    doc.add_heading("Danh sách Ban Chỉ huy", 1)
    grid(doc, [["STT", "Họ và tên"], ["1", "Bà Đặng Thị Minh Hà | Chủ tịch"], ["2", "Ông Lý Đức Thịnh"]])
    return saved(doc)


def vaccination() -> bytes:
    """Merged cells: a head of two rows, a hamlet over two rows, a row across; a table in a cell; two lines in one."""
    doc = Document()
    put(doc, "Lịch tiêm chủng tháng 12", bold=True, centred=True)
    put(doc, "Trạm Y tế xã thông báo lịch tiêm chủng thường xuyên.")
    rows = [
        ["Thôn", "Buổi sáng", "", "Ghi chú"], ["", "Từ", "Đến", ""], ["Thôn 1", "07:30", "09:00", "Trẻ dưới 1 tuổi"],
        ["", "09:00", "10:30", ""], ["Thôn 2", "07:30", "09:00", ""], ["Nghỉ lễ", "", "", ""],
    ]  # fmt: skip
    table = grid(doc, rows)
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 3).merge(table.cell(1, 3))
    table.cell(2, 0).merge(table.cell(3, 0))
    table.cell(5, 0).merge(table.cell(5, 3))
    put(table.cell(2, 3), "Mang theo sổ")
    inner = table.cell(3, 3).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Điểm tiêm", "Nhà văn hóa"
    return saved(doc)


def old_fonts() -> bytes:
    """One notice in TCVN3, capitals of a font of its own, and a VNI paragraph whose mark is in another run."""
    doc = Document()
    put(doc, "th«ng b¸o", bold=True, centred=True, font=".VnTimeH")
    put(doc, "VÒ viÖc t¹m ngõng cung cÊp ®iÖn", bold=True, centred=True, font=".VnTime")
    put(doc, "§Ò nghÞ nh©n d©n chñ ®éng s¾p xÕp s¶n xuÊt vµ sinh ho¹t.", font=".VnTime")
    last = put(doc, "Thoâng baùo veà vieäc hoïp thoân, ñòa ñieåm: nhaø vaên ho", font="VNI-Times")
    for text in ("a", "ù thoân 3. Thöù Baûy, xaõ Ñoàng Maãu."):
        last.add_run(text).font.name = "VNI-Times"
    put(doc, "Liên hệ: UBND xã (phông mới, chữ mới).", font="Times New Roman")
    return saved(doc)


def busy() -> bytes:
    """A file that went through many hands: changes, a comment, hidden and struck text, a text box, edges, a note."""
    doc = Document()
    doc.sections[0].header.paragraphs[0].text = "DỰ THẢO lần 2"
    doc.sections[0].footer.paragraphs[0].text = "Trang 1"
    letterhead(doc, "Số: 9/TB-UBND", "Đồng Mẫu, ngày 01 tháng 12 năm 2026")
    title(doc, "THÔNG BÁO", "Về việc họp thôn 3")
    one = put(doc, "Họp thôn lúc ")
    one._p.append(_change("w:del", "19 giờ", "w:delText"))
    one._p.append(_change("w:ins", "20 giờ", "w:t"))
    one.add_run(" ngày 05/12/2026.")
    doc.add_comment(one.runs[0], text="Nhớ hỏi lại trưởng thôn", author="Người xem", initials="NX")
    two = put(doc, "Mang theo sổ hộ nghèo.")
    two.add_run(" MẬT KHẨU 1234").font.hidden = True
    two.add_run(" Không đi được thì báo.").font.strike = True
    three = put(doc, "Địa điểm ở bên cạnh.")
    three.add_run()._r.append(parse_xml(_BOX.format(ns=nsdecls("w", "wp", "a"), text="Nhà văn hóa thôn 3")))
    field = parse_xml(
        f'<w:fldSimple {nsdecls("w")} w:instr="DATE"><w:r><w:t>Ngày trong trường 05/12</w:t></w:r></w:fldSimple>'
    )
    put(doc, "Hạn: ")._p.append(field)
    foot(doc, ["- Lưu: VT."], ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Đặng Thị Minh Hà"])
    return saved(doc)


_BOX = (
    '<mc:AlternateContent {ns} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:Choice Requires="wps">'
    "<w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
    "<mc:Fallback><w:r><w:t>{text}</w:t></w:r></mc:Fallback></mc:AlternateContent>"
)


def _change(tag: str, text: str, letters: str) -> OxmlElement:
    return parse_xml(
        f'<{tag} {nsdecls("w")} w:id="1" w:author="A" w:date="2026-11-20T08:00:00Z">'
        f'<w:r><{letters} xml:space="preserve">{text}</{letters}></w:r></{tag}>'
    )


def illustrated(picture: bytes, alt: str = "") -> bytes:
    """News with a picture, and no letterhead."""
    doc = Document()
    doc.add_heading("Thôn 6 hiến đất làm đường", 1)
    put(doc, "Sáng 20/11/2026, nhân dân thôn 6 ra quân làm đường * 2 km [đoạn 1] <b>mới</b> & đẹp_hơn.")
    doc.add_picture(io.BytesIO(picture))
    if alt:
        doc.paragraphs[-1]._p.findall(f".//{qn('wp:docPr')}")[0].set("descr", alt)
    put(doc, "Đường rộng 5 m.")
    return saved(doc)


def letter() -> bytes:
    """A công văn: no kind; the abstract stands below the number."""
    doc = Document()
    letterhead(
        doc,
        "Số: 123/UBND-KT",
        "Đồng Mẫu, ngày 10 tháng 11 năm 2026",
        about="V/v phòng, chống rét cho\ncây trồng, vật nuôi",
    )
    put(doc, "Kính gửi: Trưởng 07 thôn", centred=True)
    put(doc, "Ủy ban nhân dân xã đề nghị trưởng các thôn thông báo đến từng hộ.")
    foot(doc, ["- Như trên;", "- Lưu: VT, KT."], ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "Phan Thị Thu Trang"])
    return saved(doc)


def sealed(picture: bytes) -> bytes:
    """A signed notice with a scanned seal where one signs."""
    doc = Document()
    letterhead(doc, "Số: 7/TB-UBND", "Đồng Mẫu, ngày 01 tháng 12 năm 2026")
    title(doc, "THÔNG BÁO", "Về việc nghỉ lễ")
    put(doc, "Ủy ban nhân dân xã thông báo nghỉ lễ.")
    table = foot(doc, ["- Lưu: VT."], ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"])
    cell = table.cell(0, 1)
    cell.add_paragraph().add_run().add_picture(io.BytesIO(picture))
    put(cell, "Đặng Thị Minh Hà", bold=True, centred=True)
    return saved(doc)


def framed(picture: bytes) -> bytes:
    """An emblem in the letterhead, and the kind of document in the same table."""
    doc = Document()
    table = doc.add_table(rows=2, cols=2)
    fill(table.cell(0, 0), [("UBND XÃ ĐỒNG MẪU", True), ("Số: 3/GM-UBND", False)])
    table.cell(0, 0).add_paragraph().add_run().add_picture(io.BytesIO(picture))
    fill(
        table.cell(0, 1),
        [(NATION, True), (MOTTO, True), ("Đồng Mẫu, ngày 08 tháng 12 năm 2026", False), ("Ký bởi: UBND xã", False)],
    )
    merged = table.cell(1, 0).merge(table.cell(1, 1))
    fill(merged, [("GIẤY MỜI", True), ("Dự họp tổng kết", True)])
    put(doc, "Kính gửi: Các ông, bà trưởng thôn")
    foot(doc, ["- Như trên."], ["CHỦ TỊCH", "Đặng Thị Minh Hà"])
    return saved(doc)


def noted() -> bytes:
    """A note at the foot, a raised figure, a link out, a link that would run a script."""
    word, office = nsdecls("w"), "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r>'
    text = (
        '<w:p><w:r><w:t xml:space="preserve">Mức thu </w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        f'<w:r><w:t xml:space="preserve"> là 5.000 m</w:t></w:r>{raised}<w:r><w:t>.</w:t></w:r></w:p>'
        '<w:p><w:hyperlink r:id="web"><w:r><w:t>Cổng Dịch vụ công</w:t></w:r></w:hyperlink></w:p>'
        '<w:p><w:hyperlink r:id="evil"><w:r><w:t>bấm vào đây</w:t></w:r></w:hyperlink></w:p>'
    )
    note = "<w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>Theo Nghị quyết số 02.</w:t></w:r></w:p>"
    links = "".join(
        f'<Relationship Id="{ident}" Type="{office}/{kind}" Target="{target}"{mode}/>'
        for ident, kind, target, mode in (
            ("notes", "footnotes", "footnotes.xml", ""),
            ("web", "hyperlink", "https://dichvucong.gov.vn/", ' TargetMode="External"'),
            ("evil", "hyperlink", "javascript:alert(1)", ' TargetMode="External"'),
        )
    )
    relations = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )
    notes = f'<w:footnotes {word}><w:footnote w:id="2">{note}</w:footnote></w:footnotes>'
    made = bare(text, f' xmlns:r="{office}"')
    made = changed(made, "word/_rels/document.xml.rels", lambda _: relations.encode())
    return changed(made, "word/footnotes.xml", lambda _: notes.encode())


# ── lists that Word numbers ──────────────────────────────────────────────────────────────────────


def numbered(doc: Doc, levels: Sequence[tuple[str, str]], start: int = 1) -> str:
    """A new list of these levels (format, text); its number."""
    root = doc.part.numbering_part.element
    ident = str(900 + len(root))
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{ident}">{inner}</w:abstractNum>')
    root.insert(0, abstract)
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{ident}"><w:abstractNumId w:val="{ident}"/></w:num>'))
    return ident


def listed(paragraph: Paragraph, number: str, level: int) -> Paragraph:
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )
    return paragraph
