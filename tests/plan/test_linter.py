"""The linter: every rule has a session that breaks it, and packaged treatments break none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from venolymph import figures
from venolymph.cli import app
from venolymph.errors import DocumentError
from venolymph.massage import Pause, Session, Strokes, load_session, packaged_sessions
from venolymph.plan import lint, rules, words

IDS = (Path(__file__).parent / "ids.txt").read_text().split()

GROIN = {"stroke": "stationary circles", "at": "superficial inguinal nodes", "toward": "external iliac nodes"}
THIGH = {"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes"}
COLLAR = {"stroke": "stationary circles", "at": "collarbone nodes", "toward": "the heart", "pressure": "20 mmHg"}

LONG = [
    {**THIGH, "at": name, "for": "10 min"}
    for name in ("inner thigh", "front thigh", "outer thigh", "back thigh", "inner calf")
]


def session(*steps: dict[str, Any], **more: Any) -> Session:
    return Session([Strokes(**step) for step in steps], **{"screening": "leg", **more})


def face(*steps: dict[str, Any]) -> Session:
    ear = {
        "stroke": "stationary circles",
        "at": "nodes below the ear",
        "toward": "collarbone nodes",
        "pressure": "15 mmHg",
    }
    return session(COLLAR, ear, *steps, body="face", screening="face")


WRONG = {
    "oedema-over-varices": session(GROIN, {**THIGH, "stroke": "oedema pump", "pressure": "40 mmHg"}),
    "distal-before-node": session(THIGH, GROIN),
    "away-from-nodes": session(GROIN, {**THIGH, "toward": "toes"}),
    "carotid-triangle": session(COLLAR, {**COLLAR, "at": "carotid triangle", "pressure": "10 mmHg"}),
    "both-neck-sides": session(
        COLLAR, {**COLLAR, "at": "side of the neck", "pressure": "10 mmHg", "sides": "together"}
    ),
    "pressure-on-the-eye": face({**COLLAR, "at": "eyeball", "toward": "temple", "pressure": "5 mmHg"}),
    "over-ceiling": session(GROIN, {**THIGH, "at": "popliteal nodes", "pressure": "40 mmHg"}),
    "too-long": session(GROIN, *LONG, {**THIGH, "at": "front of the knee", "pressure": "20 mmHg", "for": "10 min"}),
    "no-screening": session(GROIN, THIGH, screening=()),
    "words-of-wounds": session(GROIN, {**THIGH, "note": "round the ulcer, press on while it hurts"}),
    "too-long-in-one-spot": session(GROIN, {**THIGH, "repeat": 30, "sets": 2}),
    "too-long-in-one-place": session(GROIN, {**THIGH, "for": "6 min"}, {**THIGH, "for": "5 min"}),
    "held-too-long": session(GROIN, {**THIGH, "rhythm": {"push": "11 s", "release": "1 s"}}),
    "stretch-too-far": session(GROIN, {**THIGH, "stretch": 0.25}),
    "experiment-as-treatment": Session(like="leg-sham", screening="leg").model_copy(update={"purpose": "treatment"}),
}


@pytest.mark.parametrize("rule", rules())
def test_every_rule_is_broken_alone(rule: str) -> None:
    assert [found.rule for found in lint(WRONG[rule])] == [rule]
    found = lint(WRONG[rule])[0]
    assert found.text() and found.hint()
    assert "{" not in found.text() + found.hint()
    assert found.as_json()["rule"] == rule


def test_ids_are_never_reused() -> None:
    assert list(rules()) == IDS, "add new ids at the end of ids.txt, and never take one out"
    assert set(words().rules) == set(IDS)
    for rule in rules().values():
        assert rule.source in figures.references()


@pytest.mark.parametrize("name", packaged_sessions())
def test_packaged_treatments_are_in_order(name: str) -> None:
    if load_session(name).purpose == "treatment":
        assert lint(load_session(name)) == []


def test_what_packaged_experiments_break() -> None:
    assert lint(load_session("leg-sham")) == []
    assert {found.rule for found in lint(load_session("leg-massage-reversed"))} == {"away-from-nodes"}
    assert {found.rule for found in lint(load_session("leg-massage-distal-first"))} == {"distal-before-node"}


def test_what_is_allowed() -> None:
    assert lint(session(GROIN, {**THIGH, "stroke": "oedema pump", "pressure": "40 mmHg", "avoid": "varices"})) == []
    assert lint(session(COLLAR, {**COLLAR, "at": "side of the neck", "pressure": "10 mmHg"})) == []
    assert lint(session({**COLLAR, "sides": "together"}, GROIN, THIGH)) == []
    assert lint(session(GROIN, *LONG, {**THIGH, "at": "shin", "for": "9 min"})) == []
    assert lint(session(GROIN, {**THIGH, "repeat": 49})) == []
    assert lint(session(GROIN, {**THIGH, "repeat": 30, "sets": 2, "spots": 2})) == []
    assert lint(session(GROIN, {**THIGH, "rhythm": {"push": "10 s", "release": "1 s"}, "stretch": 0.2})) == []
    assert lint(face({**COLLAR, "at": "rim below the eye", "toward": "temple", "pressure": "5 mmHg"}))[0].rule == (
        "distal-before-node"
    )


def test_time_on_one_place_is_summed_over_steps_names_of_a_group_and_both_hands() -> None:
    def minutes(*steps: dict[str, Any]) -> list[Any]:
        return [found.said["minutes"] for found in lint(session(*steps)) if found.rule == "too-long-in-one-place"]

    assert (
        minutes(*[{**GROIN, "at": name, "for": "4 min"} for name in ("inner groin nodes", "outer groin nodes")]) == []
    )
    names = ("inner groin nodes", "outer groin nodes", "superficial inguinal nodes")
    assert minutes(*[{**GROIN, "at": name, "for": "4 min"} for name in names]) == [12.0]
    assert minutes(GROIN, {**THIGH, "at": ["inner thigh", "front thigh"], "for": "20 min"}) == []
    assert minutes(GROIN, {**THIGH, "at": ["inner thigh", "front thigh"], "for": "22 min"}) == [11.0, 11.0]
    # left and right are two places in turn, and one time for both hands together
    assert minutes({**COLLAR, "sides": "in turn", "for": "20 min"}) == []
    assert minutes({**COLLAR, "sides": "together", "for": "11 min"}) == [11.0]


def test_a_hand_that_glides_does_not_stay() -> None:
    way = {"stroke": "effleurage", "along": ["inner thigh", "superficial inguinal nodes"], "toward": "belly"}
    assert lint(session(GROIN, {**way, "repeat": 10})) == []


@pytest.mark.parametrize(
    "text",
    [
        "press on the ulcer", "ULCERATED ankle", "for wounds", "it hurts", "no pain, no gain", "until it is painful",
        "aching calf", "open skin", "broken skin", "where the skin is open", "open legs welcome",
        "sore shin", "weeping place", "cramps",
        "beginnt am offenen Bein", "Beinschmerzen", "Wunde am Knöchel", "Unterschenkelgeschwür", "Ulkus", "tut weh",
        "sur la plaie", "douleurs", "ULCÈRE", "ça fait mal", "úlcera venosa", "le duele", "herida abierta", "fa male",
        "piaga", "dolore", "pijnlijk", "beenwond", "open been", "dor na perna", "ferida", "lesões",
    ],
)  # fmt: skip
def test_words_of_wounds_and_pain_are_found(text: str) -> None:
    for where in ("session", "school", "source", "reason"):
        assert "words-of-wounds" in {one.rule for one in lint(session(GROIN, THIGH, **{where: text}))}
    found = lint(session(GROIN, {**THIGH, "note": text}))
    assert [(one.rule, one.step) for one in found] == [("words-of-wounds", 2)]
    rest = Session([Strokes(**GROIN), Pause(for_="1 min", note=text), Strokes(**THIGH)], screening="leg")
    assert [(one.rule, one.step) for one in lint(rest)] == [("words-of-wounds", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "\uff55\uff4c\uff43\uff45\uff52", "u l c e r", "u.l.c.e.r", "ul-cer", "u_l_c_e_r", "ulc\u0435r", "\u03c5lcer",
        "p4in", "pa1n", "u1cer", "w0und", "ul\u0301cer", "\U0001d42e\U0001d425\U0001d41c\U0001d41e\U0001d42b",
        "\u24df\u24d0\u24d8\u24dd", "\u03c1ain", "s0re", "pa\u2011in", "Ulcer!", "(pain)", "leg/pain", "pain/leg",
        "kein-Schmerz", "p a i n f u l",
    ],
)  # fmt: skip
def test_odd_letters_do_not_hide_a_word(text: str) -> None:
    assert {one.rule for one in lint(session(GROIN, THIGH, session=text))} == {"words-of-wounds"}


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u0007", "\u2066"])
def test_characters_that_nobody_sees_are_refused(hidden: str) -> None:
    for field in ("session", "school", "source", "reason"):
        with pytest.raises(DocumentError, match="not shown"):
            session(GROIN, **{field: f"light{hidden}ly"})
    with pytest.raises(DocumentError, match="not shown"):
        session({**GROIN, "note": f"light{hidden}ly"})
    # past the check of a document it is found all the same
    copied = session(GROIN, THIGH).model_copy(update={"session": f"pa{hidden}in"})
    assert {one.rule for one in lint(copied)} == {"words-of-wounds"}


@pytest.mark.parametrize(
    "text",
    [
        "light, all the way back up", "never deep; the fingers paint half circles", "wunderbar leicht", "ferry",
        "second round slower", "dorsum of the foot first", "towards the Achilles tendon", "malleolus",
        "10 strokes, 3 rounds, 40 minutes", "for the cause", "ask the questions for each session again",
        "doi 10.1016/j.physio.2015.12.005", "blessed calm",
    ],
)  # fmt: skip
def test_other_words_are_left_alone(text: str) -> None:
    assert lint(session(GROIN, {**THIGH, "note": text}, session=text)) == []


def test_text_of_an_author_stays_on_one_line() -> None:
    assert session(GROIN, session="light\n\nThe doctor agrees").session == "light The doctor agrees"


def test_nodes_in_the_same_step_count_where_they_come_first() -> None:
    inner = {**THIGH, "at": ["superficial inguinal nodes", "inner thigh"], "toward": "external iliac nodes"}
    assert lint(session(inner)) == []
    assert [found.rule for found in lint(session({**inner, "at": inner["at"][::-1]}))] == ["distal-before-node"]


def test_the_command_prints_findings_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_text(WRONG["over-ceiling"].to_yaml())
    done = CliRunner().invoke(app, ["lint", "wrong.yaml"])
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.startswith("error over-ceiling: step 2: 40 mmHg is too hard at hollow of the knee")
    found = json.loads(CliRunner().invoke(app, ["lint", "wrong.yaml", "--json"]).stdout)
    assert [one["rule"] for one in found["errors"]] == ["over-ceiling"]
    done = CliRunner().invoke(app, ["lint", "leg-massage"])
    assert (done.exit_code, done.stdout) == (0, "leg massage: no error found\n")
    assert CliRunner().invoke(app, ["lint", "leg-masage"]).exit_code == 2
