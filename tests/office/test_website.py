"""The site that citizens meet: real Pelican, a real server, a real browser."""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import html.parser
import http.server
import io
import json
import re
import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from signage.errors import BadInput
from signage.notice import LEVELS, read_all
from signage.office import starter
from signage.office.website.clean import REMEMBER, Look, Published, build
from signage.office.website.pages import plan
from signage.office.website.views import size_words
from signage.office.website.wording import page_html
from signage.settings import load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
STORM = datetime(2026, 9, 18, 22, 0, tzinfo=UTC)  # 05:00 on the 19th: both emergencies of the sample hold
LONG = "tin/ke-hoach-san-xuat-vu-dong-xuan-2026-2027.html"
MAX_NOTICE = 12_000  # bytes on the wire of a notice's page with its style sheet and icon (targets.md)
VOID = {"meta", "link", "br", "img", "hr", "input"}


# ── the sample commune, built once a state ──────────────────────────────────────────────────────


def sample_items(now: datetime) -> list[Published]:
    root = starter.sample_root()
    found = []
    for notice in read_all(root / "content", load(root).places).notices.values():
        folder = (root / "content" / notice.id).parent
        statement = hashlib.sha256(notice.digest.encode()).hexdigest()
        files = {f.name: folder / f.name for f in notice.files}
        gone = now if notice.slug == "cat-dien-thon-7-ngay-03-12" else None
        reason = "hoãn lịch" if gone else ""
        found.append(Published(notice, statement, notice.date + timedelta(hours=2), files, gone, reason))
    return found


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The sample's site on a usual day and during the storm."""
    folder = tmp_path_factory.mktemp("sites")
    settings = load(starter.sample_root())
    for name, now in (("usual", NOW), ("storm", STORM)):
        conf = starter.sample_root() / "pelicanconf.py"
        build(settings, sample_items(now), folder / name, now=now, work=folder / f"work-{name}", conf=conf)
    return folder


@pytest.fixture(scope="module")
def address(sites):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(sites))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# ── in the browser ───────────────────────────────────────────────────────────────────────────────


USUAL = ["index.html", "thong-bao.html", "van-ban.html", "luu-tru.html", "lien-he.html", "thon/thon-3.html", LONG,
         "tin/cat-dien-thon-3.html", "tin/bao-so-6-khan-cap.html", "tin/cat-dien-thon-7-ngay-03-12.html"]  # fmt: skip
STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}


