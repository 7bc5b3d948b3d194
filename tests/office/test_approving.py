"""The approver's page in a real browser, and everybody else who finds its port."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from signage.board import identity, tending
from signage.board.shelf import Shelf
from signage.keys import PrivateKey
from signage.office import changes, preview, serving, starter
from signage.office.approving import Server, Session, Signer
from signage.office.approving.server import IDLE_S, part_of
from signage.office.approving.sitting import MAX_WRONG
from signage.office.standing import in_force
from signage.schedule import VIETNAM_TIME
from signage.wire import sha256

STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
SCRIPTS = False
PASSPHRASE = "chim bồ câu bay về"
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


@pytest.fixture
def text(text: Text) -> Text:
    """Notices for one board, unless told otherwise: fewer slides to draw."""
    return lambda **fields: text(**{"boards": "board:cong-xa", **fields})


@pytest.fixture
def locked(office: Office) -> Office:
    """The office, with a passphrase on the approver's key."""
    path = starter.person_key(office.folder, "p3")
    key = PrivateKey.load(path)
    path.unlink()
    key.save(path, PASSPHRASE)
    return office


@dataclass
class Sitting:
    """A running page, how it ended, and a client that is no browser."""

    server: Server
    thread: threading.Thread = field(init=False)
    why: str = ""

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.why = self.server.run()

    def ended(self) -> str:
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.why

    @property
    def home(self) -> str:
        return self.server.door.home

    def ask(self, method: str, path: str, form: Any = None, **headers: str | None) -> tuple[int, str, Any]:
        """One request with a browser's headers, changed as told (None: left out)."""
        door = self.server.door
        usual: dict[str, str | None] = {
            "Host": door.netloc, "Cookie": door.cookie.partition(";")[0],
            "Origin": door.origin if method == "POST" else None,
            "Content-Type": "application/x-www-form-urlencoded" if form is not None else None,
        }  # fmt: skip
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(door.netloc, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        body = b"" if form is None else form if isinstance(form, bytes) else urlencode(form, doseq=True).encode()
        for name, value in {**usual, "Content-Length": str(len(body)), **named}.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        said = answer.status, answer.read().decode(errors="replace"), answer.headers
        connection.close()
        return said

    def look(self, office: Office, ident: str) -> str:
        """Open a notice's page; its statement."""
        (waits,) = [s for s in office.desk.waiting() if s.statement.notice == ident]
        url = office.desk.book.notice(waits.statement).url
        assert self.ask("GET", f"{self.home}{waits.sha256}/{url}")[0] == 200
        return str(waits.sha256)

    def sign(self, *shas: str, passphrase: str = PASSPHRASE, **headers: str | None) -> tuple[int, str, Any]:
        return self.ask("POST", f"{self.home}ky", {"ky": shas, "mat-khau": passphrase}, **headers)


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    """The page has come whose first heading is this."""
    expect(page.get_by_role("heading", level=1).first).to_have_text(words, timeout=30_000)


@contextmanager
def sitting(office: Office, person: str = "p3", role: str = "approver", **how: Any) -> Iterator[Sitting]:
    path = starter.person_key(office.folder, person)
    member = office.settings.member(person)
    approver = Signer(
        person, member.name, role, lambda typed: PrivateKey.load(path, typed or None),
        locked=b"ENCRYPTED" in path.read_bytes(),
    )  # fmt: skip
    session = Session(office.settings, lambda: office.desk, approver, lambda: datetime.now(UTC))
    one = Sitting(Server(session, **how))
    try:
        yield one
    finally:
        one.server.end("test")
        one.ended()


def approved(office: Office) -> set[str]:
    return set(in_force(office.desk.standings()))


def submit(office: Office, *ids: str) -> None:
    office.submit(*ids, now=datetime.now(UTC) - timedelta(hours=1))


def alarm(text: Text) -> str:
    """An emergency of this hour."""
    now = datetime.now(VIETNAM_TIME)
    start, end = (f"{now + timedelta(hours=h):%Y-%m-%d %H:00}" for h in (-1, 6))
    told = {"class": "khan-cap", "level": "3", "source": "Đài KTTV", "bulletin_time": start}
    return str(text(title="Lũ lên", kind="thien-tai", start=start, end=end, **told))


def names(office: Office) -> list[str]:
    return [r.name for r in sorted((office.folder / "content/so-duyet/records").glob("*.approve.*"))]


# ── the approver's five minutes ──────────────────────────────────────────────────────────────────


def test_from_the_page_to_the_board(locked: Office, text: Text, page: Page, tmp_path: Path) -> None:
    """Links and forms alone, no script: look at each, one passphrase, and the boards show it."""
    ends = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d} 17:00"
    locked.write("tin/a", text(title="Cắt điện thôn 3", end=ends))
    locked.write("tin/b", text(title="Họp thôn 1", kind="hop-thon", end=ends, **{"class": "uu-tien"}))
    submit(locked, "tin/a", "tin/b")
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.wait_for_url(f"**{here.home}")
        assert page.get_by_role("heading", level=2).all_inner_texts() == ["Họp thôn 1", "Cắt điện thôn 3"]
        assert page.get_by_role("button", name="Duyệt và ký").count() == 0, "nothing was looked at yet"
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        heading(page, "Họp thôn 1")
        page.get_by_role("link", name="Đã xem, ký sau").click()
        heading(page, "Cắt điện thôn 3")
        page.get_by_role("link", name="Đã xem, ký sau").click()
        heading(page, "2 thông báo chờ anh chị duyệt")
        assert page.get_by_role("checkbox", name="Đã xem, ký").count() == 2
        page.get_by_label("Mật khẩu khóa của anh chị").fill("sai")
        page.get_by_role("button", name="Duyệt và ký").click()
        expect(page.get_by_role("alert")).to_contain_text("không đúng")
        assert not approved(locked)
        page.get_by_label("Mật khẩu khóa của anh chị").fill(PASSPHRASE)
        page.keyboard.press("Enter")
        heading(page, re.compile("^Xong"))
        assert here.ended() == "done" and sorted(here.server.session.signed) == ["tin/a", "tin/b"]
    locked.publish(datetime.now(UTC))
    served = serving.Server(locked.settings.publication).start()
    root = (locked.settings.publication / "board/metadata/1.root.json").read_bytes()
    board = identity.enroll(tmp_path / "bang", board="cong-xa", url=served.address, hub=None, root=root)
    assert not tending.once(board).error
    served.stop()
    held = Shelf(board.shelf).holding(board.root(), board.identity, datetime.now(UTC))
    assert held is not None and {e.title for e in held.playlist.entries} == {"Cắt điện thôn 3", "Họp thôn 1"}


