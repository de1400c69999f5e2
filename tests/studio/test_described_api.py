"""Every operation of the API answers as its description (OpenAPI) says, to whatever is sent, and never by a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS

import venolymph as vl
from studio.serving import SHORT, TOKEN, WITH, server
from venolymph.studio.api import make_router
from venolymph.studio.serving import create_app

NOBODY: Any = None
APP = FastAPI()
APP.include_router(make_router(NOBODY))
DESCRIBED = schemathesis.openapi.from_dict(APP.openapi())
NAMES = st.sampled_from(["short", "other", "..", "a b", "%00", "ü"])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("described")
    vl.simulate("healthy", SHORT, out=folder / "short")
    app = create_app(folder, TOKEN)
    assert app.openapi()["paths"] == APP.openapi()["paths"]
    with server(app) as found:
        yield f"http://{found}"


@DESCRIBED.parametrize()
@DESCRIBED.given(name=NAMES)
@settings(max_examples=40)
def test_every_operation(case: schemathesis.Case, address: str, name: str) -> None:
    if "name" in case.path_parameters:
        case.path_parameters["name"] = name
    # a body that has the right shape is no document that can be simulated
    left_out = CHECKS.get_by_names(["positive_data_acceptance"]) if case.operation.method == "post" else []
    case.call_and_validate(base_url=address, headers=WITH, excluded_checks=left_out)
