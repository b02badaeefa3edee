"""A report as one page that needs nothing else: no server, no script, no request to anybody."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from newsletter.compose.brand import Brand
from newsletter.report import wording
from newsletter.report.outcome import Outcome
from newsletter.report.plot import HEIGHT, WIDTH, Mark, Plot, Series, line_plot, share
from newsletter.report.timeline import Point, Timeline

_MOST_MARKS = 5
_MOST_ROWS = 12


def write_page(outcome: Outcome, brand: Brand, zone: tzinfo | None) -> str:
    """Write the page: HTML with its style and plots in it, moments on the clock of `zone`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("newsletter.report", "pages"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    opened = datetime.fromisoformat(outcome.dispatch.opened).astimezone(zone)
    return environment.get_template("report.html.j2").render(
        brand=brand,
        outcome=outcome,
        wording=wording,
        share=share,
        opened=f"{opened:%d %B %Y, %H:%M %Z}".lstrip("0"),
        made=f"{outcome.made.astimezone(zone):%d %B %Y, %H:%M %Z}".lstrip("0"),
        plot=_plot(outcome),
        times=_times(outcome.timeline, zone),
        points=_some(outcome.timeline.points),
        at=lambda point: wording.moment(point.at, zone, outcome.timeline.step),
        size=(WIDTH, HEIGHT),
    )


def _plot(outcome: Outcome) -> Plot:
    points = outcome.timeline.points
    accepted = Series("accepted", "accepted", tuple(point.accepted for point in points))
    delivered = Series("delivered", "delivered", tuple(point.delivered for point in points))
    return line_plot((accepted, delivered) if outcome.is_told else (accepted,))


def _times(timeline: Timeline, zone: tzinfo | None) -> tuple[Mark, ...]:
    """Mark the level axis at a few of its points."""
    points = timeline.points
    last = max(len(points) - 1, 1)
    every = max(-(-last // (_MOST_MARKS - 1)), 1)
    is_long = last * timeline.step >= timedelta(days=1)
    return tuple(
        Mark(at / last * 100, _label(points, at, zone, is_long=is_long))
        for at in range(0, len(points), every)
    )


def _label(points: Sequence[Point], at: int, zone: tzinfo | None, *, is_long: bool) -> str:
    local = points[at].at.astimezone(zone)
    return f"{local:%d %b}" if is_long else f"{local:%H:%M}"


def _some(points: Sequence[Point]) -> tuple[Point, ...]:
    """Choose points for a table that a person reads: evenly, the last among them."""
    every = max(-(-len(points) // _MOST_ROWS), 1)
    return tuple(reversed(points[::-1][::every]))
