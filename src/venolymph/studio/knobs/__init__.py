"""Knobs: what somebody may change of a person and a regimen in the browser, each with unit, range and source.

- `knobs(person, regimen)`: those that go with two documents, with the values that these have
- `turned(person, regimen, settings)`: the documents with knobs turned
"""

from __future__ import annotations

from venolymph.studio.knobs.knob import Knob, KnobSetting, knobs
from venolymph.studio.knobs.turning import turned

__all__ = ["Knob", "KnobSetting", "knobs", "turned"]
