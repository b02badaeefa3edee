"""What a workspace says about feedback: the policy, and how providers prove who they are."""

import re
from collections.abc import Mapping

from newsletter.errors import SettingsError
from newsletter.feedback.policy import SOFT_DAYS, SOFT_TIMES, Policy
from newsletter.tables import Table

EVENT_SECRETS = {
    "postmark": "NEWSLETTER_EVENTS_POSTMARK",
    "mailgun": "NEWSLETTER_EVENTS_MAILGUN",
    "resend": "NEWSLETTER_EVENTS_RESEND",
    "brevo": "NEWSLETTER_EVENTS_BREVO",
}
"""The variable of each provider whose events are proven by a secret."""

_SHORTEST = 16
"""Characters of a secret."""
_TOPIC = re.compile(r"arn:aws(?:-[a-z-]+)?:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
_KEY = re.compile(r"[A-Za-z0-9+/]{60,400}={0,2}")


def read_policy(table: Table) -> Policy:
    """Read what follows from events, from [feedback]."""
    return Policy(
        soft_times=table.number("soft_times", SOFT_TIMES, low=2, high=20),
        soft_days=table.number("soft_days", SOFT_DAYS, low=1, high=730),
        opens=table.flag("opens"),
        clicks=table.flag("clicks"),
    )


def read_public_proofs(table: Table) -> Mapping[str, str]:
    """Read by which public values providers prove who they are, from [feedback]."""
    key = table.matching("sendgrid_key", "", _KEY, "the verification key that SendGrid shows")
    topic = table.matching("ses_topic", "", _TOPIC, "the ARN of a topic of SNS")
    return {name: proof for name, proof in (("sendgrid", key), ("ses", topic)) if proof}


def event_secrets(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Read by which secrets providers prove who they are, by provider.

    Raises:
        SettingsError: one is too short to prove anything.
    """
    told = {of: environment.get(name, "").strip() for of, name in EVENT_SECRETS.items()}
    for of, secret in told.items():
        if 0 < len(secret) < _SHORTEST:
            raise SettingsError(
                f"{EVENT_SECRETS[of]} has fewer than {_SHORTEST} characters",
                hint="choose a longer one, or take it from the provider's page of webhooks",
            )
    return {of: secret for of, secret in told.items() if secret}
