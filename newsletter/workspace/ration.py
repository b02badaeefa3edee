"""What the provider still takes from us, held against the audience before anything is opened."""

from newsletter.errors import ProviderError, Refused
from newsletter.providers.protocol import Rationed
from newsletter.workspace.workspace import Workspace


def check_ration(workspace: Workspace, name: str, recipients: int) -> str:
    """Ask the provider `name`, where it can be asked, whether it takes so many messages.

    Returns:
        Why it could not be asked, as a sentence; empty where it could. A key that may only send
        is no reason not to send with it.

    Raises:
        Refused: its plan or its limit is smaller.
    """
    provider = workspace.provider(name)
    try:
        if not isinstance(provider, Rationed):
            return ""
        allowance = provider.allowance()
    except ProviderError as error:
        return f"{name} could not be asked how many messages it takes: {error.problem}"
    finally:
        provider.close()
    if allowance is not None and allowance < recipients:
        raise Refused(
            f"{name} takes {allowance:,} more messages at present, and this goes to {recipients:,}",
            hint="choose a larger plan, or send to a part of them with --segment",
        )
    return ""
