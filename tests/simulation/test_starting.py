"""What `simulate` takes by name is documented with its type, and any other name is refused with the nearest."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_type_hints

import pytest

import venolymph as vl
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


def test_each_option_is_documented_and_has_a_type() -> None:
    documented = re.findall(r"^    (\w+): ", inspect.getdoc(SimulationOptions) or "", re.MULTILINE)
    assert list(get_type_hints(SimulationOptions)) == documented
    about = (inspect.getdoc(vl.simulate) or "").partition("options: ")[2].partition("\n\n")[0]
    assert [name for name in re.findall(r"`(\w+)`", about) if name != "SimulationOptions"] == documented
