"""Boards by the hundred on the one port of a small commune: they wait, they listen, and no visitor waits for them."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from signage import hint
from signage.office import serving, waiting
from signage.office.serving import Server

STAMP = "board/metadata/timestamp.json"
CHANNEL = b"GET /board/hints?every=%d HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def server(tmp_path):
    (tmp_path / "index.html").write_text("<p>trang</p>")
    say(tmp_path, "1")
    running = Server(tmp_path).start()
    yield running
    running.stop()


def say(folder, words):
    (folder / STAMP).parent.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).write_text(f'"{words}"')


def connect(server, request=b""):
    connection = socket.create_connection(server.server_address, timeout=20)
    connection.sendall(request)
    return connection


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def heard(connection, wanted):
    """What came, up to and with these bytes."""
    data = b""
    while wanted not in data:
        more = connection.recv(65536)
        assert more, data
        data += more
    return data


def listening(server, count, every=280):
    connections = [connect(server, CHANNEL % every) for _ in range(count)]
    for one in connections:
        assert b"200 OK" in heard(one, b"\r\n\r\n")
    until(lambda: len(server.waiting._listening) == count)
    return connections


def test_a_hint_reaches_everybody_who_listens(server, tmp_path):
    connections = listening(server, 20)
    say(tmp_path, "2")
    for one in connections:
        told = heard(one, b"\n\n")
        assert told.startswith(b"data: look\n") and b'data: metadata/timestamp.json "2"\n' in told


def test_a_comment_now_and_then(server, monkeypatch):
    monkeypatch.setattr(hint, "LEAST_S", 0.01)
    monkeypatch.setattr(waiting, "SWEEP_S", 0.01)
    (one,) = listening(server, 1, every=0)
    assert heard(one, hint.COMMENT * 3).strip(b":\n") == b""


def test_three_hundred_boards_leave_a_visitor_his_turn(server, tmp_path):
    """Each holds a connection for polls and one for hints; there are fewer threads than boards, and none is held."""
    assert serving.MAX_AT_WORK < 300
    before, boards = threading.active_count(), [requests.Session() for _ in range(300)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda board: board.get(f"{server.address}/{STAMP}").status_code, boards))
    assert set(answers) == {200}
    heard_by = listening(server, 300)
    until(lambda: threading.active_count() <= before + 1)  # that of a pool may still end
    assert requests.get(server.address + "/", timeout=20).text == "<p>trang</p>"
    say(tmp_path, "2")
    for one in heard_by:
        heard(one, b"\n\n")
    with ThreadPoolExecutor(20) as pool:  # on the kept connections, all at once
        texts = list(pool.map(lambda board: board.get(f"{server.address}/{STAMP}").text, boards))
    assert set(texts) == {'"2"'}
    until(lambda: len(server.waiting._silent) >= 300)


def test_connections_that_say_nothing_take_no_thread(server):
    silent = [connect(server) for _ in range(serving.MAX_AT_WORK + 20)]
    assert requests.get(server.address + "/", timeout=20).status_code == 200
    assert len(silent) > serving.MAX_AT_WORK


def test_two_requests_in_one_packet_are_both_answered(server):
    one, told = connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2), b""
    while told.count(b"</p>") < 2:
        told += heard(one, b"</p>")
    assert told.count(b"200 OK") == 2


def test_who_does_not_read_or_talks_back_is_let_go(server, tmp_path, monkeypatch):
    quiet, talker = listening(server, 2)
    talker.sendall(b"what?")
    until(lambda: len(server.waiting._listening) == 1)
    with suppress(ConnectionResetError):
        assert talker.recv(10) == b""
    monkeypatch.setattr(hint, "event", lambda files: b"data: look\n\n" * 1_000_000)
    say(tmp_path, "2")
    until(lambda: not server.waiting._listening)
    assert quiet.recv(10) == b"data: look"


def test_the_largest_hint_waits_for_a_board_on_a_slow_line(server, tmp_path):
    """Its system takes some kilobytes and it reads them late: the rest waits with ours, and the line stays."""
    slow = socket.socket()
    slow.settimeout(20)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.connect(server.server_address)
    slow.sendall(CHANNEL % 280)
    heard(slow, b"\r\n\r\n")
    until(lambda: server.waiting._listening)
    words = "x" * (hint.MAX_HINT - 200)
    say(tmp_path, words)
    (ours,) = server.waiting._listening
    assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) >= waiting.ROOM
    until(lambda: server.waiting._bell._said)
    assert words.encode() in heard(slow, b"\n\n") and len(server.waiting._listening) == 1


def test_the_one_that_waits_longest_makes_room(server, monkeypatch):
    server.waiting._most_silent = 3
    connections = [connect(server) for _ in range(6)]
    until(lambda: len(server.waiting._silent) == 3)
    assert [one.recv(10) for one in connections[:3]] == [b""] * 3
    connections[5].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    heard(connections[5], b"</p>")
    server.waiting._most_listening = 0
    assert requests.get(server.address + "/board/hints").status_code == 503


def test_a_quiet_connection_ends_when_its_time_is_up(server, monkeypatch):
    monkeypatch.setattr(serving, "IDLE_S", 0.05)
    one = connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    heard(one, b"</p>")
    assert one.recv(10) == b""


def test_a_server_that_stops_lets_all_of_them_go(server):
    (one,), two = listening(server, 1), connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    heard(two, b"</p>")
    server.stop()
    assert one.recv(10) == b"" and two.recv(10) == b""
