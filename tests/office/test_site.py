"""A site that is kept up to date: the same bytes as a clean build, little work, nothing half done."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from signage.errors import BadInput, Refused
from signage.notice import Notice, canonical_text, parse
from signage.office import starter
from signage.office.website import served
from signage.office.website.clean import build
from signage.office.website.closure import closures
from signage.office.website.pages import Memory, budgets
from signage.office.website.pages.search import words_index
from signage.office.website.press import Press
from signage.office.website.site import Changes, Site
from signage.office.website.state import State
from signage.office.website.views import Published
from signage.settings import Settings, load

BENCH = Path(__file__).parents[2] / "bench"
MANY = 1_000  # notices of the archive whose fan-out is counted
LEAK_MB = 8  # that Pelican's process may grow by in 25 updates; each leaked the whole site before


def changes() -> ModuleType:
    """`bench/changes.py`, which `bench/build.py` runs for thousands of steps."""
    if "changes" not in sys.modules:
        spec = importlib.util.spec_from_file_location("changes", BENCH / "changes.py")
        assert spec is not None and spec.loader is not None
        sys.modules["changes"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["changes"])
    return sys.modules["changes"]


@hypothesis_settings(max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_it_equals_a_clean_build(tmp_path_factory, seed):
    life = changes().Life(tmp_path_factory.mktemp("life"), seed)
    try:
        life.update()
        for _ in range(4):
            life.step(4)
            assert life.differences() == [], life.told
    finally:
        life.close()


# ── one commune ──────────────────────────────────────────────────────────────────────────────────


class Commune:
    """A site of a few notices."""

    def __init__(self, folder: Path, press) -> None:
        self.folder, self.press, self.output = folder, press, folder / "site"
        self.items = [press.publish(f"a/so-{n}", Date=f"2026-11-{n:02} 09:00") for n in range(1, 8)]
        self.site = self.opened()

    def opened(self) -> Site:
        return Site(self.output, Press(self.folder / "work"), state=self.folder / "site.sqlite3", keep="bang")

    def update(self, **changed) -> Changes:
        told = {"settings": self.press.settings, "now": self.items[0].approved_at + timedelta(days=30), **changed}
        return self.site.update(told["settings"], self.items, told["now"])

    def files(self) -> dict[str, str]:
        return changes().contents(self.output)


@pytest.fixture
def commune(tmp_path, press, monkeypatch) -> Iterator[Commune]:
    theme = tmp_path / "theme"
    shutil.copytree(starter.theme_folder(), theme)
    monkeypatch.setattr(starter, "theme_folder", lambda: theme)
    made = Commune(tmp_path, press)
    made.update()
    yield made
    made.site.close()


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize("word", ["{{ khong_co }}", "{{ here.khong_co }}", "{% if %}", "{% include here.title %}"])
def test_a_theme_that_fails_leaves_the_old_site_and_mended_goes_on(commune, word):
    before, template = commune.files(), commune.folder / "theme/templates/list.html"
    good = template.read_text("utf-8")
    append(template, word) if "%" in word else template.write_text(good.replace("<h1>", f"<h1>{word}", 1), "utf-8")
    commune.items.append(commune.press.publish("a/moi"))
    with pytest.raises(Refused):
        commune.update()
    assert commune.files() == before
    template.write_text(good, encoding="utf-8")
    assert "tin/moi.html" in commune.update().written


def test_what_the_commune_got_wrong_leaves_the_old_site(commune):
    before = commune.files()
    commune.items.append(commune.press.publish("b/khac", Slug="so-1"))
    with pytest.raises(BadInput):
        commune.update()
    assert commune.files() == before
    commune.items.pop()
    assert commune.update() == Changes((), (), 0)


def test_a_pelican_that_died_is_started_again(commune):
    process = commune.site._press._process
    process.kill()
    process.wait()
    commune.items.append(commune.press.publish("a/moi"))
    assert "tin/moi.html" in commune.update().written


def test_a_new_process_prints_nothing_again(commune):
    commune.site.close()
    commune.site = commune.opened()
    assert commune.update() == Changes((), (), 0)
    assert commune.site._press._process is None, "Pelican was started for nothing"


def test_only_what_reads_a_template_is_printed_when_it_changes(commune):
    append(commune.folder / "theme/templates/withdrawn.html", "<!-- khác -->")
    assert commune.update().pages == 0
    missing = commune.folder / "theme/templates/missing.html"
    missing.write_text(missing.read_text("utf-8").replace("</h1>", " nữa</h1>"), encoding="utf-8")
    assert commune.update().written == ("404.html",)


def test_a_page_is_given_no_name_but_those_that_it_looks_up():
    theme = closures(starter.theme_folder())
    looked_up = {name for one in theme.values() for name in one.names}
    assert {"here", "site", "article", "output_file"} <= looked_up
    assert not looked_up & {"articles", "pages", "dates", "categories", "settings", "plan", "SITENAME", "SITEURL"}


@pytest.mark.parametrize("spoilt", ["index.html", "tin/so-3.html", "tin/so-3.json", "theme/site.css", "tim/c.json"])
def test_what_was_tampered_with_is_mended(commune, spoilt):
    before, path = commune.files(), commune.output / spoilt
    at = path.stat()
    path.write_bytes(b"x" * at.st_size)
    assert commune.update().written == (spoilt,) and commune.files() == before


@pytest.mark.parametrize("spoilt", ["tim/c.json", "tin/so-3.html"])
def test_a_folder_in_a_files_place_gives_way(commune, spoilt):
    before, path = commune.files(), commune.output / spoilt
    path.unlink()
    path.mkdir()
    (path / "ben-trong").write_text("x")
    assert commune.update() == Changes((spoilt,), (f"{spoilt}/ben-trong",), int(spoilt.endswith("html")))
    assert commune.files() == before


def test_a_folder_that_is_a_link_now_is_made_again(commune, tmp_path):
    """Somebody has moved it to a larger disk: what lies behind a link is not the site's."""
    before = commune.files()
    (commune.output / "tin").rename(tmp_path / "lon-hon")
    (commune.output / "tin").symlink_to(tmp_path / "lon-hon")
    assert "tin" in commune.update().removed and commune.files() == before
    assert not (commune.output / "tin").is_symlink() and commune.update() == Changes((), (), 0)


