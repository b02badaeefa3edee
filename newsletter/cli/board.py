"""A dispatch as a board in the terminal: lines of words and numbers. Pure but for the colours."""

import datetime as dt
from collections.abc import Iterator

import click

from newsletter.cli.duration import duration
from newsletter.cli.show import plural
from newsletter.report.progress import LATELY, NOW, Phase, Progress

NARROWEST, WIDEST = 48, 100
"""Columns: nobody reads a line that is longer, and numbers far apart belong to nothing."""
_COLOURS = {
    Phase.SENDING: "green",
    Phase.FINISHED: "green",
    Phase.WAITING: "yellow",
    Phase.PAUSED: "yellow",
    Phase.SILENT: "red",
    Phase.TOO_LATE: "red",
    Phase.CANCELLED: "red",
}
_EIGHTHS = " ▏▎▍▌▋▊▉"


def draw(progress: Progress, columns: int) -> list[str]:
    """Write the board for a terminal of so many columns, which no line exceeds."""
    width = max(NARROWEST, min(columns - 1, WIDEST))
    return [
        _title(progress, width),
        "",
        _bar(progress, width),
        "",
        *_numbers(progress, width),
        *_feedback(progress, width),
        *_hold(progress, width),
        *_troubles(progress, width),
        *_advice(progress, width),
    ]


def line(progress: Progress) -> str:
    """Write the same in one line, for a file or a pipe."""
    balance, rate = progress.balance, progress.trail.rate(NOW)
    parts = [
        f"{progress.now:%H:%M:%SZ}",
        progress.phase.value,
        f"{progress.share:.0%}",
        *(f"{getattr(balance, state):,} {state}" for state in _STATES),
        *([f"{_rate(rate)}/s"] if rate is not None else []),
        f"{plural(progress.traffic.in_flight, 'request')} in flight",
    ]
    if progress.seconds_left:
        parts.append(f"{duration(progress.seconds_left)} left")
    return "  ".join(parts)


_STATES = ("accepted", "rejected", "unsure", "pending")


def _title(progress: Progress, width: int) -> str:
    of, phase = progress.dispatch, progress.phase
    right = f"{phase.value}  {progress.now.astimezone():%H:%M:%S}"
    left = _cut(f"dispatch {of.id} · {of.slug} · {of.provider}", width - len(right) - 2)
    gap = " " * (width - len(left) - len(right))
    word, clock = right[: len(phase.value)], right[len(phase.value) :]
    return click.style(left, bold=True) + gap + click.style(word, fg=_COLOURS[phase]) + clock


def _bar(progress: Progress, width: int) -> str:
    left = progress.seconds_left
    after = f"{duration(left)} left" if left else ""
    # Rounded down: what is not finished is never at 100 %.
    tail = f" {int(progress.share * 100):3d} %  {after:>16}"
    room = width - len(tail)
    eighths = int(progress.share * room * 8)
    full, part = divmod(eighths, 8)
    filled = ("█" * full + (_EIGHTHS[part] if part else ""))[:room]
    rest = "·" * (room - len(filled))
    return click.style(filled, fg=_COLOURS[progress.phase]) + click.style(rest, dim=True) + tail


def _numbers(progress: Progress, width: int) -> Iterator[str]:
    """Give the states at the left, and what goes on at the right."""
    balance, traffic = progress.balance, progress.traffic
    share = _shares(progress)
    left = [
        (state, f"{getattr(balance, state):>11,} {share.get(state, ''):>6}")
        for state in (*_STATES, "excluded", "listed")
    ]
    age = f", oldest {duration(progress.oldest)}" if progress.oldest else ""
    right = [
        ("rate", f"{_rate(progress.trail.rate(NOW)):>8}  a second, last {NOW:.0f} s"),
        ("", f"{_rate(progress.trail.rate(LATELY)):>8}  a second, last minute"),
        ("in flight", f"{traffic.in_flight:>8,}  {_noun(traffic.in_flight, 'request')}{age}"),
        ("", f"{traffic.carried:>8,}  {_noun(traffic.carried, 'member')} in them"),
        ("waiting", f"{traffic.waiting:>8,}  {_noun(traffic.waiting, 'request')}"),
        ("opened", f"{_local_time(progress):>8}"),
    ]
    facts = [f"{name:<10}{told}" for name, told in right]
    cells = [
        _mark(state, getattr(balance, state), f"{state:<10}{value:<{_HALF - 10}}")
        for state, value in left
    ]
    if width < _TWO_COLUMNS:
        yield from (*cells, "", *(_cut(fact, width) for fact in facts))
        return
    for cell, fact in zip(cells, facts, strict=True):
        yield cell + _cut(fact, width - _HALF)


