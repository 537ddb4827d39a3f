"""What the demo says while it works: one line for each thing that happened."""

import sys

from rich.console import Console

from app.core import clock

# Where nobody looks at a terminal the table gets the room it needs.
WIDTH_OF_A_FILE = 150


class Screen:
    """Lines with the seconds since the start before them."""

    def __init__(self) -> None:
        # A mark like ✓ must not fail in a terminal that says it knows only ASCII.
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", line_buffering=True)
        width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
        self.console = Console(highlight=False, width=width)
        self._started = clock.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return clock.monotonic() - self._started

    def say(self, text: str) -> None:
        self.console.print(f"{self.seconds:6.1f} s  {text}", markup=False)

    def say_chapter(self, title: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{title}", align="left")

    def say_plainly(self, text: str) -> None:
        """Without the seconds: addresses, logs, explanations."""
        self.console.print(text, markup=False, soft_wrap=True)
