"""The door to the sendgrid package: it says who we are, in the headers of every call.

The calls themselves go over connections of ours. The package's own would wait for ever, follow a
redirect by a GET that looks like success, connect anew and read all certificates again for every
request (45 ms), and format the payload and the key for its log whether anybody reads that or not.
"""

from sendgrid import SendGridAPIClient


def headers_for(key: str, host: str) -> dict[str, str]:
    """Give the headers of a call to `host` with `key`: the key itself, and the user agent."""
    package = SendGridAPIClient(key, host=host)
    return {**package.client.request_headers, "Content-Type": "application/json"}
