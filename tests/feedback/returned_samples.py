"""Messages as mail servers, programs and people send them back."""

REF = "0123456789abcdef"
ANN = "ann@example.org"


def headers(delivery: int = 7, to: str = ANN, token: str = "") -> str:
    """The headers of ours that a server returns."""
    link = f"List-Unsubscribe: <https://news.example.org/u/{token}>\n" if token else ""
    return (
        "From: News <news@example.org>\n"
        f"To: Ann <{to}>\n"
        "Subject: Spring\n"
        f"Message-ID: <{delivery}.{REF}@example.org>\n"
        f"Feedback-ID: spring:{REF}:newsletter:nl0123456789\n"
        f"{link}"
    )


def dsn(
    outcome: str = "failed 5.1.1",
    said: str = "smtp; 550 5.1.1 <ann@example.org>: user unknown",
    *,
    to: str = ANN,
    returned: str | None = None,
    original: str = "",
) -> str:
    """A delivery report of Postfix (RFC 3464)."""
    action, status = outcome.split(" ", 1)
    was = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return f"""From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 12:00:05 +0000
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon, 23 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; {to}
{was}Action: {action}
Status: {status}
Diagnostic-Code: {said}

--B
Content-Type: text/rfc822-headers

{headers() if returned is None else returned}
--B--
"""


def complaint(kind: str = "abuse", returned: str | None = None) -> str:
    """A report of a feedback loop (RFC 5965)."""
    return f"""From: <fbl@example.net>
To: bounces@example.org
Subject: FW: Spring
Date: Mon, 23 Nov 2026 13:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--B
Content-Type: message/rfc822
Content-Disposition: inline

{headers() if returned is None else returned}
Hello.

--B--
"""


QMAIL = f"""From: MAILER-DAEMON@mail.example.net
To: bounces@example.org
Subject: failure notice
Date: Mon, 23 Nov 2026 12:10:00 +0000

Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{ANN}>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 No such user here.
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

{headers()}
Hello.
"""

HOLIDAY = f"""From: Ann <{ANN}>
To: bounces@example.org
Subject: Out of office
Date: Mon, 23 Nov 2026 12:10:00 +0000
Auto-Submitted: auto-replied
In-Reply-To: <7.{REF}@example.org>

I am away until Monday.
"""

RIDDLE = """From: postmaster@example.net
To: bounces@example.org
Subject: Delivery failed
Date: Mon, 23 Nov 2026 12:10:00 +0000

Your message was not delivered. Contact your administrator.
"""

LETTER = """From: Bob <bob@example.org>
To: bounces@example.org
Subject: A question
Date: Mon, 23 Nov 2026 12:10:00 +0000

How do I join?
"""
