"""A software bill of materials of the Python that runs this program: CycloneDX 1.6, as JSON.

Written by hand from what `importlib.metadata` knows, since the libraries that write it bring twenty others; an
output of ours passed the strict validator of cyclonedx-python-lib 11.12. What lies outside of Python (the kernel,
nginx, the X server) is the system's package manager's to list, and is not in it.
"""

from __future__ import annotations

import platform
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import Any

from .wire import when

OURS = "bangtin"
MAX_LICENCE = 120  # characters; some packages put the whole text into the field for its name
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)")


def name_of(text: str) -> str:
    """A distribution's name as packages are compared (PEP 503); of a requirement too."""
    match = _NAME.match(text)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def version(name: str) -> str | None:
    """The installed version, or None."""
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None


def needs(found: Distribution, *, extras: bool = False) -> Iterator[str]:
    """Names of what it requires; `extras`: of its extras too."""
    for requirement in found.requires or ():
        if extras or not _EXTRA.search(requirement):
            yield name_of(requirement)


def bill(now: datetime) -> dict[str, Any]:
    """Every distribution that is installed beside this program, and which needs which."""
    found = {name_of(d.metadata["Name"]): d for d in distributions() if d.metadata["Name"]}
    ours = found.get(OURS)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": when(now),
            "component": _component(OURS, ours, kind="application"),
        },
        "components": [
            {"type": "platform", "bom-ref": "python", "name": platform.python_implementation(),
             "version": platform.python_version()},
            *(_component(name, one) for name, one in sorted(found.items()) if name != OURS),
        ],
        "dependencies": [
            {"ref": _purl(name, one), "dependsOn": sorted({
                _purl(need, found[need]) for need in needs(one, extras=name == OURS) if need in found and need != name
            })}
            for name, one in sorted(found.items())
        ],
    }  # fmt: skip


def _component(name: str, one: Distribution | None, *, kind: str = "library") -> dict[str, Any]:
    told = {"type": kind, "bom-ref": _purl(name, one), "name": name, "purl": _purl(name, one)}
    if one is None:
        return told
    told["version"] = one.version
    said = one.metadata.json  # PEP 566: names in lower case, with underscores
    if expression := said.get("license_expression"):
        return {**told, "licenses": [{"expression": expression}]}
    words = str(said.get("license") or "")
    if words and "\n" not in words and len(words) <= MAX_LICENCE:
        return {**told, "licenses": [{"license": {"name": words}}]}
    return told


def _purl(name: str, one: Distribution | None) -> str:
    return f"pkg:pypi/{name}@{one.version}" if one else f"pkg:pypi/{name}"
