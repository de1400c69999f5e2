"""What a page may ask to be run: documents and packaged names, no file, nothing endless, nobody who needs a doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import venolymph as vl
from studio.serving import SHORT, WITH, studio
from venolymph.errors import SimulationError
from venolymph.plan.gate import gate
from venolymph.studio.problems import MEDIA_TYPE


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with studio(tmp_path_factory.mktemp("asking")) as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files that are good documents, which a page may not name all the same."""
    folder = tmp_path_factory.mktemp("files")
    person, regimen, session, table = (folder / f"{name}" for name in ("p.yaml", "r.yaml", "s.yaml", "t.csv"))
    person.write_text(vl.load_person("healthy").to_yaml(), "utf-8")
    regimen.write_text(vl.load_regimen("rest").to_yaml(), "utf-8")
    session.write_text(vl.load_regimen("leg-massage-short").massages[0].to_yaml(), "utf-8")
    table.write_text("time_s,pressure_mmHg\n0,0\n1,20\n2,0\n", "utf-8")
    return {"person": str(person), "regimen": str(regimen), "session": str(session), "table": str(table)}


def refused(client: TestClient, sent: Any, **headers: str) -> dict[str, Any]:
    """The problem document that answers a request; nothing waits afterwards."""
    content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    headers = {**WITH, "content-type": "application/json", **headers}
    answer = client.post("/api/runs", content=content, headers=headers)
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = answer.json()
    assert found["status"] == answer.status_code >= 400
    assert found["title"]
    assert client.get("/api/runs").json() == []
    return found


def test_no_file_is_read(client: TestClient, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(files["person"]).parent)
    cuff = {"trace": {"cuff": {"at": "thigh"}, "file": files["table"]}}
    for sent in (
        {"person": files["person"], "regimen": "rest"},
        {"person": "p.yaml", "regimen": "rest"},
        {"person": "healthy", "regimen": files["regimen"]},
        {"person": "healthy", "regimen": "../../../etc/passwd"},
        {"person": "healthy", "regimen": "r.yaml"},
        {"person": "healthy", "regimen": [{"regimen": files["regimen"]}]},
        {"person": "healthy", "regimen": [files["regimen"]]},
        {"person": "healthy", "regimen": ["r.yaml"]},
        {"person": "healthy", "regimen": [*SHORT, {"massage": files["session"]}]},
        {"person": "healthy", "regimen": [*SHORT, cuff]},
    ):
        found = refused(client, sent)
        assert found["status"] == 422, sent
        assert any(said in found["detail"] for said in ("none is read here", "there is no packaged", "unknown step"))
    # what is there and what is not get one answer
    there, absent = (refused(client, {"person": name, "regimen": "rest"}) for name in ("t.csv", "none.csv"))
    assert there["detail"] == absent["detail"]


def test_what_is_wrong_is_said_as_the_command_says_it(client: TestClient) -> None:
    found = refused(client, {"person": "helthy", "regimen": "rest"})
    assert found["hint"] == "did you mean 'healthy'?"
    found = refused(client, {"person": "healthy", "regimen": [{"stand": {"for": "4"}}]})
    assert found["place"] == "steps.0.stand.for"
    assert "has no unit" in found["detail"]
    found = refused(client, {"person": "healthy", "regimen": [*SHORT, {"measure": ["ankel pressure"]}]})
    assert found["hint"] == "did you mean 'ankle pressure'?"
    found = refused(client, {"person": "healthy", "regimen": "rest", "research_override": "because"})
    assert "unknown key" in found["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"null", b"[]", b"7", b'"healthy"', b"\xff\xfe", b"[" * 100_000, b'{"person":' * 20_000,
        b'{"person": "healthy"}', b'{"person": 3, "regimen": "rest"}', b'{"person": "healthy", "regimen": null}',
        b'{"person": "healthy", "regimen": "rest", "legs": "three"}', b'{"person": NaN, "regimen": Infinity}',
        json.dumps({"person": "healthy", "regimen": [{"lie": {"for": "1e400 s"}}]}).encode(),
        json.dumps({"person": {"a": {"b": [[[[[[]]]]]]}}, "regimen": "rest"}).encode(),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_problem_and_no_fault(client: TestClient, sent: bytes) -> None:
    assert refused(client, sent)["status"] == 422


def test_json_has_to_say_that_it_is(client: TestClient) -> None:
    """A form of another page can send text without asking first, and JSON it cannot."""
    found = refused(client, {"person": "healthy", "regimen": "rest"}, **{"content-type": "text/plain"})
    assert found["hint"] == "Content-Type: application/json"


def test_what_takes_too_long_is_not_begun(client: TestClient) -> None:
    found = refused(client, {"person": "healthy", "regimen": [{"lie": {"for": "40 h"}}]})
    assert "at most 25 h" in found["detail"]
    found = refused(client, {"person": "healthy", "regimen": [{"regimen": {"times": 1500, "steps": SHORT}}]})
    assert "at most" in found["detail"]


@pytest.mark.parametrize("skin", ["ulcer", "broken"])
@pytest.mark.parametrize("regimen", ["leg-massage-short", [*SHORT, {"wear": "short-stretch-bandage"}]])
def test_who_needs_a_doctor_gets_no_treatment(client: TestClient, skin: str, regimen: Any) -> None:
    document = vl.load_person("healthy").document()
    document["legs"] = {"left": {"symptoms": ["none"], "skin": skin}, "right": {"symptoms": ["none"], "skin": "intact"}}
    try:
        person = vl.load_person(document)
    except vl.DocumentError:
        assert refused(client, {"person": document, "regimen": regimen})["status"] == 422
        return
    with pytest.raises(SimulationError) as stopped:
        gate(person, vl.load_regimen(regimen))
    found = refused(client, {"person": document, "regimen": regimen})
    assert found["status"] == 403
    assert found["detail"] == stopped.value.message
    assert "Seek medical treatment" in found["detail"]


def test_what_there_is_can_be_read(client: TestClient) -> None:
    people = client.get("/api/people").json()
    assert [one["name"] for one in people] == list(vl.packaged_people())
    regimens = client.get("/api/regimens").json()
    assert {one["kind"] for one in regimens} == {"regimen", "session", "garment"}
    for one in regimens:
        assert vl.load_regimen(one["document"]).lasts == pytest.approx(one["lasts"])