def test_signed_one_by_one_with_the_key_remembered(locked: Office, text: Text, page: Page) -> None:
    for ident in ("tin/a", "tin/b"):
        locked.write(ident, text(title=ident))
    submit(locked, "tin/a", "tin/b")
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        page.get_by_label("Mật khẩu khóa của anh chị").fill(PASSPHRASE)
        page.get_by_label("Nhớ đến khi đóng phiên này").check()
        page.get_by_role("button", name="Duyệt và ký").click()
        expect(page.get_by_role("status")).to_contain_text("Đã ký: tin/a")
        assert approved(locked) == {"tin/a"}
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        heading(page, "tin/b")
        assert page.get_by_label("Mật khẩu khóa của anh chị").count() == 0
        page.get_by_role("button", name="Duyệt và ký").click()
        assert here.ended() == "done" and approved(locked) == {"tin/a", "tin/b"}


def test_sent_back_with_a_word_to_the_author(locked: Office, text: Text, page: Page) -> None:
    locked.write("tin/a", text())
    locked.write("tin/b", text(title="Khác"))
    submit(locked, "tin/a", "tin/b")
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.get_by_role("link", name="Ngừng cung cấp điện thôn 3", exact=True).click()
        page.get_by_text("Chưa được: trả lại người trình").click()
        page.get_by_label("Cần sửa gì?").fill("Ghi rõ giờ\n" + HOSTILE)
        page.get_by_role("button", name="Trả lại").click()
        expect(page.locator(".d-the-tin").last).to_contain_text("Người Duyệt trả lại")
        assert page.locator("main script, main img[onerror]").count() == 0
    desk = locked.desk
    (told,) = [p for p in desk.problems(desk.read(), desk.standings()) if p.file == "tin/a.md"]
    assert told.code == "sent-back" and "p3" in told.told("vi") and "Ghi rõ giờ" in told.told("vi")
    assert not approved(locked)
    locked.write("tin/a", text(body="Từ 05:00."))
    assert "sent-back" not in {p.code for p in desk.problems(desk.read(), desk.standings())}, "it was mended"


