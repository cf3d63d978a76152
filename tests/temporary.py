"""Where tests put their files: in memory where there is room for them.

Tests write tens of thousands of small files, and a file of a disk costs them half a millisecond.
"""

import os
from pathlib import Path

MEMORY = Path("/dev/shm")
# Several times what all tests hold at once, in bytes; what a container gives is often less.
ROOM = 2**30


def in_memory(folder: Path = MEMORY, room: int = ROOM) -> Path | None:
    """The folder of a file system in memory, or None where tests had better use the usual one.

    Args:
        folder: where such a file system is mounted.
        room: how many bytes must be free there; its programs must be allowed to run, too.
    """
    if not hasattr(os, "statvfs") or not os.access(folder, os.W_OK | os.X_OK):
        return None
    found = os.statvfs(folder)
    runs = not found.f_flag & getattr(os, "ST_NOEXEC", 0)
    return folder if runs and found.f_bavail * found.f_frsize >= room else None
