"""A PostgreSQL server of the tests' own, from the system's binaries."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ports import free_port
from sqlalchemy import create_engine, text

_UNPRIVILEGED = "postgres"
"""Who runs the server where the tests run as root: PostgreSQL refuses to."""


def find_binaries() -> Path | None:
    """Find the folder of `initdb` and `postgres`; None where there is no server."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").is_file()), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    """Of its databases, less the name."""
    _control: Callable[[str], None]

    def restart(self) -> None:
        """Take it away from everybody all of a sudden, and bring it back."""
        self._control("restart")


@contextmanager
def running(binaries: Path, *, syncs: bool = False) -> Iterator[Server]:
    """Run a server on a free port of 127.0.0.1; `syncs`: it waits for the disk, as servers do."""
    user = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="newsletter-postgres-") as folder:
        data = Path(folder)
        if user:
            shutil.chown(data, user)
        yield from _serving(binaries, data, user, syncs=syncs)


def fresh_database(server: str) -> str:
    """Make a database on the server at this URL; give the URL of the database."""
    name = f"fresh_{secrets.token_hex(8)}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


def _serving(binaries: Path, data: Path, user: str | None, *, syncs: bool) -> Iterator[Server]:
    port = free_port()
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        f" -c fsync={'on' if syncs else 'off'}"
    )
    made = ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
    _run([binaries / "initdb", *made], user)
    control = [binaries / "pg_ctl", "-D", data, "-w"]

    def do(what: str) -> None:
        _run([*control, "-o", options, "-l", data / "log", "-m", "immediate", what], user)

    do("start")
    try:
        yield Server(f"postgresql+psycopg://postgres@127.0.0.1:{port}", do)
    finally:
        do("stop")


def _run(command: list[str | Path], user: str | None) -> None:
    subprocess.run(
        command,
        check=True,
        user=user,
        cwd="/",
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _unprivileged() -> str | None:
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam(_UNPRIVILEGED).pw_name
    except KeyError:
        return "nobody"
