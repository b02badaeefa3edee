"""Writing a file whole or not at all: whoever reads it sees what was there, or what is now."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Put `content` in the place of the file at `path`, with the rights that it has.

    Through a link the file that it leads to is written. A private file is for nobody else to read.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    target = path.resolve()
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            if is_private:
                part.chmod(0o600)
            elif target.exists():
                part.chmod(target.stat().st_mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
