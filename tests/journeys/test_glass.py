"""The whole path, as people walk it: a notice is written, approved, published, and hangs on the glass."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from signage.office.publish import repository
from signage.schedule import VIETNAM_TIME
from tests.browsing import chromium

Street = Any  # tests/journeys/conftest.py's
Text = Callable[..., str]


def now(**ago: float) -> str:
    return f"{datetime.now(VIETNAM_TIME) + timedelta(**ago):%Y-%m-%d %H:%M}"


@pytest.fixture
def notice(text: Text) -> Callable[..., str]:
    """A notice that is valid today, whatever day that is."""
    times = {"date": now(hours=-2), "start": now(hours=-1), "end": now(days=2)}
    return lambda **fields: text(**{**times, **fields})


@pytest.fixture
def lit(street: Street, waiting: Callable[..., Any]) -> Street:
    """The street with its board lit: syncing each second, playing in a real window."""
    street.start("sync", "board", "sync", "--watch", "--every", "1", "--dir", street.board)
    street.start("play", "board", "play", "--windowed", "--dir", street.board)
    waiting("a first picture on the glass", lambda: street.glass().getbbox())
    return street


def health(street: Street) -> dict[str, Any]:
    (board,) = street.boards()
    return dict(board)


def test_a_notice_reaches_the_glass_and_the_hub_names_it(
    lit: Street, notice: Text, waiting: Callable[..., Any], tmp_path: Path
) -> None:
    office = lit.office
    path = office.write("thong-bao/cat-dien", notice(title="Ngừng cung cấp điện thôn 3"))
    assert "không có lỗi" in lit.bangtin("check", path, "--dir", office.folder)
    lit.publish()
    assert not (office.folder / "publication/tin/cat-dien.html").exists(), "not approved, not on the site"
    lit.both("thong-bao/cat-dien")
    lit.publish()
    waiting("the slide on the glass", lambda: lit.shows("thong-bao/cat-dien"))
    page = requests.get(f"{lit.server.address}/tin/cat-dien.html", timeout=5)
    assert "Ngừng cung cấp điện thôn 3" in page.content.decode()
    waiting("the hub to hear of it", lambda: "Ngừng cung cấp điện" in lit.page())
    with chromium() as browser:
        hub = browser.new_page()
        hub.context.add_cookies([{"name": c.name, "value": c.value, "url": lit.hub} for c in lit.viewer.cookies])
        hub.goto(lit.hub)
        assert "Cổng xã" in hub.inner_text("body") and "Ngừng cung cấp điện thôn 3" in hub.inner_text("body")
        assert hub.locator("img").first.evaluate("i => i.complete && i.naturalWidth") > 100


def test_an_unapproved_change_leaves_the_old_slide_on_the_glass(
    lit: Street, notice: Text, waiting: Callable[..., Any]
) -> None:
    office = lit.office
    office.write("tin/a", notice(title="Bản đã duyệt"))
    lit.both("tin/a")
    lit.publish()
    waiting("the approved slide", lambda: lit.shows("tin/a"))
    office.write("tin/a", notice(title="Bản chưa duyệt"))
    assert "changed-after-approval" in lit.bangtin("check", "--dir", office.folder)
    office.write("tin/b", notice(title="Tin khác để có bản phát hành mới"))
    lit.both("tin/b")
    lit.publish()
    waiting("the other notice", lambda: lit.shows("tin/b"))
    waiting("the approved slide again", lambda: lit.shows("tin/a"))
    assert "Bản chưa duyệt" not in (office.folder / "publication/tin/a.html").read_text("utf-8")


def test_the_server_gone_the_content_stays_and_the_hub_says_late(
    lit: Street, notice: Text, waiting: Callable[..., Any]
) -> None:
    lit.office.write("tin/a", notice(title="Còn mãi"))
    lit.both("tin/a")
    lit.publish()
    waiting("the slide", lambda: lit.shows("tin/a"))
    waiting("the hub to hear of it", lambda: health(lit)["showing"])
    lit.server.stop()
    lit.stop("play")
    lit.start("play", "board", "play", "--windowed", "--dir", lit.board)
    waiting("the slide after a restart without network", lambda: lit.shows("tin/a"))
    assert waiting("the failed sync in the board's own words", lambda: board_status(lit)["sync"].get("error"))
    waiting("the hub to hear that it does not sync", lambda: health(lit)["reasons"])
    lit.stop("sync")  # now the whole line is down: the hub hears nothing more
    for minutes, state in ((2, "late"), (6, "lost")):
        _let_time_pass(lit, minutes)
        waiting(f"the hub to call it {state}", lambda state=state: health(lit)["contact"] == state)
    assert lit.shows("tin/a")


def board_status(street: Street) -> dict[str, Any]:
    return dict(json.loads(street.bangtin("board", "status", "--json", "--dir", street.board)))


def _let_time_pass(street: Street, minutes: int) -> None:
    """Move what the hub has heard into the past, as if it had listened since and heard nothing."""
    with closing(sqlite3.connect(street.folder / "hub/hub.sqlite", timeout=10)) as db, db:
        db.execute("UPDATE state SET received = received - ?", (minutes * 60_000,))
        earlier = "json_set(value, '$.listening', json_extract(value, '$.listening') - ?)"
        db.execute(f"UPDATE note SET value = {earlier} WHERE name = 'watch'", (minutes * 60_000,))


def test_one_changed_byte_on_the_wire_changes_nothing_on_the_glass(
    lit: Street, notice: Text, waiting: Callable[..., Any]
) -> None:
    office = lit.office
    office.write("tin/a", notice(title="Bản thật"))
    lit.both("tin/a")
    lit.publish()
    waiting("the true slide", lambda: lit.shows("tin/a"))
    lit.stop("sync")
    office.write("tin/b", notice(title="Bản bị sửa trên đường"))
    lit.both("tin/b")
    lit.publish()
    for slide in lit.slides("tin/b"):
        path = office.folder / "publication/board/slides" / slide.name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    lit.start("sync", "board", "sync", "--watch", "--every", "1", "--dir", lit.board)
    number = repository(office.settings).version("lich")
    waiting("the board to hold the new publication", lambda: board_status(lit)["number"] == number)
    assert any(f["code"] == "slide-wrong" or f for f in board_status(lit)["faults"]), "the board says what is wrong"
    for _ in range(20):
        assert not lit.shows("tin/b")
    waiting("the true slide still", lambda: lit.shows("tin/a"))


def test_a_notice_ends_by_itself(lit: Street, notice: Text, waiting: Callable[..., Any]) -> None:
    end = datetime.now(VIETNAM_TIME).replace(second=0, microsecond=0) + timedelta(hours=2)
    lit.office.write("tin/a", notice(title="Sắp hết", end=f"{end:%Y-%m-%d %H:%M}"))
    lit.both("tin/a")
    lit.publish()
    waiting("the slide", lambda: lit.shows("tin/a"))
    lit.server.stop()  # the end comes from the board's own clock and what was signed
    lit.stop("play")
    almost = (end - timedelta(seconds=8)).isoformat()
    lit.start("play", "board", "play", "--windowed", "--now", almost, "--dir", lit.board)
    waiting("the slide, seconds before its end", lambda: lit.shows("tin/a"))
    waiting("the slide to go at its end", lambda: not lit.shows("tin/a"))
    assert lit.glass().getbbox(), "never black"


def test_an_emergency_is_raised_over_everything_and_cancelled(
    lit: Street, notice: Text, waiting: Callable[..., Any]
) -> None:
    lit.office.write("tin/a", notice(title="Tin thường"))
    lit.both("tin/a")
    lit.publish()
    waiting("the ordinary slide", lambda: lit.shows("tin/a"))
    lit.bangtin("alert", "raise", "--as", "p5", "--dir", lit.office.folder, "--level", "4", "--source", "Đài KTTV tỉnh",
                "--title", "Lũ trên sông đang lên nhanh", "--text", "Rời khỏi bãi ven sông ngay.", "--hours", "2",
                "--name", "lu")  # fmt: skip
    ident = f"khan-cap/{datetime.now(VIETNAM_TIME):%Y}/lu"
    waiting("the emergency on the glass", lambda: lit.shows(ident))
    for _ in range(20):
        assert not lit.shows("tin/a"), "nothing else while it lasts"
    assert "Lũ trên sông" in requests.get(lit.server.address, timeout=5).content.decode()
    lit.bangtin("alert", "cancel", ident, "--as", "p5", "--dir", lit.office.folder)
    waiting("the ordinary slide again", lambda: lit.shows("tin/a"))
    assert not lit.shows(ident)


def test_a_folder_that_is_watched_publishes_by_itself(lit: Street, notice: Text, waiting: Callable[..., Any]) -> None:
    lit.start("office", "publish", "--watch", "--dir", lit.office.folder)
    lit.office.write("tin/a", notice(title="Qua cửa thư mục"))
    lit.both("tin/a")
    waiting("the slide without anyone publishing", lambda: lit.shows("tin/a"))
    waiting("the page too", (lit.office.folder / "publication/tin/a.html").exists)
