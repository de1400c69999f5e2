"""A client of the pages."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from venolymph.studio.pages.all_pages import router
from venolymph.studio.trials import ClaimTrials

TOKEN = "a token of these tests"


@pytest.fixture(scope="session")
def pages() -> TestClient:
    """A client of the pages that are plain HTML."""
    app = FastAPI()
    app.include_router(router)
    app.state.trials, app.state.token = ClaimTrials(), TOKEN
    return TestClient(app)
