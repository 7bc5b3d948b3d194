"""A real nginx with the recipe of `deploy/nginx/hub.conf`: its words, with this test's ports and folders."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
RECIPE = Path(__file__).parents[2] / "deploy" / "nginx" / "hub.conf"
START_S = 20.0
PARTS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def server_certificate(folder: Path) -> None:
    """`cert.pem` and `key.pem` for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(encoding))
    (folder / "key.pem").write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))


def configured(folder: Path, ports: Mapping[int, int]) -> str:
    """The recipe, with these ports in place of its own, and everything that it writes below `folder`."""
    text = RECIPE.read_text("utf-8")
    for theirs, ours in ports.items():
        text = re.sub(rf"(server 127\.0\.0\.1:|listen ){theirs}\b", lambda m, p=ours: f"{m[1]}{p}", text)
    text = re.sub(r"listen (\d+)", r"listen 127.0.0.1:\1", text)
    text = text.replace("/etc/ssl/hub", str(folder)).replace("include mime.types", "include /etc/nginx/mime.types")
    text = text.replace("worker_rlimit_nofile 40000", "worker_rlimit_nofile 20000").replace(
        "worker_connections 20000", "worker_connections 2000"
    )
    paths = "".join(f"{part}_temp_path {folder}/{part}; " for part in PARTS)
    user = "user root; " if os.geteuid() == 0 else ""
    head = f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
    return head + text.replace("http {", f"http {{ {paths}", 1)


@contextmanager
def nginx(folder: Path, hubs: list[int]) -> Iterator[int]:
    """The port of the hubs' address, with TLS; `hubs`: the two ports behind it."""
    server_certificate(folder)
    front = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(configured(folder, {8301: hubs[0], 8302: hubs[1], 443: front, 8443: free_port()}), "utf-8")
    assert NGINX
    process = subprocess.Popen([NGINX, "-p", folder, "-c", conf])
    try:
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", front)):
                break
            time.sleep(0.02)
        yield front
    finally:
        process.terminate()
        process.wait(START_S)


def trusting(folder: Path) -> ssl.SSLContext:
    """Believes that certificate."""
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))
