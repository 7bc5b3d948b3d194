"""`hub.toml` in the hub's folder: who is told of what, by which way; read whole, all its problems at once.

Addresses, passwords and secrets are in this file alone, never in the store and never on a page: nobody who gets
into either can make the hub speak to an address of his choice. Changed, it counts from the next look on; a file
with problems changes nothing, and `/healthz` says so.
"""

from __future__ import annotations

import stat
import sys
import tomllib
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...errors import BadInput, Problem
from ...settings.table import Table
from ..alarms import Level

FILE = "hub.toml"
MAX_FILE = 256 * 1024  # bytes
MAX_RECIPIENTS = 200
MAX_ADDRESSES = 20  # of one recipient
MAX_FIELDS = 20  # of a webhook's body or headers
EMAIL = r"[^\s@,<>]{1,64}@[^\s@,<>]{1,128}"
# A secret goes by TLS, or does not leave this machine.
URL = r"https://[^\s/?#]+[^\s#]*|http://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]{1,5})?(/[^\s#]*)?"
LEVELS = {"note": Level.NOTE, "warning": Level.WARNING, "alarm": Level.ALARM}
PORTS = {"starttls": 587, "tls": 465, "none": 25}
LEAST_TOKEN = 24  # characters of the token for /metrics


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `security`: starttls | tls | none."""

    server: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""  # file of certificates that are trusted besides the system's


@dataclass(frozen=True)
class Webhook:
    """An address that takes JSON. `body` empty: our own form; else a form of theirs, with {text} and {subject}."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    ca: str = ""

    @property
    def host(self) -> str:
        """What may be shown of the address."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass(frozen=True)
class Recipient:
    """Who is told: mail to some addresses, or one webhook."""

    name: str
    mail: tuple[str, ...] = ()
    webhook: Webhook | None = None
    least: Level = Level.ALARM
    communes: tuple[str, ...] = ()  # empty: all
    digest: bool = False


@dataclass(frozen=True)
class HubSettings:
    """All of the file; without a file nobody is told."""

    url: str = ""  # of the pages, for links in messages
    mail: MailServer | None = None
    recipients: tuple[Recipient, ...] = ()
    digest_at: time = time(7)
    ping: str = field(default="", repr=False)  # asked every minute while all is well: the dead man's switch
    metrics_token: str = field(default="", repr=False)
    metrics_boards: bool = False  # a series for each board


def load(folder: Path) -> HubSettings:
    """Raises `BadInput` with every problem; a file that is not there is an empty one."""
    path = folder / FILE
    problems: list[Problem] = []
    try:
        with path.open("rb") as opened:
            mode = stat.S_IMODE(path.stat().st_mode)
            data = opened.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise ValueError(f"more than {MAX_FILE} bytes")
        root = Table(tomllib.loads(data.decode()), "", FILE, problems)
    except FileNotFoundError:
        return HubSettings()
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput([Problem("settings-unreadable", FILE, values={"file": str(path), "why": why})]) from error
    except ValueError as error:
        raise BadInput([Problem("settings-toml", str(path), values={"why": str(error)})]) from error
    found = _settings(root)
    if _has_secrets(found) and mode & 0o077 and sys.platform != "win32":
        problems.append(Problem("hub-settings-open", FILE, values={"mode": f"{mode:04o}", "path": str(path)}))
    if problems:
        raise BadInput(problems)
    return found


def _settings(root: Table) -> HubSettings:
    if root.values.get("v") != 1:
        root.wrong("v", "setting-shape", value=root.values.get("v"), pattern="v = 1")
    root.used.add("v")
    mail = _mail(root.table("mail")) if "mail" in root.values else None
    recipients = [_recipient(table) for table in root.tables("tell", most=MAX_RECIPIENTS)]
    names = [one.name for one in recipients if one.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        root.wrong("tell", "setting-twice", value=name)
    if mail is None and any(one.mail for one in recipients):
        root.wrong("mail", "setting-missing", what="[mail] server, from")
    digest, ping, metrics = root.table("digest"), root.table("deadman"), root.table("metrics")
    at = digest.text("at", "07:00", pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]")
    found = HubSettings(
        url=root.text("url", "", pattern=r"https?://[^\s?#]+").rstrip("/"), mail=mail, recipients=tuple(recipients),
        ping=ping.text("ping", "", pattern=URL),
        metrics_token=metrics.text("token", "", pattern=rf"[!-~]{{{LEAST_TOKEN},}}"),
        metrics_boards=metrics.flag("boards", False),
    )  # fmt: skip
    for table in (digest, ping, metrics, root):
        table.done()
    try:
        return replace(found, digest_at=time.fromisoformat(at))
    except ValueError:  # told already
        return found


def _mail(t: Table) -> MailServer:
    security = t.text("security", "starttls", pattern="starttls|tls|none")
    port = t.whole("port", PORTS.get(security, 587), least=1, most=65535)
    found = MailServer(
        t.text("server", pattern=r"[A-Za-z0-9.:-]+"), port, security, t.text("from", pattern=EMAIL),
        t.text("user", ""), t.text("password", ""), t.text("ca", ""),
    )  # fmt: skip
    if found.password and security == "none" and found.server not in ("localhost", "127.0.0.1", "::1"):
        t.wrong("security", "hub-password-bare")
    t.done()
    return found


def _recipient(t: Table) -> Recipient:
    mail = t.names("mail", [], pattern=EMAIL)
    url = t.text("webhook", "", pattern=URL)
    if len(mail) > MAX_ADDRESSES:
        t.wrong("mail", "setting-type", what=f"≤ {MAX_ADDRESSES}", value=len(mail))
    if bool(mail) == bool(url):
        t.wrong("mail", "hub-tell-one-way")
    headers = t.table("headers")
    hook = Webhook(
        url, t.text("secret", "", pattern=r"[!-~]{16,}"), _pairs(headers), t.table("body").values, t.text("ca", "")
    )  # fmt: skip
    if len(headers.values) > MAX_FIELDS or len(hook.body) > MAX_FIELDS:
        t.wrong("body", "setting-type", what=f"≤ {MAX_FIELDS}", value=max(len(headers.values), len(hook.body)))
    found = Recipient(
        t.name("name"), mail, hook if url else None,
        LEVELS.get(t.text("least", "alarm", pattern="alarm|warning|note"), Level.ALARM),
        t.names("communes", [], pattern="[0-9]{5}"), t.flag("digest", False),
    )  # fmt: skip
    t.done()
    return found


def _pairs(t: Table) -> tuple[tuple[str, str], ...]:
    for name, value in t.values.items():
        if not (
            isinstance(value, str) and value.isascii() and value.isprintable() and name.replace("-", "_").isidentifier()
        ):
            t.wrong(name, "setting-type", what="ASCII", value="…")
    return tuple((name, str(value)) for name, value in t.values.items())


def _has_secrets(found: HubSettings) -> bool:
    return bool(
        (found.mail and found.mail.password) or found.metrics_token or found.ping
        or any(one.webhook for one in found.recipients)
    )  # fmt: skip
