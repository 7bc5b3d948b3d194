"""The recipes of `deploy/` are what nginx, systemd and Compose take; what is not installed here is said by a skip."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.hub.proxy import NGINX, configured, server_certificate

DEPLOY = Path(__file__).parents[2] / "deploy"
UNKNOWN = re.compile(r"Unknown|unknown|Invalid|Failed to parse|ignoring", re.IGNORECASE)


def nginx_takes(folder: Path, text: str) -> None:
    conf = folder / "nginx.conf"
    conf.write_text(text)
    done = subprocess.run([NGINX, "-t", "-p", folder, "-c", conf], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "[warn]" not in done.stderr, done.stderr


@pytest.mark.skipif(NGINX is None, reason="no nginx (apt-get install nginx-light)")
def test_nginx_takes_its_recipe(tmp_path: Path) -> None:
    server_certificate(tmp_path)
    nginx_takes(tmp_path, configured(tmp_path, {8301: 1, 8302: 2, 443: 8444, 8443: 8445}))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
@pytest.mark.parametrize("unit", ["bangtin-hub@.service", "bangtin-ring.service", "bangtin-hear.service"])
def test_systemd_takes_its_units(tmp_path: Path, unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text("utf-8")
    name = unit.replace("@.", "@8301.")
    (tmp_path / name).write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text), "utf-8")  # not installed here
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if name in line and UNKNOWN.search(line)]
    assert not ours, ours


def test_compose_names_only_what_it_has() -> None:
    """`docker compose config` where it is installed; its own words otherwise."""
    file = DEPLOY / "compose" / "compose.yaml"
    told: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    services = told["services"]
    for name, service in services.items():
        assert ("image" in service) != ("build" in service), name
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
