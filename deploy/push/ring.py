"""Tell boards of new publications through nginx with nchan, or through an MQTT broker.

    python deploy/push/ring.py /srv/bangtin/publications http://127.0.0.1:8299
    python deploy/push/ring.py /srv/bangtin/publications mqtts://broker.tinh.example

Below the first folder lies each commune's publication, by its code. For nginx a hint is posted to `/ring/<code>`; for
a broker it is published as `bangtin/<code>/hints` (`hear.py` is who listens on a board; `pip install bangtin[mqtt]`;
who must log in writes MQTT_LOGIN=user:password into the environment). Nobody trusts a hint: what it carries is signed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

from signage.hint import LOOK_S, Bell

POST_S = 5.0  # seconds that nginx may take
AGAIN_S = 60.0  # between two looks at which communes there are
Tell = Callable[[str, bytes], None]


def event(hint: bytes) -> bytes:
    """nchan writes `data:` before each line itself."""
    return b"\n".join(line.removeprefix(b"data: ") for line in hint.strip().split(b"\n"))


def by_nginx(server: str) -> Tell:
    """Hints posted to nginx; who cannot be told now polls."""
    session = requests.Session()

    def tell(code: str, hint: bytes) -> None:
        try:
            session.post(f"{server}/ring/{code}", data=event(hint), timeout=POST_S).raise_for_status()
        except requests.RequestException as error:
            print(f"{code}: {error}", file=sys.stderr, flush=True)

    return tell


def by_broker(address: str) -> Tell:
    """Hints published at a broker; while it is away the newest few wait for it."""
    import broker

    client = broker.client(address)
    client.loop_start()
    return lambda code, hint: broker.publish(client, code, hint)


def ring(folder: Path, tell: Tell) -> None:
    """Look at all of them, for ever."""
    bells: dict[str, Bell] = {}
    looked = float("-inf")
    while True:
        if time.monotonic() - looked > AGAIN_S:
            looked = time.monotonic()
            found = {one.parent.name for one in folder.glob("*/board") if one.parent.name.isdecimal()}
            fresh = {code: Bell(folder / code / "board") for code in sorted(found - bells.keys())}
            for bell in fresh.values():
                bell.rang()  # what is there now is no news
            bells = {code: bell for code, bell in (bells | fresh).items() if code in found}
            if fresh:
                print(f"looking at {len(bells)} communes", flush=True)
        for code, bell in bells.items():
            if news := bell.rang():
                tell(code, news)
        time.sleep(LOOK_S)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, address = Path(sys.argv[1]), sys.argv[2].rstrip("/")
    if not folder.is_dir():
        sys.exit(f"{folder}: no such folder")
    ring(folder, by_nginx(address) if address.startswith("http") else by_broker(address))


if __name__ == "__main__":
    main()
