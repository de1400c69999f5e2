"""Other programs' files, in and out."""

from __future__ import annotations

from venolymph.interop import svzerod, vtk

__all__ = ["svzerod", "vtk"]
