"""A posture lays plasma out by its angle: standing not at all, lying wholly, sitting nearly so."""

from __future__ import annotations

import pytest

from venolymph import figures
from venolymph.steps.laid import laid
from venolymph.steps.postures import Lie, Posture, Sit, Stand, Tilt


@pytest.mark.parametrize(
    ("posture", "share"),
    [
        (Stand(), 0.0),
        (Lie(), 1.0),
        (Lie(head_down="6 deg"), 1.0),
        (Tilt(to="45 deg"), 0.5),
        (Tilt(to="90 deg"), 0.0),
        (Sit(), figures.internal("posture.plasma.sitting")),
    ],
)
def test_it_goes_with_the_angle(posture: Posture, share: float) -> None:
    assert laid(posture) == pytest.approx(share, abs=1e-12)


def test_a_raised_trunk_lies_between_lying_and_sitting() -> None:
    shares = [laid(one) for one in (Lie(), Lie(head_up="30 deg"), Lie(head_up="60 deg"), Sit())]
    assert shares == sorted(shares, reverse=True)
