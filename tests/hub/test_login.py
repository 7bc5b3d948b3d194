"""Log-in, roles and scopes at a real hub: what is let through, what is refused, and that nothing else is told."""

from __future__ import annotations

import ast
import http.client
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import insert, select, update

from signage.cli import main, parser
from signage.hub.pages import SECTIONS
from signage.hub.pages.audit import ACTS
from signage.hub.pages.forms import KIND, next_of
from signage.hub.pages.visit import COOKIE
from signage.hub.people import audit, sessions
from signage.hub.people.accounts import PASSWORD_DAYS
from signage.hub.people.audit import Actor
from signage.hub.people.roles import Role
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.report import Showing
from tests.browsing import AXE

HERE, THERE, SECRET = "20506", "20507", "BiMatXaKhac"
PASSWORD = "một câu rất dễ nhớ"  # tests/hub/conftest.py's


@pytest.fixture(scope="module")
def shared(start_hub: Callable[[Path], Any], tmp_path_factory: Any) -> Iterator[Any]:
    """A hub with one board here and one in another commune, about which everything is called SECRET."""
    hub = start_hub(tmp_path_factory.mktemp("login") / "hub")
    yield hub
    hub.kill()


@pytest.fixture
def two(shared: Any, new_board: Any, jpeg: bytes) -> Any:
    """The same with boards in it."""
    if not hasattr(shared, "filled"):
        now = datetime.now(UTC).replace(microsecond=0)
        for commune, name, title in ((HERE, "Xã Mẫu", "Ngừng cấp điện"), (THERE, SECRET, SECRET)):
            board = new_board("cong-xa" if commune == HERE else SECRET.lower(), commune=commune)
            board.enroll(shared.folder, name=name, site=name, hamlet=name, commune_name=name)
            showing = Showing("rotation", "a" * 64, "f" * 64, title, now)
            assert shared.post(board.id, board.next(frame=jpeg, showing=showing), commune)[0] == 200
        secrets(shared)
        shared.filled = True
    return shared


def secrets(hub: Any) -> None:
    """Rows of the other commune in every table that a page may read."""
    now = to_ms(datetime.now(UTC))
    with open_store(hub.folder) as store, store.writing() as connection:
        board = connection.execute(select(t.board.c.id).where(t.board.c.commune == THERE)).scalar_one()
        account = connection.execute(select(t.account.c.id)).scalars().first()
        audit.record(connection, Actor(None, SECRET), "try", SECRET, datetime.now(UTC), commune=THERE, note=SECRET)
        alarm = {"board": board, "code": "lost", "level": 3, "detail": json.dumps({"x": SECRET})}
        alarm |= {"since": now, "opened": now, "told": now}
        connection.execute(insert(t.alarm).values(alarm))
        window = {
            "commune": THERE,
            "since": now,
            "until": now + 10**7,
            "reason": SECRET,
            "account": account,
            "made": now,
        }
        connection.execute(insert(t.maintenance).values(window))
        notice = {"commune": THERE, "statement": "a" * 64, "title": SECRET, "class": "khan-cap", "notice": SECRET}
        notice |= {"boards": json.dumps([SECRET.lower()]), "files": json.dumps(["f" * 64]), "published": now}
        notice |= {"start": now - 10**6, "end": now + 10**9, "alert": json.dumps({"level": 3, "source": SECRET})}
        connection.execute(insert(t.notice).values(notice))
        value = {"commune": THERE, "period": "2026-11", "field": "ghi-chu", "value": SECRET, "at": now}
        connection.execute(insert(t.report_field).values(value))
        connection.execute(insert(t.fleet_group).values(commune=THERE, name=SECRET))


def by_browser(hub: Any, page: Page, name: str, password: str) -> None:
    page.goto(f"{hub.url}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu", exact=True).fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def acts(hub: Any) -> list[tuple[str, str]]:
    with open_store(hub.folder) as store, store.reading() as connection:
        return [(a, b) for a, b in connection.execute(select(t.audit.c.actor, t.audit.c.act).order_by(t.audit.c.id))]


# ── coming in ────────────────────────────────────────────────────────────────────────────────────


