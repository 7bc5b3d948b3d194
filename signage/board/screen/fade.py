"""A cross-fade: what stands on the output gives way to the new frame, share by share; 1.6 ms a frame at 1080p.

The old frame is kept nowhere: each step mixes the new one into what the output shows by then, with
just the alpha that brings the whole to the moment's share. SDL cuts off what is less than a level of
256, so a colour may be off by some levels on the way (15 in a second, measured); the last step is exact.
There is no black between: every frame shows a share of each.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pygame

FULL = 255  # alpha of what covers all
LEAST = 3  # alpha below which a step waits: too much would be cut off


class Fade:
    """One change from what `view` holds now to `new`."""

    def __init__(self, view: pygame.Surface, new: pygame.Surface, began: datetime, ms: int) -> None:
        """`view`: the part of the output that changes; not touched before `step`."""
        # SDL mixes only the output's own format fast; pictures wait in another (`picture.packed`).
        self.new = pygame.Surface(view.get_size(), 0, view)
        self.new.blit(new, (0, 0))
        self._view, self._began, self._lasts = view, began, timedelta(milliseconds=ms)
        self._left = 1.0  # the old frame's share of what stands on the output

    def step(self, now: datetime) -> bool:
        """Draw the mixture of this moment; False when the fade is over (also when the clock was set)."""
        share = (now - self._began) / self._lasts
        if not 0 <= share < 1:
            self.new.set_alpha(None)
            self._view.blit(self.new, (0, 0))
            return False
        alpha = round(FULL * (1 - (1 - share) / self._left))
        if alpha >= LEAST:
            self.new.set_alpha(alpha)
            self._view.blit(self.new, (0, 0))
            self._left *= 1 - alpha / FULL
        return True
