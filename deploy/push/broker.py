"""The MQTT broker of `ring.py` and `hear.py`: where it is, what its topics are called, how it is told."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

KEEP_S = 240  # seconds of silence after which both sides ask: routers of mobile networks forget after five minutes
AGAIN_S = (1, 120)  # seconds until the next try of a broker that is away: first, and at most
MAX_WAITING = 200  # hints that wait for a broker that is away
PORTS = {"mqtt": 1883, "mqtts": 8883}
QOS = 1  # told again until the other side has it


def topic(code: str) -> str:
    """Of a commune's hints."""
    return f"bangtin/{code}/hints"


def client(address: str) -> Client:
    """Who speaks to the broker at `mqtt://host[:port]`, or with TLS at `mqtts://`, as soon as its loop runs."""
    at = urlsplit(address)
    if at.scheme not in PORTS or not at.hostname:
        sys.exit(f"{address}: not mqtt://host or mqtts://host")
    made = Client(CallbackAPIVersion.VERSION2)
    if at.scheme == "mqtts":
        made.tls_set()  # the system's authorities
    if login := os.environ.get("MQTT_LOGIN"):
        made.username_pw_set(*login.split(":", 1))
    made.max_queued_messages_set(MAX_WAITING)
    made.reconnect_delay_set(*AGAIN_S)
    made.connect_async(at.hostname, at.port or PORTS[at.scheme], KEEP_S)
    return made


def publish(to: Client, code: str, hint: bytes) -> None:
    """Never kept by the broker for who comes later: a board that comes asks at once anyway."""
    to.publish(topic(code), hint, qos=QOS, retain=False)
