"""CEAP: what is printed reads back the same, and nonsense gets an error that names the character."""

from __future__ import annotations

import datetime
import random
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
        ("varicose", 1, ""),
        ("C7", 2, ""),
        ("C", 2, ""),
        ("C3r", 3, "only varicose veins (2r)"),
        ("C4d", 3, ""),
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
        ("C2-6", 3, ""),
        ("C2 Ep As Pr18", 12, "As,p"),
        ("C2 Ep As Pr19", 12, ""),
        ("C2 Ep As18 Pr", 9, ""),
        ("C2 Ep As Pr2,2", 14, "keep one"),
        ("C2s Ep As Pr (L II", 19, ""),
        ("C2s Ep As Pr (left)", 15, ""),
        ("C2 Frob 3, 2026", 4, ""),
    ],
)
def test_nonsense_is_refused_with_its_place(text: str, character: int, hint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_ceap(text)
    assert caught.value.message.startswith(f"character {character} of {text!r}: found ")
    assert hint in (caught.value.hint or "")


WRITTEN = {
    # statement of 2004, and guidelines and papers that follow it: capitals behind commas
    "C3,S, Ep, As,p, Pr": "C3s Ep As,p Pr",
    "C4b,S,Ep,As,Pr": "C4b,s Ep As Pr",
    "C2,S Ep As Pr": "C2s Ep As Pr",
    "C2S Ep As Pr": "C2s Ep As Pr",
    "C1A": "C1a",
    "C4A,S Ep": "C4a,s Ep",
    "C2,4A,6,S": "C2,4a,6,s",
    "C4As Pr": "C4 As Pr",
    "C4aS Pr": "C4a,s Pr",
    # segments by number, level and day between brackets
    "C2,3,S Ep As,p Pr2,3,18": "C2,3,s Ep As(GSVa,GSVb),p(CPV) Pr",
    "C2,3,4b,6,S, Ep, As,p,d, Pr2,3,18,13,14 (2004-05-17, L II)": (
        "C2,3,4b,6,s Ep As(GSVa,GSVb),d(FV,POPV),p(CPV) Pr LII 2004-05-17"
    ),
    "C2 As(2,3),p18 Pr": "C2 As(GSVa,GSVb),p(CPV) Pr",
    "C2 Pr2,o14": "C2 As(GSVa),d(POPV) Pr,o",
    "C2s, Ep, As, Pr (L II)": "C2s Ep As Pr LII",
    "C2s Ep As Pr L 2": "C2s Ep As Pr LII",
    "C2s Ep As Pr, level II, 17 May 2004": "C2s Ep As Pr LII 2004-05-17",
    "C2s Ep As Pr (May 17, 2004)": "C2s Ep As Pr 2004-05-17",
    "C2 Pr2, 17 May 2004": "C2 As(GSVa) Pr 2004-05-17",
    "C2 17.5.2004": "C2 2004-05-17",
    "C2 17/5/2004": "C2 2004-05-17",
    # as typed into records
    "c3s ep as pr": "C3s Ep As Pr",
    "c2sepaspr": "C2s Ep As Pr",
    "C2SEPASPRLII": "C2s Ep As Pr LII",
    "c2 ep as(gsva, gsvb),p(cpv) pr,o lii": "C2 Ep As(GSVa,GSVb),p(CPV) Pr,o LII",
    "c2ap": "C2 Ap",
    "c4 as pr": "C4 As Pr",
    "C 2 s, E p, A s, p, P r": "C2s Ep As,p Pr",
    "C2,C3 Ep": "C2,3 Ep",
    "CEAP C2s Ep As Pr": "C2s Ep As Pr",
    "CEAP: c6r.": "C6r",
    "C₂ₛ Eₚ Aₛ Pᵣ": "C2s Ep As Pr",
    "C2s Ep Asdp Pr/o": "C2s Ep As,d,p Pr,o",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_clinics_and_papers_write_is_read(text: str) -> None:
    assert str(parse_ceap(text)) == WRITTEN[text]


def test_segments_by_number_leave_a_notice() -> None:
    assert "by number" in parse_ceap("C2 As2 Pr").notices[0]
    assert "spider veins or reticular" in parse_ceap("C1 As1").notices[1]
    assert "Pr 2; Po 14" in parse_ceap("C2 Pr2,o14").notices[1]
    assert parse_ceap("C2 As2 Pr") == parse_ceap("C2 As(GSVa) Pr")


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("C4A", ("C4a", "C4,a")),
        ("C2,4A Ep", ("C2,4a Ep", "C2,4,a Ep")),
        ("C4 a", ("C4a", "C4,a")),
        ("C4AS PR", ("C4a,s Pr", "C4 As Pr")),
        ("c4as pr", ("C4a,s Pr", "C4 As Pr")),
        ("C2 2/3/2026", ("C2 2026-03-02", "C2 2026-02-03")),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(text: str, ways: tuple[str, str]) -> None:
    with pytest.raises(DocumentError, match="2 ways") as caught:
        parse_ceap(text)
    for way in ways:
        assert f" {way}" in (caught.value.hint or "")
        parse_ceap(way)


def test_the_edition_of_1994_has_no_finer_classes() -> None:
    assert parse_ceap("C4A", 1994) == parse_ceap("C4a", 1994) == Ceap(("4",), "a", edition=1994)
    assert str(parse_ceap("C2,4,5S,Es,Ad,Pr,o11,13", 1994)) == "C2,4,5,s Es Ad(CFV,FV) Pr,o"
    for text in ("C4b", "C2 En", "C2 An", "C2 Pn", "C5 Esi"):
        with pytest.raises(DocumentError):
            parse_ceap(text, 1994)


@pytest.mark.parametrize("text", [None, 2, ["C2"], "C2 " * 200])
def test_other_things_are_refused(text: Any) -> None:
    with pytest.raises(DocumentError):
        parse_ceap(text)


def test_other_editions_are_refused() -> None:
    with pytest.raises(DocumentError, match="2020, 2004 and 1994"):
        parse_ceap("C2", 2010)  # type: ignore[arg-type]


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


@given(classifications(), st.randoms(use_true_random=False))
def test_case_blanks_and_commas_do_not_change_what_is_read(one: Ceap, chance: random.Random) -> None:
    parts = str(one).split(" ")
    text = chance.choice(["", "CEAP ", " "]) + parts[0]
    for part in parts[1:]:
        text += chance.choice([" ", ", ", "  ", ","]) + part
    text = text.replace(",", chance.choice([",", ", "]))
    text = "".join(chance.choice([letter.upper(), letter.lower(), letter]) for letter in text)
    try:
        read = parse_ceap(text)
    except DocumentError as error:
        refused = error
    else:
        assert read == one
        return
    # the case of letters tells 4a from 4 without symptoms, and 4a with symptoms from 4 in superficial veins
    assert "can be read in" in refused.message
    assert {"4", "4a"} & set(one.clinical)
    assert str(one) in (refused.hint or "")


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
    if "can be read in" in refused.message:
        for way in (refused.hint or "").removeprefix("write ").split(" or "):
            parse_ceap(way)
        return
    place = re.match(r"character (\d+) of ", refused.message)
    assert place and 1 <= int(place[1]) <= len(text) + 1
    assert refused.hint


def test_packaged_people_have_classifications() -> None:
    for name in vl.packaged_people():
        legs = vl.load_person(name).legs
        for leg in (legs.left, legs.right):
            if leg.ceap:
                assert parse_ceap(leg.ceap) == leg.classification
                assert leg.ceap == str(leg.classification)
