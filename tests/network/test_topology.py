"""Networks that make no sense are refused."""

from __future__ import annotations

import nets
import pytest

from venolymph.errors import NetworkError


def test_equal_networks_share_one_program() -> None:
    assert nets.ladder() == nets.ladder()
    assert hash(nets.ladder()) == hash(nets.ladder())
    assert nets.ladder() != nets.ladder(valves=())


@pytest.mark.parametrize(
    ("joins", "more", "words"),
    [
        ([(0, 0)], {}, "does not join"),
        ([(nets.ATRIUM, nets.ARTERY)], {}, "does not join"),
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
        nets.topology(2, joins, **more)
