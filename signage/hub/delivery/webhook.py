"""One message by HTTP: JSON to an address of the settings, signed; no redirect is followed, little is read.

With a `secret` the header `Bangtin-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 over `<seconds>.<body>`, as
known from other webhooks; `Bangtin-Delivery` is the same when a message comes again.
"""

from __future__ import annotations

import hmac
import http.client
import json
import ssl
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .deadline import MAX_ANSWER, SOCKET_S, NotSent, deadline
from .settings import Webhook

MAX_BODY = 256 * 1024  # bytes
MAX_TEXT = 3500  # characters of {text}: Telegram takes 4096, Zalo less than that of some kinds
MAX_DEPTH = 5  # tables in a body's tables
FOR_GOOD = {400, 413, 415, 422}  # of this very message; a key, an address or a route is put right within hours


def send(hook: Webhook, subject: str, text: str, data: dict[str, Any], key: str, now: datetime) -> None:
    """Raises `NotSent`; only an answer 2xx means that it was taken."""
    told = _filled(hook.body, {"{text}": text[:MAX_TEXT], "{subject}": subject}) if hook.body else None
    body = json.dumps(told if told is not None else {**data, "subject": subject, "text": text}, ensure_ascii=False)
    status, answer = post(hook, body.encode(), signed_headers(hook, body.encode(), key, now))
    if not 200 <= status < 300:
        raise NotSent(f"HTTP {status}: {answer[:200]!r}", for_good=status in FOR_GOOD)
    if hook.body and (error := _error_within(answer)):  # Zalo answers 200 and says the error inside
        raise NotSent(error)


def signed_headers(hook: Webhook, body: bytes, key: str, now: datetime) -> dict[str, str]:
    """What the other side can check."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "bangtin", "Bangtin-Delivery": key}
    if hook.secret:
        at = int(now.timestamp())
        made = hmac.new(hook.secret.encode(), b"%d." % at + body, "sha256").hexdigest()
        headers["Bangtin-Signature"] = f"t={at},v1={made}"
    return headers | dict(hook.headers)


def post(hook: Webhook, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Ask once; without a body a GET. Raises `NotSent`."""
    if body is not None and len(body) > MAX_BODY:
        raise NotSent(f"{len(body)} bytes, at most {MAX_BODY}", for_good=True)
    url = urlsplit(hook.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        connection = _connection(hook, url.scheme, url.hostname or "", url.port)
        with deadline() as line:
            try:
                line.held = lambda: connection.sock
                connection.request("GET" if body is None else "POST", path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read(MAX_ANSWER)
            finally:
                connection.close()
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error


def _connection(hook: Webhook, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":  # loopback, by the settings' check
        return http.client.HTTPConnection(host, port, timeout=SOCKET_S)
    context = ssl.create_default_context()
    if hook.ca:
        context.load_verify_locations(hook.ca)
    return http.client.HTTPSConnection(host, port, timeout=SOCKET_S, context=context)


def _filled(value: Any, words: dict[str, str], depth: int = 0) -> Any:
    """The settings' own body with the words in their places."""
    if depth > MAX_DEPTH:
        raise NotSent("the body's tables lie too deep", for_good=True)
    if isinstance(value, dict):
        return {name: _filled(one, words, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words, depth + 1) for one in value]
    if isinstance(value, str):
        for gap, word in words.items():
            value = value.replace(gap, word)
    return value


def _error_within(answer: bytes) -> str:
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    if isinstance(told, dict) and (told.get("error") not in (None, 0, False) or told.get("ok") is False):
        return f"{told.get('error')}: {told.get('message') or told.get('description') or ''}"
    return ""
