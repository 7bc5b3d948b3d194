"""What the watchman releases reaches people: real SMTP and HTTP servers, a hub that is killed in between."""

from __future__ import annotations

import hmac
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select

from signage.errors import BadInput
from signage.hub.alarms import Level, handling
from signage.hub.delivery import deadline, mail, outbox, webhook, wording
from signage.hub.delivery.deadline import NotSent
from signage.hub.delivery.postman import Postman, SettingsFile
from signage.hub.delivery.settings import MailServer, Webhook, load
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from tests.hub.serving import OFTEN
from tests.hub.turned import COMMUNE, NOON, Place

WAIT_S = 30.0
PATIENCE = timedelta(minutes=8)  # until a silence is told


def until(what: Callable[[], Any], patience_s: float = WAIT_S) -> Any:
    """The first true answer, within this time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if answer := what():
            return answer
        threading.Event().wait(0.02)
    raise AssertionError("it did not come")


class Mailbox:
    """A mail server on loopback that keeps what it takes."""

    def __init__(self, port: int = 0, **more: Any) -> None:
        self.taken: list[Any] = []
        self.refuse: set[str] = set()
        self.later: set[str] = set()
        self.controller = Controller(self, hostname="127.0.0.1", port=port or free_port(), **more)
        self.controller.start()
        self.port = self.controller.port

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.refuse:
            return "550 no such person"
        if address in self.later:
            return "451 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        self.taken.append((envelope.rcpt_tos, message))
        return "250 OK"

    def close(self) -> None:
        self.controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


class Site:
    """An HTTP server on loopback that keeps what it is told, and answers as asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes, dict[str, str]] = (200, b'{"ok": true}', {})
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.heard.append((self.path, dict(self.headers), body))
                status, answer, headers = site.answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "hub.toml"
    path.write_text("v = 1\n" + text, "utf-8")
    path.chmod(mode)
    return path


def mail_settings(port: int, more: str = "") -> str:
    return (
        f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "bangtin@xa.vn"\n'
        f'[[tell]]\nname = "truc"\nmail = ["lan@xa.vn", "nam@xa.vn"]\n{more}'
    )


Telling = Callable[[str], tuple[Place, Postman]]


def telling(store: Store, folder: Path) -> Telling:
    """A place whose watchman hands to a postman, by these settings."""

    def make(settings: str) -> tuple[Place, Postman]:
        write(folder, settings)
        place = Place(store)
        postman = Postman(store, SettingsFile(folder), clock=lambda: place.now, due=lambda *_: ["Báo cáo năm"])
        place.man._then = postman.told
        return place, postman

    return make


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Telling]:
    with open_store(tmp_path / "hub") as store:
        yield telling(store, tmp_path / "hub")


@pytest.fixture
def told_by_both(store: Store, tmp_path: Path) -> Telling:
    """Once on each kind of store."""
    return telling(store, tmp_path / "hub")


def rows(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(t.outbox).order_by(t.outbox.c.id)))


def test_a_silence_is_mailed_once_and_its_end_too(told_by_both: Telling, mailbox: Mailbox) -> None:
    place, postman = told_by_both(mail_settings(mailbox.port))
    place.add("cong-xa", site="Cổng UBND\r\nBcc: ke-gian@example.vn")
    place.hear()
    place.wait(PATIENCE)
    assert postman.round() == 1 and postman.round() == 0
    ((to, message),) = mailbox.taken
    assert to == ["lan@xa.vn", "nam@xa.vn"] and message["Bcc"] is None
    assert message["Subject"] == "[Bảng tin] Bảng cong-xa (Xã Mẫu) mất liên lạc"
    text = message.get_content()
    assert "BÁO ĐỘNG:\n• Bảng cong-xa (Xã Mẫu): mất liên lạc, từ 12:0" in text.replace("\r\n", "\n")
    assert "gọi người trông bảng xem điện, mạng, SIM" in text
    place.wait(minutes(12), "cong-xa")
    assert postman.round() == 1
    assert mailbox.taken[1][1]["Subject"] == "[Bảng tin] Đã hết: Bảng cong-xa (Xã Mẫu) mất liên lạc"
    assert len({message["Message-ID"] for _, message in mailbox.taken}) == 2


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_a_commune_that_falls_silent_is_one_message(told: Telling, mailbox: Mailbox) -> None:
    place, postman = told(mail_settings(mailbox.port))
    for number in range(14):
        place.add(f"bang-{number:02}")
    place.hear()
    place.wait(PATIENCE)
    postman.round()
    ((_, message),) = mailbox.taken
    assert message["Subject"] == "[Bảng tin] 14 bảng ở Xã Mẫu mất liên lạc"
    text = message.get_content()
    assert "và 6 bảng nữa" in text and "hỏi điện và đường truyền của cả khu" in text and text.count("•") == 1