def test_a_person_logs_in_goes_where_he_wanted_and_logs_out(two: Any, page: Page) -> None:
    two.log_in("lan", Role.OPERATOR, frozenset({HERE}))
    page.goto(f"{two.url}/nhat-ky?ai=lan")
    assert page.url.startswith(f"{two.url}/dang-nhap?tiep=")
    page.get_by_label("Tên đăng nhập").fill("Lan ")
    page.get_by_label("Mật khẩu", exact=True).fill("sai mất rồi đấy nhé")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.id") == "password", "one goes on typing"
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{two.url}/nhat-ky?ai=lan")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    for cookie in cookies.values():
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert set(cookies) == {COOKIE, f"{COOKIE}-quen"}
    assert page.evaluate("document.cookie") == ""
    assert ("lan", "login.failed") in acts(two) and ("lan", "login") in acts(two)
    page.locator(".me summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url(f"{two.url}/dang-nhap")
    assert two.get("/", cookies[COOKIE]["value"])[0] == 401, "the token is worth nothing any more"
    with open_store(two.folder) as store, store.writing() as connection:  # others guess, from everywhere
        shut = {"failures": 99, "locked_until": to_ms(datetime.now(UTC) + timedelta(hours=1))}
        connection.execute(update(t.account).where(t.account.c.name == "lan").values(shut))
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{two.url}/")


def test_a_hub_without_accounts_says_what_to_type_and_shows_nothing(hub: Any, capsys: Any) -> None:
    with open_store(hub.folder) as store, store.writing() as connection:
        connection.execute(update(t.account).values(disabled=1))
    status, body, _ = hub.get("/dang-nhap", "")
    (command,) = re.findall(r"<code>(bangtin hub account add[^<]*)</code>", body.decode())
    parser().parse_args(command.split()[1:])
    assert status == 200 and hub.ask("GET", "/", Accept="text/html")[0] == 303
    assert hub.get("/api/boards.json")[0] == 401, "its log-in ended with the account"


def test_an_old_password_and_a_given_one_are_changed_first(hub: Any, page: Page) -> None:
    cookie = hub.log_in("moi", Role.ADMIN)
    with open_store(hub.folder) as store, store.writing() as connection:
        connection.execute(update(t.account).where(t.account.c.name == "moi").values(must_change=True))
    hub.let_in(page, cookie)
    page.goto(f"{hub.url}/nguoi")
    assert page.url == f"{hub.url}/mat-khau"
    assert hub.send("/tuoi-mat-khau", cookie, days="1")[0] == 303, "sent to the same page"
    for old, new, again in (
        ("không phải nó đâu", "một câu mới hoàn toàn", "một câu mới hoàn toàn"),
        (PASSWORD, "ngắn", "dài"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "một câu mới hoàn toàn", "một câu mới hoàn toàn"),
    ):
        assert not page.get_by_text("Đã đổi mật khẩu").count()
        page.get_by_label("Mật khẩu đang dùng").fill(old)
        page.get_by_label("Mật khẩu mới", exact=True).fill(new)
        page.get_by_label("Gõ lại mật khẩu mới").fill(again)
        page.evaluate("document.querySelector('form.stack').noValidate = true")
        page.get_by_role("button", name="Đổi mật khẩu").click()
    page.get_by_text("Đã đổi mật khẩu").wait_for()
    assert hub.get("/", cookie)[0] == 401, "the log-in from before has ended"
    with open_store(hub.folder) as store, store.writing() as connection:
        connection.execute(insert(t.note).values(name=PASSWORD_DAYS, value="1"))
        old_enough = to_ms(datetime.now(UTC) - timedelta(days=2))
        connection.execute(update(t.account).where(t.account.c.name == "moi").values(password_set=old_enough))
    page.goto(hub.url)
    assert page.url == f"{hub.url}/mat-khau"


def test_behind_a_proxy_of_this_machine_the_cookie_is_for_tls_and_the_address_is_the_person_s(hub: Any) -> None:
    hub.log_in("xa", Role.AUDITOR)
    told = {"Content-Type": KIND, "Origin": "https://hub.example", "Host": "hub.example", "X-Forwarded-Proto": "https"}
    body = urlencode({"name": "xa", "password": PASSWORD}).encode()
    told |= {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    status, _, headers = hub.ask("POST", "/dang-nhap", body, **told)
    assert status == 303 and headers["Set-Cookie"].startswith("__Host-bangtin-hub=")
    assert {"Secure", "HttpOnly", "SameSite=strict"} <= {part.strip() for part in headers["Set-Cookie"].split(";")}
    with open_store(hub.folder) as store, store.reading() as connection:
        assert "203.0.113.7" in connection.execute(select(t.session.c.address)).scalars().all()


@pytest.mark.parametrize(
    "address",
    ["//x.example", "https://x.example/", "/\\x.example", "javascript:alert(1)", "", "/\n/x", "/" + "a" * 600],
)
def test_one_goes_on_only_to_pages_of_ours(address: str) -> None:
    assert next_of(address) == "/"


# ── forms ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"csrf": "another"}, 403),
        ({"csrf": ""}, 403),
        ({"days": "x" * 70_000}, 413),
        ({"days": "\0"}, 400),
        ({}, 303),
    ],
)
def test_a_form_comes_from_a_page_of_ours_and_from_this_log_in(two: Any, change: dict[str, str], status: int) -> None:
    with open_store(two.folder) as store, store.reading() as connection:
        known = sessions.find(connection, two.cookie, sessions.PAGE, datetime.now(UTC))
    assert known
    fields = {"csrf": known.csrf, "days": "0"} | {k: v for k, v in change.items() if k in ("csrf", "days")}
    headers = {"Origin": two.url, "Content-Type": KIND, "Cookie": f"bangtin-hub={two.cookie}", "Accept": "text/html"}
    headers |= {k: v for k, v in change.items() if k not in fields}
    answer = two.ask("POST", "/tuoi-mat-khau", urlencode(fields).encode(), **{k: v for k, v in headers.items() if v})
    assert answer[0] == status
    assert len(answer[1]) < 10_000 and b"Traceback" not in answer[1]


