"""The search as a visitor meets it: a real browser, words without accents or with wrong ones, numbers in pieces."""

from __future__ import annotations

import importlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.lettering import folded
from signage.office import starter
from signage.office.website.clean import build
from signage.office.website.pages.search import key, words
from signage.office.website.pages.shelves import Shelves
from signage.settings import load
from tests.browsing import chromium
from tests.office.conftest import served

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
QUERIES = json.loads((Path(__file__).parents[1] / "vectors/search.json").read_text("utf-8"))
SETTLED = "q => document.getElementById('kq').dataset.query === q"


@pytest.fixture(scope="module")
def site(sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    build(load(starter.sample_root()), sample, folder / "site", now=NOW, work=folder / "work")
    return folder / "site"


@pytest.fixture(scope="module")
def page(site):
    with served(site.parent) as address, chromium() as browser:
        made = browser.new_page(locale="vi-VN")
        made.errors = []
        made.on("console", lambda message: made.errors.append(message.text))
        made.on("pageerror", lambda error: made.errors.append(str(error)))
        made.goto(f"{address}/site/tim-kiem.html")
        yield made


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


def test_more_results_come_on_request(page):
    assert len(found(page, "thong bao")) == 10
    page.click("#them")
    page.wait_for_function("() => document.querySelectorAll('#kq li').length > 10")
    assert found(page, "cat dien thon 3")[0] == "tin/cat-dien-thon-3.html"
    assert len(page.query_selector_all("#kq li")) == 10


def test_files_that_grow_are_split_and_found_all_the_same(page, site, sample, monkeypatch):
    """As of an archive of many thousands: each file holds few words."""
    index = importlib.import_module("signage.office.website.pages.search")
    monkeypatch.setattr(index, "LARGE", 200)
    _, files = index.search(Shelves(sample), load(starter.sample_root()))
    card = json.loads(files["tim/c.json"].data)
    for tier in "ab":
        assert len(card[tier]) > 200
        for name in card[tier]:
            for word in json.loads(files[f"tim/{tier}-{name}.json"].data):
                begin = [n for n in card[tier] if word.startswith(n)] if word[:2].isascii() else ["__"]
                assert max(begin, key=len) == name, word
    split = site.with_name("split")
    shutil.copytree(site, split)
    shutil.rmtree(split / "tim")
    (split / "tim/d").mkdir(parents=True)
    for name, made in files.items():
        (split / name).write_bytes(made.data)
    usual = page.url
    page.goto(usual.split("?")[0].replace("/site/", "/split/"))
    for query, slug in QUERIES[::6]:
        assert found(page, query)[0] == f"tin/{slug}.html", query
    assert found(page, "tam ngun"), "a word that is being typed"
    page.goto(usual)


def test_every_word_of_every_title_finds_its_notice_in_the_index(site):
    card = json.loads((site / "tim/c.json").read_bytes())
    rows = [row for path in sorted((site / "tim/d").glob("*.json"), key=lambda p: int(p.stem))
            for row in json.loads(path.read_bytes())]  # fmt: skip
    assert len(rows) == card["n"]
    for place, row in enumerate(rows):
        for fold, word in words(row[1]):
            at, spots = 0, []
            for delta in json.loads((site / f"tim/a-{key(fold)}.json").read_bytes())[fold][word]:
                at += delta // 8
                spots.append(at)
            assert place in spots


@given(st.text(max_size=60))
def test_words_fold_to_what_a_visitor_types(text):
    for fold, word in words(text):
        assert fold == folded(word) and word
        assert "đ" not in fold
