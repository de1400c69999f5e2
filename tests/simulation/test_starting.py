"""What `simulate` takes by name is documented with its type, and any other name is refused with the nearest."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from typing import Any, cast, get_type_hints

import pytest

import venolymph as vl
from venolymph.errors import MeasureError, VenolymphError
from venolymph.simulation import SimulationOptions

TYPOS = {
    "tisue": "tissue",
    "legz": "legs",
    "answer": "answers",
    "begun_from": "begin_from",
    "overide": "research_override",
}


@pytest.mark.parametrize("wrong", TYPOS)
def test_an_argument_that_is_not_there_is_refused_with_the_nearest(wrong: str) -> None:
    given: Any = {wrong: None}
    for door in (vl.simulate, lambda *who, **what: vl.predict(*who, ["ankle pressure"], **what)):
        with pytest.raises(TypeError, match=rf"no argument '{wrong}'; did you mean '{TYPOS[wrong]}'\?"):
            door("healthy", [{"lie": {"for": "1 s"}}], **given)


def test_what_is_like_nothing_is_told_what_there_is() -> None:
    given: Any = {"zzz": 1}
    with pytest.raises(TypeError, match=r"no argument 'zzz'; allowed are person, regimen, .*, answers$"):
        vl.simulate("healthy", "rest", **given)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ankel pressure", "there is no measure named 'ankel pressure'\nhint: did you mean 'ankle pressure'?"),
        ("right leg: ankel pressure", "hint: did you mean 'right leg: ankle pressure'?"),
        ("right leg: ankle pressure", "only one leg is simulated in full\nhint: simulate with legs='both'"),
    ],
)
def test_a_regimen_that_asks_for_what_cannot_be_read_is_refused(name: str, told: str) -> None:
    with pytest.raises(MeasureError) as refused:
        vl.simulate("healthy", [{"lie": {"for": "1 s"}}, {"measure": [name]}])
    assert told in str(refused.value)


WITHOUT_SENSE: dict[str, Callable[[], Any]] = {
    "legs": lambda: vl.simulate("healthy", "rest", legs=cast(Any, "bth")),
    "folder": lambda: vl.open_run("nowhere"),
    "no number": lambda: vl.simulate("healthy", "rest", parameters={("calf, muscle", "filtration"): math.nan}),
    "no number of seconds": lambda: vl.load_regimen([{"lie": {"for": math.nan}}]),
}


@pytest.mark.parametrize("name", WITHOUT_SENSE)
def test_what_makes_no_sense_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(VenolymphError) as refused:
        WITHOUT_SENSE[name]()
    assert refused.value.hint
    assert "did you mean nan" not in refused.value.hint


def test_each_option_is_documented_and_has_a_type() -> None:
    documented = re.findall(r"^    (\w+): ", inspect.getdoc(SimulationOptions) or "", re.MULTILINE)
    assert list(get_type_hints(SimulationOptions)) == documented
    about = (inspect.getdoc(vl.simulate) or "").partition("options: ")[2].partition("\n\n")[0]
    assert [name for name in re.findall(r"`(\w+)`", about) if name != "SimulationOptions"] == documented
