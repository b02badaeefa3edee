"""The providers by name: ours, and those that other packages bring along.

Another package offers a provider by an entry point in the group `newsletter.providers`: its name
is that of the provider, and it points to an `Offer`. No provider is imported before it is asked
for.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from newsletter.errors import SettingsError
from newsletter.providers.protocol import Provider
from newsletter.suggest import did_you_mean
from newsletter.tables import Problems, Table

Builder = Callable[[Table, Mapping[str, str]], Provider]
"""Makes a provider from its table of the settings and the secrets of the environment."""

GROUP = "newsletter.providers"

_OURS: Mapping[str, tuple[str, ...]] = {
    "outbox": (),
    "sendgrid": ("SENDGRID_API_KEY",),
    "smtp": ("NEWSLETTER_SMTP_PASSWORD", "NEWSLETTER_DKIM_KEY"),
    "ses": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "postmark": ("POSTMARK_SERVER_TOKEN",),
    "mailgun": ("MAILGUN_API_KEY",),
    "resend": ("RESEND_API_KEY",),
    "brevo": ("BREVO_API_KEY",),
}
"""Each is a module beside this one, with a `build`; and the variables that may hold its secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A provider that can be had, as another package offers it."""

    build: Builder
    """Opens and sends nothing. It calls `Table.allow` with every key it knows, and leaves what is
    wrong with the settings as problems of the table."""
    secrets: tuple[str, ...] = ()
    """The environment variables that it may need."""


def build(
    name: str,
    values: Mapping[str, object],
    secrets: Mapping[str, str],
    *,
    problems: Problems | None = None,
) -> Provider:
    """Build the provider `name`; nothing is opened or sent.

    Args:
        name: as in `--provider`.
        values: its `[providers.NAME]` of the settings; a `folder` in it is taken as it stands, so
            let it be absolute or relative to the working directory.
        secrets: by the names of `secrets_of`, as the environment holds them.
        problems: takes what is wrong, and knows the file and the lines that it stands in.

    Raises:
        SettingsError: there is no such provider, or its package is broken.
        InputErrors: an option or a secret is missing, unknown or wrong.
    """
    table = Table(problems or Problems("newsletter.toml"), f"providers.{name}", values)
    provider = _offer(name).build(table, secrets)
    table.problems.raise_if_any()
    return provider


def names() -> tuple[str, ...]:
    """List the names of all providers, ours first."""
    return (*_OURS, *_foreign())


def secrets_of(name: str) -> tuple[str, ...]:
    """List the environment variables that the provider `name` may need.

    Raises:
        SettingsError: there is no such provider, or its package is broken.
    """
    return _OURS[name] if name in _OURS else _offer(name).secrets


def all_secrets() -> tuple[str, ...]:
    """List the environment variables that any provider may need.

    A package that is broken is left out here: it is told of when its provider is asked for.
    """
    found = [name for names in _OURS.values() for name in names]
    for point in _foreign().values():
        with suppress(SettingsError):
            found += _loaded(point).secrets
    return tuple(dict.fromkeys(found))


def _offer(name: str) -> Offer:
    if name in _OURS:
        module = import_module(f"newsletter.providers.{name}")
        return Offer(build=module.build, secrets=_OURS[name])
    point = _foreign().get(name)
    if point is None:
        known = sorted(names())
        hint = did_you_mean(name, known, otherwise=f"use {', '.join(known)}")
        raise SettingsError(f"no provider {name!r}", hint=hint)
    return _loaded(point)


@cache
def _foreign() -> Mapping[str, EntryPoint]:
    """Find what other packages offer; ours cannot be replaced by theirs."""
    found = entry_points(group=GROUP)
    return {each.name: each for each in found if each.name not in _OURS}


def _loaded(point: EntryPoint) -> Offer:
    whose = point.dist.name if point.dist else point.module
    try:
        offer = point.load()
    # Whatever somebody else's package does wrong when it is imported, it is told as that.
    except Exception as error:
        raise SettingsError(
            f"the provider {point.name!r} of the package {whose!r} cannot be loaded:"
            f" {type(error).__name__}: {error}",
            hint="update that package, or uninstall it",
        ) from error
    if not isinstance(offer, Offer):
        raise SettingsError(
            f"the entry point {point.name!r} of the package {whose!r} is no provider",
            hint="let it point to a newsletter.providers.registry.Offer",
        )
    return offer
