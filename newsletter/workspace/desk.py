"""The settings of the desk: [desk] and [approval] of newsletter.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.ledger.approvals import Needs
from newsletter.tables import Problems

_ISSUER = re.compile(r"https://[^\s?#]+|http://127\.0\.0\.1:\d+")
"""OpenID Connect Discovery section 3; without TLS only on this machine, to try it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """How the staff sign in, and whose agreement a dispatch needs."""

    needs: Needs = Needs.NONE
    may_be_own: bool = False
    """Whether an approver may approve what they ask for themselves."""
    base_url: str = ""
    """Where a team reaches it, without a slash at the end; empty where only this machine does."""
    issuer: str = ""
    """Of OpenID Connect; empty where nobody signs in with it."""
    client: str = ""
    """Our id at the issuer."""
    issuer_name: str = ""
    """As the button says it."""


def read_desk(tables: Mapping[str, object], problems: Problems) -> DeskSettings:
    """Read both tables; what is wrong is added to `problems`."""
    approval = problems.table(tables, "approval", ("needs", "own"))
    desk = problems.table(tables, "desk", ("base_url", "oidc_issuer", "oidc_client", "oidc_name"))
    issuer = desk.matching("oidc_issuer", "", _ISSUER, "the https URL of an issuer")
    client = desk.text("oidc_client")
    if bool(issuer) != bool(client):
        missing = "oidc_client" if issuer else "oidc_issuer"
        desk.problem(missing, "is missing", "both come from whoever runs your sign-in")
    return DeskSettings(
        needs=Needs(approval.choice("needs", tuple(Needs), Needs.NONE)),
        may_be_own=approval.flag("own"),
        base_url=desk.link("base_url").rstrip("/"),
        issuer=issuer,
        client=client,
        issuer_name=desk.text("oidc_name", "your organisation's account"),
    )
