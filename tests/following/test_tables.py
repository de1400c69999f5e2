"""Tables as spreadsheets of several countries save them: read right, or refused; never misread."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from following.legs import LANDMARKS, VOLUME
from venolymph import following
from venolymph.errors import DocumentError
from venolymph.following.table import read_table

LONG = "date,side,height_cm,girth_cm\n" + "".join(f"2026-03-02,left,{h},{c}\n" for h, c in LANDMARKS.items())
WIDE = (
    "date,side,"
    + ",".join(f"{height} cm" for height in LANDMARKS)
    + "\n2026-03-02,left,"
    + ",".join(map(str, LANDMARKS.values()))
    + "\n"
)


def european(text: str) -> str:
    """The same with semicolons and decimal commas."""
    return text.replace(",", ";").replace(".", ",")


def volume(path: Path, content: str | bytes, **given: str) -> float:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (leg,) = following.load_readings(path, **{"start": "malleolus", **given}).measured()  # type: ignore[arg-type]
    assert (str(leg.date), leg.side) == ("2026-03-02", "left")
    return leg.girths.volume


READ = {
    "long": LONG,
    "wide": WIDE,
    "long, Europe": european(LONG),
    "wide, Europe": european(WIDE),
    "tabs": LONG.replace(",", "\t"),
    "tabs and decimal commas": european(LONG).replace(";", "\t"),
    "byte order mark": b"\xef\xbb\xbf" + european(LONG).encode(),
    "Windows line ends": LONG.replace("\n", "\r\n"),
    "sep line": "sep=;\n" + european(LONG),
    "quoted numbers with decimal commas": LONG.replace("21.5", '"21,5"').replace(".0", ""),
    "empty columns and lines at the end": european(LONG).replace("\n", ";;\n") + ";;;;;\n\n",
    "empty lines before": "\n\n" + LONG,
    "days as in Germany": european(LONG).replace("2026-03-02", "02.03.2026"),
    "days with hours": LONG.replace("2026-03-02", "2026-03-02 00:00:00"),
    "top to bottom": "\n".join([LONG.split("\n")[0], *reversed(LONG.strip().split("\n")[1:])]) + "\n",
    "other headings": LONG.replace("date,side,height_cm,girth_cm", "Day,Leg,Height (cm),Circumference [cm]"),
    "side by a letter": LONG.replace("left", "L"),
    "millimetres": "date,side,height_mm,girth_mm\n"
    + "".join(f"2026-03-02,left,{h * 10},{c * 10:.0f}\n" for h, c in LANDMARKS.items()),
    "what heights are above": LONG.replace("height_cm", "height_above_the_malleolus_cm"),
    "a girth not taken": LONG.replace("2026-03-02,left,8,", "2026-03-02,left,4,\n2026-03-02,left,8,"),
    "a line given twice": LONG + "2026-03-02,left,40,39.0\n",
    "zeros and three decimals": european(LONG.replace("21.5", "21.500").replace(",0,", ",0.000,")),
    "areas": "date,side,height_cm,area_cm2\n"
    + "".join(f"2026-03-02,left,{h},{c**2 / (4 * math.pi):.8f}\n" for h, c in LANDMARKS.items()),
    "diameters": "date,side,height_cm,x_mm,y_mm\n"
    + "".join(f"2026-03-02,left,{h},{c / math.pi * 8:.8f},{c / math.pi * 12.5:.8f}\n" for h, c in LANDMARKS.items()),
}


@pytest.mark.parametrize("name", READ)
def test_dialects(name: str, tmp_path: Path) -> None:
    assert volume(tmp_path / "readings.csv", READ[name]) == pytest.approx(VOLUME, abs=0.005)


@given(
    st.lists(st.integers(1500, 8000), min_size=3, max_size=12),
    st.sampled_from([(",", "."), (";", ","), ("\t", ","), (";", "."), (",", ",")]),
    st.booleans(),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(
    tmp_path_factory: pytest.TempPathFactory, hundredths: list[int], dialect: tuple[str, str], wide: bool
) -> None:
    """Girths of two decimals in every dialect: each number comes back, to the digit."""
    mark, point = dialect
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    girths = [f"{n // 100}{point}{n % 100:02d}" for n in hundredths]
    if wide:
        writer.writerow(["date", "side", *(f"{n} cm" for n in range(len(girths)))])
        writer.writerow(["2026-03-02", "right", *girths])
    else:
        writer.writerow(["date", "side", "height_cm", "girth_cm"])
        writer.writerows(["2026-03-02", "right", n, girth] for n, girth in enumerate(girths))
    path = tmp_path_factory.mktemp("table") / "readings.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    data, _ = read_table(path, {"from": "sole"})
    found = [float(girth.removesuffix(" cm")) for girth in data["readings"][0]["girths"].values()]
    assert found == [n / 100 for n in hundredths]


@given(st.lists(st.integers(150, 800), min_size=4, max_size=12))
def test_decimal_commas_among_commas_are_never_misread(
    tmp_path_factory: pytest.TempPathFactory, tenths: list[int]
) -> None:
    """A comma for both: whatever the girths, such a table is refused."""
    girths = [f"{n // 10},{n % 10}" for n in tenths]
    wide = ",".join(["date", "side", *(f"{4 * n} cm" for n in range(len(girths)))]) + "\n"
    wide += ",".join(["2026-03-02", "left", *girths]) + "\n"
    long = "date,side,height_cm,girth_cm\n"
    long += "".join(f"2026-03-02,left,{4 * n},{girth}\n" for n, girth in enumerate(girths))
    for content in (wide, long):
        path = tmp_path_factory.mktemp("table") / "readings.csv"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DocumentError, match="headings"):
            following.load_readings(path, start="malleolus")


def test_cells_that_run_on_by_decimal_commas_make_no_leg(tmp_path: Path) -> None:
    """As many cells as headings, by chance: 21,5 and 24,3 for the first two of four heights."""
    path = tmp_path / "readings.csv"
    path.write_text("date,side,0 cm,8 cm,19 cm,30 cm\n2026-03-02,left,21,5,24,3\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="girth of 5 cm is not possible"):
        following.load_readings(path, start="malleolus")


def test_a_light_gate(tmp_path: Path) -> None:
    """Slices of half a centimetre of a cone, by girth and by two diameters."""
    heights = [n / 2 for n in range(8, 121)]
    girths = [20 + 0.5 * height for height in heights]
    low, high = girths[0], girths[-1]
    cone = (heights[-1] - heights[0]) * (low**2 + low * high + high**2) / (12 * math.pi)
    rows = [f"2026-03-02;left;{h};{c}" for h, c in zip(heights, girths, strict=True)]
    text = "date;side;height_cm;girth_cm\n" + "\n".join(rows).replace(".", ",")
    assert volume(tmp_path / "a.csv", text, start="sole", method="perometer") == pytest.approx(cone, rel=1e-9)
    rows = [f"2026-03-02,left,{h},{c / math.pi:.6f},{c / math.pi:.6f}" for h, c in zip(heights, girths, strict=True)]
    text = "date,side,height_cm,x_cm,y_cm\n" + "\n".join(rows)
    assert volume(tmp_path / "b.csv", text, start="sole") == pytest.approx(cone, rel=1e-6)


def test_what_a_table_says_itself(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    lines = [line + (",A-17,sole,perometer" if n else ",label,from,method") for n, line in enumerate(LONG.split())]
    path.write_text("\n".join(lines), encoding="utf-8")
    readings = following.load_readings(path)
    assert (readings.label, readings.start, readings.method) == ("A-17", "sole", "perometer")


def test_days_and_legs_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    numbers = [f"{height};{girth}".replace(".", ",") for height, girth in LANDMARKS.items()]
    rows = [f"{day};{side};{of}" for of in numbers for day in ("1.4.2026", "2.3.2026") for side in "RL"]
    path.write_text("date;side;height_cm;girth_cm\n" + "\n".join(rows), encoding="utf-8")
    found = following.follow(following.load_readings(path, start="sole"))
    assert [(str(row.date), row.side) for row in found.rows] == list(
        itertools.product(("2026-03-02", "2026-04-01"), ("left", "right"))
    )
    assert all(row.volume == pytest.approx(VOLUME, abs=0.005) for row in found.rows)


ROW = "2026-03-02,left,0,21.5\n2026-03-02,left,8,24.3\n"
HEAD = "date,side,height_cm,girth_cm\n"
WRONG = {
    "comma-for-both": HEAD + "2026-03-02,left,0,21,5\n2026-03-02,left,8,24,3\n",
    "comma-and-point": european(HEAD) + "2026-03-02;left;0;21,5\n2026-03-02;left;8;24.3\n",
    "thousands-and-decimals": european(HEAD) + "2026-03-02;left;0;1.215,5\n2026-03-02;left;8;24,3\n",
    "comma-of-two-readings": "date;side;height_mm;girth_mm\n2026-03-02;left;0;1,250\n2026-03-02;left;80;1,260\n",
    "number-a-word": HEAD + ROW + "2026-03-02,left,19,thick\n",
    "number-with-unit": HEAD + "2026-03-02,left,0,21.5 cm\n",
    "number-two-points": HEAD + "2026-03-02,left,0,2.1.5\n",
    "height-empty": HEAD + ROW + "2026-03-02,left,,33.0\n",
    "height-unit-missing": ROW.join(["date,side,height,girth_cm\n", ""]),
    "girth-unit-wrong": ROW.join(["date,side,height_cm,girth_kg\n", ""]),
    "girth-in-cm2": ROW.join(["date,side,height_cm,girth_cm2\n", ""]),
    "heading-unit-missing": "date,side,0,8\n2026-03-02,left,21.5,24.3\n",
    "heading-unknown": ROW.join(["date,side,heigth_cm,girth_cm\n", ""]),
    "heading-of-notes": "date,side,0 cm,8 cm,remark\n2026-03-02,left,21.5,24.3,sore\n",
    "heading-units-mixed": "date,side,0 cm,80 mm\n2026-03-02,left,21.5,24.3\n",
    "heading-twice": "date,side,0 cm,8 cm,8 cm\n2026-03-02,left,21.5,24.3,24.4\n",
    "heights-without-girths": "date,side,height_cm\n2026-03-02,left,0\n",
    "both-forms": "date,side,height_cm,girth_cm,8 cm\n2026-03-02,left,0,21.5,24.3\n",
    "no-date": "side,0 cm,8 cm\nleft,21.5,24.3\n",
    "no-headings": ROW,
    "date-with-slashes": HEAD + ROW.replace("2026-03-02", "02/03/2026"),
    "side-unknown": HEAD + ROW.replace("left", "both"),
    "cell-missing": HEAD + ROW + "2026-03-02,left,19\n",
    "girth-impossible": HEAD + ROW.replace("24.3", "243"),
    "reading-twice": "date,side,0 cm,8 cm\n2026-03-02,left,21.5,24.3\n2026-03-02,left,21.6,24.4\n",
    "reading-twice-long": HEAD + ROW + "2026-03-02,left,8,24.5\n",
    "reading-of-one-girth": HEAD + ROW + "2026-03-09,left,0,21.4\n",
    "area-impossible": "date,side,height_cm,area_cm2\n2026-03-02,left,0,0\n2026-03-02,left,8,40\n",
    "diameters-half": "date,side,height_cm,x_cm\n2026-03-02,left,0,7\n2026-03-02,left,8,7\n",
    "label-of-two": "date,side,0 cm,8 cm,label\n2026-03-02,left,21.5,24.3,A\n2026-03-09,left,21.5,24.3,B\n",
    "from-contradicts": "date,side,0 cm,8 cm,from\n2026-03-02,left,21.5,24.3,sole\n",
    "quote-open": HEAD + '2026-03-02,left,0,"21.5\n',
    "only-headings": HEAD,
    "empty": "",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Callable[[str, str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("readings.csv").write_text(WRONG[name], encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        following.load_readings("readings.csv", start="malleolus")
    assert caught.value.hint
    snapshot(f"table-{name}", str(caught.value))


@given(
    st.sampled_from([LONG, WIDE, european(LONG), european(WIDE)]),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 8),
            st.sampled_from([*",;.\t\n\"'-#", "\u2028", "nan", "1e9", "9" * 40, "cm", "left", "2026-02-30", "x", "=1"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_whatever_is_mistyped_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, slips: list[tuple[float, int, str]]
) -> None:
    """Never another exception, and never a volume that no leg has."""
    for where, gone, typed in slips:
        place = int(where * len(text))
        text = text[:place] + typed + text[place + gone :]
    path = tmp_path_factory.mktemp("table") / "readings.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        found = following.follow(following.load_readings(path, start="sole"))
    except DocumentError:
        return
    assert all(10 < row.volume < 30_000 for row in found.rows)


def test_what_heights_are_counted_from_has_to_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Callable[[str, str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("readings.csv").write_text(LONG, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        following.load_readings("readings.csv")
    snapshot("table-from-missing", str(caught.value))


@pytest.mark.parametrize("content", [LONG.encode("utf-16"), b"PK\x03\x04\x00\x00", b"date,side,0 cm\n\xe9"])
def test_what_is_no_text_gets_a_hint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        following.load_readings(path, start="sole")
    assert "UTF-8" in str(caught.value)
    assert caught.value.hint
