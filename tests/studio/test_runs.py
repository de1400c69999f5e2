"""Runs in the queue: each in a folder of its own like any other, told as it goes, stopped and gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import venolymph as vl
from studio.serving import HOST, SHORT, TOKEN, WITH, asked, ended, studio, wait_for
from venolymph.studio.problems import MEDIA_TYPE
from venolymph.studio.queue import MOST_QUEUED
from venolymph.viewer import pack_frames, record, unpack

LONG: list[Any] = [{"stand": {"for": "2 s"}}, {"walk": {"speed": "3 km/h", "for": "20 min"}}]
"""Goes on until it is stopped."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with studio(folder) as found:
        yield found


@pytest.fixture(scope="module")
def done(client: TestClient) -> str:
    """The id of a run that is complete."""
    run = ended(client, asked(client)["id"])
    assert run["state"] == "complete", run
    return run["id"]


@pytest.fixture(scope="module")
def same() -> Any:
    """The same run in this process."""
    return vl.simulate("healthy", SHORT)


def test_a_result_is_a_run_folder_like_any_other(client: TestClient, folder: Path, done: str, same: Any) -> None:
    run = vl.open_run(folder / done)
    np.testing.assert_array_equal(run.pressure, same.pressure)
    told = client.get(f"/api/runs/{done}").json()
    assert told["phases_done"] == told["phases"] == len(same.phases)
    assert told["members"] == ["healthy"]
    assert done in [one["id"] for one in client.get("/api/runs").json()]


def test_recordings_are_those_of_the_run(client: TestClient, done: str, same: Any) -> None:
    recording = record(same)
    head = unpack(client.get(f"/api/runs/{done}/head").content)
    assert head.header["title"] == recording.head["title"]
    assert head.header["duration"] == pytest.approx(6.0)
    assert client.get(f"/api/runs/{done}/frames").content == pack_frames(recording)


def test_a_window_has_every_frame_of_its_time(client: TestClient, done: str, same: Any) -> None:
    answer = client.get(f"/api/runs/{done}/frames", params={"from": 1.0, "to": 4.0, "every": 1})
    found = unpack(answer.content)
    times = np.asarray(same.time)
    np.testing.assert_allclose(found.arrays["time"], times[(times >= 1.0) & (times <= 4.0)])
    assert found.header["detail"] == "all"
    whole = record(same, every=1)
    here = (whole.times["samples"] >= 1.0) & (whole.times["samples"] <= 4.0)
    step = whole.head["quantities"]["pressure"]["step"]
    np.testing.assert_allclose(found.arrays["pressure"], whole.series["pressure"][here], atol=step)
    assert client.get(f"/api/runs/{done}/frames", params={"from": 1.001, "to": 1.002, "every": 1}).status_code == 409
    empty = client.get(f"/api/runs/{done}/frames", params={"from": 100.0})
    assert (empty.status_code, empty.headers["content-type"]) == (409, MEDIA_TYPE)


def test_a_run_has_the_report_that_the_command_writes(client: TestClient, done: str, folder: Path) -> None:
    told = wait_for(lambda: (one := client.get(f"/api/runs/{done}/report").json())["ready"] and one)
    assert told["sentences"] == json.loads((folder / done / "summary.json").read_text())["sentences"]["healthy"]
    assert told["sentences"]
    page = client.get(f"/runs/{done}/report.html")
    assert page.text == (folder / done / "report.html").read_text("utf-8")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts"), "its scripts have no part in what this server's pages may do"
    assert "allow-same-origin" not in policy
    assert client.get("/runs/nothing/report.html").status_code == 404
    assert client.get("/api/runs/nothing/report").status_code == 404


def test_a_run_without_a_report_says_so(client: TestClient, done: str, folder: Path) -> None:
    vl.open_run(folder / done).save(folder / "bare")
    assert client.get("/api/runs/bare/report").json() == {"ready": False, "comes": False, "sentences": []}
    assert client.get("/runs/bare/report.html").status_code == 404