def test_what_cannot_be_asked_is_told_in_words(two: Any) -> None:
    for method, path, status in (("GET", "/dang-xuat", 405), ("POST", "/nhat-ky", 405), ("GET", "/khong-co", 404)):
        answer = two.ask(method, path, Accept="text/html", Cookie=f"bangtin-hub={two.cookie}")
        assert answer[0] == status and answer[2]["Content-Security-Policy"].startswith("default-src 'self';")
        assert "Xem tất cả các bảng" in answer[1].decode()


# ── roles and communes ───────────────────────────────────────────────────────────────────────────

KNOWN = {"commune": THERE, "board": SECRET.lower(), "name": "quan-tri", "period": "2026-11", "file": "f" * 64}
PAGES = [one for section in SECTIONS for one in section.declared]
GETS = sorted({one.path for one in PAGES if one.method == "GET" and one.answers})
POSTS = sorted({one.path for one in PAGES if one.method == "POST" and one.least and not one.own})


def filled(path: str, **values: str) -> str:
    """The path with a value for each of its names."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: (KNOWN | values).get(m[1], "a" * 64), path)


@pytest.mark.parametrize("path", GETS)
@pytest.mark.parametrize("role", list(Role))
def test_nothing_of_another_commune_is_told(two: Any, path: str, role: Role) -> None:
    cookie = two.log_in(f"mot-{role}", role, frozenset({HERE}))
    for query in ("", f"?{urlencode(dict.fromkeys(('xa', 'commune', 'ai', 'viec', 'tim', 'bang'), THERE))}"):
        status, body, headers = two.get(filled(path) + query, cookie)
        assert status < 500, body
        for words in (SECRET, SECRET.lower()):
            asked = filled(path) + query  # a page may repeat what it was asked, not what it knows
            assert words not in body.decode(errors="replace").replace(asked, ""), path
        if "{commune}" in path:
            assert status == 404
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]


def listening(hub: Any, cookie: str) -> Iterator[list[str]]:
    """The communes that one line names, event by event."""
    line = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    line.request("GET", "/moi", headers={"Cookie": f"bangtin-hub={cookie}", "Accept": "text/event-stream"})
    answer = line.getresponse()
    assert answer.status == 200
    while told := answer.readline():
        if told.startswith(b"data: ["):
            yield json.loads(told[6:])
        elif told.startswith(b"retry"):
            yield []
    line.close()


def test_a_line_names_no_other_commune(two: Any, new_board: Any) -> None:
    lines = [listening(two, two.log_in("mot-line", Role.AUDITOR, frozenset({HERE}))), listening(two, two.cookie)]
    assert [next(line) for line in lines] == [[], []]  # both listen
    boards = {}
    for commune in (THERE, HERE):
        boards[commune] = new_board(f"moi-{commune}", commune=commune)
        name = SECRET if commune == THERE else "Xã Mẫu"
        boards[commune].enroll(two.folder, name=name, commune_name=name)
    heard: set[str] = set()
    for commune in (THERE, HERE):
        while commune not in heard:  # the other sees all: until then the news has been told to everybody
            assert two.post(f"moi-{commune}", boards[commune].next(verdict="black"), commune)[0] == 200
            assert two.post(f"moi-{commune}", boards[commune].next(), commune)[0] == 200
            heard |= set(next(lines[1]))
    assert heard >= {HERE, THERE}
    assert next(lines[0]) == [HERE]
    assert two.get("/moi", "")[0] == 401
    for line in lines:
        line.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", GETS)
def test_nothing_is_told_to_nobody(two: Any, path: str) -> None:
    is_open = any(one.path == path and one.least is None for one in PAGES)
    status, body, _ = two.get(filled(path), "")
    assert is_open or status == 401
    assert SECRET not in body.decode(errors="replace")
    assert two.get(filled(path), "x" * 43)[0] == status


def test_the_secrets_of_the_other_commune_are_there_to_be_seen(two: Any) -> None:
    """Else the walk above would prove nothing."""
    assert SECRET in two.get("/")[1].decode() and SECRET in two.get("/nhat-ky")[1].decode()
    assert SECRET in two.get("/api/boards.json")[1].decode()
    frame = two.get(f"/bang/{THERE}/{SECRET.lower()}/frame.jpg")
    assert frame[0] == 200 and frame[1].startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("path", POSTS)
def test_an_auditor_changes_nothing_and_that_is_written_down(two: Any, path: str) -> None:
    cookie = two.log_in("chi-xem", Role.AUDITOR)
    before = len(acts(two))
    assert two.send(filled(path, commune=HERE, board="cong-xa"), cookie)[0] == 403
    assert acts(two)[before:] == [("chi-xem", "refused")]


@pytest.mark.parametrize("path", [path for path in POSTS if "{commune}" in path])
def test_nobody_changes_another_commune(two: Any, path: str) -> None:
    cookie = two.log_in("mot-admin", Role.ADMIN, frozenset({HERE}))
    assert two.send(filled(path), cookie)[0] == 404


def test_an_administrator_of_one_commune_hands_out_no_other(two: Any) -> None:
    cookie = two.log_in("mot-admin", Role.ADMIN, frozenset({HERE}))
    wanted = {"name": "cua-toi", "full_name": "Của Tôi", "role": "admin"}
    for commune in (THERE, "*"):
        assert two.send("/them-nguoi", cookie, commune=commune, **wanted)[0] == 403
        assert two.send("/nguoi/mot-operator", cookie, commune=commune, **wanted)[0] in (403, 404)
    assert two.send("/nguoi/quan-tri", cookie, commune=HERE, **wanted)[0] == 404, "it sees more"
    assert two.send("/nguoi/quan-tri/mat-khau", cookie)[0] == 404
    assert two.send("/tuoi-mat-khau", cookie, days="1")[0] == 403
    assert "quan-tri" not in two.get("/nguoi", cookie)[1].decode()
    assert two.send("/them-nguoi", cookie, commune=HERE, **wanted)[0] == 200


# ── programs ─────────────────────────────────────────────────────────────────────────────────────


def test_a_program_reads_with_its_token_and_changes_nothing(two: Any, capsys: Any) -> None:
    two.log_in("van-phong", Role.ADMIN, frozenset({HERE}))
    assert main(["hub", "account", "token", "van-phong", "--dir", str(two.folder)]) == 0
    token = capsys.readouterr().out.split()[-1]
    bearer = {"Authorization": f"Bearer {token}"}
    status, body, _ = two.ask("GET", "/api/boards.json", **bearer)
    assert status == 200 and {one["commune"] for one in json.loads(body)["boards"]} == {HERE}
    assert two.ask("GET", "/nguoi", **bearer)[0] == 401, "pages are for people"
    assert two.get("/", token)[0] == 401, "a token is no log-in"
    form = urlencode({"csrf": "", "days": "1"}).encode()
    assert two.ask("POST", "/tuoi-mat-khau", form, **{"Origin": two.url, "Content-Type": KIND, **bearer})[0] == 401
    assert two.ask("GET", "/api/boards.json", Authorization=f"Bearer {token}x")[0] == 401


# ── the box ──────────────────────────────────────────────────────────────────────────────────────


def test_the_box_s_own_commands(two: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def bangtin(*words: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO(typed))
        code = main(["hub", *words, "--dir", str(two.folder)])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert bangtin("account", "add", "hoa", "--role", "operator", "--commune", HERE, typed=f"{PASSWORD}\n")[0] == 0
    assert bangtin("account", "add", "hoa", "--role", "operator", typed=f"{PASSWORD}\n")[0] == 3
    code, told = bangtin("account", "add", "mai", "--role", "auditor", "--commune", "00000", typed="x\n")
    assert code == 1 and "account-commune" in told and "20506" in told
    code, told = bangtin("account", "password", "hoa", "--give")
    given = re.findall(r": (\w{4}-\w{4}-\w{4}-\w{4})", told)[0]
    assert code == 0 and bangtin("account", "disable", "hoa")[0] == 0 and bangtin("account", "unlock", "hoa")[0] == 0
    assert "hoa · hoa · operator · 20506" in bangtin("account", "list")[1]
    assert bangtin("account", "disable", "khong-co")[0] == 3
    code, told = bangtin("audit", "--verify")
    assert code == 0 and re.search(r"[0-9a-f]{64}", told)
    body = urlencode({"name": "hoa", "password": given}).encode()
    assert two.ask("POST", "/dang-nhap", body, **{"Content-Type": KIND, "Origin": two.url})[0] == 303
    with open_store(two.folder) as store, store.writing() as connection:
        last = connection.execute(select(t.audit.c.id).order_by(t.audit.c.id.desc())).scalars().first()
        connection.execute(update(t.audit).where(t.audit.c.id == last).values(actor="ai khác"))
    code, told = bangtin("audit", "--verify")
    assert code == 3 and str(last) in told and PASSWORD not in told
    with open_store(two.folder) as store, store.writing() as connection:
        connection.execute(update(t.audit).where(t.audit.c.id == last).values(actor="hoa"))


def test_every_act_of_the_audit_has_words() -> None:
    told = set()
    for path in Path("signage").rglob("*.py"):
        for call in (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("record", "bounded"):
                told |= {a.value for a in call.args[1:3] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert {"login", "account.add", "refused", "alarm.acknowledge"} <= told
    assert sorted(told - set(ACTS)) == []


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_added_given_a_password_and_stopped(two: Any, page: Page) -> None:
    two.let_in(page)
    page.goto(f"{two.url}/nguoi")
    page.get_by_role("link", name="Thêm người").click()
    page.get_by_label("Tên đăng nhập").fill("quan-tri")
    page.get_by_label("Họ và tên").fill("Nguyễn <b>Lan</b>")
    page.get_by_label("Người vận hành").check()
    page.get_by_label("Xã Mẫu").check()
    page.get_by_role("button", name="Thêm").click()
    assert "Đã có tài khoản quan-tri" in page.get_by_role("alert").inner_text()
    page.get_by_label("Tên đăng nhập").fill("lan.moi")
    assert page.get_by_label("Xã Mẫu").is_checked(), "nothing that was typed is lost"
    page.get_by_role("button", name="Thêm").click()
    given = page.locator(".given").inner_text()
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    by_browser(two, other, "lan.moi", given)
    assert other.url == f"{two.url}/mat-khau"
    page.goto(f"{two.url}/nguoi/lan.moi")
    assert "Nguyễn <b>Lan</b>" in page.locator("h1").inner_text()
    page.get_by_role("button", name="Ngừng tài khoản").click()
    page.get_by_text("Đã ngừng tài khoản").wait_for()
    other.reload()
    assert other.url.startswith(f"{two.url}/dang-nhap")
    other.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_and_use_them(two: Any, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    two.log_in("mot-operator", Role.OPERATOR, frozenset({HERE}))
    two.let_in(page)
    for path in ("/nguoi", "/them-nguoi", "/nguoi/mot-operator", "/nhat-ky", "/mat-khau", "/phien", "/khong-co"):
        page.goto(two.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if width == 390:  # the same rules, words and colours at each width
            found = Axe().run(page, options=AXE)
            assert found.violations_count == 0, found.generate_report()
    page.context.clear_cookies()
    page.goto(two.url)
    assert Axe().run(page, options=AXE).violations_count == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "password", "the name has the focus at first"


def test_the_audit_is_looked_through_and_taken_along(two: Any, page: Page) -> None:
    two.let_in(page)
    two.send("/nguoi/khong-co", "")  # nobody
    page.goto(f"{two.url}/nhat-ky")
    page.get_by_label("Việc").select_option("account.")
    page.get_by_label("Ai").fill("box")
    page.get_by_role("button", name="Lọc").click()
    shown = set(page.locator("tbody tr td:nth-child(3)").all_inner_texts())
    assert "Thêm tài khoản" in shown and "Đăng nhập" not in shown
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and b"account.add" in text and b"login" not in text
    page.goto(f"{two.url}/nhat-ky?tu=2020-01-01&den=2020-01-02")
    assert "Không có dòng nào" in page.locator("main").inner_text()