def test_a_foreign_picture_is_told_before_a_silent_commune() -> None:
    lost = [
        wording.Told("20506", "Xã Mẫu", f"b{n}", f"Bảng {n}", "", "lost", Level.ALARM, "", NOON, None, 1)
        for n in range(9)
    ]
    foreign = replace(lost[0], code="foreign", says="Hình lạ.")
    message = wording.message([*lost, foreign], [], NOON, "")
    assert message.subject == "[Bảng tin] Bảng 0 (Xã Mẫu) hình lạ và 1 việc khác"


def test_however_many_boards_flap_the_messages_of_an_hour_are_few(told: Telling, mailbox: Mailbox) -> None:
    place, _ = told(mail_settings(mailbox.port, 'least = "warning"\n'))
    for number in range(4):
        place.add(f"bang-{number}")
    place.hear()
    for turn in range(15):  # two hours in which each of them is away for eight minutes, one after the other
        place.wait(minutes(8), *(f"bang-{n}" for n in range(4) if n != turn % 4), each=minutes(2))
    assert 3 <= len(rows(place.store)) <= 2 * 12


def test_who_is_told_is_by_commune_and_level(told: Telling, mailbox: Mailbox) -> None:
    place, _ = told(
        mail_settings(mailbox.port)
        + '[[tell]]\nname = "noi-khac"\nmail = ["x@y.vn"]\ncommunes = ["20507"]\n'
        + '[[tell]]\nname = "moi-viec"\nmail = ["z@y.vn"]\nleast = "warning"\n'
    )
    place.add("cong-xa")
    place.hear(publication=411)
    for _ in range(7):
        place.wait(minutes(1))
        place.hear(publication=411)
    assert [row.recipient for row in rows(place.store)] == ["moi-viec"]


def test_a_mail_server_that_is_down_is_tried_again_and_given_up_at_last(told_by_both: Telling) -> None:
    place, postman = told_by_both(mail_settings(free_port()))
    place.add("cong-xa")
    place.hear()
    place.wait(PATIENCE)
    waits = []
    for _ in range(len(outbox.BACKOFF_MIN)):
        assert postman.round() == 0
        (row,) = rows(place.store)
        waits.append((row.due - to_ms(place.now)) // 60_000)
        assert "ConnectionRefusedError" in row.error and row.given_up is None
        place.now += timedelta(minutes=waits[-1])
    assert waits == list(outbox.BACKOFF_MIN)
    assert postman.round() == 0
    (row,) = rows(place.store)
    assert row.given_up and row.sent is None
    assert postman.round() == 0
    with place.store.writing() as connection:
        assert outbox.backlog(connection) == outbox.Backlog(0, 0, 1)
        outbox.sweep(connection, place.now + outbox.KEPT + minutes(1))
        assert outbox.backlog(connection) == outbox.Backlog(0, 0, 0)


def test_a_clock_that_was_ahead_costs_no_alarm_and_no_morning(told: Telling, mailbox: Mailbox) -> None:
    place, postman = told(mail_settings(mailbox.port, "digest = true\n") + '[digest]\nat = "12:00"\n')
    place.add("cong-xa")
    place.hear()
    place.now += timedelta(days=1000)
    place.hear()
    place.man.look()
    with place.store.writing() as connection:  # a message that could not be sent then
        connection.execute(t.outbox.update().values(due=to_ms(place.now + minutes(1))))
    place.now = NOON
    assert postman.round() == 1, "it does not wait for that day"
    place.hear()
    place.wait(PATIENCE)
    kinds = [row.key.split(":")[0] for row in rows(place.store)]
    assert sorted(kinds) == ["alarms", "digest", "digest"]


def test_one_refused_address_does_not_keep_the_mail_from_the_others(told: Telling, mailbox: Mailbox) -> None:
    mailbox.refuse = {"nam@xa.vn"}
    place, postman = told(mail_settings(mailbox.port))
    place.add("cong-xa")
    place.hear()
    place.wait(PATIENCE)
    assert postman.round() == 1
    (row,) = rows(place.store)
    assert row.sent and "nam@xa.vn: 550" in row.error


def test_an_address_that_is_put_off_is_tried_again_alone(told: Telling, mailbox: Mailbox) -> None:
    mailbox.later = {"nam@xa.vn"}
    place, postman = told(mail_settings(mailbox.port))
    place.add("cong-xa")
    place.hear()
    place.wait(PATIENCE)
    assert (postman.round(), postman.round()) == (1, 0)
    place.now += minutes(1)
    assert postman.round() == 0, "not yet"
    mailbox.later = set()
    place.now += minutes(1)
    assert postman.round() == 1
    assert [to for to, _ in mailbox.taken] == [["lan@xa.vn"], ["nam@xa.vn"]]
    assert len({message["Message-ID"] for _, message in mailbox.taken}) == 1
    assert all(row.sent for row in rows(place.store))


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, secret)
    return context, cert


