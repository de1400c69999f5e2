"""CEAP: what is printed reads back the same, and nonsense gets an error that names the character."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import venolymph as vl
from venolymph.classification import Ceap, parse_ceap
from venolymph.classification.tables import table
from venolymph.errors import DocumentError

TABLE = table("ceap")
CLASSES = [code for code in TABLE["C"]["codes"] if code != "0"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("C2s Ep As(GSVa) Pr", "C2s Ep As(GSVa) Pr"),
        ("C1a En An Pn", "C1a En An Pn"),
        ("C2rs Ep As,p Pr", "C2rs Ep As,p Pr"),
        ("C4b,6r,s Esi Ad(FV,POPV) Pr,o", "C4b,6r,s Esi Ad(FV,POPV) Pr,o"),
        ("C4a,s Ep As(GSVa,GSVb),p(CPV) Pro", "C4a,s Ep As(GSVa,GSVb),p(CPV) Pr,o"),
        ("C3,2,s Ec,p Ap,s(SSV,GSVa) Po,r", "C2,3,s Ep,c As(GSVa,SSV),p Pr,o"),
        ("C2, Ep, As, Pr", "C2 Ep As Pr"),
        ("C2sEpAsPr", "C2s Ep As Pr"),
        (" C5 ", "C5"),
        ("C4,a", "C4,a"),
        ("C4a", "C4a"),
        ("C2s Ep As Pr 2026-03-02 LII", "C2s Ep As Pr LII 2026-03-02"),
    ],
)
def test_reads_and_prints(text: str, printed: str) -> None:
    assert str(parse_ceap(text)) == printed


def test_parts_are_named() -> None:
    read = parse_ceap("C2,4b,s Esi,p Ad(POPV,FV),s(GSVa) Pr,o LIII 2026-03-02")
    assert read == Ceap(
        clinical=("2", "4b"),
        symptoms="s",
        etiology=("p", "si"),
        anatomy=(("s", ("GSVa",)), ("d", ("FV", "POPV"))),
        pathophysiology=("r", "o"),
        level="LIII",
        date=datetime.date(2026, 3, 2),
    )
    assert read.highest == "4b"
    assert read.complete
    assert not parse_ceap("C2").complete
    assert str(read.basic) == "C4b,s Ep,si As,d Pr,o LIII 2026-03-02"
    words = read.words()
    assert words[0] == "C2: varicose veins, 3 mm or wider when standing"
    assert len(words) == 2 + 1 + 2 + 2 + 3 + 2 + 1


def test_old_records_are_read_as_such() -> None:
    old = parse_ceap("C5 Es Ad Pr", 2004)
    assert old.etiology == ("s",)
    assert "Esi" in old.notices[0]
    assert "another illness" in old.words()[1]
    assert parse_ceap("C5 Esi Ad Pr").notices == ()
    for text in ("C2r", "C4c", "C6r", "C5 Esi"):
        with pytest.raises(DocumentError):
            parse_ceap(text, 2004)


@pytest.mark.parametrize(
    ("text", "character", "hint"),
    [
        ("", 1, "C2s Ep"),
        ("c2", 1, ""),
        ("varicose", 1, ""),
        ("C7", 2, ""),
        ("C", 2, ""),
        ("C3r", 3, "only varicose veins (2r)"),
        ("C4d", 3, ""),
        ("C2S Ep", 3, "written small"),
        ("C0,2", 4, ""),
        ("C2,2r", 4, "keep one"),
        ("C4,4a", 4, "keep one"),
        ("C2s,4", 5, ""),
        ("C2,,Ep", 4, ""),
        ("C2 Es As Pr", 5, "edition=2004"),
        ("C2 Ep,p", 7, "keep one"),
        ("C2 Ep,n", 7, ""),
        ("C2 Ex", 5, ""),
        ("C2 Ep An,s Pr", 10, ""),
        ("C2 Ep As(GSVx)", 10, "did you mean"),
        ("C2 Ep As(FV)", 10, "FV belongs to Ad"),
        ("C2 Ep An(FV)", 10, "FV belongs to Ad"),
        ("C2 Ep As()", 10, ""),
        ("C2 Ep As(GSVa,GSVa)", 15, "keep one"),
        ("C2 Ep As(GSVa Pr", 14, ""),
        ("C2 Pr(GSVa)", 6, "segments go with A"),
        ("C2 Pr Ep", 7, "E is given twice or out of its place"),
        ("C2 C3", 4, "C is given twice"),
        ("C2 LIV", 4, ""),
        ("C2 LI LI", 7, "keep one"),
        ("C2 2026-02-30", 4, ""),
        ("C2 26-02-03", 4, ""),
        ("C2 2026-02-03 2026-02-03", 15, "keep one"),
        ("C2 Ep As Pr and so on", 13, ""),
    ],
)
def test_nonsense_is_refused_with_its_place(text: str, character: int, hint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_ceap(text)
    assert caught.value.message.startswith(f"character {character} of {text!r}: found ")
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("text", [None, 2, ["C2"], "C2 " * 200])
def test_other_things_are_refused(text: Any) -> None:
    with pytest.raises(DocumentError):
        parse_ceap(text)


def test_other_editions_are_refused() -> None:
    with pytest.raises(DocumentError, match="2020 and 2004"):
        parse_ceap("C2", 1994)  # type: ignore[arg-type]


def test_what_is_written_in_python_keeps_to_the_same_rules() -> None:
    assert Ceap(("4b", "2"), "s").clinical == ("2", "4b")
    for wrong in ((), ("7",), ("0", "2")):
        with pytest.raises(DocumentError):
            Ceap(wrong)
    with pytest.raises(DocumentError):
        Ceap(("2",), anatomy=(("s", ("FV",)),))


def some(codes: list[str], alone: str) -> st.SearchStrategy[tuple[str, ...]]:
    """One code that stands alone, or several others."""
    several = st.lists(st.sampled_from([code for code in codes if code != alone]), unique=True, min_size=1)
    return st.one_of(st.just((alone,)), several.map(tuple))


@st.composite
def classifications(draw: st.DrawFn) -> Ceap:
    picked = draw(some([*CLASSES, "0"], "0"))
    # the finer of two classes is kept: 4a rather than 4
    clinical = tuple(one for one in picked if not any(other != one and other.startswith(one) for other in picked))
    systems = draw(some(list(TABLE["A"]["codes"]), "n"))
    named = {
        system: tuple(draw(st.lists(st.sampled_from(sorted(TABLE["A"]["segments"][system])), unique=True)))
        for system in systems
        if system != "n"
    }
    return Ceap(
        clinical=clinical,
        symptoms=draw(st.sampled_from(["s", "a", None])),
        etiology=draw(st.one_of(st.just(()), some(list(TABLE["E"]["codes"]), "n"))),
        anatomy=draw(st.sampled_from([(), tuple((system, named.get(system, ())) for system in systems)])),
        pathophysiology=draw(st.one_of(st.just(()), some(list(TABLE["P"]["codes"]), "n"))),
        level=draw(st.sampled_from([None, *TABLE["levels"]])),
        date=draw(st.one_of(st.none(), st.dates())),
    )


@given(classifications())
def test_every_classification_reads_back_the_same(one: Ceap) -> None:
    assert parse_ceap(str(one)) == one
    assert str(parse_ceap(str(one))) == str(one)
    assert one.words()
    assert parse_ceap(str(one.basic)) == one.basic


def test_one_that_names_everything_fits() -> None:
    everything = Ceap(
        ("1", "2r", "3", "4a", "4b", "4c", "5", "6r"),
        "s",
        ("p", "si", "se", "c"),
        tuple((system, tuple(named)) for system, named in TABLE["A"]["segments"].items()),
        ("r", "o"),
        "LIII",
        datetime.date(2026, 3, 2),
    )
    assert parse_ceap(str(everything)) == everything


LIKE_IT = st.text(st.sampled_from("CEAPLsadprnoicIVGSTel0123456789(), -"), max_size=40)


@given(st.one_of(LIKE_IT, st.text(max_size=40)))
@example("C2 ٢٠٢٦-٠٣-٠٢")
@example("C2\x00")
def test_whatever_is_given_it_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        read = parse_ceap(text)
    except DocumentError as error:
        refused = error
    else:
        assert parse_ceap(str(read)) == read
        return
    place = re.match(r"character (\d+) of ", refused.message)
    assert place and 1 <= int(place[1]) <= len(text) + 1
    assert refused.hint


def test_packaged_people_have_classifications() -> None:
    for name in vl.packaged_people():
        legs = vl.load_person(name).legs
        for leg in (legs.left, legs.right):
            if leg.ceap:
                assert parse_ceap(leg.ceap, 2004 if "Es " in leg.ceap else 2020).highest[0] == str(leg.clinical_class)
