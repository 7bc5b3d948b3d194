"""Disclosure, the register's orders, answers, the map, what stands where nothing is, English."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from signage.cli import main
from signage.errors import BadInput
from signage.notice import CATEGORIES, KINDS, read_all
from signage.office import doctype, starter
from signage.office.duties import Given, coverage, short_postings
from signage.office.paper import NAMES
from signage.office.rules import OWN_RULES, STANDINGS, Duty, Source, packaged, read_rules
from signage.office.website.clean import Published, build
from signage.office.website.look import Look
from signage.office.website.pages import plan
from signage.settings import load
from tests.browsing import chromium
from tests.office.conftest import served

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
NEW = ["cong-khai.html", "so-do.html", "tiep-can.html", "phan-anh.html", "404.html", "van-ban.html",
       "van-ban/theo-so.html", "van-ban/thong-bao.html", "en/index.html", "en/organisation.html"]  # fmt: skip
PACK = Path(starter.__file__).parent / "rules/cong-khai.toml"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The sample commune's site, all of it approved."""
    folder, root = tmp_path_factory.mktemp("more"), starter.sample_root()
    settings = load(root)
    items = []
    for notice in read_all(root / "content", settings.places).notices.values():
        if not notice.prepared:
            files = {f.name: (root / "content" / notice.id).parent / f.name for f in notice.files}
            sha = hashlib.sha256(notice.digest.encode()).hexdigest()
            items.append(Published(notice, sha, notice.date + timedelta(hours=2), files))
    build(settings, items, folder / "site", now=NOW, work=folder / "work")
    return folder / "site"


def words(path: Path) -> str:
    return " ".join(re.sub(r"(?s)<(style|head).*?</\1>|<[^>]+>", " ", path.read_text("utf-8")).split())


def links(path: Path) -> list[str]:
    main = path.read_text("utf-8").split("<main", 1)[1].split("</main>", 1)[0]
    return re.findall(r'href="([^"]+)"', main)


