"""The recipes of `deploy/` are what nginx, systemd and Compose take; what is not installed here is said by a skip."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.hub.proxy import NGINX, configured, free_port, server_certificate

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE_S = 60.0
UNKNOWN = re.compile(r"Unknown|unknown|Invalid|Failed to parse|ignoring", re.IGNORECASE)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def nginx_takes(folder: Path, text: str) -> None:
    conf = folder / "nginx.conf"
    conf.write_text(text)
    done = subprocess.run([NGINX, "-t", "-p", folder, "-c", conf], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "[warn]" not in done.stderr, done.stderr


@pytest.mark.skipif(NGINX is None, reason="no nginx (apt-get install nginx-light)")
def test_nginx_takes_its_recipe(tmp_path: Path) -> None:
    server_certificate(tmp_path)
    nginx_takes(tmp_path, configured(tmp_path, {8301: 1, 8302: 2, 443: 8444, 8443: 8445}))


UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_systemd_takes_its_units_and_finds_them_closed(tmp_path: Path, unit: Path) -> None:
    """Exposure from 0 to 10 by systemd's own count; below 2 is its "OK"."""
    name = unit.name.replace("@.", "@8301.")
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"))  # not installed here
    (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if name in line and UNKNOWN.search(line)]
    assert not ours, ours
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", tmp_path / name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def serves(words: list[str], folder: Path, well: Callable[[], bool]) -> None:
    """A recipe's own command, by this machine's Python, is well within a while, and ends when it is told to."""
    process = subprocess.Popen([sys.executable, "-m", "signage", *words], env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        end = time.monotonic() + PATIENCE_S
        while not well():
            assert process.poll() is None and time.monotonic() < end, f"{words} in {folder}"
            time.sleep(0.1)
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_the_unit_s_command_serves(tmp_path: Path) -> None:
    """One process without `database.url`: a commune's hub."""
    port = str(free_port())
    text = (DEPLOY / "systemd" / "bangtin-hub@.service").read_text("utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    words = line.replace("%i", port).replace("/var/lib/bangtin-hub/", f"{tmp_path}/").split()
    assert words[0] == "/opt/bangtin/bin/bangtin"
    serves(words[1:], tmp_path, lambda: answers(f"http://127.0.0.1:{port}/healthz"))


def test_the_image_s_command_serves_as_it_is_told_to_begin(tmp_path: Path, postgres: Any) -> None:
    """The steps at the head of `compose.yaml` by a shell, its service's command, and its own question after health."""
    file, port = DEPLOY / "compose" / "compose.yaml", str(free_port())
    steps = re.findall(r"^#     (.*)$", file.read_text("utf-8"), re.MULTILINE)
    begin = "\n".join(s for s in steps if not s.startswith(("mkdir tls", "docker compose")))
    subprocess.run(["bash", "-euc", begin if os.geteuid() == 0 else begin.replace("chown 10001", ": ")],
                   cwd=tmp_path, check=True)  # fmt: skip
    password = (tmp_path / "postgres.password").read_text().strip()
    url = (tmp_path / "database.url").read_text()
    assert url == f"postgresql://hub:{password}@127.0.0.1/hub\n" and len(password) == 48
    assert (tmp_path / "database.url").stat().st_mode & 0o777 == 0o600
    (tmp_path / "database.url").write_text(made := postgres.database())
    recipe = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8")
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", recipe, re.MULTILINE)
    (extras,) = re.findall(r"whl\)\[(.*?)\]", recipe)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known) and json.loads(entry) == ["bangtin"]
    service = yaml.safe_load(file.read_text("utf-8"))["services"]["hub-1"]

    def ours(word: str) -> str:
        return word.replace("/var/lib/bangtin-hub", str(tmp_path)).replace("8301", port)

    kind, python, *question = map(ours, service["healthcheck"]["test"])
    assert (kind, python) == ("CMD", "python3")
    well = [sys.executable, *question]
    try:
        serves(
            [ours(word) for word in service["command"]], tmp_path,
            lambda: subprocess.run(well, stderr=subprocess.DEVNULL, check=False).returncode == 0,
        )  # fmt: skip
    finally:
        postgres.drop(made)


def test_compose_names_only_what_it_has() -> None:
    """`docker compose config` where it is installed; its own words otherwise."""
    file = DEPLOY / "compose" / "compose.yaml"
    told: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    services = told["services"]
    for name, service in services.items():
        assert "image" in service, name
        assert set(service.get("depends_on", {})) <= set(services), name
        joined = service.get("network_mode", "service:nginx").removeprefix("service:")
        assert joined in services and (name == "nginx" or "ports" not in service), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            inside = source.startswith(".")
            assert inside or source in told["volumes"], f"{name}: {volume}"
            if source.startswith("../"):
                assert (file.parent / source).exists(), f"{name}: {volume}"
        assert set(service.get("secrets", [])) <= set(told["secrets"]), name
    build = services["hub-1"]["build"]
    assert (file.parent / build["context"] / build["dockerfile"]).is_file()
    ports = {service["command"][-1] for name, service in services.items() if name.startswith("hub-")}
    assert ports == set(re.findall(r"server 127\.0\.0\.1:(\d+)", (DEPLOY / "nginx" / "hub.conf").read_text("utf-8")))