def test_starttls_checks_the_certificate_before_the_password_goes(tmp_path: Path) -> None:
    context, cert = certificate(tmp_path)
    seen: list[Any] = []

    def log_in(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
        seen.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    box = Mailbox(tls_context=context, authenticator=log_in, require_starttls=True)
    try:
        server = MailServer("localhost", box.port, "starttls", "bangtin@xa.vn", "may", "bí mật")
        with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
            mail.send(server, ["a@b.vn"], "x", "y", "k", NOON)
        assert seen == []
        trusted = MailServer("localhost", box.port, "starttls", "bangtin@xa.vn", "may", "mat-khau", str(cert))
        assert mail.send(trusted, ["a@b.vn"], "Chủ đề", "Chữ có dấu", "k", NOON) == mail.Refusal()
        assert seen == [(True, b"may", b"mat-khau")] and len(box.taken) == 1
    finally:
        box.close()


def test_a_webhook_is_signed_and_no_redirect_is_followed(told: Telling, site: Site) -> None:
    place, postman = told(f'[[tell]]\nname = "ban-tin"\nwebhook = "{site.url}/nhan?x=1"\nsecret = "0123456789abcdef"\n')
    place.add("cong-xa")
    place.hear()
    place.wait(PATIENCE)
    site.answer = (307, b"", {"Location": site.url + "/noi-khac"})
    assert postman.round() == 0
    assert [path for path, _, _ in site.heard] == ["/nhan?x=1"]
    site.answer = (200, b"", {})
    place.now += minutes(2)
    assert postman.round() == 1
    _, headers, body = site.heard[-1]
    at, _, made = headers["Bangtin-Signature"].partition(",v1=")
    expected = hmac.new(b"0123456789abcdef", at.removeprefix("t=").encode() + b"." + body, "sha256").hexdigest()
    assert hmac.compare_digest(made, expected)
    assert headers["Bangtin-Delivery"] == site.heard[0][1]["Bangtin-Delivery"]
    said = json.loads(body)
    assert (said["kind"], [b["code"] for b in said["begun"]]) == ("alarms", ["lost"])
    assert said["text"].startswith("BÁO ĐỘNG")


def test_bodies_of_other_services_are_filled_and_their_errors_understood(site: Site) -> None:
    hook = Webhook(f"{site.url}/bot1:x/sendMessage", body={"chat_id": "-100", "text": "{subject}\n{text}"})
    webhook.send(hook, "Chủ đề", "Nội dung", {"kind": "alarms"}, "k", NOON)
    assert json.loads(site.heard[0][2]) == {"chat_id": "-100", "text": "Chủ đề\nNội dung"}
    zalo = Webhook(
        site.url, headers=(("access_token", "abc"),),
        body={"recipient": {"user_id": "1"}, "message": {"text": "{text}"}},
    )  # fmt: skip
    site.answer = (200, b'{"error": -216, "message": "Access token is invalid"}', {})
    with pytest.raises(NotSent, match="-216"):
        webhook.send(zalo, "s", "x" * 9000, {}, "k", NOON)
    assert site.heard[1][1]["access_token"] == "abc"
    assert len(json.loads(site.heard[1][2])["message"]["text"]) == webhook.MAX_TEXT
    for status, for_good in ((401, False), (403, False), (404, False), (413, True), (422, True)):
        site.answer = (status, b"", {})
        with pytest.raises(NotSent) as refused:
            webhook.send(hook, "s", "t", {}, "k", NOON)
        assert refused.value.for_good == for_good


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time; all of them never would."""
    for module in (mail, webhook):
        monkeypatch.setattr(module, "deadline", lambda: deadline.deadline(0.5))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            while not stop.wait(0.05):
                connection.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for say in (
            lambda: mail.send(MailServer("127.0.0.1", port, "none", "a@b.vn"), ["c@d.vn"], "s", "t", "k", NOON),
            lambda: webhook.post(Webhook(f"http://127.0.0.1:{port}/"), None, {}),
        ):
            threading.Thread(target=drip, daemon=True).start()
            with pytest.raises(NotSent):
                say()
    stop.set()


def test_the_morning_tells_each_once_what_stands_open(told_by_both: Telling, mailbox: Mailbox) -> None:
    place, postman = told_by_both(mail_settings(mailbox.port, "digest = true\n") + '[digest]\nat = "12:30"\n')
    place.add("cong-xa")
    place.add("nha-van-hoa")
    place.hear()
    place.wait(PATIENCE, "nha-van-hoa")
    with place.store.writing() as connection:
        alarm = connection.execute(select(t.alarm.c.id).where(t.alarm.c.code == "lost")).scalar_one()
        handling.acknowledge(connection, alarm, 1, "đang đến", place.now)
        hour = timedelta(hours=1)
        handling.maintain(connection, 1, NOON + hour, NOON + 2 * hour, "sau này", place.now, commune=COMMUNE)
    place.wait(minutes(30), "nha-van-hoa", each=minutes(2))
    postman.round()
    digests = [message for _, message in mailbox.taken if "Sáng 22/11/2026" in message["Subject"]]
    assert [message["Subject"] for message in digests] == ["[Bảng tin] Sáng 22/11/2026: 2 bảng, 1 bảng cần xem"]
    text = digests[0].get_content().replace("\r\n", "\n")
    for line in (
        "Liên lạc: đang nối 1, mất liên lạc 1", "1 cảnh báo mới, 0 đã hết. Đang mở: 1, trong đó 1 đã có người nhận.",
        "Bảng cần xem trước:\n• Bảng cong-xa: mất liên lạc", "Báo cáo đến hạn:\n• Báo cáo năm",
    ):  # fmt: skip
        assert line in text
    assert "bảo trì" not in text, "that is later"
    place.now += timedelta(hours=24)
    place.hear()
    place.man.look()
    assert len([r for r in rows(place.store) if r.key.startswith("digest:")]) == 2


def test_a_hub_killed_between_writing_and_sending_sends_when_it_is_back(
    tmp_path: Path, start_hub: Any, new_board: Any
) -> None:
    """The whole way: a board that says its picture is foreign, the watchman, the outbox, and the mail."""
    folder, port = tmp_path / "hub", free_port()
    write(folder, mail_settings(port))
    hub, board = start_hub(folder, look_every=OFTEN), new_board("cong-xa")
    board.enroll(folder)

    def has_lasted(store: Store) -> int:
        with store.writing() as connection:
            since = to_ms(datetime.now(UTC) - minutes(1))
            return connection.execute(t.alarm.update().where(t.alarm.c.code == "foreign").values(since=since)).rowcount

    try:
        with open_store(folder) as store:
            assert hub.post("cong-xa", board.next(verdict="foreign"))[0] == 200
            until(lambda: has_lasted(store))  # once it was seen: a test does not wait for it to last
            until(lambda: [row for row in rows(store) if row.tries])  # the mail server is down: one try in vain
            hub.kill()
            with store.writing() as connection:
                connection.execute(t.outbox.update().values(due=0))
            box = Mailbox(port)
            try:
                hub.start()
                until(lambda: rows(store)[0].sent)
            finally:
                box.close()
        assert ["hình lạ" in m["Subject"] for _, m in box.taken] == [True]
        status, health, _ = hub.get("/healthz")
        assert (status, json.loads(health)["reasons"]) == (200, []) and json.loads(health)["watched_s"] < 60
        assert b"bangtin_boards_screen{" in hub.get("/metrics")[1]
    finally:
        hub.kill()


def test_the_dead_man_s_ping_comes_while_all_is_well_and_stops_otherwise(tmp_path: Path, site: Site) -> None:
    write(tmp_path / "hub", f'[deadman]\nping = "{site.url}/song"\n')
    with open_store(tmp_path / "hub") as store:
        asked: list[bool] = []

        def well() -> bool:
            asked.append(len(asked) >= 1)
            return asked[-1]

        postman = Postman(store, SettingsFile(tmp_path / "hub"), well)
        postman.start()
        until(lambda: site.heard)
        postman.stop()
    assert [path for path, _, _ in site.heard] == ["/song"] and asked[:2] == [False, True]


def test_settings_with_problems_are_told_at_once_and_change_nothing(tmp_path: Path) -> None:
    good = mail_settings(25)
    file = SettingsFile(write(tmp_path, good).parent)
    assert [one.name for one in file.get().recipients] == ["truc"] and file.get().recipients[0].least is Level.ALARM
    write(tmp_path, good + 'leats = "alarm"\n[[tell]]\nname = "truc"\nwebhook = "http://169.254.169.254/x"\n', 0o644)
    assert [one.name for one in file.get().recipients] == ["truc"] and "4 problem" in (file.trouble or "")
    with pytest.raises(BadInput) as wrong:
        load(tmp_path)
    assert [(p.code, p.field) for p in wrong.value.problems] == [
        ("setting-unknown", "tell[0].leats"), ("setting-shape", "tell[1].webhook"), ("setting-twice", "tell"),
        ("hub-settings-open", None),
    ]  # fmt: skip
    write(tmp_path, '[mail]\nserver = "m"\nfrom = "a@b.vn"\nuser = "u"\npassword = "mat-khau"\n', 0o640)
    with pytest.raises(BadInput) as wrong:
        load(tmp_path)
    assert [p.code for p in wrong.value.problems] == ["hub-settings-open"] and "chmod 600" in wrong.value.told()
    write(tmp_path, "")
    assert file.get().recipients == () and file.trouble is None
    write(tmp_path, '[[tell]]\nname = "a"\n[mail]\nserver = "m"\nfrom = "a@b.vn"\npassword = "x"\nsecurity = "none"\n')
    with pytest.raises(BadInput) as wrong:
        load(tmp_path)
    assert {p.code for p in wrong.value.problems} == {"hub-tell-one-way", "hub-password-bare"}


def test_settings_that_cannot_be_read_are_not_called_misspelt(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").mkdir()
    with pytest.raises(BadInput) as wrong:
        load(tmp_path)
    assert [p.code for p in wrong.value.problems] == ["settings-unreadable"]


def test_nobody_s_secret_is_shown(store: Store, tmp_path: Path) -> None:
    secret = "https://api.example.vn/bot99:GEHEIM/send"
    folder = write(
        tmp_path,
        f'[[tell]]\nname = "t"\nwebhook = "{secret}"\nsecret = "GEHEIM0123456789"\nheaders = {{k = "GEHEIM"}}\n',
    ).parent
    settings = load(folder)
    assert "GEHEIM" not in repr(settings)
    with store.writing() as connection:
        connection.execute(insert(t.commune), {"code": "1", "name": ""})
        outbox.follow(connection, settings, NOON)
        assert "GEHEIM" not in str(connection.execute(select(t.recipient)).all())


GUIDE = Path(__file__).parents[2] / "docs" / "canh-bao.md"


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.S))
def test_the_guide_s_settings_are_read_as_written(block: str, tmp_path: Path, site: Site) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(block, "utf-8")
    path.chmod(0o600)
    for one in load(tmp_path).recipients:
        if one.webhook and one.webhook.body:  # of another service: the words arrive in its own form
            webhook.send(replace(one.webhook, url=site.url), "Chủ đề", "Lời báo", {}, "k", NOON)
            assert "Lời báo" in str(json.loads(site.heard[-1][2]))
