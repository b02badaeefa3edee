"""The pages of the outbox: one of a dispatch, one of each message. Pure."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import PurePath
from typing import NamedTuple

from newsletter.message.batch import Envelope
from newsletter.message.headers import Message


class Entry(NamedTuple):
    """One message in the list of a dispatch."""

    delivery: int
    name: str
    address: str
    subject: str
    octets: int
    file: str
    """The .eml, in the folder `messages`; its page has the same name with `.html`."""


_STYLE = """
:root { color-scheme: light dark; --page: #eef0f2; --card: #fff; --text: #2b3138; --soft: #5b6570;
  --line: #e2e5e9; --accent: #0f625e; --hover: #f5f8f8 }
@media (prefers-color-scheme: dark) { :root { --page: #14181b; --card: #1d2327; --text: #e6e9ec;
  --soft: #a3adb6; --line: #323a40; --accent: #5cc8c0; --hover: #252c31 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem }
.kicker { margin: 0; color: var(--accent); font-size: .8rem; font-weight: 600;
  letter-spacing: .08em; text-transform: uppercase }
h1 { margin: .2rem 0 .4rem; font: 700 1.8rem/1.25 Georgia, "Times New Roman", serif;
  overflow-wrap: anywhere; text-align: left }
p { margin: 0 0 1rem } .soft { color: var(--soft) }
a { color: var(--accent) }
a:focus-visible, input:focus-visible, summary:focus-visible, iframe:focus-visible
  { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  overflow: hidden }
"""

_INDEX_STYLE = """
label { display: block; margin: 1.5rem 0 1rem; font-weight: 600 }
input { display: block; width: 100%; max-width: 26rem; margin-top: .3rem; padding: .55rem .75rem;
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft);
  border-radius: 8px }
table { width: 100%; border-collapse: collapse; font-size: .95rem }
th, td { padding: .6rem 1rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600 }
tbody tr:last-child > * { border-bottom: 0 } tbody tr:hover { background: var(--hover) }
tbody th { font-weight: 600 } tbody th span { display: block; color: var(--soft);
  font-weight: 400; font-size: .85rem }
.file { white-space: nowrap } .number { text-align: right; font-variant-numeric: tabular-nums }
[hidden] { display: none }
@media (max-width: 40rem) { thead { position: absolute; clip-path: inset(50%) }
  tbody tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line) }
  tbody tr:last-child { border: 0 }
  tbody th, tbody td { display: block; padding: .1rem 1rem; border: 0 }
  tbody .file { display: inline-block } .number { color: var(--soft) } }
"""

_FILTER = """
const rows = [...document.querySelectorAll("tbody tr")], shown = document.querySelector("#shown");
document.querySelector("#filter").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    count += !row.hidden;
  }
  shown.textContent = wanted ? `${count} of ${rows.length} messages shown` : "";
});
"""

_MESSAGE_STYLE = """
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0;
  padding: 1rem 1.25rem; font-size: .9rem }
dt { color: var(--soft) } dd { margin: 0; text-align: left; overflow-wrap: anywhere }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
nav { display: flex; gap: 1.5rem; flex-wrap: wrap; margin: 1rem 0 }
h2 { margin: 2rem 0 .6rem; font-size: 1rem }
iframe { display: block; width: 100%; height: 75vh; min-height: 24rem; border: 0;
  background: #fff }
details { margin-top: 2rem } summary { cursor: pointer; font-weight: 600 }
pre { margin: .6rem 0 0; padding: 1rem 1.25rem; font: .85rem/1.5 ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere }
"""


def index_page(envelope: Envelope, entries: Iterable[Entry]) -> str:
    """Write the page that lists every message of a dispatch, in the order of the deliveries."""
    listed = sorted(entries)
    count = "1 message" if len(listed) == 1 else f"{len(listed):,} messages"
    body = f"""<p class="kicker">Outbox</p>
<h1>{escape(envelope.issue)}</h1>
<p>{count} from {_who(envelope.sender.name, envelope.sender.address.wire)}.
Dispatch <code>{escape(envelope.dispatch)}</code>, opened
<time datetime="{envelope.date.isoformat()}">{envelope.date:%d %B %Y, %H:%M} UTC</time>.</p>
<p class="soft">Nothing here has left this machine. Open a message to see it as its reader would;
the .eml is the message itself and opens in a mail program.</p>
<label>Find a member or a subject <input id="filter" type="search" autocomplete="off"></label>
<p id="shown" class="soft" role="status"></p>
<div class="card"><table>
<thead><tr><th scope="col">To</th><th scope="col">Subject</th><th scope="col" class="file">File</th>
<th scope="col" class="file number">Size</th></tr></thead>
<tbody>
{"".join(map(_row, listed))}</tbody>
</table></div>
<script>{_FILTER}</script>"""
    return _page(f"Outbox: {envelope.issue}", _STYLE + _INDEX_STYLE, body)


def _row(entry: Entry) -> str:
    page = PurePath(entry.file).with_suffix(".html").name
    subject, address = escape(entry.subject) or "(no subject)", escape(entry.address)
    name = f"<bdi>{escape(entry.name)}</bdi><span>{address}</span>" if entry.name else address
    return f"""<tr><th scope="row">{name}</th>
<td><a href="messages/{page}"><bdi>{subject}</bdi></a></td>
<td class="file"><a href="messages/{entry.file}" aria-label=".eml for {address}">.eml</a></td>
<td class="file number">{entry.octets / 1000:.0f} KB</td></tr>
"""


def message_page(message: Message, file: str, images: Mapping[str, str]) -> str:
    """Write the page of one message, whose .eml is `file` in the same folder.

    The message itself stands in a frame without scripts and forms. It keeps the origin of the
    page around it, for browsers show a frame without origin no files of this machine. `images`
    tells where this machine has what the message names by a URL.
    """
    html = _with_images(message.html, images)
    headers = "".join(
        f'<dt>{escape(header.name)}</dt><dd dir="auto">{escape(header.text)}</dd>'
        for header in message.headers
    )
    title = message.subject or "(no subject)"
    body = f"""<p class="kicker">Outbox</p>
<h1 dir="auto">{escape(title)}</h1>
<nav aria-label="Message"><a href="../index.html">All messages</a><a href="{file}">Open
the .eml</a></nav>
<div class="card"><dl>{headers}{_attached(message)}</dl></div>
<h2>As the reader sees it</h2>
<div class="card"><iframe title="The message" srcdoc="{escape(html)}"
sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe></div>
<details open><summary>Plain text</summary>
<pre class="card">{escape(message.text)}</pre></details>"""
    return _page(title, _STYLE + _MESSAGE_STYLE, body)


def _attached(message: Message) -> str:
    names = [each.name for each in message.attachments if not each.content_id]
    return f"<dt>Attached</dt><dd>{escape(', '.join(names))}</dd>" if names else ""


def _with_images(html: str, images: Mapping[str, str]) -> str:
    if not images:
        return html
    # Longest first: one URL may begin with another.
    urls = sorted(map(re.escape, images), key=len, reverse=True)
    return re.sub("|".join(urls), lambda found: images[found[0]], html)


def _who(name: str, address: str) -> str:
    return escape(f"{name} <{address}>" if name else address)


def _page(title: str, style: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