@pytest.mark.parametrize("query", ["from=nan", "from=inf", "from=-1", "to=x", "every=0", "every=1.5", "member=-1"])
def test_a_window_that_makes_no_sense_is_refused(client: TestClient, done: str, query: str) -> None:
    answer = client.get(f"/api/runs/{done}/frames?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, MEDIA_TYPE)
    assert client.get(f"/api/runs/{done}/head?member=1").status_code == 404


@pytest.mark.parametrize(
    "name", ["nothing", ".studio", "%2e%2e%2f", "..%2f..%2fetc", "%00", "a" * 300, "-x", "~", "é", "con%3A"]
)
def test_an_id_is_never_a_path(client: TestClient, done: str, folder: Path, name: str) -> None:
    (folder / "link").unlink(missing_ok=True)
    (folder / "link").symlink_to(folder / done)
    for one in (name, "link", f"{done}%2f..%2f{done}"):
        for method, path in (
            ("GET", ""),
            ("GET", "/head"),
            ("GET", "/frames"),
            ("GET", "/report"),
            ("DELETE", ""),
            ("POST", "/resume"),
        ):
            answer = client.request(method, f"/api/runs/{one}{path}", headers=WITH)
            assert answer.status_code in (404, 405, 409), (one, method, path)
            assert str(folder) not in answer.text
    assert "link" not in [one["id"] for one in client.get("/api/runs").json()]


def messages(client: TestClient, name: str) -> tuple[list[dict[str, Any]], list[Any]]:
    """What a page is sent that watches a run to its end: how far it was, and packed files."""
    said, files = [], []
    with client.websocket_connect(f"/api/runs/{name}/live", headers=HOST) as watched:
        try:
            while True:
                message = watched.receive()
                if message["type"] == "websocket.close":
                    break
                if message.get("text") is not None:
                    said.append(json.loads(message["text"]))
                else:
                    files.append(unpack(message["bytes"]))
        except WebSocketDisconnect:
            pass
    return said, files


def test_frames_come_as_they_are_computed(client: TestClient) -> None:
    steps = [*SHORT, {"walk": {"speed": "3 km/h", "for": "40 s"}}, {"stand": {"for": "5 s"}}]
    run = asked(client, regimen=steps)
    said, files = messages(client, run["id"])
    states = [one["state"] for one in said]
    assert states[0] in ("queued", "running")
    assert states[-1] == "complete"
    assert any(one["progress"] and one["progress"]["total"] == pytest.approx(51.0) for one in said)
    head, *frames = files
    assert head.header["kind"] == "head"
    assert head.header["duration"] is None
    assert sum(one["duration"] for one in head.header["phases"]) == pytest.approx(51.0)
    assert len(frames) > 1, "in pieces"
    whole = vl.simulate("healthy", steps)
    times = np.concatenate([one.arrays["time"] for one in frames])
    np.testing.assert_allclose(times, whole.time)
    assert [one.header["first"] for one in frames] == [0, *np.cumsum([len(one.arrays["time"]) for one in frames])[:-1]]
    pressure = np.concatenate([one.arrays["pressure"] for one in frames])
    recording = record(whole, every=1)
    step = recording.head["quantities"]["pressure"]["step"]
    np.testing.assert_allclose(pressure, recording.series["pressure"], atol=step)


def test_a_run_that_is_complete_is_watched_as_a_whole(client: TestClient, done: str) -> None:
    said, files = messages(client, done)
    assert [one["state"] for one in said] == ["complete"]
    assert [one.header["kind"] for one in files] == ["head", "frames"]
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/runs/nothing/live", headers=HOST):
        pass


def test_a_run_is_stopped_and_goes_on_to_the_same(client: TestClient, folder: Path) -> None:
    steps = [*SHORT, {"walk": {"speed": "3 km/h", "for": "2 min"}}]
    name = asked(client, regimen=steps)["id"]
    wait_for(lambda: client.get(f"/api/runs/{name}").json()["phases_done"] > 1)
    stopped = client.delete(f"/api/runs/{name}", headers=WITH)
    assert stopped.status_code == 202
    run = ended(client, name)
    if run["state"] == "stopped":  # it may have come to its end just then
        assert not vl.open_run(folder / name).complete
        assert run["can_go_on"]
        assert client.post(f"/api/runs/{name}/resume", headers=WITH).status_code == 202
    assert ended(client, name)["state"] == "complete"
    np.testing.assert_array_equal(vl.open_run(folder / name).pressure, vl.simulate("healthy", steps).pressure)
    for method, path in (("DELETE", ""), ("POST", "/resume")):
        assert client.request(method, f"/api/runs/{name}{path}", headers=WITH).status_code == 409


def test_the_queue_has_an_end_and_what_waits_is_taken_out(client: TestClient) -> None:
    first = asked(client, regimen=LONG)["id"]
    wait_for(lambda: client.get(f"/api/runs/{first}").json()["state"] == "running")
    waiting = [asked(client)["id"] for _ in range(MOST_QUEUED)]
    assert [client.get(f"/api/runs/{name}").json()["waits_for"] for name in waiting] == list(range(MOST_QUEUED))
    refused = client.post("/api/runs", json={"person": "healthy", "regimen": SHORT}, headers=WITH)
    assert (refused.status_code, refused.headers["content-type"]) == (429, MEDIA_TYPE)
    for name in (*waiting, first):
        assert client.delete(f"/api/runs/{name}", headers=WITH).status_code == 202
    assert [ended(client, name)["state"] for name in (first, *waiting)] == ["stopped"] * (1 + MOST_QUEUED)


def test_when_the_process_of_runs_is_killed_the_run_says_so_and_goes_on(client: TestClient) -> None:
    name = asked(client, regimen=[*SHORT, *LONG])["id"]
    wait_for(lambda: client.get(f"/api/runs/{name}").json()["phases_done"] > 1)
    client.app.state.studio.queue._process.kill()  # type: ignore[attr-defined]
    run = ended(client, name)
    assert (run["state"], run["error"]["message"]) == ("failed", "the process that simulated ended")
    again = ended(client, asked(client)["id"])
    assert again["state"] == "complete"


def test_runs_made_elsewhere_are_there_too(tmp_path: Path, same: Any) -> None:
    same.save(tmp_path / "elsewhere" / "mine")
    same.save(tmp_path / "runs" / "by-command")
    (tmp_path / "runs" / "other").mkdir()
    (tmp_path / "runs" / "other" / "file").write_text("no run", "utf-8")
    with studio(tmp_path / "runs", also={"mine": tmp_path / "elsewhere" / "mine"}) as client:
        assert [one["id"] for one in client.get("/api/runs").json()] == ["mine", "by-command"]
        for name in ("mine", "by-command"):
            assert client.get(f"/api/runs/{name}").json()["state"] == "complete"
            assert client.get(f"/api/runs/{name}/frames").status_code == 200
        assert client.get("/api/runs/other").status_code == 404


def test_what_a_page_asks_for_is_told_of_every_run(client: TestClient, done: str) -> None:
    described = client.get("/api/openapi.json").json()
    assert {"/api/runs", "/api/runs/{name}", "/api/runs/{name}/frames"} <= set(described["paths"])
    assert TOKEN not in json.dumps(described)
