"""Measured traces: a table is read in one way only, and what is wrong is named with its line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph.errors import DocumentError
from venolymph.traces import parse_traces, read_traces


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("form", ["{}_{}", "{} ({})", "{} [{}]"])
def test_units_are_taken_from_the_headings(mark: str, form: str, tmp_path: Path) -> None:
    file = tmp_path / "cuff.csv"
    headings = mark.join(form.format(*pair) for pair in (("time", "ms"), ("cuff pressure", "kPa"), ("girth", "mm")))
    file.write_text(
        "# a sensor\n\n" + rows(headings, mark.join(("0", "1.5", "350")), mark.join(("50", "-2e-1", "351")))
    )
    found = read_traces(file)
    np.testing.assert_allclose(found.time, [0.0, 0.05])
    pressure, girth = found.columns
    assert (pressure.name, pressure.unit, pressure.dimension) == ("cuff pressure", "kPa", "pressure")
    np.testing.assert_allclose(pressure.in_unit("mmHg"), [11.25092, -1.500123], rtol=1e-6)
    np.testing.assert_allclose(girth.in_unit("cm"), [35.0, 35.1])
    assert found.column(None, "pressure") is pressure
    assert found.column("girth", "length") is girth


HEAD = "time_s,pressure_mmHg"
WRONG = {
    "decimal comma": (
        "time_s;pressure_mmHg\n0;12,5\n1;13\n",
        "line 2",
        "did you mean|a point stands before decimals: 12.5",
    ),
    "decimal comma between commas": (rows(HEAD, "0,12,5", "1,13"), "line 2", "is a comma used before decimals"),
    "an empty cell": (rows(HEAD, "0,1", "1,", "2,3"), "line 3", "there is no number under 'pressure_mmHg'"),
    "NaN": (rows(HEAD, "0,1", "1,NaN", "2,3"), "line 3", "but 'NaN'"),
    "infinity": (rows(HEAD, "0,1", "1,1e999"), "line 3", "write a plain number"),
    "a word": (rows(HEAD, "0,1", "1,high"), "line 3", "write a plain number"),
    "unsorted times": (rows(HEAD, "0,1", "2,1", "1,1"), "line 4", "comes before that of the line before"),
    "a time given twice": (rows(HEAD, "0,1", "1,1", "1,2"), "line 4", "is the same as"),
    "a gap": (
        rows(HEAD, *(f"{n},1" for n in range(10)), "90,1", "91,1"),
        "line 12",
        "no samples for 81 s before this line, where 1 s is usual",
    ),
    "a short row": (rows(HEAD, "0,1", "1"), "line 3", "1 cells stand under 2 headings"),
    "a unit that is none": (rows("time_s,pressure_mmhg", "0,1", "1,1"), "line 1", "'mmhg' is not a unit known here"),
    "no unit": (rows("time_s,pressure", "0,1", "1,1"), "line 1", "as in pressure_mmHg"),
    "no unit of time": (rows("time,pressure_mmHg", "0,1", "1,1"), "line 1", "as in time_s"),
    "a time that is none": (rows("time_mmHg,pressure_mmHg", "0,1", "1,1"), "line 1", "is not a time"),
    "no time": (rows("pressure_mmHg,girth_cm", "0,1", "1,1"), "line 1", "one column has to be the time"),
    "two times": (rows("time_s,t_s,girth_cm", "0,0,1", "1,1,1"), "line 1", "two columns are named time"),
    "only a time": (rows("time_s", "0", "1"), "line 1", "one column has to be the time"),
    "words beside": (rows("time_s,pressure_mmHg,note", "0,1,a", "1,2,b"), "line 1", "take out columns that hold no"),
    "one sample": (rows(HEAD, "0,1"), "traces.csv", "two samples at least"),
    "nothing": ("", "traces.csv", "the table is empty"),
    "an open quote": (rows(HEAD, '0,"1', "1,1"), "line", "this is not a table"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_line(what: str) -> None:
    text, place, message = WRONG[what]
    with pytest.raises(DocumentError) as caught:
        parse_traces(text, "traces.csv")
    error = caught.value
    assert error.hint
    assert error.place is not None
    assert place in error.place
    assert any(part in f"{error.message} {error.hint}" for part in message.split("|"))


def test_columns_are_found_or_the_nearest_is_named() -> None:
    found = parse_traces(rows("time_s,cuff_mmHg,vein_mmHg,girth_cm", "0,1,2,3", "1,1,2,3"), "traces.csv")
    with pytest.raises(DocumentError, match="several columns hold a pressure"):
        found.column(None, "pressure")
    with pytest.raises(DocumentError, match=r"did you mean 'vein_mmHg'"):
        found.column("vein_mmhg", "pressure")
    with pytest.raises(DocumentError, match="'girth_cm' is a length, where a pressure is needed"):
        found.column("girth_cm", "pressure")
    with pytest.raises(DocumentError, match="no column holds a volume"):
        found.column(None, "volume")


@given(st.text("0123456789.,;-+eE_ \"'#\n\tstimeprugHmNa()[]", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    text = "time_s,pressure_mmHg\n" + text
    with suppress(DocumentError):
        found = parse_traces(text, "any.csv")
        assert np.isfinite(found.columns[0].values).all()
        assert (np.diff(found.time) > 0).all()


def test_a_spreadsheet_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(rows(HEAD, "0,1", "1,2"), "utf-16")
    with pytest.raises(DocumentError, match=r"(?s)trace.csv.*UTF-8"):
        read_traces(file)
    with pytest.raises(DocumentError, match="there is no such file"):
        read_traces(tmp_path / "none.csv")
