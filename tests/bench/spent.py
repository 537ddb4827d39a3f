"""What a process has spent so far, by its id."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds, of all its threads."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def most_mib_of(pid: int) -> float:
    """The most it ever held; nothing once it has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    held = status.partition("VmHWM:")[2].split()
    return int(held[0]) / 1024 if held else 0
