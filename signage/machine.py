"""What can be seen of the computer that this program runs on, for `bangtin doctor`: nothing is changed.

Facts, and what of them is unsafe (an error) or wants doing (a warning), as `Problem`s with what to type. Of the
operating system only what Python and psutil tell; what could not be looked at is None, never “all is well”.
"""

from __future__ import annotations

import platform
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from . import __version__, sbom
from .errors import Problem
from .wire import when

# Those that sign, check signatures, or read what comes from outside.
OF_TRUST = (
    "cryptography", "securesystemslib", "tuf", "requests", "urllib3", "certifi", "nh3", "markdown", "pelican",
    "jinja2", "pillow", "pygame-ce", "av", "starlette", "uvicorn", "h11", "psutil",
)  # fmt: skip
LEAST_DISK = 1 << 30  # bytes free; below it a person is told
SOON = timedelta(days=21)  # of a certificate: let's-encrypt ones are renewed at 30 days
TLS_WAIT_S = 10.0  # seconds for each step of asking the published address
SYNCHRONISED = ("onedrive", "dropbox", "google drive", "googledrive", "my drive", "icloud", "nextcloud", "owncloud",
                "seafile", "pcloud", "mega", "syncthing")  # fmt: skip
MARKS = (".stfolder", ".dropbox", ".dropbox.cache", ".nextcloudsync.log", ".owncloudsync.log", ".seafile-data")
SHARED_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "vboxsf", "fuse.sshfs", "fuse.rclone", "davfs", "afs")
PRIVATE_KEY = b"PRIVATE KEY-----"
_NET = Path("/sys/class/net")


@dataclass(frozen=True)
class Port:
    """Something on this machine that answers others: `address` is what it is bound to."""

    kind: str  # "tcp" | "udp"
    address: str
    port: int
    program: str  # "" when the system did not say

    @property
    def alone(self) -> bool:
        """Only this machine reaches it."""
        return self.address.startswith("127.") or self.address == "::1"


def versions() -> dict[str, Any]:
    """Of program, Python and system, and of the libraries that sign or read what comes from outside."""
    libraries = {name: found for name in OF_TRUST if (found := sbom.version(name))}
    return {
        "bangtin": __version__, "python": platform.python_version(), "system": platform.platform(),
        "libraries": libraries, "openssl": ssl.OPENSSL_VERSION,
    }  # fmt: skip


def lacking(needed: Collection[str] | None = None) -> list[Problem]:
    """Libraries that the program asks for and that are not there; `needed`: only these, by name."""
    try:
        asked = list(sbom.needs(distribution(sbom.OURS)))
    except PackageNotFoundError:
        return []
    return [
        Problem("doctor-library", sys.executable, values={"name": name})
        for name in asked
        if (needed is None or name in needed) and sbom.version(name) is None
    ]


# ── network ──────────────────────────────────────────────────────────────────────────────────────


def ports() -> list[Port] | None:
    """What listens here, or None when the system does not say. Of UDP also what only waits for answers."""
    try:
        found = psutil.net_connections("inet")
    except (psutil.Error, OSError):
        return None
    every = set()
    for one in found:
        tcp = one.type == socket.SOCK_STREAM
        if not one.laddr or (one.status != psutil.CONN_LISTEN if tcp else bool(one.raddr)):
            continue
        every.add(Port("tcp" if tcp else "udp", one.laddr.ip, one.laddr.port, _program(one.pid)))
    return sorted(every, key=lambda p: (p.kind, p.port, p.address))


def _program(pid: int | None) -> str:
    try:
        return psutil.Process(pid).name() if pid else ""
    except psutil.Error:
        return ""


def open_ports(found: Iterable[Port], expected: Collection[int], code: str, *, unsafe: bool) -> list[Problem]:
    """TCP ports that others reach and that nobody expects; `code` says what that means on this machine."""
    named: dict[int, str] = {}
    for one in found:
        if one.kind == "tcp" and not one.alone and one.port not in expected:
            named[one.port] = named.get(one.port, "").strip("?") or one.program or "?"
    return [
        Problem(code, f"tcp/{port}", severity="error" if unsafe else "warning", values={"port": port, "name": who})
        for port, who in sorted(named.items())
    ]


