"""Files that only their owner reads: keys."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, whole or not at all; a file of this name is replaced."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
