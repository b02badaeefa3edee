"""The images of an announcement: where they are needed, for readers and in the outbox."""

from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from newsletter.dispatch.plan import Plan
from newsletter.errors import Refused
from newsletter.finding import Finding, warning
from newsletter.providers.outbox import OutboxProvider
from newsletter.providers.protocol import Provider
from newsletter.workspace.workspace import Workspace


def write_images(images: Mapping[str, Path], folder: Path) -> tuple[Path, ...]:
    """Copy local `images` into `folder`, each under the name that its URL has.

    Raises:
        Refused: one cannot be read or written.
    """
    return tuple(_copied(path, folder / name_of(url)) for url, path in images.items())


def name_of(url: str) -> str:
    """Name the file of an image by the end of its URL, or by its content id (`cid:NAME@HOST`)."""
    return url.rpartition("/")[2].removeprefix("cid:").partition("@")[0]


def show_in_outbox(provider: Provider, plan: Plan) -> None:
    """Let the pages of the outbox show the images of `plan`; other providers need no such thing.

    Raises:
        Refused: one cannot be read or written.
    """
    if isinstance(provider, OutboxProvider):
        write_images(plan.compiled.images, provider.images_folder)


def check_images(workspace: Workspace, plan: Plan, provider: str) -> tuple[Finding, ...]:
    """Say that readers have to reach what is still on this machine; nothing for the outbox."""
    images = [url for url in plan.compiled.images if url.startswith("https:")]
    if provider == "outbox" or not images:
        return ()
    file = plan.issue.announcement.path
    return (
        warning(
            "images-to-upload",
            f"{len(images)} {'image' if len(images) == 1 else 'images'} must be reachable under"
            f" {workspace.settings.image_url} before this is sent",
            hint=f"write them with `newsletter images {file} --out DIR` and upload them",
        ),
    )


def _copied(path: Path, target: Path) -> Path:
    # Two programs may copy the same one at once.
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(path.read_bytes())
        part.replace(target)
    except OSError as error:
        raise Refused(
            f"the image {path.name!r} cannot be copied to {target.parent}: {error.strerror}",
            hint="make room, or choose a folder that you may write to",
        ) from error
    return target
