"""Words that somebody is to read: a name, a role, a reason."""

from __future__ import annotations

import unicodedata

from venolymph.errors import DocumentError
from venolymph.units import show

_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters that Unicode calls letters and nobody sees."""


def check_words(text: str, letters: int = 1) -> str:
    """Words that somebody is to read: a name, a role, a reason.

    Args:
        text: as given.
        letters: how many letters there have to be.

    Returns:
        The text in its usual Unicode form (NFKC), without blanks around it.

    Raises:
        DocumentError: where it holds what cannot be seen, or too few letters.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    hidden = next((char for char in plain if not char.isprintable() or char in _BLANK_LETTERS), None)
    if hidden is not None:
        raise DocumentError(
            f"{show(text)} holds a character that cannot be seen (U+{ord(hidden):04X})", hint="take it out"
        )
    if sum(char.isalpha() for char in plain) < letters:
        raise DocumentError(
            f"{show(text)} says nothing; at least {letters} letters are needed", hint="write it in words"
        )
    return plain


def check_reason(text: str) -> str:
    """A reason that is recorded and printed: words, three letters at the least.

    Raises:
        DocumentError: where it is none.
    """
    return check_words(text, 3)