def test_the_new_pages_on_a_narrow_phone(site):
    with served(site) as address, chromium() as browser:  # its root: where 404.html is served
        page = browser.new_page(viewport={"width": 390, "height": 844})
        for name in NEW:
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"{address}/{name}")
            found = Axe().run(page, options=STRICT)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            page.set_viewport_size({"width": 320, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


# ── công khai ────────────────────────────────────────────────────────────────────────────────────


def test_the_pack_names_kinds_and_documents_that_exist_and_claims_nothing():
    rules = packaged()
    every = (*rules.sections, *rules.categories)
    assert {k for d in every for k in d.kinds} <= set(KINDS) and set(rules.postings) <= set(KINDS)
    assert {s for d in every for s in d.documents} <= {*NAMES, "*"}
    assert [d.category for d in rules.categories] == list(CATEGORIES)
    assert all(s.standing in STANDINGS for s in rules.sources)
    assert {s.standing for s in rules.sources} == {"law", "unverified"}
    text = PACK.read_text("utf-8")
    assert 'standing = "unverified"' in text and "tuân thủ" not in text and "đáp ứng" not in text


def test_the_page_tells_the_last_and_the_next_of_each_part(press):
    plans = press.publish("a/ke-hoach", Title="Kế hoạch vụ Xuân", Kind="van-ban", Number="22/KH-UBND",
                          Issuer="UBND", Category="san-xuat-doi-song", Date="2026-11-01 09:00")  # fmt: skip
    said = words(press.build([plans, press.page("lien-he", "Liên hệ")]) / "cong-khai.html")
    assert "Chiến lược, kế hoạch 1 01/11/2026: Kế hoạch vụ Xuân 01/11/2027" in said
    assert "Lịch làm việc 0 Chưa có –" in said
    assert "Sản xuất và đời sống 1 01/11/2026: Kế hoạch vụ Xuân 02/12/2026" in said
    assert "Công khai quy hoạch 0 Chưa có" in said
    assert f"phiên bản {packaged().version}" in said and "(chưa kiểm chứng)" in said
    assert "không xác nhận rằng xã đã làm đủ theo luật" in said


def test_a_withdrawn_notice_covers_nothing(press):
    gone = press.withdrawn(press.publish("a/quy-hoach", Title="Quy hoạch chung BIMAT"), "nhầm")
    said = words(press.build([gone]) / "cong-khai.html")
    assert "BIMAT" not in said and "Công khai quy hoạch 0" in said


@pytest.mark.parametrize(("age", "state"), [(0, "good"), (23, "good"), (24, "soon"), (30, "soon"), (31, "due")])
def test_what_is_due_is_told_a_week_before(press, age, state):
    duty = Duty("Tin", "", 31, Source("x", "law"), kinds=("cat-dien",))
    item = press.publish("a/mot")
    (found,) = coverage([duty], [Given(item.notice, NOW - timedelta(days=age))])
    assert found.state(date(2026, 11, 22)) == state
    (empty,) = coverage([duty], [])
    assert empty.state(date(2026, 11, 22)) == "empty"


def test_a_part_without_a_period_is_never_due(press):
    duty = Duty("Quy hoạch", "", 0, Source("x", "law"), words=("QUY HOẠCH",))
    old = Given(press.publish("a/mot", Title="Về quy hoạch chung").notice, datetime(2020, 1, 1, tzinfo=UTC))
    (found,) = coverage([duty], [old])
    assert (found.count, found.due, found.state(date(2026, 11, 22))) == (1, None, "good")


def test_what_is_posted_too_short_is_told_with_the_end_that_would_do(press):
    short = press.publish("a/ngan", Kind="niem-yet", Start="2026-11-21 05:00", End="2026-12-20 17:00").notice
    whole = press.publish("a/du", Kind="niem-yet", Start="2026-11-21 05:00", End="2026-12-21 05:00").notice
    power = press.publish("a/dien").notice
    (problem,) = short_postings([short, whole, power], packaged())
    assert (problem.file, problem.field, problem.severity) == ("a/ngan.md", "End", "warning")
    assert "niêm yết 29 ngày" in problem.told() and "End: 2026-12-21 05:00" in problem.told()
    auction = press.publish("a/dau-gia", Kind="dau-gia", Start="2026-11-21 05:00", End="2026-11-30 17:00").notice
    (problem,) = short_postings([auction], packaged())
    assert "chưa kiểm chứng" in problem.told()


def test_the_sample_is_posted_long_enough():
    root = starter.sample_root()
    notices = read_all(root / "content", load(root).places).notices.values()
    assert sum(n.kind in packaged().postings for n in notices) >= 4
    assert short_postings(notices, packaged()) == []


def test_a_commune_may_have_rules_of_its_own(tmp_path):
    assert read_rules(tmp_path) is packaged()
    text = PACK.read_text("utf-8").replace("days = 30", "days = 20").replace('version = "', 'version = "xã ')
    (tmp_path / OWN_RULES).write_text(text, "utf-8")
    assert read_rules(tmp_path).postings["niem-yet"].days == 20
    for bad in ("v = 2", "v = 1", "[", text.replace('kind = "dau-gia"', 'kind = "daugia"'),
                text.replace('source = "dau-gia-tai-san"', 'source = "khong-co"')):  # fmt: skip
        (tmp_path / OWN_RULES).write_text(bad, "utf-8")
        with pytest.raises(BadInput) as caught:
            read_rules(tmp_path)
        assert caught.value.problems[0].code == "rules-bad"


def test_the_officer_is_told_what_is_empty_and_what_is_due(office, capsys, text):
    office.write("tin/lich", text(title="Lịch làm việc tuần 48", kind="lich-lam-viec"))
    office.both("tin/lich")
    office.write("tin/nhap", text(title="Quy hoạch chưa duyệt"))
    assert main(["duties", "--dir", str(office.folder)]) == 0
    said = capsys.readouterr().out
    assert said.index("Mục còn trống") < said.index("Công khai quy hoạch") < said.index("Lịch làm việc: đăng gần nhất")
    assert main(["duties", "--json", "--dir", str(office.folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    by = {one["name"]: one for one in told["duties"]}
    assert by["Lịch làm việc"]["notice"] == "tin/lich" and by["Lịch làm việc"]["count"] == 1
    assert by["Công khai quy hoạch"]["state"] == "empty", "what nobody approved fills nothing"
    assert by["Chính sách, pháp luật"]["standing"] == "unverified"


def test_check_tells_a_short_posting_and_rules_that_cannot_be_read(office, capsys, text):
    office.write("tin/niem-yet", text(kind="niem-yet", start="2026-11-21 05:00", end="2026-11-25 17:00"))
    main(["check", "--json", "--dir", str(office.folder)])
    told = {p["code"]: p for p in json.loads(capsys.readouterr().out)["problems"]}
    assert told["posting-short"]["file"] == "tin/niem-yet.md" and told["posting-short"]["severity"] == "warning"
    (office.folder / OWN_RULES).write_text("v = 1\n", "utf-8")
    assert main(["check", "--json", "--dir", str(office.folder)]) == 1
    told = {p["code"] for p in json.loads(capsys.readouterr().out)["problems"]}
    assert {"rules-bad", "not-submitted"} <= told


# ── sổ văn bản ───────────────────────────────────────────────────────────────────────────────────


def document(press, ident, number, issued="", posted="2026-11-20 09:00", **more):
    return press.publish(f"van-ban/{ident}", Title=f"Văn bản {ident}", Kind="van-ban", Number=number, Date=posted,
                         Issuer="UBND xã", Issued=issued, **more)  # fmt: skip


def numbers(path: Path) -> list[str]:
    return re.findall(r'data-nhan="Số, ký hiệu">([^<]+)<', path.read_text("utf-8"))


def test_the_register_in_three_orders_by_kind_and_by_year(press):
    items = [
        document(press, "a", "9/TB-UBND", "2026-11-18", "2026-11-18 09:00"),
        document(press, "b", "45/TB-UBND", "2026-11-10", "2026-11-19 09:00"),
        document(press, "c", "131/QĐ-UBND", "2025-12-30", "2026-11-20 09:00"),
        document(press, "d", "07/UBND-VP", "2026-11-19", "2026-11-17 09:00"),
    ]
    site = press.build([*items, press.publish("a/tin")])
    assert numbers(site / "van-ban.html") == ["131/QĐ-UBND", "45/TB-UBND", "9/TB-UBND", "07/UBND-VP"]
    assert numbers(site / "van-ban/theo-ngay.html") == ["07/UBND-VP", "9/TB-UBND", "45/TB-UBND", "131/QĐ-UBND"]
    assert numbers(site / "van-ban/theo-so.html") == ["45/TB-UBND", "9/TB-UBND", "07/UBND-VP", "131/QĐ-UBND"]
    assert numbers(site / "van-ban/thong-bao.html") == ["9/TB-UBND", "45/TB-UBND"]
    assert numbers(site / "van-ban/van-ban-khac.html") == ["07/UBND-VP"]
    assert numbers(site / "van-ban/2025.html") == ["131/QĐ-UBND"]
    said = words(site / "van-ban/theo-so.html")
    assert "Đang xếp theo số, ký hiệu , năm mới nhất và số lớn nhất trước" in said
    assert 'aria-sort="descending">Số, ký hiệu' in (site / "van-ban/theo-so.html").read_text("utf-8")
    assert "Quyết định" in said and "Năm 2025" in said


def test_a_row_has_every_column(press):
    one = document(press, "a", "45/TB-UBND", "2026-11-18", Signer="Nguyễn Văn An | PHÓ CHỦ TỊCH",
                   Effective="2026-11-20", files={"45.pdf": b"%PDF" + b"x" * 44_000}, Attachments="45.pdf")  # fmt: skip
    site = press.build([one])
    for name in ("van-ban.html", "van-ban/theo-so.html"):
        said = words(site / name)
        assert ("45/TB-UBND 18/11/2026 Thông báo Văn bản a 45.pdf (PDF, 44 kB) UBND xã Nguyễn Văn An "
                "từ 20/11/2026; niêm yết đến 25/11/2026") in said  # fmt: skip
    assert "../tep/a/45.pdf" in links(site / "van-ban/theo-so.html") and (site / "tep/a/45.pdf").is_file()


def test_one_more_document_leaves_full_pages_of_the_register_alone(press, monkeypatch):
    monkeypatch.setattr(import_module("signage.office.website.pages.register"), "REGISTER_ROWS", 3)
    items = [document(press, f"x{n}", f"{n}/TB-UBND", f"2026-10-{n:02}", f"2026-10-{n:02} 09:00") for n in range(1, 12)]
    more = document(press, "y", "12/TB-UBND", "2026-11-12", "2026-11-12 09:00")

    def pages(some):
        return {p.path: p for p in plan(press.settings, Look(), some, NOW).pages if p.path.startswith("van-ban")}

    before, after = pages(items), pages([*items, more])
    changed = {path for path in after if after[path] != before.get(path)}
    heads = {"van-ban", "van-ban/theo-ngay", "van-ban/thong-bao", "van-ban/2026"}
    tails = (".html", "-2.html", "-3.html")  # the newest, the one that led to it, the one that is full now
    numbered = {f"van-ban/theo-so{tail}.html" for tail in ("", "-2026-7", "-2026-4")}
    assert len(before) == 15 and changed == {f"{stem}{tail}" for stem in heads for tail in tails} | numbered
    late = document(press, "z", "2/KH-UBND", "2026-11-13", "2026-11-13 09:00")  # in the midst of the year's numbers
    then = {path: page for path, page in pages([*items, more, late]).items() if "theo-so-" in path}
    assert {path for path in then if then[path] != after.get(path)} == {"van-ban/theo-so-2026-1.html"}
    assert then["van-ban/theo-so-2026-1.html"].values["title"].endswith("năm 2026, số 1–3")


@pytest.mark.parametrize(
    ("number", "name", "count", "year"),
    [
        ("45/TB-UBND", "Thông báo", 45, None), ("05/2026/NQ-HĐND", "Nghị quyết", 5, 2026),
        ("12a/QyĐ-UBND", "Quy định", 12, None), ("123/UBND-KT", "Văn bản khác", 123, None),
        ("1/CTr-ĐU", "Chương trình", 1, None), ("7/HD-VP", "Hướng dẫn", 7, None),
    ],
)  # fmt: skip
def test_a_number_says_what_kind_of_document_it_is(number, name, count, year):
    assert (doctype.kind_name(number), doctype.count(number), doctype.year(number)) == (name, count, year)


def test_no_two_kinds_of_document_share_an_address():
    slugs = {doctype.kind_slug(name) for name in (*NAMES.values(), doctype.OTHER)}
    assert len(slugs) == len(NAMES) + 1 and not slugs & {"theo-so", "theo-ngay"}
    assert all(re.fullmatch(r"[a-z-]+", slug) for slug in slugs)


# ── đường dẫn, phản ánh, 404, tiếp cận ───────────────────────────────────────────────────────────


def test_the_map_reaches_every_list(site):
    told = {(site / link).resolve() for link in links(site / "so-do.html")}
    lists = [*site.glob("loai/*.html"), *site.glob("thon/*.html"), *site.glob("van-ban/*.html"), *site.glob("*.html")]
    heads = {p for p in lists if not re.search(r"-\d+\.html$", p.name)} - {site / "404.html", site / "so-do.html"}
    assert {p.resolve() for p in heads} <= told


def test_answers_stand_newest_first_and_the_way_to_ask_above(site, press):
    said = words(site / "phan-anh.html")
    order = ["0299 000 0000", "Câu hỏi đã trả lời", "loa phát thanh giờ trưa", "đèn chiếu sáng", "đường ngập"]
    assert sorted(order, key=said.index) == order and "Không gửi số định danh" in said
    assert "Chưa có câu trả lời" in words(press.build([]) / "phan-anh.html")


def test_what_is_not_found_offers_the_search_and_the_lists(site):
    text = (site / "404.html").read_text("utf-8")
    assert '<form class="loc" action="/tim-kiem.html">' in text and 'name="q"' in text.split("<main")[1]
    assert {"/thong-bao.html", "/van-ban.html", "/lich.html", "/so-do.html"} <= set(links(site / "404.html"))


def test_every_page_leads_to_the_map_the_statement_and_the_disclosure(site):
    for path in site.rglob("*.html"):
        foot = path.read_text("utf-8").split('<footer class="chan"')[1]
        for name in ("so-do.html", "tiep-can.html", "cong-khai.html", "en/index.html"):
            assert f'{name}"' in foot, path


def test_the_statement_says_what_was_not_tested(site):
    said = words(site / "tiep-can.html")
    for part in ("Chưa có tổ chức độc lập nào kiểm định", "chưa nghe bằng trình đọc màn hình", "ubnd@dongmau.example"):
        assert part in said
    assert "tuân thủ" not in said and "phù hợp WCAG" not in said


# ── English ──────────────────────────────────────────────────────────────────────────────────────


def test_pages_in_english_say_so_and_lead_both_ways(site):
    base = "https://dongmau.example"
    for name, twin in (("en/organisation.html", "gioi-thieu.html"), ("en/procedures.html", "thu-tuc.html")):
        there, here = ((site / p).read_text("utf-8") for p in (name, twin))
        assert there.startswith('<!doctype html>\n<html lang="en">') and '<html lang="vi">' in here
        assert f'hreflang="vi" href="{base}/{twin}"' in there and f'hreflang="en" href="{base}/{name}"' in here
        assert f'href="../{twin}"' in there and f'<a href="{name}" lang="en"' in here
        assert '<header lang="vi">' in there
    home, index = ((site / p).read_text("utf-8") for p in ("index.html", "en/index.html"))
    assert f'hreflang="en" href="{base}/en/"' in home and f'hreflang="vi" href="{base}/"' in index
    sitemap = (site / "sitemap.xml").read_text("utf-8")
    assert f"<loc>{base}/en/organisation.html</loc>" in sitemap and f"<loc>{base}/en/index.html</loc>" in sitemap


def test_without_a_page_of_its_own_the_settings_speak(press):
    site = press.build([])
    said = words(site / "en/organisation.html")
    assert "Đồng Mẫu commune belongs to Mẫu Giang province" in said and "0299 000 0000" in said
    assert "Thôn 7 (Đồi Mẫu)" in said
    assert "hreflang" not in (site / "gioi-thieu.html").read_text("utf-8").split("</head>")[0]
    listed = links(site / "en/index.html")
    assert "../thong-bao.html" in listed and all((site / "en" / link).resolve().is_file() for link in listed)


def test_an_english_page_of_the_commune_replaces_it_and_prints_only_approved_words(press):
    own = press.page("en-organisation", "Who does what")
    site = press.build([own, press.page("en-market", "Market days")])
    said = words(site / "en/organisation.html")
    assert "Who does what" in said and "belongs to" not in said
    assert own.statement in (site / "en/organisation.html").read_text("utf-8")
    assert "../en/market.html" in links(site / "en/index.html") and (site / "en/market.html").is_file()
    assert not (site / "en-organisation.html").exists()


def test_a_commune_may_tell_itself_what_it_tested(press):
    own = press.build([press.page("tiep-can", "Xã đã thử gì")])
    assert "Xã đã thử gì" in words(own / "tiep-can.html") and "bộ kiểm axe-core" not in words(own / "tiep-can.html")


@pytest.mark.parametrize(("slug", "path", "said"), [
    ("gioi-thieu", "gioi-thieu.html", "chưa có nội dung được duyệt"), ("tiep-can", "tiep-can.html", "bộ kiểm axe-core"),
    ("en-organisation", "en/organisation.html", "Mẫu Giang province"), ("en-market", "en/market.html", "lý do: sai số"),
])  # fmt: skip
def test_a_page_that_is_taken_back_leaves_a_whole_site(press, slug, path, said):
    site = press.build([press.withdrawn(press.page(slug, "BIMAT"), "sai số")])
    assert said in words(site / path) and "BIMAT" not in (site / path).read_text("utf-8")


def test_in_a_new_commune_no_link_leads_nowhere(press):
    site = press.build([press.publish("a/mot")])
    for path in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^":#?]+)["#?]', path.read_text("utf-8")):
            target = site / link.lstrip("/") if link.startswith("/") else path.parent / link
            assert target.resolve().is_file(), f"{path.name}: {link}"
