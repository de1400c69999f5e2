"""Libraries that come with an extra and are not there for everybody."""

from __future__ import annotations

import importlib
from typing import Any

from venolymph.errors import VenolymphError


def optional(module: str, extra: str) -> Any:
    """A module of a library that comes with an extra.

    Args:
        module: its full name, such as `scipy.stats`.
        extra: name of the extra.

    Raises:
        VenolymphError: where the library is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise VenolymphError(
            f"{module.partition('.')[0]} is not installed, and is needed for this",
            hint=f'pip install "venolymph[{extra}]"',
        ) from None
