"""On a board: what an MQTT broker says (`ring.py`), as the channel for hints that the board listens to.

    python deploy/push/hear.py mqtts://broker.tinh.example 20506
    bangtin board sync --dir /srv/bang --watch --hints http://127.0.0.1:8290/board/hints

A board that is told so only looks sooner. It believes nothing that it is told, and while the broker is away, or this
program, it polls as before.
"""

from __future__ import annotations

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import broker
from paho.mqtt.client import Client, MQTTMessage

from signage import hint

PORT = 8290  # on this machine alone
PATH = f"/board/{hint.PATH}"
MAX_LISTENING = 4  # processes of this machine
LOOK_S = 1.0  # seconds within which a broker that is gone is noticed by who listens


class Newest:
    """The newest hint, and whether the broker is there; told by the broker's thread, waited for by any."""

    def __init__(self) -> None:
        self._told = threading.Condition()
        self._hint, self._number = b"", 0
        self.reached = False

    @property
    def number(self) -> int:
        """How many there have been."""
        return self._number

    def tell(self, payload: bytes) -> None:
        """A hint as `ring.py` publishes it, made anew; what is none is dropped."""
        try:
            found = [files for files in hint.Reading().feed(payload) if files is not None]
        except hint.TooMuch:
            return
        with self._told:
            for files in found[-1:]:
                self._hint, self._number = hint.event(files), self._number + 1
            self._told.notify_all()

    def after(self, number: int) -> bytes | None:
        """The newest, if it came after that one; waits a moment for it."""
        with self._told:
            self._told.wait_for(lambda: self._number > number, LOOK_S)
            return self._hint if self._number > number else None


class Server(ThreadingHTTPServer):
    """The channel, for this machine's own board."""

    daemon_threads = True

    def __init__(self, newest: Newest, port: int) -> None:
        self.newest, self.places = newest, threading.BoundedSemaphore(MAX_LISTENING)
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 20.0  # seconds for a request, and for a listener who does not read

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path != PATH:
            self.send_error(404)
        elif not self.server.newest.reached or not self.server.places.acquire(blocking=False):
            self.send_error(503)  # the board polls, and asks again
        else:
            try:
                self._tell(hint.every(parse_qs(asked.query).get(hint.QUERY, [""])[0]))
            except OSError:
                pass  # it has hung up
            finally:
                self.server.places.release()

    def _tell(self, every: float) -> None:
        """Until the broker is away: who listens must not think that he would hear."""
        self.send_response(200)
        self.send_header("Content-Type", hint.KIND)
        self.end_headers()
        number, spoke = self.server.newest.number, float("-inf")
        while self.server.newest.reached:
            if time.monotonic() - spoke > every:
                self._say(hint.COMMENT)
                spoke = time.monotonic()
            if news := self.server.newest.after(number):
                number, spoke = self.server.newest.number, time.monotonic()
                self._say(news)

    def _say(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def listen(address: str, code: str, newest: Newest) -> None:
    """To the broker, in a thread of its own, for ever."""
    client = broker.client(address)

    def joined(client: Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            print(f"{address}: {reason}", file=sys.stderr, flush=True)
        else:
            client.subscribe(broker.topic(code), broker.QOS)

    def subscribed(client: Client, data: Any, mid: int, reasons: list[Any], properties: Any) -> None:
        newest.reached = not any(reason.is_failure for reason in reasons)

    def lost(*_: Any) -> None:
        newest.reached = False

    def came(client: Client, data: Any, message: MQTTMessage) -> None:
        if not message.retain:  # somebody kept an old one
            newest.tell(message.payload)

    client.on_connect, client.on_subscribe, client.on_disconnect, client.on_message = joined, subscribed, lost, came
    client.loop_start()


def main() -> None:
    if len(sys.argv) not in (3, 4) or not sys.argv[2].isdecimal():
        sys.exit(__doc__)
    newest = Newest()
    server = Server(newest, int(sys.argv[3]) if len(sys.argv) > 3 else PORT)
    listen(sys.argv[1], sys.argv[2], newest)
    server.serve_forever()


if __name__ == "__main__":
    main()
