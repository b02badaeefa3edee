"""Changing the secret of the links: the new one signs, the old ones go on being known."""

import pytest

from newsletter.errors import SettingsError
from newsletter.message.token import ForgedToken, sign, verify
from newsletter.workspace.secrets import Secrets, read_secrets

FIRST, SECOND, THIRD = (f"{word} secret of the tests, kept for years" for word in "ABC")


def secrets(monkeypatch: pytest.MonkeyPatch, new: str, old: str | None = None) -> Secrets:
    monkeypatch.setenv("NEWSLETTER_SECRET", new)
    if old is None:
        monkeypatch.delenv("NEWSLETTER_SECRET_OLD", raising=False)
    else:
        monkeypatch.setenv("NEWSLETTER_SECRET_OLD", old)
    return read_secrets()


def signed(found: Secrets) -> str:
    assert found.links_key
    return sign(found.links_key, "0" * 16, 7)


def test_links_of_old_emails_work_after_the_secret_was_changed_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = signed(secrets(monkeypatch, FIRST))
    plain = "x" * 40
    second = signed(secrets(monkeypatch, plain, FIRST))
    now = secrets(monkeypatch, THIRD, f"{plain}, {FIRST.replace(',', '')}")
    assert verify(now.links_keys, second) == ("0" * 16, 7)
    whole = secrets(monkeypatch, THIRD, FIRST)
    assert verify(whole.links_keys, first) == ("0" * 16, 7), "a comma may be part of a secret"
    assert verify(whole.links_keys, signed(whole)) == ("0" * 16, 7)
    with pytest.raises(ForgedToken):
        verify(whole.links_keys, second)


def test_the_old_one_signs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rotated = secrets(monkeypatch, SECOND, FIRST)
    with pytest.raises(ForgedToken):
        verify(secrets(monkeypatch, FIRST).links_keys, signed(rotated))


def test_an_old_secret_that_protects_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="NEWSLETTER_SECRET_OLD has fewer than 32 characters"):
        secrets(monkeypatch, SECOND, "short")
    assert secrets(monkeypatch, SECOND, "  ").old_links_keys == ()


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = secrets(monkeypatch, SECOND, FIRST)
    assert "links_key" not in repr(found)
