"""A real PostgreSQL of our own: Debian's programs, a cluster in a temporary folder, a Unix socket, fsync on."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg

START_S = 60  # seconds that a cluster may take to be made on a busy machine


def programs() -> Path | None:
    """Where the newest PostgreSQL's programs are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


class Postgres:
    """One cluster; `database()` makes a fresh database, or a copy of `template`, and gives its URL."""

    template: str | None = None  # the URL of a database that nobody has open

    def __init__(self, bin: Path) -> None:  # noqa: A002
        self.bin, self.folder = bin, Path(tempfile.mkdtemp(prefix="bangtin-pg-"))  # a socket's path is ≤ 107 bytes
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user is not None:
            os.chown(self.folder, self._user, -1)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-A", "trust", "-U", "hub", "-E", "UTF8", "--no-locale", "--no-sync")
        self.options = f"-k {self.folder} -c listen_addresses='' -c max_connections=60 -c shared_buffers=64MB"
        self.start()

    def start(self) -> None:
        log = self.folder / "log"
        self._run("pg_ctl", "-D", self.folder / "data", "-o", self.options, "-l", log, "-w", "start")

    def crash(self) -> None:
        """As a power cut: no process of it has time to write anything."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def database(self) -> str:
        name, of = f"h{uuid.uuid4().hex[:12]}", _name(self.template) if self.template else "template1"
        with psycopg.connect(f"host={self.folder} user=hub dbname=postgres", autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')
        return f"postgresql://hub@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        with psycopg.connect(f"host={self.folder} user=hub dbname=postgres", autocommit=True) as db:
            db.execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def close(self) -> None:
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: object, check: bool = True) -> None:
        done = subprocess.run(
            [self.bin / program, *map(str, words)], user=self._user, cwd="/", timeout=START_S, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{program}: {done.stderr}"


def _name(url: str) -> str:
    return url.split("@/")[1].split("?", maxsplit=1)[0]
