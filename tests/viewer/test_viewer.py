"""The leg in a browser: what is drawn follows the run, and what is said of it is the run's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from venolymph.viewer import pack_frames, pack_head, record
from viewer.pages import chromium, opened, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def address(moving: Any, swelling: Any) -> Iterator[str]:
    recordings = {"healthy": record(moving, 0), "varicose": record(moving, 1), "swelling": record(swelling)}
    files = {f"{name}.head": pack_head(one) for name, one in recordings.items()}
    files |= {f"{name}.frames": pack_frames(one) for name, one in recordings.items()}
    with serving(files) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    shown, complaints = opened(browser, f"{address}/?varicose")
    yield shown
    assert not [one for one in complaints if "GPU stall" not in one]


def test_hover_says_what_the_dataset_has(page: Page, moving: Any) -> None:
    data = moving.dataset()
    rng = np.random.default_rng(3)
    drawn = set(page.evaluate("venolymph.things.filter((one) => one.kind === 'vein').map((one) => one.name)"))
    cells = [one for one in data.cell.values if one in drawn]
    for time in rng.choice(data.time.values[:-1], 50):
        name = str(rng.choice(cells))
        page.evaluate("(time) => venolymph.setTime(time)", float(time))
        said = page.evaluate("(name) => venolymph.hover('vein', name)", name)
        wanted = float(data.pressure.sel(time=time, cell=name).values[1])
        assert said["unit"] == "mmHg"
        assert said["value"] == pytest.approx(wanted, abs=0.06)
        assert said["name"] == name
