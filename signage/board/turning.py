"""Where a part of the upright picture lies when that is turned: one rule for who draws and who looks. Pure."""

from __future__ import annotations

Area = tuple[int, int, int, int]  # x, y, width, height in pixels


def lies(area: Area, upright: tuple[int, int], rotate: int) -> Area:
    """Where `area` of a picture of the size `upright` lies when that is turned clockwise by `rotate` degrees."""
    x, y, w, h = area
    width, height = upright
    return {
        0: (x, y, w, h),
        90: (height - y - h, x, h, w),
        180: (width - x - w, height - y - h, w, h),
        270: (y, width - x - w, h, w),
    }[rotate]
