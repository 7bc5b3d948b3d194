"""The author's page: what was moved to “Chờ duyệt” is drawn, looked at and signed with the author's own key."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signage.errors import Refused
from signage.keys import PrivateKey
from signage.office import starter
from signage.office.approving import Server, Signer
from signage.office.submitting import DAY, Submission
from signage.wire import sha256

SCRIPTS = False
PASSPHRASE = "chim bồ câu bay về"
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


@pytest.fixture
def text(text: Text) -> Text:
    """Notices for the one small board: fewer slides to draw."""
    return lambda **fields: text(**{"boards": "board:cong-xa", **fields})


@pytest.fixture
def locked(office: Office) -> Office:
    path = starter.person_key(office.folder, "p1")
    key = PrivateKey.load(path)
    path.unlink()
    key.save(path, PASSPHRASE)
    return office


class Clock:
    """The author's; a test moves it."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def author(office: Office, now: Callable[[], datetime]) -> Submission:
    path = starter.person_key(office.folder, "p1")
    unlock = lambda typed: PrivateKey.load(path, typed or None)  # noqa: E731
    signer = Signer("p1", "Người Biên Tập", "author", unlock, locked=b"ENCRYPTED" in path.read_bytes())
    return Submission(office.settings, lambda: office.desk, signer, now)


@contextmanager
def opened(session: Submission) -> Iterator[Server]:
    server = Server(session)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.end("test")
        thread.join(30)


def marks(session: Submission) -> dict[str, str]:
    return {row["title"]: row["sha"] for row in session.rows()}


def test_the_author_looks_signs_and_the_page_stays_for_the_day(locked: Office, text: Text, page: Page) -> None:
    locked.write("tin/a", text(title="Họp thôn 1"))
    clock = Clock()
    session = author(locked, clock)
    with opened(session) as server:
        page.goto(server.door.address)
        page.wait_for_url(f"**{server.door.home}")
        expect(page.get_by_role("heading", level=1)).to_have_text("1 thông báo chờ anh chị ký trình")
        assert page.get_by_role("button", name="Ký trình").count() == 0, "nothing was looked at yet"
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        expect(page.get_by_role("heading", level=1).first).to_have_text("Họp thôn 1")
        assert page.get_by_text("Chưa được: trả lại").count() == 0, "an author has nobody to send it back to"
        base = page.url.rpartition("/")[0]
        shown = [i.get_attribute("src") for i in page.locator(".d-hinh img").all()]
        seen = [sha256(page.request.get(f"{base}/{src}").body()) for src in shown]
        page.get_by_label("Mật khẩu khóa của anh chị").fill("sai")
        page.get_by_role("button", name="Ký trình").click()
        expect(page.get_by_role("alert")).to_contain_text("không đúng")
        assert not locked.desk.waiting()
        page.get_by_role("checkbox", name="Đã xem, ký").check()
        page.get_by_label("Mật khẩu khóa của anh chị").fill(PASSPHRASE)
        page.get_by_label("Giữ khóa mở").check()
        page.get_by_role("button", name="Ký trình").click()
        expect(page.get_by_role("status")).to_contain_text("Đã ký trình: Họp thôn 1")
        (waits,) = locked.desk.waiting()
        assert [s.file for every in waits.statement.slides.values() for s in every] == seen, "the very files"
        locked.write("tin/b", text(title="Họp thôn 3"))
        page.reload()
        page.get_by_role("link", name="Họp thôn 3", exact=True).click()
        assert page.get_by_label("Mật khẩu").count() == 0, "unlocked once"
        page.get_by_role("button", name="Ký trình").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Không có"))
        assert {s.statement.notice for s in locked.desk.waiting()} == {"tin/a", "tin/b"}
        clock.ahead = DAY + timedelta(minutes=1)
        assert session.locked, "not for ever"


def test_nothing_is_signed_but_what_was_shown(office: Office, text: Text) -> None:
    office.write("tin/a", text(title="A", body="Từ 05:00."))
    office.write("tin/b", text(title="B"))
    session = author(office, Clock())
    mark = marks(session)
    with pytest.raises(Refused, match="opened"):
        session.sign([mark["A"]], "", remember=False)
    assert session.page(mark["A"]) is not None
    session.opened(mark["A"])
    office.write("tin/a", text(title="A", body="Từ 06:00."))
    with pytest.raises(Refused, match="changed since"):
        session.sign([mark["A"]], "", remember=False)
    assert not office.desk.waiting()
    assert session.page(mark["A"]) is not None
    session.sign([mark["A"]], "", remember=False)
    (waits,) = office.desk.waiting()
    assert "06:00" in office.desk.book.notice(waits.statement).body
    assert set(marks(session)) == {"B"}, "signed by its author, it is another person's turn"


def test_what_is_not_this_authors_to_sign_is_not_listed(office: Office, text: Text) -> None:
    for name in ("a", "b", "c"):
        office.write(f"tin/{name}", text(title=name))
    office.both("tin/a")
    office.submit("tin/b", person="p2")
    session = author(office, Clock())
    assert set(marks(session)) == {"c"}
    settings = office.folder / "content/tin/c.md"
    settings.write_text(text(title="c", start="2026-13-40"), "utf-8")
    assert not session.rows(), "what has errors is told on its card"
    office.write("lich/d", text(title="Lịch"))
    office.write("thu-muc/e/e", text(title="Trùng tên", slug="d"))
    row = session.rows()[-1]
    assert row["title"] == "thu-muc/e/e.md" and "trùng với lich/d.md" in row["why"], "no dead end"
    assert session.page("0" * 64) is None and session.file("0" * 64, "hinh/a.webp") is None


def test_hidden_data_go_before_anything_is_shown(office: Office, text: Text, tmp_path: Path) -> None:
    from PIL import Image

    image = Image.new("RGB", (80, 60), "#306090")
    exif = image.getexif()
    exif[0x010F] = "Máy ảnh của tôi"
    path = office.write("tin/a", text(image="a.jpg | Một cánh đồng"))
    image.save(path.with_name("a.jpg"), exif=exif)
    session = author(office, Clock())
    (mark,) = marks(session).values()
    sheet = session.page(mark)
    assert sheet is not None and b"M\xc3\xa1y" not in path.with_name("a.jpg").read_bytes()
    name, data = session.file(mark, "tep/a/a.jpg") or ("", b"")
    assert name == "a.jpg" and data == path.with_name("a.jpg").read_bytes()
    session.opened(mark)
    session.sign([mark], "", remember=False)
    assert len(office.desk.waiting()) == 1
