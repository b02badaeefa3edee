"""The scripts of others: which there are, and the packages that they need, put into build/peers."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A script that sends the same issue to the same list."""

    name: str
    script: str
    path: str
    """`sendgrid` or `smtp`."""
    most: int
    """Recipients that it gets at most: some are slow."""

    @property
    def is_node(self) -> bool:
        """Tell whether it is JavaScript."""
        return self.script.endswith(".js")


ALL = (
    Peer(
        name="sendgrid package, Personalization x 1000",
        script="sendgrid_personalizations.py",
        path="sendgrid",
        most=100_000,
    ),
    Peer(
        name="requests, dicts by hand x 1000",
        script="requests_batches.py",
        path="sendgrid",
        most=100_000,
    ),
    Peer(
        name="httpx, dicts by hand x 1000",
        script="httpx_batches.py",
        path="sendgrid",
        most=100_000,
    ),
    Peer(
        name="@sendgrid/mail x 1000 (node)",
        script="sendgrid_mail.js",
        path="sendgrid",
        most=100_000,
    ),
    Peer(
        name="django-anymail, merge_data x 1000",
        script="anymail_merge.py",
        path="sendgrid",
        most=20_000,
    ),
    Peer(
        name="sendgrid package, one call each",
        script="sendgrid_each.py",
        path="sendgrid",
        most=500,
    ),
    Peer(name="nodemailer, pool of 5", script="nodemailer_pool.js", path="smtp", most=1_000),
    Peer(name="Django, send_messages", script="django_messages.py", path="smtp", most=500),
    Peer(name="smtplib and EmailMessage", script="smtplib_each.py", path="smtp", most=300),
    Peer(name="django-newsletter", script="django_newsletters.py", path="smtp", most=300),
    Peer(name="mailmerge", script="mailmerge_cli.py", path="smtp", most=100),
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What can run here."""

    folder: Path
    missing: tuple[str, ...]
    """Names of the peers that cannot."""

    def peers(self, path: str) -> tuple[Peer, ...]:
        """List the peers of a path that can run."""
        return tuple(p for p in ALL if p.path == path and p.name not in self.missing)

    def command(self, peer: Peer) -> list[str]:
        """Give the words that run the script of `peer`, but for what it is to send."""
        if peer.is_node:
            return ["node", str(PEERS / peer.script)]
        return [str(self.folder / "venv/bin/python"), str(PEERS / peer.script)]


def install(folder: Path) -> Installed:
    """Install the packages of all peers into `folder`; say loudly what cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    has_python = _is_up_to_date(folder, "requirements.txt") or _python(folder)
    has_node = _is_up_to_date(folder, "package.json") or _node(folder)
    missing = [p.name for p in ALL if not (has_node if p.is_node else has_python)]
    for name in missing:
        print(f"WARNING: LEFT OUT: {name}: its packages cannot be installed", flush=True)
    return Installed(folder, tuple(missing))


def nobody(folder: Path) -> Installed:
    """Leave all peers out."""
    return Installed(folder, tuple(peer.name for peer in ALL))


def _is_up_to_date(folder: Path, file: str) -> bool:
    done = folder / f"{file}.installed"
    return done.exists() and done.read_bytes() == (PEERS / file).read_bytes()


def _python(folder: Path) -> bool:
    print("installing the packages of the scripts in Python", flush=True)
    make = [sys.executable, "-m", "venv", "--clear", str(folder / "venv")]
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "-r"]
    return _ran(make, folder) and _installed(
        [*pip, str(PEERS / "requirements.txt")], folder, "requirements.txt"
    )


def _node(folder: Path) -> bool:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    print("installing the packages of the scripts in JavaScript", flush=True)
    shutil.copyfile(PEERS / "package.json", folder / "package.json")
    return _installed(["npm", "install", "--silent", "--no-fund"], folder, "package.json")


def _installed(command: list[str], folder: Path, file: str) -> bool:
    if not _ran(command, folder):
        return False
    shutil.copyfile(PEERS / file, folder / f"{file}.installed")
    return True


def _ran(command: list[str], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0