def test_a_file_that_goes_while_one_looks_hides_no_other(commune, monkeypatch):
    before, real = commune.files(), served.stat_of
    (commune.output / "tin/so-7.html").write_text("x")

    def of(told):
        if told.st_ino == gone:
            raise FileNotFoundError
        return real(told)

    gone = (commune.output / "tin/so-2.html").stat().st_ino
    monkeypatch.setattr(served, "stat_of", of)
    assert set(commune.update().written) >= {"tin/so-7.html"} and commune.files() == before


def test_what_is_not_the_sites_is_left_alone(commune):
    (commune.output / "bang").mkdir()
    (commune.output / "bang/danh-sach.json").write_text("x")
    (commune.output / "la.html").write_text("x")
    assert commune.update().removed == ("la.html",)
    assert (commune.output / "bang/danh-sach.json").read_text() == "x"


def test_a_withdrawn_attachment_goes(commune):
    one = commune.press.publish("a/tep", files={"a.txt": b"so lieu"}, Attachments="a.txt")
    commune.items.append(one)
    assert "tep/tep/a.txt" in commune.update().written
    commune.items[-1] = commune.press.withdrawn(one, "sai")
    assert "tep/tep/a.txt" in commune.update().removed
    assert not (commune.output / "tep").exists(), "an empty folder was left"


def test_a_name_that_goes_round_among_notices(commune):
    """Each address is another notice's at once; what the site knows of its files must not lose one of them."""
    dates = [item.notice.date for item in commune.items]
    names = [item.notice.id for item in commune.items]

    def given(*slugs: str) -> None:
        for place, slug in enumerate(slugs):
            at = f"{dates[place]:%Y-%m-%d %H:%M}"
            commune.items[place] = commune.press.publish(names[place], Date=at, Slug=slug)
        assert commune.update().removed == () and commune.update() == Changes((), (), 0)
        for item, slug in zip(commune.items, slugs, strict=False):
            assert item.statement in (commune.output / f"tin/{slug}.html").read_text("utf-8")

    given("so-2", "so-3", "so-1")
    given("so-1", "so-2", "so-3")
    gone = commune.items.pop(0)
    commune.items[0] = commune.press.publish("a/so-2", Date=f"{dates[1]:%Y-%m-%d %H:%M}", Slug="so-1")
    removed = commune.update().removed
    assert {"tin/so-2.html", "tin/so-2.json"} <= set(removed) and not any("so-1" in path for path in removed)
    assert gone.statement not in (commune.output / "tin/so-1.html").read_text("utf-8")


