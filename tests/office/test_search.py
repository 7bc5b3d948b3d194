"""The search as a visitor meets it: a real browser, words without accents or with wrong ones, numbers in pieces."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from signage.lettering import folded
from signage.notice import read_all
from signage.office import starter
from signage.office.pages.search import key, words
from signage.office.website import Published, build
from signage.settings import load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
QUERIES = json.loads((Path(__file__).parents[1] / "vectors/search.json").read_text("utf-8"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SETTLED = "q => document.getElementById('kq').dataset.query === q"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The sample commune's site, all of it approved."""
    folder = tmp_path_factory.mktemp("search")
    root = starter.sample_root()
    settings = load(root)
    items = []
    for notice in read_all(root / "content", settings.places).notices.values():
        if not notice.prepared:
            files = {f.name: (root / "content" / notice.id).parent / f.name for f in notice.files}
            items.append(Published(notice, f"{len(items):064x}", notice.date + timedelta(hours=2), files))
    build(settings, items, folder / "site", now=NOW, work=folder / "work")
    return folder / "site"


@pytest.fixture(scope="module")
def page(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            made = browser.new_page(locale="vi-VN")
            made.errors = []
            made.on("console", lambda message: made.errors.append(message.text))
            made.on("pageerror", lambda error: made.errors.append(str(error)))
            made.goto(f"http://127.0.0.1:{server.server_port}/tim-kiem.html")
            yield made
            browser.close()
        server.shutdown()


def found(page, query):
    page.fill("#tu", query)
    page.wait_for_function(SETTLED, arg=query)
    return [a.get_attribute("href") for a in page.query_selector_all("#kq a")]


@pytest.mark.parametrize(("query", "slug"), QUERIES, ids=[query for query, _ in QUERIES])
def test_the_notice_that_is_meant_comes_first(page, query, slug):
    assert found(page, query)[:1] == [f"tin/{slug}.html"]
    assert page.errors == []


def test_there_are_sixty_of_them():
    assert len(QUERIES) == 60


def test_a_match_is_marked_with_its_accents_and_a_snippet_comes_from_the_body(page):
    found(page, "dong dien tu may phat")
    first = page.query_selector("#kq li")
    assert first.query_selector("a").get_attribute("href") == "tin/cat-dien-thon-3.html"
    assert "đóng điện từ máy phát" in first.inner_text()
    assert {"đóng", "điện", "máy"} <= {mark.inner_text() for mark in first.query_selector_all("mark")}


def test_filters_narrow_and_stand_alone(page):
    found(page, "dien")
    page.select_option("[name=h]", "thon-7")
    page.wait_for_function("() => document.querySelectorAll('#kq li').length === 1")
    assert page.get_attribute("#kq a", "href") == "tin/cat-dien-thon-7-ngay-03-12.html"
    page.fill("#tu", "")
    page.select_option("[name=h]", "")
    page.select_option("[name=k]", "hop-thon")
    page.wait_for_function(
        "() => document.getElementById('kq').dataset.query === '' && document.querySelector('#kq a')"
    )
    assert page.get_attribute("#kq a", "href") == "tin/hop-thon-3-ngay-28-11.html"
    page.select_option("[name=k]", "")


@pytest.mark.parametrize("query", ["zzzz", "!!!", "<b>x</b>", "((", "\\", "đ" * 500, "%%", "🙂"])
def test_nonsense_finds_nothing_and_breaks_nothing(page, query):
    assert found(page, query) == []
    assert page.errors == []


def test_an_address_with_a_query_searches_at_once(page):
    page.goto(page.url.split("?")[0] + "?q=tiem+chung")
    page.wait_for_function(SETTLED, arg="tiem chung")
    assert page.get_attribute("#kq a", "href") == "tin/ngay-tiem-chung-25-11.html"


def test_every_word_of_every_title_finds_its_notice_in_the_index(site):
    card = json.loads((site / "tim/c.json").read_bytes())
    rows = [row for path in sorted((site / "tim/d").glob("*.json"), key=lambda p: int(p.stem))
            for row in json.loads(path.read_bytes())]  # fmt: skip
    assert len(rows) == card["n"]
    for place, row in enumerate(rows):
        for fold, word in words(row[1]):
            at, spots = 0, []
            for delta in json.loads((site / f"tim/a/{key(fold)}.json").read_bytes())[fold][word]:
                at += delta // 8
                spots.append(at)
            assert place in spots


@given(st.text(max_size=60))
def test_words_fold_to_what_a_visitor_types(text):
    for fold, word in words(text):
        assert fold == folded(word) and word
        assert "đ" not in fold