def test_what_changed_is_told_in_words_and_pictures(locked: Office, text: Text, page: Page) -> None:
    key = PrivateKey.load(starter.person_key(locked.folder, "p3"), PASSPHRASE)
    locked.write("tin/a", text(body="Cắt điện từ 05:00 đến 17:00."))
    submit(locked, "tin/a")
    who = type(locked.person("p1", "author"))("p3", "approver", key)
    locked.desk.approve(["tin/a"], who, datetime.now(UTC) - timedelta(minutes=50))
    old = locked.desk.book.notice(in_force(locked.desk.standings())["tin/a"].statement)
    locked.write("tin/a", text(body="Cắt điện từ 06:30 đến 17:00."))
    submit(locked, "tin/a")
    (waits,) = locked.desk.waiting()
    new = locked.desk.book.notice(waits.statement)
    (change,) = changes.words(old, new)
    assert change.label == "Nội dung"
    assert [(p.how, p.text) for p in change.pieces] == [
        ("same", "Cắt điện từ"), ("old", "05:00"), ("new", "06:30"), ("same", "đến 17:00."),
    ]  # fmt: skip
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        part = page.locator(".d-doi")
        expect(part.locator(".d-so-sanh del")).to_have_text("05:00")
        expect(part.locator(".d-so-sanh ins")).to_have_text("06:30")
        assert "đổi" in part.inner_text() and "LED 384 × 192" in part.inner_text()
        marks = page.locator("figcaption").all_inner_texts()
        assert any("mới" in m for m in marks)


def test_a_long_text_is_compared_whole_and_without_hanging(office: Office, text: Text) -> None:
    def notice(body: str) -> Any:
        office.write("tin/a", text(body=body))
        return office.desk.read().notices["tin/a"]

    long = "và của các " * (changes.MOST_WORDS + 1)
    (change,) = changes.words(notice(long + "cũ"), notice(long + "mới"))
    assert [p.how for p in change.pieces] == ["old", "new"] and change.pieces[1].text.endswith("mới")
    (change,) = changes.words(notice("một " * 200 + "cũ"), notice("một " * 200 + "mới"))
    assert [p.how for p in change.pieces][:2] == ["left", "same"]
    assert change.pieces[-1].text.endswith("mới")
    assert changes.words(notice("a"), notice("a")) == []


# ── the very files ───────────────────────────────────────────────────────────────────────────────


def test_what_is_shown_is_what_is_signed(
    locked: Office, text: Text, page: Page, make_film: Callable[..., Path]
) -> None:
    path = locked.write("tin/phim", text(film="a.mp4 | Đường sơ tán", attachments="kế hoạch.pdf", boards="all"))
    make_film(path.parent / "a.mp4")
    (path.parent / "kế hoạch.pdf").write_bytes(b"%PDF-1.4 mau")
    submit(locked, "tin/phim")
    (waits,) = locked.desk.waiting()
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        heading(page, "Ngừng cung cấp điện thôn 3")
        seen = [i.get_attribute("src") for i in page.locator(".d-hinh img, .d-hinh video").all()]
        base = page.url.rpartition("/")[0]
        got = [sha256(page.request.get(f"{base}/{src}").body()) for src in seen]
        slides = [s for every in waits.statement.slides.values() for s in every]
        assert sorted(got) == sorted([s.file for s in slides] + [s.film.file for s in slides if s.film])
        wide = page.locator(".d-hinh img").first
        assert wide.evaluate("i => i.decode().then(() => i.naturalWidth)") in (384, 1280)
        assert page.locator(".d-khung-web video").evaluate("v => v.error") is None
        href = page.get_by_role("link", name="kế hoạch.pdf").get_attribute("href")
        file = page.request.get(f"{base}/{href}")
        assert file.body() == b"%PDF-1.4 mau" and file.headers["content-type"] == "application/pdf"
        assert here.ask("GET", f"{here.home}{waits.sha256}/hinh/../../../../bangtin.toml")[0] == 404
        assert here.ask("GET", f"{here.home}{waits.sha256}/tep/phim/%2e%2e%2fbangtin.toml")[0] == 404
        (slide,) = [p for p in locked.desk.files_shown(waits) if p.stem == slides[0].file]
        slide.write_bytes(slide.read_bytes() + b"x")
        assert here.ask("GET", f"{here.home}{waits.sha256}/hinh/{slide.name}")[0] == 409, "changed in the book"


