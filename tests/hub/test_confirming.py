"""Who has followed: the command that takes down asks the hub, waits, and names who has not."""

import argparse
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from signage.cli import confirming, main
from signage.errors import Unavailable
from signage.hub.people.roles import Role
from signage.office import starter
from signage.office.publish import repository
from signage.office.standing import in_force
from signage.report import Showing
from signage.settings import load


@pytest.fixture
def away(hub, office, new_board, text):
    """Two boards that the hub hears, and a notice on both; its statement."""
    boards = [new_board(name, commune=office.settings.commune.code) for name in ("cong-xa", "nha-van-hoa-3")]
    for board in boards:
        board.enroll(hub.folder)
    to = str(office.folder / confirming.TOKEN_FILE)
    assert main(["hub", "account", "token", "quan-tri", "--dir", str(hub.folder), "--to", to]) == 0
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish()
    return boards, in_force(office.desk.standings())["tin/a"].sha256


def follows(hub, board, number, statement=None, kind="rotation"):
    showing = Showing(kind, statement, None, "", datetime.now(UTC).replace(microsecond=0))
    assert hub.post(board.id, board.next(publication=number, showing=showing), board.commune)[0] == 200


def bangtin(office, where, *words):
    return main([*words, "--dir", str(office.folder), "--hub", where, "--wait", "0"])


def test_a_board_that_has_not_followed_is_named_with_what_to_do(hub, office, away, capsys):
    (first, second), statement = away
    number = repository(office.settings).version("lich")
    follows(hub, first, number + 1)
    assert bangtin(office, str(hub.folder), "hide", "tin/a", "--as", "p5") == 1
    told = capsys.readouterr().out
    assert "✓ Cổng xã (cong-xa)" in told and "✗ Nhà văn hóa thôn 3 (nha-van-hoa-3)" in told
    assert "1 trên 2 bảng" in told and "bangtin board panic" in told and "nghe lần cuối chưa lần nào" in told
    follows(hub, first, number + 2, statement)  # it says that it has the publication, and still shows the notice
    follows(hub, second, number + 2)
    assert bangtin(office, str(hub.folder), "withdraw", "tin/a", "--as", "p5", "--reason", "Sai") == 1
    told = capsys.readouterr().out
    assert "✗ Cổng xã" in told and "✓ Nhà văn hóa thôn 3" in told


def test_a_board_whose_glass_nobody_vouches_for_has_not_followed(hub, office, away, capsys):
    """Its sync holds the new publication; the player is dead, or other pixels stand in its window."""
    (dead, strange), _ = away
    number = repository(office.settings).version("lich")
    hub.post(dead.id, dead.next(publication=number + 1, showing=None, verdict="unknown", layer="none"), dead.commune)
    hub.post(strange.id, strange.next(publication=number + 1, verdict="foreign"), strange.commune)
    assert bangtin(office, str(hub.folder), "hide", "tin/a", "--as", "p5") == 1
    assert "0 trên 2 bảng" in capsys.readouterr().out
    hub.post(dead.id, dead.next(publication=number + 1, showing=None, verdict="dark"), dead.commune)
    assert bangtin(office, str(hub.folder), "hide", "tin/a", "--as", "p1") == 1
    assert "✓ Cổng xã (cong-xa)" in capsys.readouterr().out, "dark by its timetable is dark"


def test_the_safe_slide_is_confirmed_by_what_is_shown(hub, office, away, capsys):
    (first, second), statement = away
    number = repository(office.settings).version("lich")
    follows(hub, first, number + 1, kind="safe")
    follows(hub, second, number + 1, statement)
    assert bangtin(office, hub.url, "safe", "on", "--as", "p1") == 1
    assert "✗ Nhà văn hóa thôn 3" in capsys.readouterr().out
    follows(hub, second, number + 2, "a" * 64, kind="emergency")
    follows(hub, first, number + 2)
    assert bangtin(office, hub.url, "safe", "off", "--as", "p3") == 0
    assert "2 trên 2 bảng" in capsys.readouterr().out


def test_it_waits_for_them_and_no_longer_than_needed(hub, office, away):
    """The command runs; the boards follow only once it has begun to wait."""
    boards, _ = away
    (office.folder / "bangtin.toml").write_text(
        (office.folder / "bangtin.toml").read_text("utf-8").replace("[commune]", f'[commune]\nhub = "{hub.url}"'),
        "utf-8",
    )
    words = [sys.executable, "-m", "signage", "hide", "tin/a", "--as", "p1", "--wait", "600", "--dir", office.folder]
    with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True) as waiting:
        lines = iter(waiting.stdout.readline, "")
        assert any("Chờ các bảng" in line for line in lines)
        for board in boards:
            follows(hub, board, repository(office.settings).version("lich"))
        assert "2 trên 2 bảng" in "".join(lines)
    assert waiting.returncode == 0


class _Nonsense(BaseHTTPRequestHandler):
    def __init__(self, *args, body):
        self.body = body
        super().__init__(*args)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


BODIES = [b"", b"[]", b'{"boards": 1}', b'{"boards": [1]}', b'{"boards": [{}]}', b'{"boards": [{"board": ["x"]}]}',
          json.dumps({"boards": [{"board": "cong-xa", "showing": 3}]}).encode(),
          json.dumps({"boards": [{"board": "cong-xa", "publication": "9", "received": 7}]}).encode()]  # fmt: skip


def asked(where, wait=0):
    """The sample commune's boards, which that hub does not know."""
    settings = load(starter.sample_root())
    args = argparse.Namespace(hub=where, wait=wait, lang="vi")
    return confirming.answer(args, settings, list(settings.boards), 1, lambda _: True)


@pytest.mark.parametrize("body", BODIES)
def test_a_hub_that_answers_nonsense_confirms_nothing(body, capsys):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Nonsense, body=body))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        assert asked(f"http://127.0.0.1:{server.server_address[1]}") == 1
    finally:
        server.shutdown()
        server.server_close()
    assert "0 trên" in capsys.readouterr().out


def test_the_office_is_known_to_the_hub_by_its_token(hub, office, new_board, capsys):
    board = new_board("cong-xa", commune="99999")
    board.enroll(hub.folder)
    follows(hub, board, 9)
    settings = load(office.folder)
    ask = confirming.source(hub.url, settings)
    with pytest.raises(Unavailable) as unknown:
        ask()
    assert unknown.value.code == "hub-token" and "bangtin hub account token" in unknown.value.told("vi")
    hub.log_in("xa", Role.AUDITOR, frozenset({"99999"}))
    to = office.folder / confirming.TOKEN_FILE
    assert main(["hub", "account", "token", "xa", "--dir", str(hub.folder), "--to", str(to)]) == 0
    token = confirming.token(office.folder)
    assert to.stat().st_mode & 0o777 == 0o600 and token not in capsys.readouterr().out
    assert list(confirming.source(hub.url, settings)()) == ["cong-xa"]
    to.write_bytes(b"\xff")
    with pytest.raises(Unavailable):
        confirming.token(office.folder)


def test_a_hub_that_is_not_there_is_told(tmp_path, capsys):
    for place in (str(tmp_path / "none"), "http://127.0.0.1:9"):
        assert asked(place) == 1
        told = capsys.readouterr()
        assert "0 trên" in told.out and told.err
    assert not (tmp_path / "none").exists()
