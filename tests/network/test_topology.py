"""Networks that make no sense are refused."""

from __future__ import annotations

import pytest

from small import networks
from venolymph.errors import NetworkError


def test_equal_networks_share_one_program() -> None:
    assert networks.ladder() == networks.ladder()
    assert hash(networks.ladder()) == hash(networks.ladder())
    assert networks.ladder() != networks.ladder(valves=())


@pytest.mark.parametrize(
    ("joins", "more", "words"),
    [
        ([(0, 0)], {}, "does not join"),
        ([(networks.ATRIUM, networks.ARTERY)], {}, "does not join"),
        ([(0, 7)], {}, "outside"),
        ([(0, 1), (0, 1)], {}, "same two cells"),
        ([(0, 1), (1, 0)], {}, "same two cells"),
        ([(0, 1)], {"valves": (0, 0)}, "two valves"),
        ([(0, 1)], {"valves": (3,)}, "outside"),
        ([(0, 1)], {"beds": (5,)}, "outside"),
        ([(0, 1)], {"elastic": (9,)}, "outside"),
        ([(0, 1)], {"surrounded": [(0, 1), (0,)]}, "same number of slots"),
    ],
)
def test_impossible_networks(joins: list, more: dict, words: str) -> None:
    with pytest.raises(NetworkError, match=words):
        networks.topology(2, joins, **more)