_HALF, _TWO_COLUMNS = 32, 76
"""Columns of the states, at the left; and how many it takes to have something beside them."""


def _mark(state: str, count: int, cell: str) -> str:
    """Colour what somebody should look at, and nothing else."""
    colour = {"rejected": "yellow", "unsure": "red"}.get(state)
    return click.style(cell, fg=colour) if colour and count else cell


def _shares(progress: Progress) -> dict[str, str]:
    balance = progress.balance
    total = balance.listed - balance.excluded
    if not total:
        return {}
    return {state: f"{getattr(balance, state) / total:.1%}" for state in _STATES}


def _noun(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _local_time(progress: Progress) -> str:
    return f"{dt.datetime.fromisoformat(progress.dispatch.opened).astimezone():%H:%M:%S}"


def _feedback(progress: Progress, width: int) -> Iterator[str]:
    """Tell what providers said afterwards, where they said anything."""
    heard = progress.tally
    bounced = heard.bounced_hard + heard.bounced_soft
    facts = {
        "delivered": heard.delivered,
        "deferred": heard.deferred,
        "bounced": bounced,
        "blocked": heard.blocked,
        "dropped": heard.dropped,
        "complained": heard.complained,
    }
    told = "   ".join(f"{name} {count:,}" for name, count in facts.items() if count)
    if told:
        yield ""
        yield _cut(f"told since: {told}", width)


def _hold(progress: Progress, width: int) -> Iterator[str]:
    hold = progress.hold
    if hold is None or progress.phase is Phase.FINISHED:
        return
    wait = f" ({duration(hold.seconds)})" if hold.seconds else ""
    yield ""
    yield click.style(_cut(f"{hold.why}{wait}", width), fg=_COLOURS[progress.phase])


def _troubles(progress: Progress, width: int) -> Iterator[str]:
    if progress.traffic.troubles:
        yield ""
    for trouble in progress.traffic.troubles:
        head = f"{trouble.deliveries:>9,} {trouble.state.value:<9}"
        yield head + _cut(trouble.note or "no reason was given", width - len(head))


def _advice(progress: Progress, width: int) -> Iterator[str]:
    """Say what a person has to do, where nothing goes on without one."""
    number, told = progress.dispatch.id, []
    if progress.traffic.overdue:
        count = progress.traffic.overdue
        told.append(f"{plural(count, 'request')} overdue: their program may have died")
    if progress.phase in {Phase.SILENT, Phase.PAUSED}:
        told.append(f"go on with: newsletter dispatch resume {number}")
    if progress.balance.unsure and progress.is_over:
        told.append(f"decide what is unsure with: newsletter dispatch resolve {number}")
    if not progress.balance.balances:
        told.append(f"it does not balance, and always has to: {progress.balance}")
    if told:
        yield ""
    yield from (_cut(each, width) for each in told)


def _rate(rate: float | None) -> str:
    if rate is None:
        return "-"
    return f"{rate:,.0f}" if rate >= _WHOLE else f"{rate:.1f}"


_WHOLE = 20
"""From here on nobody wants tenths."""


def _cut(text: str, width: int) -> str:
    """Cut a line to a width, and let nothing in it steer the terminal."""
    from newsletter.compose.wrap import width_of

    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    if width_of(plain) <= width:
        return plain
    while plain and width_of(plain) > width - 1:
        plain = plain[:-1]
    return f"{plain}…"
