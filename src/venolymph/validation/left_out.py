"""Each `calibrate` target as the model predicts it when calibrated without it; kept by scripts/leave_one_out.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "left_out.json"


def load() -> Mapping[str, Any]:
    """By part (veins, tissue), what was found: targets, knobs, Fisher matrix; empty where nothing is kept."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
