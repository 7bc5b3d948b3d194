"""One message by SMTP: STARTTLS or TLS with the certificate checked, one conversation, an end to all of it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import Any

from ...wire import sha256
from .deadline import SOCKET_S, Line, NotSent, deadline
from .settings import MailServer

NAME = "Bảng tin"  # of the sender


@dataclass(frozen=True)
class Refusal:
    """Whom the server refused among several."""

    told: str = ""  # in the server's words
    later: tuple[str, ...] = ()  # whom it may take another time (4xx)


def send(server: MailServer, to: Sequence[str], subject: str, text: str, key: str, made: datetime) -> Refusal:
    """Hand it in; returns whom the server refused among several. Raises `NotSent` when it took nobody.

    The same key gives the same Message-ID: a message that comes twice, since the hub died between
    sending and writing that down, can be told by it.
    """
    # Not `EmailMessage`: it folds long subjects in Vietnamese without the space between two words (Python 3.11).
    message = MIMEText(text, "plain", "utf-8")
    message["From"] = formataddr((NAME, server.sender))
    message["To"] = ", ".join(to)
    message["Subject"] = Header(" ".join(subject.split()), "utf-8", header_name="Subject").encode()
    message["Date"] = format_datetime(made)
    message["Message-ID"] = f"<{sha256(key.encode())[:32]}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    try:
        refused = _converse(server, message)
    except smtplib.SMTPRecipientsRefused as error:
        raise NotSent(_refused(error.recipients)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    return Refusal(_refused(refused), tuple(who for who, (code, _) in refused.items() if code < 500))


def _converse(server: MailServer, message: MIMEText) -> dict[str, tuple[int, bytes]]:
    context = ssl.create_default_context()
    if server.ca:
        context.load_verify_locations(server.ca)
    with deadline() as line:
        if server.security == "tls":
            smtp: smtplib.SMTP = _Tls(line, server.server, server.port, timeout=SOCKET_S, context=context)
        else:
            smtp = _Plain(line, server.server, server.port, timeout=SOCKET_S)
        with smtp:
            if server.security == "starttls":
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
            return smtp.send_message(message)


class _Held:
    """Tells the deadline which socket it has, from the first greeting on."""

    sock: socket.socket | None = None

    def __init__(self, line: Line, *args: Any, **more: Any) -> None:
        line.held = lambda: self.sock
        super().__init__(*args, **more)


class _Plain(_Held, smtplib.SMTP):
    pass


class _Tls(_Held, smtplib.SMTP_SSL):
    pass


def _refused(recipients: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{who}: {code} {why.decode(errors='replace')}" for who, (code, why) in recipients.items())
