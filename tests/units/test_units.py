"""Text with units becomes numbers in internal units."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph import units
from venolymph.errors import UnitError
from venolymph.units import Quantity, quantity
from venolymph.units import table as units_table


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("35 mmHg", "mmHg", 35.0),
        ("3 km/h", "cm/s", 1000.0 / 12.0),
        ("12 mm", "cm", 1.2),
        ("5.9 mm", "cm", 0.59),
        ("15 /min", "1/s", 0.25),
        ("15 1/min", "1/s", 0.25),
        ("1 Hz", "1/s", 1.0),
        ("52 y", "y", 52.0),
        ("10 min", "s", 600.0),
        ("15 deg", "rad", math.radians(15)),
        ("168 cm", "cm", 168.0),
        ("1.68 m", "cm", 168.0),
        ("168cm", "cm", 168.0),
        ("1e2 cm", "cm", 100.0),
        ("-3 deg", "rad", math.radians(-3)),
        ("50 %", "1", 0.5),
        (0.5, "1", 0.5),
        ("36 degC", "degC", 36.0),
        ("36 °C", "degC", 36.0),
        # these only pint knows
        ("96.8 degF", "degC", 36.0),
        ("5 ft", "cm", 152.4),
        ("2 day", "s", 172800.0),
        ("18 month", "y", 1.5),
        ("1 inHg", "mmHg", 25.4),
    ],
)
def test_reads(text: object, unit: str, value: float) -> None:
    assert quantity(text, unit) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("35", "mmHg"),
        (35, "mmHg"),
        ("35 mm", "mmHg"),
        ("35 mmhg", "mmHg"),
        ("35 bananas", "mmHg"),
        ("mmHg", "mmHg"),
        ("", "mmHg"),
        ("1 2 mmHg", "mmHg"),
        ("nan mmHg", "mmHg"),
        ("1e999 mmHg", "mmHg"),
        (float("inf"), "1"),
        (True, "1"),
        (None, "cm"),
        ([1], "cm"),
        ("5 m**9**9**9**9", "cm"),
        ("5 9**9**9**9", "cm"),
        ("5 __import__('os')", "cm"),
        ("1 " + "m" * 100_000, "cm"),
    ],
)
def test_refuses(text: object, unit: str) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(text, unit)
    assert caught.value.hint
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "unit", "hint"),
    [
        ("5,9 mm", "cm", "did you mean 5.9 mm?"),
        ("0,59 cm", "cm", "did you mean 0.59 cm?"),
        ("11,25 mm", "cm", "did you mean 11.25 mm?"),
        ("0,250 mL", "mL", "did you mean 0.250 mL?"),
        ("-5,9 mm", "cm", "did you mean -5.9 mm?"),
        ("5,9mm", "cm", "did you mean 5.9mm?"),
        ("5,9e3 mm", "cm", "did you mean 5.9e3 mm?"),
        ("71,5", "kg", "did you mean 71.5 kg?"),
        ("0,5", "1", "did you mean 0.5?"),
        ("12,5 %", "1", "did you mean 12.5 %?"),
        ("1,250 mL", "mL", "write 1.250 mL or 1250 mL, whichever is meant"),
        ("1.250,5 mL", "mL", "did you mean 1250.5 mL?"),
        ("1,250.5 mL", "mL", "did you mean 1250.5 mL?"),
        ("1 250 mL", "mL", "did you mean 1250 mL?"),
        ("1'250 mL", "mL", "did you mean 1250 mL?"),
        ("1 250 000,5 mL", "mL", "did you mean 1250000.5 mL?"),
        ("1.250.000 Pa", "mmHg", "did you mean 1250000 Pa?"),
        # no number at all can be made of these
        ("1,2,3 mm", "cm", "write it as in 1 cm"),
        ("5 9 mm", "cm", "write it as in 1 cm"),
        ("5.9.1 mm", "cm", "write it as in 1 cm"),
    ],
)
def test_other_notations_of_numbers_lose_no_digit(text: str, unit: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(text, unit)
    assert caught.value.hint == hint


@given(st.integers(0, 10**6), st.text("0123456789", min_size=1, max_size=8), st.sampled_from(["mm", "cm", "m"]))
def test_a_decimal_comma_is_never_read(whole: int, decimals: str, unit: str) -> None:
    """The hint is a number that can be read, and one of those offered is the one that was meant."""
    with pytest.raises(UnitError) as caught:
        quantity(f"{whole},{decimals} {unit}", "cm")
    offered = re.findall(r"[\d.]+ (?:mm|cm|m)\b", caught.value.hint or "")
    assert quantity(f"{whole}.{decimals} {unit}", "cm") in [quantity(one, "cm") for one in offered]


def test_everyday_units_agree_with_pint() -> None:
    registry = pint.UnitRegistry()
    for dimension, table in units_table.EVERYDAY.items():
        if dimension == "temperature":
            continue
        internal = registry.Unit(units_table._pint_name(units_table.INTERNAL[dimension]))
        for name, factor in table.items():
            unit = units_table._pint_name(name)
            assert registry.Quantity(1.0, unit).to(internal).magnitude == pytest.approx(factor, rel=1e-6), name


def test_everyday_units_do_not_load_pint() -> None:
    code = (
        "import sys; from venolymph.body.person import load_person; from venolymph.regimen import load_regimen; "
        "load_person('mild-varicose'); load_regimen('posture-and-walk'); "
        "print(sorted({'pint', 'jax', 'numpy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_quantities_are_floats_that_remember_their_text() -> None:
    value = units.LENGTH.read("12  mm")
    assert isinstance(value, Quantity)
    assert value == 1.2
    assert str(value) == "12 mm"
    assert value.written == "12 mm"
    assert units.SHARE.read(0.5).written == 0.5
    assert type(value + 1) is float
