"""The glass: the only part of a board that knows pygame.

    letters    the shipped fonts, texts that fit a box
    panels     what the board draws itself: clock, safe slide, an emergency's signed words
    glass      the output: slide at its viewport, turned, read back, photographed

SDL is told a few things before it is imported: to leave SIGTERM alone (a stuck loop must end), to
greet nobody, and under X11 to send pixels itself; without a GPU that is 6 to 30 times less CPU.
"""

import os

os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
if not os.environ.get("WAYLAND_DISPLAY"):  # under Wayland that setting leaves no picture at all
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")

from .glass import Glass, Picture, Undecodable
from .panels import clock_text, safe_panel, words_pages

__all__ = ["Glass", "Picture", "Undecodable", "clock_text", "safe_panel", "words_pages"]
