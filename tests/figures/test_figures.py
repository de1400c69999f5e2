"""The figures: every number sourced, every file by the rules, wrong entries refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from venolymph import figures, units
from venolymph.errors import DocumentError, UnitError

SCRIPTS = [Path(__file__).parents[2] / "scripts" / name for name in ("fit_walls.py", "draw_laws.py")]

GOOD = """
[wall.thickness]
value = 0.5
low = 0.3
high = 0.7
unit = "mm"
population = "adults"
source = "prototype"
basis = "assumed"
"""


def test_every_figure_has_unit_source_population_and_basis() -> None:
    bibliography = figures.references()
    for figure in figures.load().values():
        assert figure.unit, figure.key
        assert figure.population, figure.key
        assert figure.source in bibliography, figure.key
        assert figure.basis in ("measured", "derived", "fitted", "assumed"), figure.key
        if figure.basis == "assumed":
            assert None not in (figure.low, figure.high), figure.key
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high, figure.key


def test_every_reference_is_used_and_has_something_to_find_it_by() -> None:
    used = {key for figure in figures.load().values() for key in (figure.source, figure.range_source)}
    # the rows that scripts fit laws to and draw them beside
    used |= set(re.findall(r'"([a-z_0-9]+)"', "".join(script.read_text("utf-8") for script in SCRIPTS)))
    for key, reference in figures.references().items():
        assert key in used, f"{key} is not referred to"
        assert {"title", "journal", "author"} & set(reference.fields), key
        assert str(reference)


def test_what_nobody_measured_cannot_be_called_measured() -> None:
    """A number remembered, agreed, or fitted is not measured, and a source that was not read proves nothing."""
    known = figures.references()
    for figure in figures.load().values():
        if figure.basis == "measured":
            assert figure.source not in ("recalled", "convention", "prototype", "calibration"), figure.key
            assert not known[figure.source].recalled, figure.key


def test_every_figure_converts_to_internal_units() -> None:
    for figure in figures.load().values():
        assert figure.internal == pytest.approx(figure.value * figures.factor(figure.unit))


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("mm", 0.1),
        ("mL/min", 1 / 60),
        ("mmHg s/mL", 1.0),
        ("kPa", 7.500615758),
        ("1/min", 1 / 60),
        ("km/h", 100000 / 3600),
        ("mPa s", 7.500615758e-6),
        ("m/s2", 100.0),
        ("%", 0.01),
    ],
)
def test_units(unit: str, expected: float) -> None:
    assert figures.factor(unit) == pytest.approx(expected, rel=1e-8)


def test_units_agree_with_those_of_documents() -> None:
    for unit, internal in (
        ("mm", "cm"),
        ("kPa", "mmHg"),
        ("mL/min", "mL/s"),
        ("km/h", "cm/s"),
        ("min", "s"),
        ("day", "s"),
    ):
        assert figures.factor(unit) == pytest.approx(units.quantity(f"1 {unit}", internal))


def test_blood_weighs_what_blood_weighs() -> None:
    known = figures.load()
    assert known["blood.density"].internal * known["blood.gravity"].internal == pytest.approx(0.78, abs=0.003)


def test_a_good_file_is_read() -> None:
    found = figures.parse(GOOD, "subject", frozenset({"prototype"}))
    assert found["subject.wall.thickness"].internal == pytest.approx(0.05)
    assert found["subject.wall.thickness"].internal_range == pytest.approx((0.03, 0.07))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value = 0.5", "valeu = 0.5\nvalue = 0.5", "valeu"),
        ("value = 0.5", 'value = "0.5"', "number"),
        ("value = 0.5", "value = nan", "number"),
        ("value = 0.5", "value = 0.9", "outside its range"),
        ("low = 0.3\n", "", "low and high"),
        ('population = "adults"\n', "", "population"),
        ('"prototype"', '"prototpye"', "prototype"),
        ('basis = "assumed"', 'basis = "guessed"', "guessed"),
        ("[wall.thickness]", "[wall.thickness", "TOML"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(message)):
        figures.parse(GOOD.replace(old, new), "subject", frozenset({"prototype"}))


def test_a_unit_that_is_none_is_refused() -> None:
    with pytest.raises(UnitError, match="mmHgg"):
        figures.parse(GOOD.replace('"mm"', '"mmHgg"'), "subject")


def test_a_wrong_key_is_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError, match="there is no figure") as caught:
        figures.load()["blood.viscosty"]
    assert caught.value.hint == "did you mean 'blood.viscosity'?"
