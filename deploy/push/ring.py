"""Post hints of publications to nginx with nchan: for more boards than the hub's own channel takes.

    python deploy/push/ring.py /srv/bangtin/publications https://127.0.0.1:8443

Below the first folder lies each commune's publication, by its code. Nobody trusts a hint: what it carries is signed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import requests

from signage.hint import LOOK_S, Bell

POST_S = 5.0  # seconds that nginx may take
AGAIN_S = 60.0  # between two looks at which communes there are


def event(hint: bytes) -> bytes:
    """nchan writes `data:` before each line itself."""
    return b"\n".join(line.removeprefix(b"data: ") for line in hint.strip().split(b"\n"))


def ring(folder: Path, server: str, session: requests.Session, bells: dict[str, Bell]) -> None:
    """One look at all of them; who cannot be told now polls."""
    for code, bell in bells.items():
        if news := bell.rang():
            try:
                session.post(f"{server}/ring/{code}", data=event(news), timeout=POST_S)
            except requests.RequestException as error:
                print(f"{code}: {error}", file=sys.stderr, flush=True)


def main() -> None:
    folder, server = Path(sys.argv[1]), sys.argv[2].rstrip("/")
    bells: dict[str, Bell] = {}
    session, looked = requests.Session(), float("-inf")
    while True:
        if time.monotonic() - looked > AGAIN_S:
            looked = time.monotonic()
            found = {one.parent.name for one in folder.glob("*/board") if one.parent.name.isdecimal()}
            bells = {code: bells.get(code) or Bell(folder / code / "board") for code in sorted(found)}
        ring(folder, server, session, bells)
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main()
