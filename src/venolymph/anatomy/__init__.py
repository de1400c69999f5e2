"""Where the network lies in the body: centre lines of vessels, places of valves and tissue, and the skin as a mesh.

`geometry(person)` gives them in cm. Where each vessel runs stands in `lines.toml`; where the mesh comes from, in
`leg.md`.
"""

from __future__ import annotations

from venolymph.anatomy.places import Geometry, TissueLine, ValvePoint, VesselLine, geometry, place_middles
from venolymph.anatomy.skin import SkinMesh

__all__ = ["Geometry", "SkinMesh", "TissueLine", "ValvePoint", "VesselLine", "geometry", "place_middles"]
