"""A network of one's own for a bench, and a web server with TLS in it.

In a network namespace of its own nobody else's bytes pass the loopback interface, so its counter says exactly
what a line would carry: IP and TCP headers, acknowledgements, TLS. Packets are as on Ethernet (1,500 bytes).
"""

from __future__ import annotations

import array
import fcntl
import os
import queue
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

MTU = 1500  # bytes of a packet
_INSIDE = "BANGTIN_BENCH_NETWORK"
_COUNTERS = Path("/proc/self/net/dev")  # of the network in which this process is; /sys would show the machine's
_SIOCSIFFLAGS, _SIOCSIFMTU, _SIOCETHTOOL = 0x8914, 0x8922, 0x8946  # linux/sockios.h
_UP_RUNNING = 0x1 | 0x40  # linux/if.h
_STSO, _SGSO, _SGRO = 0x1F, 0x24, 0x2C  # linux/ethtool.h
NGINX = """
{user}daemon off; pid {work}/pid; error_log {work}/error.log crit; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 700s; keepalive_requests 100000;
  types {{ application/json json; image/webp webp; text/html html; }}
  gzip on; gzip_types application/json; gzip_min_length 500; gzip_vary on; gzip_comp_level 6;
  etag off; server_tokens off;
  client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c;
  uwsgi_temp_path {work}/d; scgi_temp_path {work}/e;
  server {{
    listen 127.0.0.1:{port} ssl; root {folder}; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate {work}/cert.pem; ssl_certificate_key {work}/key.pem;
    ssl_session_cache shared:tls:1m; ssl_session_tickets off; ssl_session_timeout 1d;
    {more}
  }}
}}
"""


def own() -> None:
    """Begin this program again in a network of its own; it ends with a sentence where that may not be."""
    if os.environ.get(_INSIDE):
        _bring_up()
        return
    ask = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    if subprocess.run([*ask, "true"], capture_output=True, check=False).returncode:
        sys.exit("This machine gives no network of its own (unshare --net): other programs' bytes would be counted.")
    os.execvpe(ask[0], [*ask, sys.executable, *sys.argv], {**os.environ, _INSIDE: "1"})


def _bring_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for request, value in ((_SIOCSIFMTU, struct.pack("16si", b"lo", MTU)),
                               (_SIOCSIFFLAGS, struct.pack("16sh", b"lo", _UP_RUNNING))):  # fmt: skip
            fcntl.ioctl(line, request, value)
        for feature in (_STSO, _SGSO, _SGRO):  # no packets larger than the line's
            value = array.array("B", struct.pack("II", feature, 0))
            fcntl.ioctl(line, _SIOCETHTOOL, struct.pack("16sP", b"lo", value.buffer_info()[0]))


def carried() -> int:
    """Bytes that the network has carried, both ways."""
    (line,) = (line for line in _COUNTERS.read_text().splitlines() if line.strip().startswith("lo:"))
    return int(line.partition(":")[2].split()[0])


def quiet() -> int:
    """`carried`, once nothing moves any more: acknowledgements come a little later."""
    before = -1
    while (now := carried()) != before:
        before = now
        time.sleep(0.06)  # delayed acknowledgements take 40 ms
    return now


@contextmanager
def secure_server(folder: Path, work: Path, more: str = "") -> Iterator[tuple[str, str]]:
    """(address, name) of a web server with TLS for `folder`: nginx where it is installed, else our own.

    `more`: what its configuration says besides; only nginx can.

    Its certificate is made known to `requests` in this process.
    """
    work.mkdir()
    _certificate(work)
    os.environ["REQUESTS_CA_BUNDLE"] = str(work / "cert.pem")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx:
        user = "user root; " if os.geteuid() == 0 else ""
        (work / "conf").write_text(NGINX.format(user=user, work=work, port=port, folder=folder, more=more))
        command = [nginx, "-p", str(work), "-e", str(work / "error.log"), "-c", str(work / "conf")]
    else:
        command = [sys.executable, __file__, str(folder), str(work), str(port)]
    server = subprocess.Popen(command)
    try:
        _wait_for(port, server)
        yield f"https://127.0.0.1:{port}", "nginx" if nginx else "bangtin serve"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def far(port: int, round_trip_s: float) -> Iterator[int]:
    """A port from which bytes reach this one, and come back, after half a round trip each way; nothing is lost."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                near = listening.accept()[0]
                away = socket.create_connection(("127.0.0.1", port))
                for one, other in ((near, away), (away, near)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    _carry(one, other, round_trip_s / 2)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()


def _carry(source: socket.socket, target: socket.socket, delay_s: float) -> None:
    """What comes goes out so much later; two threads, since bytes are under way while others come."""
    way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def take() -> None:
        data = b"."
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            way.put((time.monotonic() + delay_s, data))

    def give() -> None:
        with suppress(OSError):
            while True:
                due, data = way.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)

    for work in (take, give):
        threading.Thread(target=work, daemon=True).start()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    sys.exit("the web server did not start")


def _certificate(work: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (work / "cert.pem").write_bytes(made.public_bytes(encoding))
    (work / "key.pem").write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))


def _serve(folder: Path, work: Path, port: int) -> None:
    from signage.office.serving import Server

    server = Server(folder, "127.0.0.1", port)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(work / "cert.pem", work / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
