"""Names that what goes out and what comes in share."""

from __future__ import annotations

URL = "urn:venolymph:screening"
"""Canonical name of the questionnaire; its codes are in `urn:venolymph:screening:answer` and so on."""

NUMBER = "number"
