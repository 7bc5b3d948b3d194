"""`approve --web`, `submit --web`: a page of this machine's own until the person is done; then what was done."""

from __future__ import annotations

import argparse
import threading
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused
from ..settings import Member, Settings
from . import output

if TYPE_CHECKING:
    from ..office.approving import Signer, Sitting
    from ..office.desk import Desk

OpenDesk = Callable[[], "Desk"]


def key_file(args: argparse.Namespace) -> Path:
    """Where the key of the person named by `--as` lies."""
    from ..office.starter import person_key

    return args.key or person_key(args.dir, args.person)


def approve(args: argparse.Namespace, settings: Settings, desk: OpenDesk, member: Member, role: str) -> int:
    """Until everything is signed."""
    from ..office.approving import Session
    from ..office.approving.server import IDLE_S

    session = Session(settings, desk, _signer(args, member, role), lambda: datetime.now(UTC))
    if session.over:
        raise Refused("nothing-waits", notice="*")
    why = _served(args, session, IDLE_S)
    for ident in session.signed:
        output.say(args, f"Đã duyệt {ident}.", f"Approved {ident}.")
    for ident in session.returned:
        output.say(args, f"Đã trả lại {ident}.", f"Sent back {ident}.")
    output.say(args, f"{_ENDED[why][0]} Chạy `bangtin publish` để có hiệu lực.",
               f"{_ENDED[why][1]} Run `bangtin publish` to make it so.")  # fmt: skip
    return 3 if why == "locked-out" else 0


def submit(args: argparse.Namespace, settings: Settings, desk: OpenDesk, member: Member, role: str) -> int:
    """For a working day: what is moved to “2 Chờ duyệt” meanwhile appears on the page."""
    from ..office.submitting import DAY, Submission

    session = Submission(settings, desk, _signer(args, member, role), lambda: datetime.now(UTC))
    why = _served(args, session, DAY.total_seconds())
    for ident in session.signed:
        output.say(args, f"Đã trình {ident}: chờ người khác duyệt.", f"Submitted {ident}: waits for another person.")
    output.say(args, *_ENDED[why])
    return 3 if why == "locked-out" else 0


def _signer(args: argparse.Namespace, member: Member, role: str) -> Signer:
    from ..keys import PrivateKey, is_encrypted
    from ..office.approving import Signer

    path = key_file(args)
    if args.passphrase_file or not path.exists():
        key = output.unlock(path, args)  # asked for once, here; or told that there is no key
        return Signer(member.id, member.name, role, lambda _: key, locked=False)
    locked = is_encrypted(path)
    return Signer(member.id, member.name, role, lambda typed: PrivateKey.load(path, typed or None), locked)


def _served(args: argparse.Namespace, session: Sitting, idle_s: float) -> str:
    """Serve the pages; why it ended."""
    from ..office.approving import Server

    server = Server(session, idle_s=idle_s)

    def ready() -> None:
        output.say(args, f"Mở trên trình duyệt của máy này, dùng được một lần: {server.door.address}",
                   f"Open in a browser of this machine; it works once: {server.door.address}")  # fmt: skip
        if not args.no_browser:
            threading.Thread(target=webbrowser.open, args=(server.door.address,), daemon=True).start()

    return server.run(ready)


_ENDED = {
    "done": ("Không còn gì chờ.", "Nothing waits any more."),
    "closed": ("Đã đóng phiên.", "The session was closed."),
    "idle": ("Đã tự đóng vì lâu không dùng.", "Ended, since nobody used it."),
    "locked-out": ("Đã dừng: sai mật khẩu nhiều lần.", "Ended: the passphrase was wrong too often."),
}
