"""Tables of people: what is written comes back, a registry's columns are named, and what is wrong is said by row."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from venolymph.body.scaling import ScaledBy
from venolymph.errors import DocumentError
from venolymph.population import draw_members, load_population, read_people, write_people

REGISTRY = """id,Geschlecht,Alter,cm,kg,GSV,CEAP
A1,w,52,168,71,6.1,C2s Ep As(GSVa) Pr
A2,m,61,180,90,8.4,C2s Ep As(GSVa) Pr
"""
COLUMNS = {
    "id": "label",
    "Geschlecht": "sex",
    "Alter": "age_y",
    "cm": "height_cm",
    "kg": "mass_kg",
    "GSV": "diameter_mm of great saphenous, thigh",
    "CEAP": "ceap",
}


def table(folder: Path, text: str) -> Path:
    """A table in a file."""
    path = folder / "people.csv"
    path.write_text(text, "utf-8")
    return path


def test_factors_are_kept_in_a_table(tmp_path: Path) -> None:
    members = draw_members(load_population("primary-varicose"), 2, 1).members
    scaled = [replace(one, factors=(ScaledBy(of="leak", at="great saphenous", by=1.25),)) for one in members]
    write_people(scaled, tmp_path / "people.csv")
    assert read_people(tmp_path / "people.csv") == tuple(scaled)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_people_who_were_written_are_read_back_whole(tmp_path: Path, ending: str) -> None:
    members = draw_members(load_population("long-haul-passengers"), 12, 9).members
    write_people(members, tmp_path / f"people.{ending}")
    assert read_people(tmp_path / f"people.{ending}") == members


def test_a_registry_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = table(tmp_path, REGISTRY.replace("CEAP", "based_on", 1).replace("C2s Ep As(GSVa) Pr", "mild-varicose"))
    columns = {name: meant for name, meant in COLUMNS.items() if name != "CEAP"}
    one, other = read_people(path, columns)
    assert (one.person.label, one.person.sex, one.person.age) == ("A1", "female", 52.0)
    assert (other.person.sex, other.person.height, other.person.mass) == ("male", 180.0, 90.0)
    widths = {vein.at: vein.diameter_standing for vein in one.person.leg.veins}
    assert widths["great saphenous, thigh"] == pytest.approx(0.61)
    assert widths["great saphenous, junction"] == pytest.approx(0.9), "the rest is the person's that it is based on"


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        (REGISTRY, {}, "no column is named sex, age_y, height_cm, mass_kg"),
        (REGISTRY, {"Alder": "age_y"}, "did you mean 'Alter'"),
        (REGISTRY, {"Alter": "age_years"}, "did you mean 'age_y'"),
        (REGISTRY, COLUMNS, "row 1: .*Pr says that there is reflux"),
        (REGISTRY.replace("168", "16.8"), COLUMNS, "row 1: person.height"),
        (REGISTRY.replace("180", ""), COLUMNS, "row 2: .*height_cm is empty|row 1"),
        ("sex,age_y,height_cm,mass_kg\n", {}, "0 rows"),
        ("", {}, "no table that can be read"),
        ("document\n{\n", {}, "row 1: this is no document of a person"),
    ],
    ids=["unnamed", "no-column", "no-meaning", "contradiction", "height", "empty", "no-rows", "nothing", "document"],
)
def test_what_is_wrong_is_said_by_row(tmp_path: Path, text: str, columns: dict[str, str], message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_people(table(tmp_path, text), columns)
    assert re.search(message, str(caught.value))


def test_other_files_are_refused(tmp_path: Path) -> None:
    members = draw_members(load_population("healthy-adults"), 1, 1).members
    with pytest.raises(DocumentError, match=r"allowed are \.csv and \.parquet"):
        write_people(members, tmp_path / "people.xlsx")
    with pytest.raises(DocumentError, match="there is no such file"):
        read_people(tmp_path / "nowhere.csv")
