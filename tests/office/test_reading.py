"""The site as people set it to read: dark, high contrast, very large, without script, on a narrow phone, on paper."""

from __future__ import annotations

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from signage.office import starter
from signage.office.showing import Picture, Showing, Turn
from signage.office.website.clean import build
from signage.settings import load
from tests.office.conftest import NOW, served

NOTICE = "tin/tiem-chung-thang-12-theo-thon.html"  # tables, dates, a document's facts
SEARCH = "tim-kiem.html?q=tiem+chung"
PAGES = ["index.html", NOTICE, "van-ban.html", "lich.html", SEARCH, "bang-tin.html", "404.html"]
LOOKS = {"light": ["m-sang"], "dark": ["m-toi"], "contrast": ["m-cao"], "largest": ["c-lon"]}
STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
CHOOSE = "id => { const one = document.getElementById(id); one.closest('details').open = true; one.click(); }"
SIZE = "() => parseFloat(getComputedStyle(document.body).fontSize)"
PAPER = "() => getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def address(sample, tmp_path_factory):
    """The sample's site, two boards of which show something."""
    folder, settings, data = tmp_path_factory.mktemp("reading"), load(starter.sample_root()), io.BytesIO()
    Image.new("RGB", (480, 270), "#0b3a45").save(data, "WEBP")
    shown = [
        Showing(board, (Turn(item.notice.id, item.notice.title, item.statement,
                             Picture(f"bang/{place}.webp", data.getvalue(), 480, 270), 1),))
        for place, (board, item) in enumerate(zip(settings.boards[:2], sample, strict=False))
    ]  # fmt: skip
    build(settings, sample, folder / "site", now=NOW, work=folder / "work", shown=shown)
    with served(folder / "site") as told:
        yield told


def opened(page, address, name):
    page.goto(f"{address}/{name}")
    if name == SEARCH:
        page.wait_for_selector("#kq[data-query='tiem chung'] a")


@pytest.mark.parametrize("look", LOOKS)
def test_no_accessibility_violations_however_it_is_set(browser, address, look):
    with browser.new_context(viewport={"width": 412, "height": 915}) as context:
        page = context.new_page()
        for name in PAGES:
            opened(page, address, name)
            for choice in LOOKS[look]:
                page.evaluate(CHOOSE, choice)
            found = Axe().run(page, options=STRICT)
            assert found.violations_count == 0, f"{name}, {look}: {found.generate_report()}"


def test_each_choice_changes_what_it_says(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        sizes, papers = [page.evaluate(SIZE)], set()
        for choice in ("c-to", "c-lon"):
            page.evaluate(CHOOSE, choice)
            sizes.append(page.evaluate(SIZE))
        assert sizes == sorted(set(sizes)) and sizes[2] > 1.4 * sizes[0]
        for choice in ("m-sang", "m-toi", "m-cao"):
            page.evaluate(CHOOSE, choice)
            papers.add(page.evaluate(PAPER))
        assert len(papers) == 3 and "rgb(0, 0, 0)" in papers


def test_the_choice_is_remembered_on_every_page_and_can_be_taken_back(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        before = page.evaluate(SIZE), page.evaluate(PAPER)
        for choice in ("c-lon", "m-cao"):
            page.evaluate(CHOOSE, choice)
        chosen = page.evaluate(SIZE), page.evaluate(PAPER)
        page.reload()
        assert (page.evaluate(SIZE), page.evaluate(PAPER)) == chosen != before
        other = context.new_page()
        other.goto(f"{address}/{NOTICE}")
        assert (other.evaluate(SIZE), other.evaluate(PAPER)) == chosen
        assert other.is_checked("#c-lon") and other.is_checked("#m-cao")
        for choice in ("c-vua", "m-may"):
            other.evaluate(CHOOSE, choice)
        page.reload()
        assert (page.evaluate(SIZE), page.evaluate(PAPER)) == before


def test_a_browser_that_keeps_nothing_still_lets_choose(browser, address):
    with browser.new_context() as context:
        page, said = context.new_page(), []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
        page.goto(address)
        page.evaluate(CHOOSE, "m-cao")
        assert page.evaluate(PAPER) == "rgb(0, 0, 0)" and said == []


def test_without_script_the_choice_works_by_css_alone(browser, address):
    with browser.new_context(java_script_enabled=False, viewport={"width": 412, "height": 915}) as context:
        page = context.new_page()
        page.goto(f"{address}/{NOTICE}")
        page.locator(".xem summary").click()
        before, plain = page.locator("h1").bounding_box(), page.screenshot()
        page.get_by_label("Rất to").check()
        assert page.locator("h1").bounding_box()["height"] > 1.4 * before["height"]
        page.get_by_label("Thường", exact=True).check()
        page.get_by_label("Tương phản cao").check()
        with Image.open(io.BytesIO(page.screenshot())) as dark, Image.open(io.BytesIO(plain)) as light:
            corner = (0, dark.height - 1)
            assert dark.convert("RGB").getpixel(corner) == (0, 0, 0) != light.convert("RGB").getpixel(corner)


def test_the_keyboard_reaches_the_choice(browser, address):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        page.locator(".xem summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "c-vua"
        page.keyboard.press("ArrowDown")
        assert page.is_checked("#c-to")


def test_the_largest_text_fits_a_phone_of_320_pixels(browser, address):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(address)
        page.evaluate(CHOOSE, "c-lon")  # remembered from here on
        for name in [*PAGES, "lien-he.html", "thong-bao.html", "luu-tru.html", "thon/thon-3.html",
                     "tin/ke-hoach-san-xuat-vu-dong-xuan-2026-2027.html", "tin/bao-so-6-khan-cap.html"]:  # fmt: skip
            opened(page, address, name)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{name}, all opened"


@pytest.mark.parametrize("choice", ["m-may", "m-toi", "m-cao"])
def test_paper_is_black_on_white_whatever_the_screen_is(browser, address, choice):
    ink = """() => [...document.querySelectorAll('main h1, main p, main td, main th, main dt, main dd, main a')]
        .filter(one => one.checkVisibility()).map(one => getComputedStyle(one).color)"""
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{address}/{NOTICE}")
        page.evaluate(CHOOSE, choice)
        page.emulate_media(media="print")
        assert set(page.evaluate(ink)) == {"rgb(0, 0, 0)"}
        assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
        for gone in (".menu", ".tim", ".dai", ".duong-dan"):
            assert not page.locator(gone).is_visible(), gone
