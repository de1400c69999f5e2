"""Choosing, turning knobs and running in the browser: what is run is what was chosen, and no patient is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from studio.reading import Page
from venolymph.body.person import load_person, packaged_people
from venolymph.massage import packaged_sessions
from venolymph.regimen import load_regimen, packaged_regimens
from venolymph.studio.pages.run_page import _picture
from venolymph.studio.serving import create_app

TOKEN = "a token of this test"
CHOSEN = {"token": TOKEN, "person": "mild-varicose", "regimen": "posture-and-walk"}


class Asked:
    """A queue that keeps what it is asked for."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []

    def submit(self, asked: dict[str, Any]) -> Any:
        self.taken.append(asked)
        return type("Job", (), {"name": "one"})

    def jobs(self) -> list[Any]:
        return []

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    app = create_app(tmp_path_factory.mktemp("runs"), TOKEN)
    app.state.studio.queue.close()
    app.state.studio.queue = Asked()
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def taken(client: TestClient) -> list[dict[str, Any]]:
    queue = client.app.state.studio.queue  # type: ignore[attr-defined]
    queue.taken.clear()
    return queue.taken


FACES = [name for name in packaged_people() if load_person(name).face is not None]
"""People whose faces are looked at."""
ON_FACES = [name for name in (*packaged_regimens(), *packaged_sessions()) if load_regimen(name).on_face]
LEGS = [name for name in packaged_people() if load_person(name).face is None]
"""People whose legs are looked at."""
ON_LEGS = [name for name in (*packaged_regimens(), *packaged_sessions()) if not load_regimen(name).on_face]


def test_cards_show_everybody_and_everything_packaged(client: TestClient) -> None:
    page = Page(client.get("/run").text)
    assert page.options["person"] == LEGS
    assert page.options["regimen"] == ON_LEGS


def test_faces_have_cards_of_their_own(client: TestClient) -> None:
    page = Page(client.get("/run", params={"part": "face"}).text)
    assert page.options["person"] == FACES
    assert page.options["regimen"] == ON_FACES
    text = client.get("/run", params={"person": "rested", "regimen": "face-night"}).text
    assert 'value="rested" checked' in text and 'value="face-night" checked' in text
    assert "knob.height" in text and "knob.leak-deep" not in text and "Both legs" not in text


def test_a_face_is_run_as_chosen(client: TestClient, taken: list[dict[str, Any]]) -> None:
    asked = {"token": TOKEN, "person": "puffy-morning", "regimen": "facial-after-a-night", "knob.height": "170"}
    assert client.post("/run", data=asked).status_code == 303
    assert taken[0]["person"]["person"]["height"] == "170 cm"
    assert taken[0]["regimen"]["body"] == "face"
    wrong = client.post("/run", data={**asked, "person": "mild-varicose"})
    assert wrong.status_code == 400
    assert "there is no person" in Page(wrong.text).text


def test_every_person_has_a_picture_and_every_regimen_one_of_the_sprites(client: TestClient) -> None:
    for name in (*LEGS, *FACES):
        picture = Image.open(io.BytesIO(client.get(f"/cards/{name}.png").content))
        assert picture.size == (192, 256)
    sprites = client.get("/studio/postures.svg").text
    for name in (*ON_LEGS, *ON_FACES):
        assert f'id="{_picture(load_regimen(name))}"' in sprites
    assert client.get("/cards/nobody.png").status_code == 404


def test_nothing_turned_runs_the_packaged_documents(client: TestClient, taken: list[dict[str, Any]]) -> None:
    page = client.get("/run", params={"person": "healthy", "regimen": "ten-tiptoes"})
    assert page.status_code == 200
    response = client.post("/run", data=CHOSEN)
    assert response.status_code == 303
    assert response.headers["location"] == "/runs/one"
    (asked,) = taken
    assert asked["person"]["person"]["height"] == "168 cm"
    assert asked["regimen"] == load_regimen("posture-and-walk").document()
    assert asked["legs"] == "one"


def test_turned_knobs_are_in_what_is_run(client: TestClient, taken: list[dict[str, Any]]) -> None:
    knobs = {"knob.height": "180", "knob.leak-great-saphenous": "5", "knob.walking-speed": "5,5", "legs": "both"}
    assert client.post("/run", data=CHOSEN | knobs).status_code == 303
    (asked,) = taken
    assert asked["person"]["person"]["height"] == "180 cm"
    assert {"at": "great saphenous", "leak": 0.05} in asked["person"]["legs"]["left"]["reflux"]
    assert {"walk": {"speed": "5.5 km/h", "for": "60 s"}} in asked["regimen"]["steps"]
    assert asked["legs"] == "both"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"token": "another"}, "an earlier start"),
        ({"person": "nobody"}, "there is no person"),
        ({"person": "../healthy.yaml"}, "there is no person"),
        ({"regimen": "/etc/passwd"}, "there is no regimen"),
        ({"knob.height": "tall"}, "write a number"),
        ({"knob.height": "999"}, "allowed is 140 to 210 cm"),
        ({"knob.height": "205", "knob.mass": "41"}, "body mass index"),
        ({"person": "post-thrombotic", "regimen": "leg-massage"}, "Seek medical treatment"),
        ({"person": "post-thrombotic", "knob.stocking": "RAL I"}, "Seek medical treatment"),
    ],
)
def test_what_cannot_be_run_says_why_and_is_not_run(
    client: TestClient, taken: list[dict[str, Any]], change: dict[str, str], said: str
) -> None:
    response = client.post("/run", data=CHOSEN | change)
    assert response.status_code == 400
    assert said in Page(response.text).text
    assert "override" not in response.text
    assert not taken


def test_there_is_no_run_that_is_not_there(client: TestClient) -> None:
    for path in ("/runs/none", "/side-by-side", "/side-by-side?run=none&run=other"):
        assert client.get(path).status_code == 404
    assert "There is no run yet." in client.get("/runs").text


def test_the_first_page_moves_packaged_recordings(client: TestClient) -> None:
    page = client.get("/")
    assert "/recordings/varicose-moving.frames" in page.text
