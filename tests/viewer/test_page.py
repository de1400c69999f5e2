"""The page of the moving leg is one file that holds all it needs, stays small, and says in words what it shows."""

from __future__ import annotations

import base64
import gzip
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import venolymph as vl
from venolymph import report
from venolymph.errors import RunError
from venolymph.report.side_by_side import page as beside
from venolymph.report.side_by_side import sides
from venolymph.viewer import record, unpack
from venolymph.viewer.page import moving_leg, sources, view_page, write_page
from venolymph.viewer.recording import can_be_shown, record_for_page

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


def held(text: str, name: str) -> dict[str, list[bytes]]:
    """What stands packed in a page under an attribute, by its value."""
    found: dict[str, list[bytes]] = {}
    for attributes, body in SCRIPT.findall(text):
        if named := re.search(rf'{name}="([^"]*)"', attributes):
            found.setdefault(named.group(1), []).append(gzip.decompress(base64.b64decode(body)))
    return found


@pytest.fixture(scope="module")
def written(moving: Any) -> str:
    return view_page([record(moving, member, sentences=(f"told of {member}",)) for member in range(2)])


def test_it_fetches_nothing(written: str) -> None:
    own = re.sub(r'<script type="application/gzip".*?</script>', "", written, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="|url\(|@import|fetch\(|XMLHttpRequest|https?://', own)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', written)
    assert policy
    assert "default-src 'none'" in policy.group(1)
    assert "http" not in policy.group(1)
    assert "connect-src" not in policy.group(1)


def test_it_holds_every_module_as_it_is_in_the_package(written: str) -> None:
    found = held(written, "data-module")
    assert {name: body[0].decode("utf-8") for name, body in found.items()} == dict(sources())
    assert {"three", "three/core", "uplot"} <= set(found)
    assets = Path(vl.__file__).parent / "viewer" / "assets"
    assert {f"venolymph/{path.stem}" for path in assets.glob("*.js")} <= set(found)
    asked = {
        name
        for source in sources().values()
        for name in re.findall(r"""(?:from|import)\s*['"]([^'"]+)['"]""", source)
        if not source.startswith("/*!")
    }
    assert {name for name in asked if name.startswith("venolymph/")} <= set(found)


def test_it_holds_the_recordings_and_says_what_happened(written: str, moving: Any) -> None:
    files = held(written, "data-recording")
    assert list(files) == ["0", "1"]
    for number, (head, frames) in enumerate(files.values()):
        assert unpack(head).header["member"] == moving.members[number]
        assert unpack(frames).header["kind"] == "frames"
        assert unpack(head).header["sentences"] == [f"told of {number}"]


def test_pictures_and_tables_stand_in(written: str, moving: Any) -> None:
    text = unescape(re.sub(r"<script.*?</script>", "", written, flags=re.DOTALL))
    assert written.count("<svg") == 2 * 4
    assert "told of 0" in text
    assert "told of 1" in text
    for part in ("standing", "3 tiptoes", "walk 3 km/h", "sitting", "mmHg", "not for diagnosis"):
        assert part in text
    shown = float(re.findall(r"<td>legs raised</td>.*?</tr>", text, re.DOTALL)[-1].split("<td>")[4].split("<")[0])
    exact = moving.dataset()["pressure"].sel(cell="popliteal [1]").isel(member=1).values[-1]
    assert shown == pytest.approx(exact, abs=0.06)


def test_text_of_people_is_text() -> None:
    person = vl.load_person("healthy")
    named = person.model_copy(update={"person": person.person.model_copy(update={"label": "<b>&</b></script>"})})
    run = vl.simulate(named, [{"lie": {"for": "2 s"}}], tissue=False)
    text = view_page([record(run)])
    assert "<b>&</b>" not in text
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in text


@pytest.mark.slow
def test_ten_minutes_of_walking_of_two_people_are_less_than_3_mb(tmp_path: Path) -> None:
    steps = [{"stand": {"for": "1 min"}}, {"walk": {"speed": "3 km/h", "for": "10 min"}}, {"lie": {"for": "20 s"}}]
    run = vl.simulate(["healthy", "mild-varicose"], steps, tissue=True)
    path = report.write_report(run, tmp_path / "report.html")
    assert path.stat().st_size < 3_000_000
    text = path.read_text("utf-8")
    files = held(text, "data-recording")
    assert sum(len(gzip.compress(data)) for both in files.values() for data in both) < 2_200_000
    frames = unpack(files["0"][1]).arrays["time"]
    assert len(frames) > 300
    first = text.index('id="moving-leg"')
    assert text.index("At the end of walking it was") < first < text.index("In short")
    assert "samples" in unpack(files["0"][0]).header["thinned"]
    both = [record_for_page(run, [member], together=3)[0] for member in range(2)]
    assert len(beside(sides([("walk", report.summarise(run))]), moving_leg(both))) < 3_000_000


def test_runs_side_by_side_begin_with_the_first_two_moving(moving: Any) -> None:
    columns = sides([("before", report.summarise(moving))])
    shown = [one.named(f"{one.head['member']}, later") for one in record_for_page(moving, [0, 1])]
    text = beside(columns, moving_leg(shown, theme="light"))
    assert (
        text.index("<b>healthy</b>: The pressure in the vein") < text.index('id="moving-leg"') < text.index("In short")
    )
    heads = [unpack(both[0]).header for both in held(text, "data-recording").values()]
    assert [head["member"] for head in heads] == ["healthy, later", "mild-varicose, later"]
    assert "moving-leg" not in beside(columns)


def test_both_legs_in_full_have_fewer_frames(swelling: Any) -> None:
    (recording,) = record_for_page(swelling, [0])
    assert sum(values.size for values in recording.series.values()) < 1_200_000


def test_what_is_no_leg_is_not_shown(moving: Any) -> None:
    assert can_be_shown(moving)

    class Circuit:
        phases = moving.phases
        bodies = ("a circuit",)

    assert not can_be_shown(Circuit())


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path, moving: Any) -> None:
    with pytest.raises(RunError):
        write_page([record(moving)], tmp_path)
    assert not list(tmp_path.iterdir())


def test_parts_of_a_page_have_the_theme_of_the_page(moving: Any) -> None:
    assert 'id="moving-leg" data-theme="light"' in moving_leg([record(moving)], theme="light").body
    assert 'id="moving-leg">' in moving_leg([record(moving)]).body