def wireless() -> list[str]:
    """Names of wireless interfaces that are up."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return sorted(name for name in up if (_NET / name / "wireless").exists())


def tls(url: str, now: datetime) -> tuple[dict[str, Any], list[Problem]]:
    """Who vouches for a published address, and until when."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return {"url": url, "tls": False}, [Problem("doctor-tls-none", url, severity="warning")]
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=TLS_WAIT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname) as line,
        ):
            certificate, how = line.getpeercert() or {}, line.version()
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or str(error)
        return {"url": url, "tls": False}, [Problem("doctor-tls-bad", url, values={"why": why})]
    except (OSError, ValueError) as error:
        return {"url": url, "tls": None}, [Problem("doctor-tls-away", url, severity="warning", values={"why": error})]
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    soon = [] if until - now > SOON else [
        Problem("doctor-tls-ends", url, severity="warning", values={"until": f"{until:%d/%m/%Y}"})
    ]  # fmt: skip
    return {"url": url, "tls": True, "version": how, "until": when(until)}, soon


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def private_keys(folder: Path) -> list[Path]:
    """Files below `folder` that hold a private key, by their first bytes; links are not followed."""
    return sorted(p for p in folder.rglob("*.pem") if not p.is_symlink() and p.is_file() and _is_private(p))


def _is_private(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return PRIVATE_KEY in file.read(200)
    except OSError:
        return True  # what we may not even read is somebody's secret


def open_files(secrets: Iterable[Path], folder: Path) -> Iterator[Problem]:
    """Secrets that other users of this machine can read, or whose folder they can list."""
    if sys.platform == "win32":
        return  # access lists, not modes: `durable` sets them, nothing here reads them
    folders = set()
    for path in secrets:
        folders |= {path.parent}
        if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield Problem("doctor-key-mode", str(path), values={"mode": f"{mode:04o}"})
    for one in sorted(folders - {folder}):
        if (mode := stat.S_IMODE(one.stat().st_mode)) & 0o077:
            yield Problem("doctor-folder-mode", str(one), severity="warning", values={"mode": f"{mode:04o}"})


def in_git(folder: Path) -> Iterator[Problem]:
    """Private keys that a git repository over `folder` holds, now or in its history."""
    if shutil.which("git") is None or not any((one / ".git").exists() for one in (folder, *folder.parents)):
        return
    marked = _git(folder, "grep", "-lz", "--text", "-E", "-e", "-----BEGIN ([A-Z]+ )*PRIVATE KEY-----")
    once = _git(folder, "log", "--all", "--diff-filter=A", "--name-only", "--format=", "-z", "--", "*.pem")
    for name in sorted({*marked, *once}):
        yield Problem("doctor-key-git", name, values={"now": "" if name in marked else "history"})


def _git(folder: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False, timeout=60)
    return [name for name in done.stdout.decode(errors="replace").split("\0") if name.strip()]


def shared_folder(folder: Path) -> str:
    """How a folder leaves this machine: the file system of a network, a program that synchronises; else ""."""
    folder = folder.resolve()
    mounts = [m for m in psutil.disk_partitions(all=True) if folder.is_relative_to(m.mountpoint)]
    if mounts and (kind := max(mounts, key=lambda m: len(m.mountpoint)).fstype) in SHARED_SYSTEMS:
        return kind
    for one in (folder, *folder.parents):
        if any(one.name.lower().startswith(name) for name in SYNCHRONISED) or any((one / m).exists() for m in MARKS):
            return one.name
    return ""


def disk(folder: Path) -> tuple[dict[str, int], list[Problem]]:
    """Space where `folder` lies."""
    usage = shutil.disk_usage(folder)
    mb = usage.free >> 20
    little = [Problem("doctor-disk", str(folder), severity="warning", values={"mb": mb})]
    return {"free_mb": mb, "total_mb": usage.total >> 20}, little if usage.free < LEAST_DISK else []


def clock(now: datetime, synchronised: bool) -> tuple[dict[str, Any], list[Problem]]:
    """What the clock says and whether something keeps it right."""
    loose = [] if synchronised else [Problem("doctor-clock", platform.node() or "?", severity="warning")]
    return {"now": when(now), "synchronised": synchronised, "source": time_service()}, loose


def time_service() -> str:
    """The program that keeps the clock, by the name of its process; "" when none was seen."""
    known = ("systemd-timesyncd", "systemd-timesyn", "chronyd", "ntpd", "ntpsec", "openntpd", "ptp4l")
    for one in psutil.process_iter(["name"]):
        if (name := one.info.get("name") or "") in known:
            return "systemd-timesyncd" if name.startswith("systemd") else str(name)
    return ""
