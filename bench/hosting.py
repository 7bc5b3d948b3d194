"""What the benches of the website share: a web server with gzip, Chromium's flags, tools from npm.

Tools lie in the user's cache folder, outside the repository; no script of a package is run when it is installed.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
TEXTS = {".html", ".css", ".js", ".json", ".xml", ".svg", ".ics", ".csv"}
LEAST = 256  # bytes that are worth packing
START_S = 20.0
INSTALL_S = 600.0
NGINX = """{user}daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log;
events {{ worker_connections 1024; }}
http {{
 access_log off; sendfile on; keepalive_timeout 65;
 types {{ text/html html; text/css css; text/javascript js; application/json json; application/atom+xml xml;
  image/svg+xml svg; text/calendar ics; image/webp webp; image/jpeg jpg; image/png png; font/woff2 woff2; }}
 charset utf-8; charset_types text/css text/javascript application/json;
 gzip on; gzip_comp_level 6; gzip_min_length {least};
 gzip_types text/css text/javascript application/json application/atom+xml image/svg+xml text/calendar;
 client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u;
 scgi_temp_path {work}/s;
 server {{ listen 127.0.0.1:{port}; root {folder}; error_page 404 /404.html; }}
}}
"""


@contextmanager
def server(folder: Path, work: Path) -> Iterator[tuple[str, str]]:
    """(address, name) of a server with gzip for `folder`: nginx where it is installed, else a small one."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx:
        with _own(folder) as address:
            yield address, "python with gzip"
        return
    work.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "user root; " if os.geteuid() == 0 else ""
    conf = NGINX.format(user=user, work=work, port=port, folder=folder.resolve(), least=LEAST)
    (work / "conf").write_text(conf)
    running = subprocess.Popen([nginx, "-p", str(work), "-e", str(work / "error.log"), "-c", str(work / "conf")])
    try:
        _wait_for(port, running)
        yield f"http://127.0.0.1:{port}", "nginx, gzip 6"
    finally:
        running.terminate()
        running.wait()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and running.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise SystemExit("the web server did not start")


class _Packing(http.server.SimpleHTTPRequestHandler):
    """Files as nginx would send them: texts packed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        data, status = (path.read_bytes(), 200) if path.is_file() else (b"", 404)
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in TEXTS and len(data) >= LEAST and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Silent."""


@contextmanager
def _own(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Packing, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as own:
        threading.Thread(target=own.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{own.server_port}"
        own.shutdown()


def tools(*packages: str) -> Path | None:
    """The folder of `node_modules` with these packages of npm; None where they cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bangtin-bench"
    modules = cache / "node_modules"
    if all((modules / name.rpartition("@")[0] if "@" in name[1:] else modules / name).exists() for name in packages):
        return modules
    if not shutil.which("npm"):
        return None
    cache.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages]
    try:
        done = subprocess.run(command, cwd=cache, capture_output=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return modules if done.returncode == 0 else None


def packed(path: Path) -> int:
    """Bytes of a file on the wire."""
    data = path.read_bytes()
    return len(gzip.compress(data, 6)) if path.suffix in TEXTS and len(data) >= LEAST else len(data)


def watched(command: list[str], cwd: Path) -> tuple[int, float, float]:
    """(exit code, CPU seconds, greatest MB in memory) of a program."""
    running = psutil.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = burnt = 0.0
    while running.poll() is None:
        with suppress(psutil.Error):
            most = max(most, running.memory_info().rss / 2**20)
            used = running.cpu_times()
            burnt = used.user + used.system
        time.sleep(0.05)
    return running.returncode, burnt, most
