"""On paper: a notice is a sheet of A4, an official document in the form of NĐ 30/2020, with a code that leads back.

And a hamlet's week is one sheet, however much there is to say.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image

from signage.cli import main
from signage.errors import Unavailable
from signage.notice import read_all
from signage.office import paper, qr, starter, weeksheet
from signage.office.website.clean import Published, build
from signage.settings import load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
LONG = {  # what needs more than one sheet, and how many it may take
    "cam-duong-lien-thon-2-6": 2, "ke-hoach-san-xuat-vu-dong-xuan-2026-2027": 4,
    "thong-bao-dau-gia-dat-cong-ich": 4, "quy-che-bang-tin-dien-tu": 5,
}  # fmt: skip
FULL = ("bao-so-6-khan-cap", "lich-tiep-cong-dan-quy-4-2026", "lich-lam-viec-tuan-48")  # to the last line
PLAN = "ke-hoach-san-xuat-vu-dong-xuan-2026-2027"
SHEET = 624  # CSS pixels between the margins of A4: 210 − 30 − 15 mm


def sample_items() -> list[Published]:
    root = starter.sample_root()
    found = []
    for notice in read_all(root / "content", load(root).places).notices.values():
        folder = (root / "content" / notice.id).parent
        files = {f.name: folder / f.name for f in notice.files}
        statement = hashlib.sha256(notice.digest.encode()).hexdigest()
        found.append(Published(notice, statement, notice.date + timedelta(hours=2), files))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("giay")
    conf = starter.sample_root() / "pelicanconf.py"
    settings = load(starter.sample_root())
    build(settings, sample_items(), folder / "site", now=NOW, work=folder / "work", conf=conf)
    return folder / "site"


def printed(page, path) -> list[str]:
    """The words of each sheet that the browser prints."""
    page.goto(path.as_uri())
    return sheets(page.pdf(format="A4"))


def sheets(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60)
    found = done.stdout.decode().split("\f")[:-1]
    assert len(found) == len(re.findall(rb"/Type\s*/Page\b", pdf)) or b"/ObjStm" in pdf
    return found


def flat(text: str) -> str:
    return " ".join(text.split())


# ── a notice ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("nth", [12, pytest.param(1, marks=pytest.mark.long)])
def test_usual_notices_are_one_sheet_and_nothing_is_wider(site, browser, nth):
    page = browser.new_page(viewport={"width": SHEET, "height": 900})
    page.emulate_media(media="print")
    every = sorted((site / "tin").glob("*.html"))
    assert len(every) > 50 and {*LONG, *FULL} <= {path.stem for path in every}
    chosen = {*every[::nth], *(site / f"tin/{name}.html" for name in (*LONG, *FULL))}
    for path in sorted(chosen):
        pages = printed(page, path)
        assert len(pages) <= LONG.get(path.stem, 1), path.stem
        assert page.evaluate("document.documentElement.scrollWidth") <= SHEET, f"{path.stem} would be shrunk"
        said = flat(pages[-1])
        assert "Bản in từ trang thông tin của xã, không thay thế văn bản gốc." in said, path.stem
        assert f"https://dongmau.example/tin/{path.name}" in said.replace(" ", "")
        assert "DỮ LIỆU MẪU" in pages[0]
    page.close()


def test_a_document_has_the_head_and_the_foot_of_one(site, browser):
    page = browser.new_page()
    first, *_, last = printed(page, site / f"tin/{PLAN}.html")
    head = [re.split(r"\s{2,}", line.strip()) for line in first.splitlines() if line.strip()][1:7]
    assert head == [
        ["ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], ["XÃ ĐỒNG MẪU", "Độc lập - Tự do - Hạnh phúc"],
        ["Số: 22/KH-UBND", "Đồng Mẫu, ngày 30 tháng 10 năm 2026"], ["KẾ HOẠCH"],
        ["Sản xuất nông nghiệp vụ Đông Xuân 2026 – 2027"], ["I. Mục đích, yêu cầu"],
    ]  # fmt: skip
    end = flat(last)
    order = ["giải quyết./.", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "(Đã ký)", "Lý Đức Thịnh", "Bản in từ"]
    assert sorted(order, key=end.index) == order, "the signature never stands alone on a sheet"
    assert "- Trưởng 07 thôn" in end and "Dành cho" not in first and "Trang chính thức" not in first
    page.close()


def test_no_heading_is_left_at_the_foot_of_a_sheet(site, browser):
    page = browser.new_page()
    for slug in LONG:
        *full, _ = printed(page, site / f"tin/{slug}.html")
        headings = set(page.locator(".than :is(h2, h3, h4)").all_inner_texts())
        for number, text in enumerate(full, 1):
            last = text.strip().splitlines()[-1].strip()
            assert last not in headings, f"{slug}, sheet {number}: {last}"
    page.close()


def test_what_is_no_document_keeps_its_facts_under_the_communes_name(site, browser):
    page = browser.new_page()
    said = flat("".join(printed(page, site / "tin/cat-dien-thon-3.html")))
    order = ["ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "Tạm ngừng cung cấp điện", "Thời gian 05:00–17:00 ngày 24/11", "Dành cho",
             "Bản in từ"]  # fmt: skip
    assert sorted(order, key=said.index) == order
    assert "CỘNG HÒA" not in said and "Thêm vào lịch" not in said and "Tìm" not in said
    page.close()


def test_the_code_on_paper_leads_to_the_page(site, browser):
    page = browser.new_page(viewport={"width": SHEET, "height": 900}, device_scale_factor=2)
    page.goto((site / f"tin/{PLAN}.html").as_uri())
    assert not page.locator(".ban-in").is_visible(), "on a screen the page itself is there"
    page.emulate_media(media="print")
    shown = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    assert qr.read(shown) == [f"https://dongmau.example/tin/{PLAN}.html"]
    page.close()


@pytest.mark.parametrize("choice", ["m-toi", "m-cao"])
def test_who_reads_in_the_dark_prints_black_on_white(site, browser, choice):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto((site / "tin/cat-dien-thon-3.html").as_uri())
        page.evaluate(f"document.getElementById('{choice}').checked = true")
        page.emulate_media(media="print")
        colours = page.evaluate("""[...document.querySelectorAll('article, h1, dd, .dau .ten, .nhan strong, .mau')]
            .map(e => getComputedStyle(e).color)""")
        assert len(colours) > 5 and set(colours) == {"rgb(0, 0, 0)"}
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("number", "title", "said"),
    [
        ("22/KH-UBND", "Kế hoạch sản xuất vụ Đông Xuân", ("KẾ HOẠCH", "Sản xuất vụ Đông Xuân")),
        ("05/2026/NQ-HĐND", "Nghị quyết về phí", ("NGHỊ QUYẾT", "Về phí")),
        ("45/TB-UBND", "Cấm đường liên thôn", ("THÔNG BÁO", "Cấm đường liên thôn")),
        ("22/KH-UBND", "Thông báo kế hoạch", ("KẾ HOẠCH", "Thông báo kế hoạch")),
        ("7/ABC-XYZ", "Hướng dẫn: kê khai", ("HƯỚNG DẪN", "Kê khai")),
        ("123/UBND-KT", "Báo cáo số liệu", ("", "Báo cáo số liệu")),
        ("7/ABC-XYZ", "Quyết định", ("", "Quyết định")),
    ],
)
def test_the_kind_of_a_document_is_told_from_its_number(number, title, said):
    assert paper.named(number, title) == said


def test_a_letter_is_about_something_under_its_number(press):
    letter = press.publish("a/thu", Title="Tăng cường phòng dịch", Number="123/UBND-VX", Issuer="UBND xã Đồng Mẫu",
                           Issued="2026-02-05")  # fmt: skip
    other = press.publish("a/khac", Title="Giá điện", Number="9/TB-ĐL", Issuer="Điện lực huyện", Issued="2026-11-30")
    html = (press.build([letter, other]) / "tin/thu.html").read_text("utf-8")
    assert "<p>Số: 123/UBND-VX<br>V/v Tăng cường phòng dịch</p>" in html
    assert "<i>Đồng Mẫu, ngày 05 tháng 02 năm 2026</i>" in html
    there = (press.folder / "site/tin/khac.html").read_text("utf-8")
    assert "<i>Ngày 30 tháng 11 năm 2026</i>" in there, "where another office wrote it is not known"


def test_a_date_is_written_as_in_official_documents():
    assert paper.dated("Đồng Mẫu", date(2026, 9, 3)) == "Đồng Mẫu, ngày 03 tháng 9 năm 2026"


# ── a hamlet's week ──────────────────────────────────────────────────────────────────────────────

MONDAY = date(2026, 11, 23)


def test_each_hamlet_of_the_sample_has_its_week_on_one_sheet():
    settings, items = load(starter.sample_root()), sample_items()
    for hamlet in settings.hamlets:
        one = weeksheet.week(settings, items, hamlet, MONDAY, NOW)
        (sheet,) = sheets(weeksheet.pdf(settings, one))
        said = flat(sheet)
        for words in (hamlet.name, "ỦY BAN NHÂN DÂN XÃ ĐỒNG MẪU", "từ thứ Hai 23/11 đến Chủ nhật 29/11/2026",
                      "âm lịch 15/10 – 21/10", "Xã Đồng Mẫu: 0299 000 0000", "115 Cấp cứu", "DỮ LIỆU MẪU",
                      "Thứ Năm 26/11", "Lịch tiếp công dân định kỳ quý IV", "không thay thế văn bản gốc",
                      f"https://dongmau.example/thon/{hamlet.id}.html"):  # fmt: skip
            assert words in said, f"{hamlet.id}: {words}"
        assert ("Tạm ngừng cung cấp điện thôn 3 và thôn 5" in said) == (hamlet.id in ("thon-3", "thon-5"))
        assert "Hồ chứa xả lũ: rời lòng sông" not in said, "a prepared emergency is no news"
        shown = sum(flat(n["title"]) in said for n in one.notices)
        assert shown >= 3 and f"Còn {len(one.notices) - shown + one.left} thông báo trên trang" in said


def test_the_code_of_a_week_sheet_leads_to_the_hamlet(tmp_path):
    settings = load(starter.sample_root())
    one = weeksheet.week(settings, sample_items(), settings.hamlets[2], MONDAY, NOW)
    (tmp_path / "a.pdf").write_bytes(weeksheet.pdf(settings, one))
    subprocess.run(["pdftoppm", "-r", "150", "-png", "a.pdf", "a"], cwd=tmp_path, check=True, timeout=60)
    (picture,) = tmp_path.glob("*.png")
    assert qr.read(Image.open(picture).convert("RGB")) == ["https://dongmau.example/thon/thon-3.html"]


def test_however_much_there_is_it_is_one_sheet_and_says_what_is_left(press):
    hamlet = press.settings.hamlets[2]
    usual = {"Summary": "Lời tóm tắt dài để tờ giấy mau đầy. " * 4, "Start": "2026-11-20 05:00",
             "End": "2026-12-20 17:00"}  # fmt: skip
    many = [press.publish(f"a/so-{n:02}", Title=f"Việc số {n:02}", **usual) for n in range(30)]
    daily = "; ".join(f"2026-11-{d} {h:02}:00-{h:02}:30" for d in (24, 25, 26) for h in (7, 9, 13))
    busy = [press.publish(f"b/lich-{n}", Title=f"Lịch dày {n}", Events=daily, **usual) for n in range(40)]
    for items, words in ((many, r"Còn (\d+) thông báo trên"), (busy, r"Còn (\d+) mục trong lịch trên")):
        one = weeksheet.week(press.settings, items, hamlet, MONDAY, NOW)
        (sheet,) = sheets(weeksheet.pdf(press.settings, one))
        left = re.search(words, flat(sheet))
        shown = len(re.findall(r"Việc số \d\d|Lịch dày \d", flat(sheet)))
        assert left and shown > 3 and int(left[1]) + shown == (30 if items is many else 40 * 3)
        assert "Xã Đồng Mẫu: 0299 000 0000" in sheet


def test_a_weeks_sheet_is_for_who_lives_there(press):
    times = {"Start": "2026-11-20 05:00", "End": "2026-11-30 17:00"}
    items = [
        press.publish("a/chung", Title="Việc chung", **times),
        press.publish("a/day", Title="Việc ở đây", Hamlets="thon-3", **times),
        press.publish("a/kia", Title="Việc nơi khác", Hamlets="thon-1", **times),
        press.publish("a/qua", Title="Việc đã qua", Start="2026-11-01 05:00", End="2026-11-22 17:00"),
        press.withdrawn(press.publish("a/rut", Title="Việc đã rút", **times), "sai"),
        press.publish("a/gap", Title="Việc ưu tiên", Class="uu-tien", **times),
        press.publish("a/dem", Title="Cắt nước đêm", Events="2026-11-22 22:00-04:00; 2026-11-24 22:00-04:00", **times),
        press.page("lien-he", "Liên hệ"),
    ]
    one = weeksheet.week(press.settings, items, press.settings.hamlets[2], MONDAY, NOW)
    assert [n["title"] for n in one.notices] == ["Việc ưu tiên", "Việc ở đây", "Việc chung"]
    told = [(d["day"], d["lunar"], r["time"], bool(r["summary"])) for d in one.days for r in d["rows"]]
    assert told == [("thứ Hai 23/11", "15/10", "22:00–04:00 hôm sau", True),
                    ("thứ Ba 24/11", "16/10", "22:00–04:00 hôm sau", False)]  # fmt: skip
    assert "&lt;b&gt;" in weeksheet.html(
        press.settings, weeksheet.week(press.settings, [press.publish("a/x", Title="<b>x", **times)],
                                       press.settings.hamlets[0], MONDAY, NOW))  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "at", "first"),
    [
        (None, datetime(2026, 11, 19, 3, tzinfo=UTC), date(2026, 11, 16)),  # Thursday: this week
        (None, datetime(2026, 11, 19, 17, tzinfo=UTC), MONDAY),  # already Friday in Vietnam: the coming one
        (date(2026, 11, 29), NOW, MONDAY),
    ],
)
def test_which_week_is_printed(chosen, at, first):
    assert weeksheet.monday(chosen, at) == first


def test_the_command_prints_what_is_approved(office, text, capsys):
    year = {"start": "2026-11-20 05:00", "end": "2027-11-20 05:00"}
    office.write("tin/a", text(title="Đã duyệt", **year))
    office.write("tin/b", text(title="Chưa duyệt", **year))
    office.both("tin/a")
    words = ["print", "--dir", str(office.folder), "--week", "2026-11-26"]
    assert main(words) == 0
    made = sorted((office.folder / "state/to-tuan").iterdir())
    assert [file.name for file in made] == ["tuan-2026-11-23-thon-1.pdf", "tuan-2026-11-23-thon-3.pdf"]
    assert str(made[0]) in capsys.readouterr().out
    (sheet,) = sheets(made[1].read_bytes())
    assert "Đã duyệt" in sheet and "Chưa duyệt" not in sheet
    assert main([*words, "--hamlet", "thon-9"]) == 1 and "thon-1, thon-3" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(press, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    one = weeksheet.week(press.settings, [], press.settings.hamlets[0], MONDAY, NOW)
    with pytest.raises(Unavailable) as caught:
        weeksheet.pdf(press.settings, one)
    assert caught.value.code == "print-extra" and "bangtin[print]" in caught.value.told()


def test_what_is_over_prints_its_address_and_no_code(press):
    one = press.publish("a/mot")
    during = (press.build([one], "during") / "tin/mot.html").read_text("utf-8")
    after = (press.build([one], "after", now=one.notice.end) / "tin/mot.html").read_text("utf-8")
    assert "Quét mã để xem bản hiện hành" in during and '<path stroke="#000"' in during
    assert "Bản hiện hành:<br>https://dongmau.example/tin/mot.html" in after and '<path stroke="#000"' not in after
