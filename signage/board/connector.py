"""Whether a screen hangs on the cable, as the kernel's graphics driver (DRM) says."""

from __future__ import annotations

from pathlib import Path

DRM = Path("/sys/class/drm")
MAX_ATTRIBUTE = 64  # bytes


def connector(drm: Path = DRM) -> str:
    """ "on": an output is connected and lit; "off": none is; "unknown": nothing there can tell.

    `drm` holds a folder per output, as `card0-HDMI-A-1`, with the files `status`, `enabled`, `dpms`.
    """
    found = {_state(path.parent) for path in drm.glob("card*-*/status") if "-Writeback-" not in str(path)}
    for state in ("on", "unknown", "off"):
        if state in found:
            return state
    return "unknown"


def _state(output: Path) -> str:
    status = _attribute(output / "status")
    if status == "disconnected":
        return "off"
    if status != "connected":
        return "unknown"
    switched_off = _attribute(output / "enabled") == "disabled" or _attribute(output / "dpms") not in ("On", "")
    return "off" if switched_off else "on"


def _attribute(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_ATTRIBUTE).decode("ascii", "replace").strip()
    except OSError:
        return ""
