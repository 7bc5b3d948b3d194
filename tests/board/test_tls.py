"""A line that is cut goes on with its last TLS session, and trusts nobody new for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from signage.board.download import Line
from signage.errors import Unavailable
from tests.hub.proxy import server_certificate

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Server:
    """Answers and hangs up; `reused`: for each connection, whether it went on with a session."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.reused: list[bool] = []
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as line:
                asked = b""
                while not asked.endswith(b"{}"):
                    asked += line.recv(65536)
                self.reused.append(bool(line.session_reused))
                line.sendall(ANSWER)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # whoever waits in accept() holds the port
        self._socket.close()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    server = Server(tmp_path)
    yield server
    server.close()


def test_a_line_that_is_cut_goes_on_with_its_session(served: Server) -> None:
    line = Line()
    assert [line.post(f"https://127.0.0.1:{served.port}/", b"{}").data for _ in range(4)] == [b"ok"] * 4
    assert served.reused == [False, True, True, True]
    assert Line().post(f"https://127.0.0.1:{served.port}/", b"{}").data == b"ok"
    assert served.reused[4:] == [False], "another line has no session of this one"


def test_a_session_makes_nobody_else_trusted(served: Server, tmp_path: Path) -> None:
    line, url = Line(), f"https://127.0.0.1:{served.port}/"
    line.post(url, b"{}")
    served.close()
    other = tmp_path / "other"
    other.mkdir()
    server_certificate(other)  # the same name, a key that nobody vouches for
    thief = Server(other, served.port)
    try:
        with pytest.raises(Unavailable):
            line.post(url, b"{}")
        assert thief.reused == []
    finally:
        thief.close()