@pytest.mark.parametrize(
    ("scheme", "paths"),
    [
        ("light", [*(f"usual/{name}" for name in USUAL), "storm/index.html"]),
        ("dark", ["storm/index.html", "usual/van-ban.html", *(f"usual/{name}" for name in USUAL[-4:])]),
    ],
)
def test_no_accessibility_violations_on_a_phone(browser, address, scheme, paths):
    with browser.new_context(viewport={"width": 412, "height": 915}, color_scheme=scheme) as context:
        page = context.new_page()
        for path in paths:
            page.goto(f"{address}/{path}")
            found = Axe().run(page, options=STRICT)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_pages_fit_320_pixels(browser, address, sites):
    every = sorted((sites / "usual/tin").glob("*.html"), key=lambda p: p.stat().st_size)[-12:]
    names = [*(f"usual/{name}" for name in USUAL), "storm/index.html", "usual/404.html"]
    names += [path.relative_to(sites).as_posix() for path in every]
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        for name in names:
            page.goto(f"{address}/{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_it_works_without_script_below_any_folder_and_asks_nobody_else(browser, address):
    asked, said = [], []
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{address}/storm/index.html")
        page.get_by_role("link", name="KHẨN CẤP: Bão số 6").first.click()
        assert "/storm/tin/bao-so-6-khan-cap.html" in page.url
        page.get_by_role("link", name="Văn bản", exact=True).first.click()
        page.get_by_role("link", name="Kế hoạch sản xuất").first.click()
        assert page.url.endswith(LONG)
        page.get_by_role("link", name="ỦY BAN NHÂN DÂN").first.click()
        assert page.url.endswith("/storm/index.html")
    assert all(url.startswith(f"{address}/storm/") for url in asked), asked
    assert said == []


def test_the_skip_link_comes_first_and_reaches_the_content(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/usual/index.html")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "bo-qua"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "noi-dung"


def test_a_notice_prints_on_one_sheet(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/usual/tin/cat-dien-thon-3.html")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


# ── every file ───────────────────────────────────────────────────────────────────────────────────


class Reader(html.parser.HTMLParser):
    """Links, pictures and ids of a page; fails when tags do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.open, self.h1, self.alts, self.attributes = [], [], [], 0, [], set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.attributes |= set(named)
        self.links += [named[a] for a in ("href", "src") if a in named]
        self.ids += [named["id"]] if "id" in named else []
        self.alts += [named.get("alt")] if tag == "img" else []
        self.h1 += tag == "h1"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()


def test_every_internal_link_leads_to_a_file(sites):
    seen = 0
    for site in (sites / "usual", sites / "storm"):
        for path in site.rglob("*.html"):
            for link in Reader(path.read_text(encoding="utf-8")).links:
                parts = urlsplit(link)
                if parts.scheme or not parts.path:
                    continue
                base = site if parts.path.startswith("/") else path.parent
                target = (base / unquote(parts.path).lstrip("/")).resolve()
                assert target.is_file() and target.is_relative_to(site), f"{path.name}: {link}"
                seen += 1
    assert seen > 1000


def test_every_page_is_whole_and_marked_as_sample(sites):
    for path in (sites / "usual").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        read = Reader(text)
        lang = "en" if path.parent.name == "en" else "vi"
        assert text.startswith(f'<!doctype html>\n<html lang="{lang}">')
        assert "DỮ LIỆU MẪU" in text and 'name="description" content="' in text and "<title>" in text
        assert read.h1 == 1 and len(set(read.ids)) == len(read.ids), path.name
        assert all(read.alts), f"{path.name}: a picture without words"
        assert text.count(f"<script>{REMEMBER}</script>") == 1
        others = text.count('<script type="application/ld+json">') + text.count('<script src="theme/tim.js')
        assert text.count("<script") == 1 + others
        assert "style=" not in text and "<marquee" not in text
        if path.name != "404.html":
            assert not any(link.startswith("/") for link in read.links), f"{path.name} works at one path only"


def test_two_builds_are_byte_identical(sites, tmp_path):
    settings, conf = load(starter.sample_root()), starter.sample_root() / "pelicanconf.py"
    items = sample_items(NOW)[::-1]
    again = build(settings, items, tmp_path / "again", now=NOW, work=tmp_path / "w", conf=conf)
    assert len(again.outputs) > 60
    for path in again.outputs:
        assert (tmp_path / "again" / path).read_bytes() == (sites / "usual" / path).read_bytes(), path
    assert sum(p.is_file() for p in (sites / "usual").rglob("*")) == len(again.outputs)


def test_a_notice_page_is_light(sites):
    wire = [gzip.compress((sites / "usual" / name).read_bytes(), 6) for name in ("theme/site.css", "theme/icon.svg")]
    shared = sum(map(len, wire))
    pages = {p.name: len(gzip.compress(p.read_bytes(), 6)) + shared for p in (sites / "usual/tin").glob("*.html")}
    assert max(pages.values()) <= MAX_NOTICE, max(pages, key=pages.__getitem__)


def test_feed_sitemap_and_json_tell_the_same_notices(sites):
    site = sites / "usual"
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(site / "atom.xml").getroot()
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 20 and all(e.find(f"{atom}content") is None for e in entries)
    told = json.loads((site / "notices.json").read_text(encoding="utf-8"))
    urls = {n["url"] for n in told["notices"]}
    gone = told["withdrawn"][0]["url"]
    assert urls == {p.relative_to(site).as_posix() for p in (site / "tin").glob("*.html")} - {gone}
    assert {"id", "title", "kind", "class", "start", "end", "url", "number"} <= set(told["notices"][0])
    listed = {e.text for e in ET.parse(site / "sitemap.xml").getroot().iter() if e.tag.endswith("loc")}
    assert {f"https://dongmau.example/{url}" for url in urls} <= listed
    assert not any("404" in u or gone in u for u in listed)
    for url in listed:
        path = urlsplit(url).path.lstrip("/") or "index.html"
        assert (site / path).is_file(), url


def test_feeds_of_kinds_and_hamlets_and_a_twin_of_each_page(sites):
    site = sites / "usual"
    atom = "{http://www.w3.org/2005/Atom}"
    for path in (*site.glob("loai/*.xml"), *site.glob("thon/*.xml"), site / "cap.xml"):
        feed = ET.parse(path).getroot()
        own = f"https://dongmau.example/{path.relative_to(site).as_posix()}"
        assert feed.find(f"{atom}id").text == own and feed.find(f"{atom}title").text.endswith("(DỮ LIỆU MẪU)")
        for entry in feed.findall(f"{atom}entry"):
            assert (site / urlsplit(entry.find(f"{atom}id").text).path.lstrip("/")).is_file()
    for kind in site.glob("loai/*.html"):
        assert kind.with_suffix(".xml").is_file() and f"{kind.stem}.xml" in kind.read_text("utf-8")
    near = {e.find(f"{atom}title").text for e in ET.parse(site / "thon/thon-3.xml").getroot().iter(f"{atom}entry")}
    assert any("thôn 3" in title for title in near) and not any("thôn 7" in title for title in near)
    told = json.loads((site / "notices.json").read_text("utf-8"))["notices"]
    for notice in told:
        twin = json.loads((site / notice["url"]).with_suffix(".json").read_text("utf-8"))
        assert {**twin, **notice} == twin
        assert twin["html"] in (site / notice["url"]).read_text("utf-8")
    feed = json.loads((site / "feed.json").read_text("utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and len(feed["items"]) == 20


def test_the_register_is_a_table_that_a_spreadsheet_opens(sites):
    data = (sites / "usual/van-ban.csv").read_bytes()
    assert data.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    told = json.loads((sites / "usual/van-ban.json").read_text("utf-8"))["documents"]
    assert [row["Số, ký hiệu"] for row in rows] == [one["document"]["number"] for one in told]
    assert len(rows) == 22 and rows[0]["Trích yếu"] and rows[0]["Địa chỉ"].startswith("https://dongmau.example/tin/")


def test_no_cell_is_a_formula(press):
    notice = press.publish("a/van", Title="=HYPERLINK(1)", Number="1/TB-UBND", Issuer="@SUM(1)")
    (row,) = csv.DictReader(io.StringIO((press.build([notice]) / "van-ban.csv").read_bytes().decode("utf-8-sig")))
    assert row["Trích yếu"] == "'=HYPERLINK(1)" and row["Cơ quan ban hành"] == "'@SUM(1)"


def test_emergencies_are_cap_messages(sites):
    cap = "{urn:oasis:names:tc:emergency:cap:1.2}"
    site = sites / "storm"
    (link,) = [e for e in ET.parse(site / "cap.xml").getroot().iter() if e.get("type") == "application/cap+xml"
               and "bao-so-6" in e.get("href")]  # fmt: skip
    alert = ET.parse(site / urlsplit(link.get("href")).path.lstrip("/")).getroot()
    order = ["identifier", "sender", "sent", "status", "msgType", "scope", "info"]
    assert [e.tag for e in alert] == [cap + name for name in order]
    assert alert.find(f"{cap}sender").text == "H99.99.99", "the office's agency, as in the hub's feed"
    assert alert.find(f"{cap}status").text == "Exercise"  # the sample commune does not exist
    info = alert.find(f"{cap}info")
    assert (info.find(f"{cap}severity").text, info.find(f"{cap}language").text) == ("Extreme", "vi-VN")
    sent, expires = (datetime.fromisoformat(e.text) for e in (alert.find(f"{cap}sent"), info.find(f"{cap}expires")))
    assert sent < expires <= sent + timedelta(hours=24)


def test_a_cancelled_emergency_is_a_cap_cancel_without_its_words(press):
    fields = {"Class": "khan-cap", "Kind": "thien-tai", "Level": "4", "Source": "Đài KTTV",
              "Bulletin-Time": "2026-11-20 16:00", "Start": "2026-11-20 17:00", "End": "2026-11-21 09:00"}  # fmt: skip
    raised = press.publish("khan-cap/2026/lu", body="Di dời ngay.", Title="Lũ lên nhanh", **fields)
    text = (press.build([press.withdrawn(raised, "nước đã rút")]) / "cap/lu.xml").read_text("utf-8")
    assert "<msgType>Cancel</msgType>" in text and "nước đã rút" in text and "Lũ lên nhanh" not in text
    (before,) = re.findall(r"<references>[^,]+,([^,]+),[^<]+</references>", text)
    assert f"<identifier>{before}.huy</identifier>" in text


def test_search_engines_are_told_who_and_until_when(sites):
    def linked(path: Path) -> dict[str, Any]:
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', path.read_text("utf-8"))
        return json.loads(text)

    assert linked(sites / "usual/index.html")["@type"] == "GovernmentOrganization"
    said = linked(sites / "usual/tin/cat-dien-thon-3.html")
    assert (said["@type"], said["expires"]) == ("SpecialAnnouncement", "2026-11-24T17:00:00+07:00")
    assert [place["name"] for place in said["spatialCoverage"]] == [
        "Thôn 3 (Bến Mẫu), tỉnh Mẫu Giang", "Thôn 5 (Xóm Mẫu), tỉnh Mẫu Giang"
    ]  # fmt: skip


def test_a_title_ends_no_script(press):
    site = press.build([press.publish("a/x", Title="</script><b>x")])
    assert "</script><b>" not in (site / "tin/x.html").read_text("utf-8")


# ── what pages say ───────────────────────────────────────────────────────────────────────────────


def words(path: Path) -> str:
    text = re.sub(r"(?s)<(style|head).*?</\1>|<[^>]+>", " ", path.read_text(encoding="utf-8"))
    return " ".join(text.split())


def test_the_home_page_puts_the_emergency_first_then_priority(sites):
    said = words(sites / "storm/index.html")
    order = ["Cấp độ rủi ro 4: Rất lớn", "Cấp độ rủi ro 3: Lớn", "Ưu tiên", "Thông báo mới", "Văn bản mới"]
    assert sorted(order, key=said.index) == order
    assert "Cấp độ rủi ro" not in words(sites / "usual/index.html")
    over = words(sites / "usual/tin/bao-so-6-khan-cap.html")
    assert "Hết hiệu lực từ 12:00 ngày 19/09/2026" in over
    assert "ĐÃ HẾT HIỆU LỰC · Cấp độ rủi ro 4" in over, "an emergency that is over still alarms"


def test_a_document_shows_what_an_official_document_needs(press):
    one = press.publish(
        "van-ban/45", Title="Thông báo về “một” & 'hai' \"ba\" <3", Kind="van-ban", Number="45/TB-UBND",
        Issuer="UBND xã Đồng Mẫu", Signer="Nguyễn Văn An | PHÓ CHỦ TỊCH | KT. CHỦ TỊCH",
        Recipients="Như trên; Lưu: VT", Issued="2026-11-19", Effective="2026-11-20", Facts="Thời gian = 05:00–17:00",
        Hamlets="thon-3", files={"45-TB-UBND.pdf": b"%PDF" + b"x" * 1_300_000}, Attachments="45-TB-UBND.pdf",
    )  # fmt: skip
    site = press.build([one])
    said = words(site / "tin/45.html")
    for part in ("45/TB-UBND", "UBND xã Đồng Mẫu", "19/11/2026", "20/11/2026",
                 "KT. CHỦ TỊCH PHÓ CHỦ TỊCH Nguyễn Văn An",
                 "Nơi nhận: Như trên Lưu: VT", "Thời gian 05:00–17:00", "Thôn 3", "(PDF, 1,3 MB)",
                 "Từ 05:00 ngày 21/11/2026 đến 17:00 ngày 25/11/2026",
                 "Cập nhật lúc 11:00 ngày 20/11/2026"):  # fmt: skip
        assert part in said, part
    assert (site / "tep/45/45-TB-UBND.pdf").stat().st_size == 1_300_004
    register = words(site / "van-ban.html")
    assert "45/TB-UBND 19/11/2026 Thông báo Thông báo về “một” &amp;" in register


def test_before_and_after_its_time_a_notice_says_so(press):
    one = press.publish("a/mot")
    before = press.build([one], "before", now=one.notice.start - timedelta(minutes=1))
    during = press.build([one], "during", now=one.notice.end - timedelta(minutes=1))
    after = press.build([one], "after", now=one.notice.end)
    assert "Có hiệu lực từ 05:00 ngày 21/11/2026" in words(before / "tin/mot.html")
    assert "Hết hiệu lực" not in words(during / "tin/mot.html") and "Chưa đến" not in words(during / "tin/mot.html")
    assert "Hết hiệu lực từ 17:00 ngày 25/11/2026" in words(after / "tin/mot.html")
    assert (during / "thong-bao.html").read_bytes() == (after / "thong-bao.html").read_bytes()


def test_a_withdrawn_notice_leaves_a_marker_and_none_of_its_words(press):
    one = press.publish(
        "a/mot", Title="Họp dân BIMAT1", Summary="BIMAT2 tóm tắt", body="BIMAT3 nội dung", Number="9/TB-UBND",
        Issuer="BIMAT4", Facts="BIMAT5 = BIMAT6", files={"bimat7.pdf": b"%PDF BIMAT8"}, Attachments="bimat7.pdf",
    )  # fmt: skip
    site = press.build([press.withdrawn(one, "đăng nhầm ngày"), press.publish("a/hai")])
    said = words(site / "tin/mot.html")
    assert "Thông báo này (số 9/TB-UBND) đã được thu hồi lúc 09:00 ngày 22/11/2026, lý do: đăng nhầm ngày." in said
    assert one.statement in (site / "tin/mot.html").read_text(encoding="utf-8")
    everything = b"".join(p.read_bytes() + p.name.encode() for p in site.rglob("*") if p.is_file())
    assert b"bimat" not in everything.lower()


def test_a_new_version_replaces_a_withdrawn_one(press):
    old = press.withdrawn(press.publish("a/mot", body="Bản cũ"), "sai giờ")
    new = press.publish("a/mot", body="Bản mới")
    assert "Bản mới" in words(press.build([old, new]) / "tin/mot.html")


def test_pages_of_lists_count_from_the_oldest_and_do_not_change(press):
    items = [
        press.publish(f"a/so-{n:02}", Date=f"2026-11-{n:02} 09:00", Start="2026-11-01 05:00") for n in range(1, 10)
    ]
    conf = "DEFAULT_PAGINATION = 3"
    eight, nine = press.build(items[:8], "eight", conf=conf), press.build(items, "nine", conf=conf)
    part = re.compile(r'(?s)<ul class="danh-sach">.*?</ul>')
    first = [part.findall((site / "thong-bao-1.html").read_text(encoding="utf-8")) for site in (eight, nine)]
    assert first[0] == first[1] != []
    assert "Trang khác" in (nine / "thong-bao.html").read_text(encoding="utf-8")
    for number in range(1, 10):
        listing = [
            p.name for p in nine.glob("thong-bao*.html") if f"so-{number:02}.html" in p.read_text(encoding="utf-8")
        ]
        assert len(listing) == 1, number


def test_one_more_notice_changes_few_pages(press):
    items = [press.publish(f"a/so-{n:02}", Date=f"2026-11-{n % 20 + 1:02} 09:00") for n in range(40)]
    more = press.publish("a/them", Date="2026-11-22 08:00", Hamlets="thon-3", Kind="cat-nuoc")
    before, after = press.ledger(items, "before").outputs, press.ledger([*items, more], "after").outputs
    changed = {p for p in after if p not in before or before[p].sha256 != after[p].sha256}
    assert {p for p in changed if p.startswith("tim/d/")} == {"tim/d/5.json"}  # rows of older notices stay
    assert {p for p in changed if not p.startswith("tim/")} == {
        "tin/them.html", "index.html", "thong-bao.html", "loai/cat-nuoc.html", "thon/thon-3.html",
        "luu-tru.html", "luu-tru/2026-11.html", "atom.xml", "sitemap.xml", "notices.json",
        "tin/them.json", "feed.json", "loai/cat-nuoc.xml", "thon/thon-3.xml",
        "tim-kiem.html", "so-do.html",  # offer a kind that was not there before
        "cong-khai.html",  # counts them
    }  # fmt: skip


def test_an_empty_commune_has_a_whole_site(press):
    site = press.build([])
    for path in site.rglob("*.html"):
        Reader(path.read_text(encoding="utf-8"))
    assert "Chưa có thông báo nào" in words(site / "index.html")
    assert "chưa có nội dung được duyệt" in words(site / "lien-he.html")


def test_an_own_page_replaces_the_empty_one(press):
    site = press.build([press.page("lien-he", "Liên hệ các bộ phận")])
    assert "Đề nghị nhân dân chú ý" in words(site / "lien-he.html")
    assert "Hết hiệu lực" not in words(site / "lien-he.html")


def test_a_page_may_not_take_a_lists_address(press):
    with pytest.raises(BadInput) as caught:
        press.build([press.page("thong-bao", "Chiếm chỗ")])
    assert caught.value.problems[0].code == "slug-twice"


def test_levels_have_the_same_colours_on_the_site_and_on_boards():
    css = (starter.theme_folder() / "static/site.css").read_text()
    for number, level in LEVELS.items():
        colour = re.search(rf"\.cap-{number} {{ --cap: (#\w+); --muc: (#\w+)", css)
        assert colour is not None
        full = [c if len(c) == 7 else "#" + "".join(2 * x for x in c[1:]) for c in colour.groups()]
        assert full == [level.colour, level.ink]


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def shown(body: str) -> str:
    return page_html(body, {"a.png": "../tep/x/a.png", "b.html": "../b.html"}.get)


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,x)",
        "![x](https://evil.example/x.png)", "![x](//evil.example/x.png)",
        "<a href='x' onclick='y'>z</a>", "[x](//evil.example)", "![x](../../keys/p1.key)", "<iframe src=x></iframe>",
        "[x]: javascript:alert(1)\n\n[y][x]", "<style>*{}</style>", '[x](a.png "t\\" onmouseover=1")',
    ],
)  # fmt: skip
def test_no_raw_html_no_script_no_foreign_picture(bad):
    read = Reader(shown(bad))
    assert not re.search(r"<(script|iframe|style|object|form|svg)\b", shown(bad), re.IGNORECASE)
    assert read.attributes <= {"href", "src", "alt", "title"}
    assert all(link.startswith("../") for link in read.links), read.links


def test_raw_html_shows_as_letters():
    assert shown("<b>x</b> & y") == "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"
    assert shown("<div>\n\nx\n\n</div>") == "<p>&lt;div&gt;</p>\n<p>x</p>\n<p>&lt;/div&gt;</p>"


def test_files_and_pages_are_found_and_other_links_lose_their_address():
    assert set(shown("![ảnh](a.png)").removesuffix("></p>").split()) == {"<p><img", 'src="../tep/x/a.png"', 'alt="ảnh"'}
    assert shown("[c](b.html)") == '<p><a href="../b.html">c</a></p>'
    assert shown("[c](khong-co.html)") == "<p><a>c</a></p>"
    assert shown("[c](https://dichvucong.gov.vn)") == '<p><a href="https://dichvucong.gov.vn">c</a></p>'


def test_headings_begin_at_the_second_level_and_lists_keep_their_numbers():
    assert shown("# A\n\n## B") == "<h2>A</h2>\n<h3>B</h3>"
    assert shown("### A\n\n#### B") == "<h2>A</h2>\n<h3>B</h3>"
    assert '<ol start="3">' in shown("3. ba\n4. bốn")


def test_each_table_scrolls_in_a_box_of_its_own():
    table = "| a | b |\n|---|---:|\n| 1 | 2 |\n"
    made = shown(f"{table}\n\nx\n\n{table}")
    assert made.count('tabindex="0"') == 2 and 'aria-label="Bảng 2"' in made and '<td class="right">2</td>' in made
    Reader(made)


@pytest.mark.parametrize(
    ("size", "told"), [(812, "812 byte"), (45_200, "45 kB"), (999_600, "1,0 MB"), (1_340_000, "1,3 MB")]
)
def test_sizes_are_written_as_vietnamese_write_them(size, told):
    assert size_words(size) == told


def test_planning_reads_no_clock_and_no_disk(press):
    one = press.publish("a/mot")
    for path in one.files.values():
        path.unlink()
    assert plan(press.settings, Look(), [one], NOW) == plan(press.settings, Look(), [one], NOW)