def test_the_words_are_the_sites_own_page(office: Office, text: Text) -> None:
    body = "# Việc cần làm\n\n1. *Tắt* cầu dao\n2. Xem [hướng dẫn](https://x.example)\n\n|a|b|\n|-|-|\n|1|2|"
    office.write("tin/a", text(body=body, facts="Giờ = 05:00"))
    office.submit("tin/a", now=datetime.now(UTC))
    (waits,) = office.desk.waiting()
    shown = preview.shown(office.settings, office.desk, waits, datetime.now(UTC)).values["site_page"]
    office.approve("tin/a", now=datetime.now(UTC))
    office.publish(datetime.now(UTC))
    (site,) = re.findall(
        r"<article>.*</article>", (office.settings.publication / "tin/a.html").read_text("utf-8"), re.S
    )

    def but_for_the_moment(page: str) -> str:
        return re.sub(r"Cập nhật lúc [^·<]+", "", page).strip()

    assert but_for_the_moment(shown) == but_for_the_moment(site)


def test_the_same_pages_in_a_folder(office: Office, text: Text, page: Page) -> None:
    for ident in ("tin/a", "tin/b"):
        office.write(ident, text(title=ident))
    office.submit("tin/a", "tin/b")
    start = preview.sheet(
        office.settings, office.desk, office.desk.waiting(), office.folder / "duyet", datetime.now(UTC)
    )
    page.goto(start.as_uri())
    page.get_by_role("link", name="tin/b").click()
    heading(page, "tin/b")
    assert all(i.evaluate("i => i.decode().then(() => i.naturalWidth > 0)") for i in page.locator(".d-hinh img").all())
    assert page.locator("form").count() == 0, "nobody signs in a folder"
    page.get_by_role("link", name="← Chờ duyệt").click()
    heading(page, "Chờ duyệt")
    assert page.url == start.as_uri()


@pytest.mark.parametrize(
    ("asked", "size", "part"),
    [("", 10, None), ("bytes=0-", 10, range(0, 10)), ("bytes=2-4", 10, range(2, 5)), ("bytes=9-99", 10, range(9, 10)),
     ("bytes=10-", 10, range(10, 10)), ("bytes=-5", 10, None), ("bytes=5-2", 10, range(5, 3))],
)  # fmt: skip
def test_a_part_of_a_film(asked: str, size: int, part: range | None) -> None:
    assert part_of(asked, size) == part


# ── for everybody ────────────────────────────────────────────────────────────────────────────────


