"""A day at the hub, in a browser: a board goes dark, people hear of it, somebody comes, and it is right again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from signage.hub.alarms.hysteresis import OPEN_AFTER
from signage.hub.alarms.judgement import Level
from signage.hub.people.roles import Role
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.report import Showing
from tests.hub.serving import OFTEN
from tests.hub.test_delivery import Mailbox, mail_settings, until, write

SOON_MS = 60_000
XA = "20506"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


@pytest.fixture
def hub(tmp_path: Path, start_hub: Callable[[Path], Any], mailbox: Mailbox) -> Iterator[Any]:
    write(tmp_path / "hub", mail_settings(mailbox.port))
    hub = start_hub(tmp_path / "hub", look_every=OFTEN)
    yield hub
    hub.kill()


def earlier(hub: Any, table: Any, column: str, by: timedelta, **where: Any) -> None:
    """As if something had happened earlier: a test does not wait for ten minutes."""
    with open_store(hub.folder) as store, store.writing() as connection:
        change = table.update().values({column: to_ms(datetime.now(UTC) - by)})
        for name, value in where.items():
            change = change.where(table.c[name] == value)
        assert connection.execute(change).rowcount


def test_a_board_goes_dark_and_is_taken_in_hand(
    hub: Any, new_board: Any, mailbox: Mailbox, page: Page, jpeg: bytes
) -> None:
    """From the first black report to the mail that says that it is over; the page is never loaded again by hand."""
    market, gate = new_board("cho"), new_board("cong-xa")
    numbers = {board.id: board.enroll(hub.folder, name=name).number
               for board, name in ((market, "Chợ trung tâm"), (gate, "Cổng xã"))}  # fmt: skip

    def says(board: Any, **values: Any) -> None:
        assert hub.post(board.id, board.next(frame=jpeg, **values))[0] == 200

    says(market), says(gate)
    hub.let_in(page, hub.log_in("truc", Role.OPERATOR, frozenset({XA}))).goto(hub.url)
    first = page.locator(".board").first
    expect(page.locator(".board")).to_have_count(2)

    says(market, verdict="black")
    expect(first).to_contain_text("Chợ trung tâm", timeout=SOON_MS)
    expect(first).to_contain_text("đen")
    until(lambda: alarm_row(hub, numbers["cho"]), SOON_MS / 1000)
    earlier(hub, t.alarm, "since", OPEN_AFTER[Level.ALARM], board=numbers["cho"])
    letter = until(lambda: mailbox.taken, SOON_MS / 1000)[0]
    assert letter[0] == ["lan@xa.vn", "nam@xa.vn"] and "đen" in letter[1]["Subject"]
    assert "Chợ trung tâm" in letter[1].get_content()

    first.get_by_role("link", name="Chợ trung tâm").click()
    alarm = page.locator(".alarm", has_text="đen")
    alarm.get_by_text("Nhận xử lý").click()
    alarm.get_by_label("Đã làm gì").fill("Đã gọi thợ điện")
    alarm.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator(".alarm", has_text="đen")).to_contain_text("Người truc đã nhận: Đã gọi thợ điện")

    says(market, verdict="match")
    expect(page.locator("main")).to_contain_text("Nhìn thấy đúng", timeout=SOON_MS)
    until(lambda: alarm_row(hub, numbers["cho"]).quiet_since, SOON_MS / 1000)
    earlier(hub, t.alarm, "quiet_since", timedelta(minutes=11), board=numbers["cho"])
    earlier(hub, t.alarm, "told", timedelta(minutes=20), board=numbers["cho"])
    earlier(hub, t.recipient, "upto", timedelta(minutes=10))  # nobody is written to twice in five minutes
    until(lambda: alarm_row(hub, numbers["cho"]).until, SOON_MS / 1000)
    over = until(lambda: mailbox.taken[1:], SOON_MS / 1000)[0]
    assert "ĐÃ HẾT" in over[1].get_content() and "Chợ trung tâm" in over[1].get_content()


def alarm_row(hub: Any, board: int) -> Any:
    with open_store(hub.folder) as store, store.reading() as connection:
        return connection.execute(select(t.alarm).where(t.alarm.c.board == board)).one_or_none()


def test_a_foreign_picture_and_an_old_publication_are_not_the_same_trouble(
    hub: Any, new_board: Any, page: Page, jpeg: bytes
) -> None:
    """Both boards speak to us: one shows what nobody approved, the other what was right an hour ago."""
    market, gate, school = new_board("cho"), new_board("cong-xa"), new_board("truong")
    numbers = {board.id: board.enroll(hub.folder, name=name).number
               for board, name in ((market, "Chợ trung tâm"), (gate, "Cổng xã"), (school, "Trường học"))}  # fmt: skip
    hub.post("truong", school.next(publication=8))
    showing = Showing("rotation", "a" * 64, "f" * 64, "Họp thôn 2", datetime.now(UTC))
    hub.post("cho", market.next(publication=8, verdict="foreign", showing=showing, frame=jpeg))
    hub.post("cong-xa", gate.next(publication=7))
    earlier(hub, t.state, "apart", timedelta(hours=1), board=numbers["cong-xa"])
    hub.let_in(page).goto(hub.url)
    first, second = page.locator(".board").nth(0), page.locator(".board").nth(1)
    for said in ("Chợ trung tâm", "Đang nối", "Đúng bản", "Hình lạ", "Họp thôn 2"):
        expect(first).to_contain_text(said)
    for said in ("Cổng xã", "Đang nối", "Bản cũ", "Nhìn thấy đúng"):
        expect(second).to_contain_text(said)
    assert first.locator("img").evaluate("i => i.naturalWidth") > 0


def test_an_auditor_reads_everything_and_changes_nothing(hub: Any, new_board: Any, page: Page) -> None:
    board = new_board("cho")
    board.enroll(hub.folder, name="Chợ trung tâm")
    hub.post("cho", board.next())
    cookie = hub.log_in("thanh-tra", Role.AUDITOR)
    hub.let_in(page, cookie).goto(f"{hub.url}/bang/{XA}/cho")
    assert page.locator("main form").count() == 0
    for path, fields in (("bao-tri", {"minutes": "60", "reason": "Thử"}), ("nhan", {"alarm": "1"})):
        assert hub.send(f"/bang/{XA}/cho/{path}", cookie, **fields)[0] == 403
    with open_store(hub.folder) as store, store.reading() as connection:
        refused = connection.execute(select(t.audit.c.act).where(t.audit.c.actor == "thanh-tra")).scalars().all()
        assert len(refused) >= 2 and not connection.execute(select(t.maintenance.c.id)).all()
