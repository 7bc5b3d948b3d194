"""SDL as a board needs it: imported before anything else of this package.

It is told to leave SIGTERM alone (a stuck loop must end) and to greet nobody. Its sound is left out,
which pygame lives with: a board makes none, and loading it takes a tenth of the time to the first slide.
Nobody types on a board: libX11's table of composed letters stays unread (8 ms, 0.6 MB).
"""

import os
import sys
from typing import Any

os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("XCOMPOSEFILE", "/dev/null")

_modules: dict[str, Any] = sys.modules
_silent = [name for name in ("pygame.mixer", "pygame.mixer_music") if "pygame" not in _modules]
_modules.update(dict.fromkeys(_silent))  # importing what is None fails
try:
    import pygame
finally:
    for _name in _silent:
        del _modules[_name]

__all__ = ["pygame"]
