"""What the tests of the pages share: the script that writes into them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="module")
def script(request: pytest.FixtureRequest) -> ModuleType:
    """The script that the tests of a module are about, which says its name as `SCRIPT`."""
    spec = importlib.util.spec_from_file_location(request.module.SCRIPT, SCRIPTS / f"{request.module.SCRIPT}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # data classes look their module up
    spec.loader.exec_module(module)
    return module