def test_everybody_can_read_it(locked: Office, text: Text, browser: Browser) -> None:
    locked.write("tin/a", text(body="|a|b|\n|-|-|\n|1|2|"))
    locked.write("khan-cap/lu", alarm(text))
    submit(locked, "tin/a", "khan-cap/lu")
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text))

    def readable() -> None:
        for width, colours in ((390, "dark"), (1280, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            found = Axe().run(page, options=STRICT)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    with sitting(locked) as here:
        page.goto(here.server.door.address)
        heading(page, "2 thông báo chờ anh chị duyệt")
        readable()
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        heading(page, "Lũ lên")
        page.get_by_text("Chưa được: trả lại người trình").click()
        readable()
        page.get_by_role("link", name="← Các thông báo đang chờ").click()
        heading(page, "2 thông báo chờ anh chị duyệt")
        readable()
        assert errors == []
        page.get_by_label("Mật khẩu khóa của anh chị").fill("sai")
        page.get_by_role("button", name="Duyệt và ký").click()
        expect(page.get_by_role("alert")).to_be_visible()
        readable()
        page.get_by_role("button", name="Thôi, đóng phiên này").click()
        heading(page, "Đã đóng phiên")
        assert here.ended() == "closed"
        readable()
    context.close()


def test_words_are_shown_and_never_run(locked: Office, text: Text, browser: Browser) -> None:
    body = f"`{HOSTILE}` [x](javascript:window.hacked=1)"
    locked.write("tin/a", text(title=f"Tin {HOSTILE}", body=body, facts=f"Giờ = {HOSTILE}", summary=HOSTILE))
    submit(locked, "tin/a")
    context = browser.new_context()
    page = context.new_page()
    with sitting(locked) as here:
        page.goto(here.server.door.address)
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        heading(page, f"Tin {HOSTILE}")
        assert page.evaluate("window.hacked") is None
        assert page.locator("script, img[onerror], a[href^=javascript]").count() == 0
        policy = page.request.get(page.url).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    context.close()


# ── who may ask ──────────────────────────────────────────────────────────────────────────────────


def test_nobody_else_gets_in(locked: Office, text: Text) -> None:
    locked.write("tin/a", text())
    submit(locked, "tin/a")
    with sitting(locked) as here:
        door, home = here.server.door, here.home
        sha = here.look(locked, "tin/a")
        assert here.ask("GET", f"/vao/{'x' * 43}")[0] == 403
        entry = door.address.removeprefix(door.origin)
        first, again = here.ask("GET", entry, Cookie=None), here.ask("GET", entry, Cookie=None)
        assert (first[0], again[0]) == (200, 403), "the printed address works once"
        assert all(part in first[2]["Set-Cookie"] for part in ("HttpOnly", "SameSite=Strict", f"Path={home}"))
        for how in (
            {"Cookie": None}, {"Cookie": "phien=x"}, {"Cookie": "phien=\xff"}, {"Host": "evil.example"}, {"Host": None},
            {"Host": f"localhost:{door.netloc.partition(':')[2]}"}, {"Host": "127.0.0.1"},
            {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        ):  # fmt: skip
            assert here.ask("GET", home, **how)[0] in (403, 421), how
            assert here.sign(sha, **how)[0] in (403, 421), how
        for origin in (None, "null", "https://evil.example", "http://127.0.0.1:1", f"http://localhost:{door.netloc}"):
            assert here.sign(sha, Origin=origin)[0] == 403, origin
        assert here.ask("GET", "/doan/")[0] == 403 and here.ask("GET", home.rstrip("/"))[0] == 403
        for act in ("ky", "tra-lai", "dung"):
            assert here.ask("GET", f"{home}{act}?ky={sha}")[0] == 404
        assert here.ask("POST", f"{home}xoa", {"ky": sha})[0] == 405
        assert here.sign(sha, Content_Type="text/plain")[0] == 415
        assert here.ask("POST", f"{home}ky", b"", Content_Length="99999999")[0] == 413
        assert names(locked) == [] and here.thread.is_alive()
        assert here.sign(sha)[0] == 200, "and the person still can"
        assert approved(locked) == {"tin/a"}


def test_every_answer_carries_strict_headers(locked: Office, text: Text) -> None:
    locked.write("tin/a", text())
    submit(locked, "tin/a")
    (waits,) = locked.desk.waiting()
    slide = locked.desk.files_shown(waits)[0].name
    with sitting(locked) as here:
        for path in ("", f"{waits.sha256}/tin/a.html", f"{waits.sha256}/hinh/{slide}", "khong-co"):
            headers = here.ask("GET", here.home + path)[2]
            assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"].startswith("default-src 'none';")
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert here.server.server_address[0] == "127.0.0.1"


def test_only_what_was_opened_can_be_signed(locked: Office, text: Text) -> None:
    locked.write("tin/a", text())
    locked.write("tin/b", text(title="B"))
    submit(locked, "tin/a", "tin/b")
    shas = [s.sha256 for s in locked.desk.waiting()]
    with sitting(locked) as here:
        assert here.look(locked, "tin/a") == shas[0]
        status, said, _ = here.sign(*shas)
        assert status == 403 and "chưa mở xem" in said and not approved(locked)
        status, said, _ = here.sign()
        assert status == 403 and "Chưa đánh dấu" in said
        assert here.sign("x" * 64)[0] == 403
        assert here.sign(shas[0])[0] == 303 and approved(locked) == {"tin/a"}
        assert here.ask("POST", f"{here.home}tra-lai", {"tra": shas[1], "loi-nhan": "x"})[0] == 403


def test_an_old_tab_signs_nothing_new(locked: Office, text: Text) -> None:
    """The form names the statement that was shown; the words changed meanwhile."""
    locked.write("tin/a", text())
    submit(locked, "tin/a")
    with sitting(locked) as here:
        old = here.look(locked, "tin/a")
        locked.write("tin/a", text(body="Khác hẳn."))
        status, said, _ = here.sign(old)
        assert status == 403 and "chưa ký gì" in said, "changed, not yet submitted"
        submit(locked, "tin/a")
        assert here.sign(old)[0] == 403 and names(locked) == []
        new = here.look(locked, "tin/a")
        assert new != old and here.sign(new)[0] == 200
        assert in_force(locked.desk.standings())["tin/a"].sha256 == new


def test_a_guessed_passphrase_ends_it(locked: Office, text: Text) -> None:
    locked.write("tin/a", text())
    submit(locked, "tin/a")
    with sitting(locked) as here:
        sha = here.look(locked, "tin/a")
        answers = [here.sign(sha, passphrase=str(n))[0] for n in range(MAX_WRONG)]
        assert answers == [403] * (MAX_WRONG - 1) + [200]
        assert here.ended() == "locked-out" and names(locked) == []


def test_two_approvers_at_once(office: Office, text: Text) -> None:
    idents = [f"tin/{n}" for n in range(3)]
    for ident in idents:
        office.write(ident, text(title=ident))
    submit(office, *idents)
    with sitting(office) as one, sitting(office, "p2") as other:
        shas = [(one.look(office, i), other.look(office, i))[0] for i in idents]
        ready = threading.Barrier(2)
        answers: list[int] = []

        def act(here: Sitting) -> None:
            ready.wait(20)
            answers.append(here.sign(*shas)[0])

        threads = [threading.Thread(target=act, args=(here,)) for here in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert approved(office) == set(idents)
        assert set(answers) <= {200, 403} and 200 in answers
        assert all(s.approval for s in office.desk.standings())
        for here in (one, other):  # who was refused in the middle looks once more; whose round is over is gone
            with contextlib.suppress(OSError):
                here.ask("GET", here.home)
        assert one.server.session.over and other.server.session.over, "nothing waits for either"


def test_the_duty_person_sees_what_is_theirs(office: Office, text: Text) -> None:
    office.write("tin/a", text())
    office.write("khan-cap/lu", alarm(text))
    submit(office, "tin/a", "khan-cap/lu")
    with sitting(office, "p5", "duty") as here:
        rows = here.server.session.rows()
        assert [(r["title"], bool(r["why"])) for r in rows] == [
            ("Lũ lên", False), ("Ngừng cung cấp điện thôn 3", True),
        ]  # fmt: skip
        ordinary, urgent = here.look(office, "tin/a"), here.look(office, "khan-cap/lu")
        assert here.sign(ordinary)[0] == 403 and not approved(office)
        assert here.sign(urgent)[0] == 200 and approved(office) == {"khan-cap/lu"}
        assert here.ended() == "done", "the other one is somebody else's"


def test_nobody_is_offered_their_own(office: Office, text: Text) -> None:
    office.write("tin/a", text())
    office.submit("tin/a", person="p2", now=datetime.now(UTC))
    with sitting(office, "p2") as here:
        assert here.server.session.over
        sha = here.look(office, "tin/a")
        assert "người khác duyệt" in here.ask("GET", f"{here.home}{sha}/tin/a.html")[1]
        assert here.sign(sha)[0] == 403 and not approved(office)


def test_it_ends_when_nobody_is_there(locked: Office, text: Text) -> None:
    locked.write("tin/a", text())
    submit(locked, "tin/a")
    with sitting(locked, idle_s=0.2) as here:
        assert here.ended() == "idle"
        with pytest.raises(ConnectionRefusedError):
            here.ask("GET", here.home)
    assert names(locked) == []


def test_the_guide_tells_the_limits_as_they_are() -> None:
    guide = (Path(__file__).parents[2] / "docs/nguoi-duyet.md").read_text("utf-8")
    assert f"{IDLE_S // 60} phút không dùng" in guide and f"Sai mật khẩu {MAX_WRONG} lần" in guide
