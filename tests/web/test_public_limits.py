"""How often somebody may ask, and who counts as somebody."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter.web.limits import Buckets, network_of, read_networks

OURS = read_networks(["127.0.0.1", "10.0.0.0/8", "::1"])


def test_a_bucket_gives_what_it_has_and_fills_with_time() -> None:
    buckets = Buckets(capacity=2, per_second=0.5)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0, 0, 2.0]
    assert buckets.take("b", 0.0) == 0, "another's bucket is another's"
    assert buckets.take("a", 1.0) == 1.0
    assert buckets.take("a", 2.0) == 0
    assert buckets.take("a", 2.0) == 2.0


@given(st.lists(st.floats(0, 10), max_size=200), st.integers(1, 20), st.floats(0.01, 5))
def test_no_key_gets_more_than_its_bucket_and_what_time_adds(
    pauses: list[float], capacity: int, per_second: float
) -> None:
    buckets, now, taken = Buckets(capacity=capacity, per_second=per_second), 0.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("somebody", now) == 0
    assert taken <= capacity + now * per_second + 1e-6


def test_many_networks_do_not_fill_the_memory() -> None:
    buckets = Buckets(capacity=1, per_second=0.001)
    for number in range(12_000):
        buckets.take(str(number), float(number))
    assert len(buckets._levels) == 10_000  # noqa: SLF001 - what is kept is not seen otherwise


def test_neighbours_count_as_one() -> None:
    assert network_of("203.0.113.7", [], ()) == network_of("203.0.113.250", [], ())
    assert network_of("203.0.113.7", [], ()) != network_of("203.0.114.7", [], ())
    assert network_of("2001:db8::1", [], ()) == network_of("2001:db8:0:0:ff::2", [], ())
    assert network_of("2001:db8::1", [], ()) != network_of("2001:db8:0:1::1", [], ())
    assert network_of("::ffff:203.0.113.7", [], ()) == "203.0.113.0/24"


def test_what_the_visitor_says_of_themselves_is_not_believed() -> None:
    assert network_of("198.51.100.1", ["203.0.113.7"], OURS) == "198.51.100.0/24"
    assert network_of("127.0.0.1", ["203.0.113.7"], ()) == "", "nobody said that it may be believed"
    # The proxy adds who spoke to it at the end; what was there before may be a lie.
    assert network_of("127.0.0.1", ["1.2.3.4, 203.0.113.7"], OURS) == "203.0.113.0/24"
    assert network_of("127.0.0.1", ["1.2.3.4", "203.0.113.7, 10.1.1.1"], OURS) == "203.0.113.0/24"
    assert network_of("127.0.0.1", ["<script>"], OURS) == ""
    assert network_of("127.0.0.1", [], OURS) == ""
    assert network_of("", ["203.0.113.7"], OURS) == ""


@given(st.lists(st.text(max_size=40), max_size=5))
def test_nothing_that_is_forwarded_breaks_anything(forwarded: list[str]) -> None:
    assert isinstance(network_of("127.0.0.1", forwarded, OURS), str)
