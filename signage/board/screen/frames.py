"""A film's frame as a surface: the decoder's own bytes, not copied."""

from __future__ import annotations

import pygame

from ...film import Frame

PIXEL = 4  # bytes


def surface_of(frame: Frame) -> pygame.Surface:
    """Upright, opaque; it holds the frame's memory as long as it lives."""
    whole = pygame.image.frombuffer(frame.data, (frame.stride // PIXEL, frame.height), "BGRA")
    whole.set_alpha(None)  # the fourth byte means nothing: copied, not mixed
    if frame.stride == PIXEL * frame.width:
        return whole
    return whole.subsurface((0, 0, frame.width, frame.height))
