"""What the tests of the pages share: the script that writes into them."""

from __future__ import annotations

from types import ModuleType

import pytest

from script_loading import load_script


@pytest.fixture(scope="module")
def script(request: pytest.FixtureRequest) -> ModuleType:
    """The script that the tests of a module are about, which says its name as `SCRIPT`."""
    return load_script(request.module.SCRIPT)