def resident(process: int) -> float:
    """Megabytes that a process holds."""
    (line,) = (x for x in Path(f"/proc/{process}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pelican_forgets_what_it_printed(commune):
    def edit(number: int) -> None:
        commune.items[3] = commune.press.publish("a/so-4", Date="2026-11-04 09:00", body=f"{number} " + "chữ " * 5_000)
        commune.update()

    for number in range(10):
        edit(number)
    before = resident(commune.site._press._process.pid)
    for number in range(10, 35):
        edit(number)
    assert resident(commune.site._press._process.pid) - before < LEAK_MB


# ── little work ──────────────────────────────────────────────────────────────────────────────────


def notice(place: int, count: int, **more: str) -> Notice:
    day = f"{2022 + 5 * place // count}-{1 + place % 12:02}-{1 + place % 28:02}"
    document = {
        "number": f"{place % 300 + 1}/{'TB' if place % 2 else 'QĐ'}-UBND",
        "issuer": "UBND xã Đồng Mẫu",
        "issued": day,
    }
    kind = "van-ban" if place % 3 else "tin"
    fields = {"title": f"Thông báo về việc {place}", "date": f"{day} 08:00", "kind": kind,
              "category": "an-sinh", "hamlets": f"thon-{place % 7 + 1}", "summary": f"Tóm tắt của việc {place}",
              **(document if place % 3 else {}), **more}  # fmt: skip
    return parse(f"thong-bao/so-{place:05}", canonical_text(fields, f"Nội dung thứ {place}.\n"), ())


def published(one: Notice) -> Published:
    return Published(one, hashlib.sha256(one.digest.encode()).hexdigest(), one.date + timedelta(hours=2), {})


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Iterator[tuple[Path, Site, Settings, list[Published]]]:
    folder = tmp_path_factory.mktemp("archive")
    site = Site(folder / "site", Press(folder / "work"), state=folder / "site.sqlite3")
    items = [published(notice(number, MANY)) for number in range(MANY)]
    settings = load(starter.sample_root())
    site.update(settings, items, items[-1].approved_at + timedelta(days=1))
    yield folder / "site", site, settings, items
    site.close()


@pytest.mark.parametrize(
    ("place", "more"),
    [
        (MANY, {}),
        (MANY + 1, {"number": "150/QĐ-UBND"}),  # in the midst of its year's numbers
        (MANY + 2, {"date": "2026-11-01 08:00", "class": "uu-tien", "hamlets": "thon-1, thon-2, thon-3"}),
    ],
)
def test_one_more_notice_stays_within_its_budgets(archive, place, more):
    output, site, settings, items = archive
    one = published(notice(place, MANY, **({"date": "2026-12-29 08:00", "issued": "2026-12-28"} | more)))
    now = items[-1].approved_at + timedelta(days=1)
    site.update(settings, items, now)
    made = site.update(settings, [*items, one], now)
    pages = [path for path in made.written if path.endswith(".html")]
    assert len(pages) <= made.pages <= budgets.MOST_PAGES, pages
    assert len([path for path in made.written if path.startswith("tim/")]) <= budgets.MOST_FILES
    size = {path: (output / path).stat().st_size for path in made.written}
    documents = sum(1 for i in items if i.notice.document) + 1
    addresses = (output / "sitemap.xml").read_bytes().count(b"<loc>")
    limits = {
        "notices.json": budgets.RECORD_BYTES * (len(items) + 1), "van-ban.json": budgets.ENTRY_BYTES * documents,
        "van-ban.csv": budgets.ENTRY_BYTES * documents, "sitemap.xml": budgets.ADDRESS_BYTES * addresses,
        "feed.json": budgets.JSON_FEED_BYTES,
    }  # fmt: skip
    for path, held in size.items():
        if path.startswith("tim/a-") or path.startswith("tim/b-"):
            assert held <= budgets.SHARD_BYTES, path
        elif path.endswith(".xml") and path != "sitemap.xml":
            assert held <= budgets.FEED_BYTES, path
        elif path in limits:
            assert held <= limits[path], (path, held)


@pytest.mark.parametrize("place", [0, MANY // 2, MANY - 1])
def test_a_notice_taken_back_moves_no_other(archive, place):
    _, site, settings, items = archive
    now = items[-1].approved_at + timedelta(days=1)
    site.update(settings, items, now)
    fewer = [replace(i, withdrawn_at=now, reason="x") if n == place else i for n, i in enumerate(items)]
    assert site.update(settings, fewer, now).pages <= budgets.MOST_PAGES


def test_an_edited_notice_prints_its_page_and_what_shows_its_title(archive):
    _, site, settings, items = archive
    now = items[-1].approved_at + timedelta(days=1)
    site.update(settings, items, now)
    place = MANY // 2
    old = items[place].notice
    body = published(parse(old.id, old.text + "\nThêm một câu.\n".encode(), ()))
    made = site.update(settings, [*items[:place], body, *items[place + 1 :]], now)
    assert made.pages <= 10 and [p for p in made.written if p.endswith(".html")] == [old.url]


@given(st.data())
@hypothesis_settings(max_examples=30, deadline=None)
def test_an_index_that_is_kept_equals_one_that_is_made(data):
    settings = load(starter.sample_root())
    some = [published(notice(number, 60, title=f"Việc {number % 5} thôn {number % 3}")) for number in range(12)]
    with TemporaryDirectory() as folder:
        state, memory = State(Path(folder) / "site.sqlite3"), Memory(settings)
        for _ in range(4):
            chosen = data.draw(st.lists(st.sampled_from(range(12)), unique=True, min_size=1))
            holes = data.draw(st.sets(st.sampled_from(chosen)))
            places = [("", None) if n in holes else (some[n].statement, some[n]) for n in sorted(chosen)]
            memory.index.update(places)
            fresh = words_index(settings)
            fresh.update(places)
            assert sorted(memory.index.files()) == sorted(fresh.files())
            for tier, group, file, _ in fresh.files():
                assert memory.index.text(tier, group, file) == fresh.text(tier, group, file)
            state.save(memory, {}, (), {})
            if data.draw(st.booleans()):  # another process
                state.close()
                memory = Memory(settings)
                state.load(memory)
        state.close()


@pytest.mark.parametrize("spoil", ["delete from word", "update place set words = x'00'", "drop table word"])
def test_an_index_whose_file_lost_something_is_made_anew(tmp_path, spoil):
    settings = load(starter.sample_root())
    some = [published(notice(number, 60)) for number in range(6)]
    places = [(one.statement, one) for one in some]
    state, memory = State(tmp_path / "site.sqlite3"), Memory(settings)
    memory.index.update(places)
    state.save(memory, {}, (), {})
    again = Memory(settings)
    state.load(again)
    with sqlite3.connect(tmp_path / "site.sqlite3") as base:
        base.execute(spoil)
    again.index.update([("", None), *places[1:]])
    fresh = words_index(settings)
    fresh.update([("", None), *places[1:]])
    assert sorted(again.index.files()) == sorted(fresh.files())
    state.close()


def test_a_hamlet_that_is_named_otherwise_is_so_in_every_list(commune, tmp_path):
    commune.items.append(commune.press.publish("a/rieng", Hamlets="thon-3"))
    commune.update()
    settings = commune.press.settings
    named = tuple(replace(h, name="Thôn Bến Đò") if h.id == "thon-3" else h for h in settings.hamlets)
    told = {"settings": replace(settings, hamlets=named), "now": commune.items[0].approved_at + timedelta(days=30)}
    commune.update(**told)
    build(told["settings"], commune.items, tmp_path / "clean", now=told["now"], work=tmp_path / "clean-work")
    assert commune.files() == changes().contents(tmp_path / "clean")


def test_a_clean_build_and_a_kept_site_are_the_same_of_an_archive(archive, tmp_path):
    output, site, settings, items = archive
    now = items[-1].approved_at + timedelta(days=1)
    site.update(settings, items[::2], now)
    site.update(settings, items, now)
    build(settings, items, tmp_path / "clean", now=now, work=tmp_path / "work")
    assert changes().contents(output) == changes().contents(tmp_path / "clean")
