"""The table of parameters names every number of veins, tissue and lymph, with its unit, limits and figures."""

from __future__ import annotations

import inspect
import re

import jax
import numpy as np
import pytest

import venolymph as vl
from script_loading import load_script
from venolymph.body import leg_body, load_person, packaged_people
from venolymph.body.parameter_arrays import ARRAYS
from venolymph.errors import DocumentError

BODY = leg_body(load_person("healthy"))
TABLE = vl.parameters(BODY)


def test_every_array_of_the_tree_is_declared_and_has_a_row_for_each_number() -> None:
    leaves = {jax.tree_util.keystr(path)[1:]: leaf for path, leaf in jax.tree_util.tree_leaves_with_path(TABLE.tree)}
    assert set(leaves) == set(ARRAYS)
    for array, leaf in leaves.items():
        rows = [row for row in TABLE if row.array == array]
        if array != "cells.share":  # cells that lie in fewer surroundings than others have fewer
            assert sorted(row.index for row in rows) == list(np.ndindex(leaf.shape[:-1])), array
        for row in rows:
            assert leaf[(*row.index, 0)] == row.value
            assert (row.unit, row.circuit, row.title) == (
                ARRAYS[array].unit,
                ARRAYS[array].circuit,
                ARRAYS[array].title,
            )


def test_numbers_lie_within_bounds_and_have_known_figures() -> None:
    figures = vl.tissue_of([BODY]).legs[0].figures | BODY.figures
    for row in TABLE:
        assert row.low <= row.value <= row.high, row
        assert set(row.figures) <= set(figures), row
        assert set(row.sources) == {figures[key].source for key in row.figures}, row


def test_each_number_has_a_name_of_its_own() -> None:
    names = [(row.name, row.array) for row in TABLE]
    assert len(set(names)) == len(names) == len(TABLE)
    for row in list(TABLE)[::97]:
        assert TABLE[row.name, row.array] is row


@pytest.mark.parametrize("person", packaged_people())
def test_all_people_have_the_same_names(person: str) -> None:
    assert vl.parameters(person).places is TABLE.places


def test_rows_by_name() -> None:
    row = TABLE["great saphenous, thigh [3]", "unstressed_area"]
    assert row.unit == "cm2"
    assert "mendoza2016" in row.sources
    assert TABLE["perforator, Boyd", "leak"].value == 0.0
    assert TABLE["calf, muscle", "filtration"].figures == ("tissue.capillary.filtration.muscle",)
    assert TABLE["calf, medial [2] | protein", "reflection"].circuit == "tissue"
    assert TABLE["initial lymphatic, calf, medial [2]", "uptake"].circuit == "lymph"
    with pytest.raises(DocumentError, match="great saphenous, thigh"):
        TABLE["great saphenus, thigh [3]", "length"]
    with pytest.raises(DocumentError, match="length"):
        TABLE["great saphenous, thigh [3]", "girth"]
    with pytest.raises(DocumentError, match=r"lymphangions\.vessels"):
        TABLE["anteromedial [3]", "vessels"]


def test_changes_leave_the_rest_of_the_tree() -> None:
    changed = TABLE.changed({("calf, muscle", "filtration"): 0.005, "nodes.stiffness": 4.0})
    at = TABLE["calf, muscle", "filtration"].index
    assert changed.drainage.beds.filtration[at][0] == 0.005
    np.testing.assert_array_equal(changed.drainage.nodes.stiffness, 4.0)
    for array in set(ARRAYS) - {"nodes.stiffness"}:
        differs = changed.array(array) != TABLE.tree.array(array)
        assert int(differs.sum()) == (array == "capillaries.filtration"), array


def test_parts_of_the_tree_are_those_that_the_engines_take() -> None:
    assert jax.tree.all(jax.tree.map(lambda a, b: a is b, TABLE.tree.veins, BODY.parameters))
    drainage = vl.tissue_of([BODY]).parameters
    assert jax.tree.structure(TABLE.tree.drainage) == jax.tree.structure(drainage)
    assert jax.tree.all(jax.tree.map(np.array_equal, TABLE.tree.drainage, drainage))


def test_units_are_those_that_the_classes_document() -> None:
    entry = r"^    (?:\w+, )*{field}(?:, \w+)*: (.*(?:\n {{8}}.*)*)"
    unsaid = {"plasma.tissue_oncotic"}  # "the same in tissue fluid"
    for array, what in ARRAYS.items():
        part, field = array.split(".")
        text = inspect.getdoc(type(getattr(TABLE.tree, part))) or ""
        told = re.search(entry.format(field=field), text, re.MULTILINE)
        assert told is not None, array
        units = [unit.replace("mL/(s mmHg)", "mL/s/mmHg") for unit in (told[1], what.unit.removesuffix("/(mg/mL)^n"))]
        assert array in unsaid or re.search(rf"(^|[ ,(]){re.escape(units[1])}([,.; )]|$)", units[0]), (array, told[1])


def test_the_page_of_parameters_is_that_of_the_declarations() -> None:
    lists = load_script("list_arrays")
    assert lists.renewed("parameters.md") == (lists.REFERENCE / "parameters.md").read_text("utf-8")
