"""What providers post becomes events of ours, whatever each calls them."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_samples import (
    MESSAGE_ID,
    OURS,
    REF,
    body,
    brevo,
    mailgun,
    postmark,
    resend,
    sendgrid,
    ses,
    ses_bounce,
)

from newsletter.errors import InputError
from newsletter.feedback import brevo as of_brevo
from newsletter.feedback import mailgun as of_mailgun
from newsletter.feedback import postmark as of_postmark
from newsletter.feedback import resend as of_resend
from newsletter.feedback import sendgrid as of_sendgrid
from newsletter.feedback import ses as of_ses
from newsletter.feedback.event import Kind, Reason
from newsletter.feedback.ours import Ours, by_message_id, by_names, dispatch_by_feedback_id
from newsletter.feedback.payload import Found, Reading, load

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def read_sendgrid(told: Any) -> Reading:
    return of_sendgrid.read(body([told]))


def read_ses(told: Any) -> Reading:
    return of_ses.read(load(body(told)))


def read_postmark(told: Any) -> Reading:
    return of_postmark.read(body(told))


def read_mailgun(told: Any) -> Reading:
    return of_mailgun.read(body(told))


def read_resend(told: Any) -> Reading:
    return of_resend.read(body(told))


def read_brevo(told: Any) -> Reading:
    return of_brevo.read(body(told))


Read = Callable[[Any], Reading]
H, S, B, D = Kind.HARD, Kind.SOFT, Kind.BLOCKED, Kind.DROPPED
FAILED = {"delivery-status": {"code": 550, "message": "550 5.1.1 no such user"}}
TOLD: list[tuple[Read, Any, Kind, Reason]] = [
    (read_sendgrid, sendgrid("processed"), Kind.PROCESSED, Reason.NONE),
    (read_sendgrid, sendgrid("delivered", response="250 OK"), Kind.DELIVERED, Reason.NONE),
    (read_sendgrid, sendgrid("deferred", response="400 try again"), Kind.DEFERRED, Reason.NONE),
    (read_sendgrid, sendgrid("spamreport"), Kind.COMPLAINED, Reason.NONE),
    (read_sendgrid, sendgrid("group_unsubscribe"), Kind.UNSUBSCRIBED, Reason.NONE),
    (read_sendgrid, sendgrid("open"), Kind.OPENED, Reason.NONE),
    (read_sendgrid, sendgrid("click", url="https://e.org/?u=ann"), Kind.CLICKED, Reason.NONE),
    (
        read_sendgrid,
        sendgrid("bounce", type="bounce", bounce_classification="Invalid Address"),
        H,
        Reason.NO_SUCH_ADDRESS,
    ),
    (
        read_sendgrid,
        sendgrid("bounce", type="bounce", status="5.1.1", reason="550 unknown"),
        H,
        Reason.NO_SUCH_ADDRESS,
    ),
    (
        read_sendgrid,
        sendgrid("bounce", type="bounce", bounce_classification="Reputation"),
        B,
        Reason.REPUTATION,
    ),
    (
        read_sendgrid,
        sendgrid("bounce", type="blocked", bounce_classification="Invalid Address"),
        S,
        Reason.MAILBOX_CLOSED,
    ),
    (read_sendgrid, sendgrid("bounce", type="blocked", reason="go away"), B, Reason.OTHER),
    (
        read_sendgrid,
        sendgrid("bounce", type="bounce", bounce_classification="Unclassified", reason="???"),
        S,
        Reason.OTHER,
    ),
    (read_sendgrid, sendgrid("dropped", reason="Bounced Address"), D, Reason.BOUNCED_BEFORE),
    (
        read_sendgrid,
        sendgrid("dropped", reason="Spam Reporting Address"),
        D,
        Reason.COMPLAINED_BEFORE,
    ),
    (
        read_sendgrid,
        sendgrid("dropped", reason="Unsubscribed Address"),
        D,
        Reason.UNSUBSCRIBED_BEFORE,
    ),
    (read_sendgrid, sendgrid("dropped", reason="Invalid"), D, Reason.NO_SUCH_ADDRESS),
    (read_sendgrid, sendgrid("dropped", reason="Invalid SMTPAPI header"), D, Reason.TECHNICAL),
    (
        read_sendgrid,
        sendgrid("dropped", reason="Recipient List over Package Quota"),
        D,
        Reason.PLAN,
    ),
    (read_ses, ses("Send", send={}), Kind.PROCESSED, Reason.NONE),
    (
        read_ses,
        ses("Delivery", delivery={"timestamp": "2026-11-23T12:00:00Z", "smtpResponse": "250 ok"}),
        Kind.DELIVERED,
        Reason.NONE,
    ),
    (
        read_ses,
        ses("DeliveryDelay", deliveryDelay={"timestamp": "2026-11-23T12:00:00Z"}),
        Kind.DEFERRED,
        Reason.NONE,
    ),
    (
        read_ses,
        ses_bounce("Permanent", "General", "5.1.1", "550 unknown"),
        H,
        Reason.NO_SUCH_ADDRESS,
    ),
    (read_ses, ses_bounce("Permanent", "NoEmail"), H, Reason.NO_SUCH_ADDRESS),
    (read_ses, ses_bounce("Permanent", "General", "5.7.1", "550 spam"), B, Reason.CONTENT),
    (read_ses, ses_bounce("Permanent", "OnAccountSuppressionList"), D, Reason.BOUNCED_BEFORE),
    (read_ses, ses_bounce("Transient", "MailboxFull"), S, Reason.MAILBOX_FULL),
    (read_ses, ses_bounce("Transient", "ContentRejected"), B, Reason.CONTENT),
    (read_ses, ses_bounce("Transient", "General", "5.1.1", "unknown"), S, Reason.OTHER),
    (read_ses, ses_bounce("Undetermined", "Undetermined"), S, Reason.OTHER),
    (
        read_ses,
        ses("Complaint", complaint={"timestamp": "2026-11-23T12:00:00Z", "userAgent": "x"}),
        Kind.COMPLAINED,
        Reason.NONE,
    ),
    (
        read_ses,
        ses(
            "Complaint",
            complaint={
                "timestamp": "2026-11-23T12:00:00Z",
                "complaintSubType": "OnAccountSuppressionList",
            },
        ),
        D,
        Reason.COMPLAINED_BEFORE,
    ),
    (read_ses, ses("Reject", reject={"reason": "Bad content"}), D, Reason.CONTENT),
    (
        read_ses,
        ses("Rendering Failure", failure={"errorMessage": "no such value"}),
        D,
        Reason.TECHNICAL,
    ),
    (
        read_ses,
        ses(
            "Subscription",
            subscription={
                "timestamp": "2026-11-23T12:00:00Z",
                "newTopicPreferences": {"unsubscribeAll": True},
            },
        ),
        Kind.UNSUBSCRIBED,
        Reason.NONE,
    ),
    (read_postmark, postmark("Delivery", Details="250 ok"), Kind.DELIVERED, Reason.NONE),
    (read_postmark, postmark("Bounce", Type="HardBounce"), H, Reason.NO_SUCH_ADDRESS),
    (
        read_postmark,
        postmark("Bounce", Type="SoftBounce", Details="552 quota exceeded"),
        S,
        Reason.MAILBOX_FULL,
    ),
    (read_postmark, postmark("Bounce", Type="SoftBounce", Details="5.1.1"), S, Reason.OTHER),
    (read_postmark, postmark("Bounce", Type="SpamNotification"), B, Reason.CONTENT),
    (read_postmark, postmark("Bounce", Type="DMARCPolicy"), B, Reason.IDENTITY),
    (read_postmark, postmark("SpamComplaint"), Kind.COMPLAINED, Reason.NONE),
    (
        read_postmark,
        postmark(
            "SubscriptionChange",
            SuppressSending=True,
            SuppressionReason="ManualSuppression",
            Origin="Recipient",
        ),
        Kind.UNSUBSCRIBED,
        Reason.NONE,
    ),
    (read_postmark, postmark("Click", OriginalLink="https://e.org"), Kind.CLICKED, Reason.NONE),
    (read_mailgun, mailgun("accepted"), Kind.PROCESSED, Reason.NONE),
    (read_mailgun, mailgun("delivered"), Kind.DELIVERED, Reason.NONE),
    (
        read_mailgun,
        mailgun("failed", severity="permanent", reason="bounce", **FAILED),
        H,
        Reason.NO_SUCH_ADDRESS,
    ),
    (
        read_mailgun,
        mailgun("failed", severity="temporary", reason="generic"),
        Kind.DEFERRED,
        Reason.OTHER,
    ),
    (
        read_mailgun,
        mailgun("failed", severity="permanent", reason="suppress-complaint"),
        D,
        Reason.COMPLAINED_BEFORE,
    ),
    (
        read_mailgun,
        mailgun("failed", severity="permanent", **{"delivery-status": {"code": 605}}),
        D,
        Reason.BOUNCED_BEFORE,
    ),
    (read_mailgun, mailgun("complained"), Kind.COMPLAINED, Reason.NONE),
    (read_mailgun, mailgun("unsubscribed"), Kind.UNSUBSCRIBED, Reason.NONE),
    (read_resend, resend("email.sent"), Kind.PROCESSED, Reason.NONE),
    (read_resend, resend("email.delivered"), Kind.DELIVERED, Reason.NONE),
    (read_resend, resend("email.delivery_delayed"), Kind.DEFERRED, Reason.NONE),
    (
        read_resend,
        resend("email.bounced", bounce={"type": "Permanent", "subType": "General", "message": ""}),
        H,
        Reason.NO_SUCH_ADDRESS,
    ),
    (
        read_resend,
        resend("email.bounced", bounce={"type": "Permanent", "subType": "Suppressed"}),
        D,
        Reason.BOUNCED_BEFORE,
    ),
    (read_resend, resend("email.complained"), Kind.COMPLAINED, Reason.NONE),
    (read_resend, resend("email.failed", failed={"reason": "reached_daily_quota"}), D, Reason.PLAN),
    (
        read_resend,
        resend("email.delivered", tags=[{"name": k, "value": v} for k, v in OURS.items()]),
        Kind.DELIVERED,
        Reason.NONE,
    ),
    (read_brevo, brevo("request"), Kind.PROCESSED, Reason.NONE),
    (read_brevo, brevo("delivered"), Kind.DELIVERED, Reason.NONE),
    (read_brevo, brevo("hard_bounce", reason="550 5.1.1 unknown"), H, Reason.NO_SUCH_ADDRESS),
    (read_brevo, brevo("hard_bounce", reason="550 5.7.1 listed at dnsbl"), B, Reason.REPUTATION),
    (read_brevo, brevo("soft_bounce", reason="452 mailbox full"), S, Reason.MAILBOX_FULL),
    (read_brevo, brevo("invalid_email"), H, Reason.NO_SUCH_ADDRESS),
    (
        read_brevo,
        brevo("blocked", reason="blocked : due to unsubscribe"),
        D,
        Reason.UNSUBSCRIBED_BEFORE,
    ),
    (read_brevo, brevo("spam"), Kind.COMPLAINED, Reason.NONE),
    (read_brevo, brevo("unique_proxy_open"), Kind.OPENED, Reason.NONE),
]


def _name(case: Any) -> str:
    return getattr(case, "__name__", "") or str(getattr(case, "value", "") or "told")


@pytest.mark.parametrize(("read", "told", "kind", "reason"), TOLD, ids=_name)
def test_an_event_is_understood(read: Read, told: Any, kind: Kind, reason: Reason) -> None:
    found = read(told)
    assert (found.foreign, found.unreadable) == (0, 0)
    (event,) = found.events
    assert (event.dispatch, event.delivery) == (REF, 7)
    assert (event.kind, event.reason) == (kind, reason)
    assert abs(event.at - NOON) < dt.timedelta(seconds=3)
    assert "?" not in event.link
    assert "@" not in event.note


NOT_OURS: list[tuple[Read, Any]] = [
    (read_sendgrid, {**sendgrid("delivered"), "nl_dispatch": "another"}),
    (read_sendgrid, sendgrid("account_status_change")),
    (read_sendgrid, sendgrid("group_resubscribe")),
    (read_ses, ses("Complaint", complaint={"complaintFeedbackType": "not-spam"})),
    (read_ses, ses("Subscription", subscription={})),
    (read_postmark, postmark("Bounce", Type="AutoResponder")),
    (
        read_postmark,
        postmark("SubscriptionChange", SuppressSending=True, SuppressionReason="HardBounce"),
    ),
    (read_postmark, postmark("Inbound")),
    (read_mailgun, {"event-data": {"event": "delivered"}}),
    (read_resend, resend("contact.created")),
    (read_brevo, {"event": "listAddition"}),
]


@pytest.mark.parametrize(("read", "told"), NOT_OURS, ids=_name)
def test_what_tells_us_nothing_is_left_out(read: Read, told: Any) -> None:
    assert read(told) == Reading(foreign=1)


def test_our_message_id_tells_where_the_tags_are_lost() -> None:
    told = ses_bounce("Permanent", "General")
    del told["mail"]["tags"]
    assert read_ses(told).events[0].delivery == 7
    lost = sendgrid("delivered", **{"smtp-id": MESSAGE_ID})
    del lost["nl_dispatch"]
    assert read_sendgrid(lost).events[0].dispatch == REF


def test_one_event_that_cannot_be_read_spoils_no_other() -> None:
    broken = sendgrid("delivered", timestamp="yesterday")
    never = sendgrid("delivered", timestamp=10**30)
    found = of_sendgrid.read(body([broken, sendgrid("delivered"), "text", None, never]))
    assert (len(found.events), found.foreign, found.unreadable) == (1, 2, 2)


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(bad: bytes) -> None:
    for module in (of_sendgrid, of_postmark, of_mailgun, of_resend, of_brevo):
        with pytest.raises(InputError, match="not JSON"):
            module.read(bad)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([case for case in TOLD if isinstance(case[1], dict)]), st.data())
def test_whatever_stands_in_a_field_nothing_breaks(
    value: Any, case: tuple[Read, Any, Kind, Reason], data: st.DataObject
) -> None:
    read, told, _kind, _reason = case
    field = data.draw(st.sampled_from(sorted(told)))
    read(json.loads(json.dumps({**told, field: value})))
    read(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<7@example.org>",
        f"<x.{REF}@e.org>",
        "<7.0123456789ABCDEF@e.org>",
        f"<99999999999.{REF}@",
    ],
)
def test_message_ids_of_others_are_not_ours(text: str) -> None:
    assert by_message_id(text) is None


def test_ids_are_read_strictly() -> None:
    assert by_message_id(f" {MESSAGE_ID}") == Ours(REF, 7)
    assert by_names(REF, 7) == Ours(REF, 7)
    assert by_names(REF, [7]) is None
    assert by_names(REF, "-1") is None
    assert by_names(REF, "4294967296") is None
    assert dispatch_by_feedback_id(f"spring:{REF}:newsletter:nl0123") == REF
    assert dispatch_by_feedback_id("a:b:c:d") == ""


def test_an_empty_value_has_nothing_in_it() -> None:
    assert Found(None).at("a", "b").text == ""
    assert Found({"a": [1]}).at("a").items == (Found(1),)
    assert Found([{"name": "X", "value": "1"}]).header("y") == ""
