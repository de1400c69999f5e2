"""What the author of a session writes in words: looked through for open skin, ulcers, wounds and pain.

A session is for skin that is whole and does not hurt, so no word of it has business with the rest. Words are compared
without case, accents, hidden characters, look-alikes from other alphabets, and blanks or dots between letters. Which
words is data (`rules.toml`), in the languages that sessions come in; a misspelling gets through, as it would past a
reader in a hurry, which is why nothing but answers ever opens a plan.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from venolymph.massage.session import Session
from venolymph.massage.session_steps import Pause, Strokes

RULE = "words-of-wounds"

_ALIKE = str.maketrans(
    "аеорсхуіїѕјһԁԛԝкмтвнгпіαεορνυκτχηιβɡɑıøłđħŧæœ0345789@$€£|!",
    "aeopcxyiisjhdqwkmtbhrniaeopvuktxnibgaioldhtaooeastbgasefli",
)
"""Characters that are read as a Latin letter; 1, which is read as two, is apart."""


def own_words(session: Session) -> Iterator[tuple[int | None, str]]:
    """Everything that a session's author wrote in words, with the number of the step from 1 (None: of the whole)."""
    for text in (session.session, session.school, session.source, session.reason):
        if text:
            yield None, text
    for number, step in enumerate(session.course, 1):
        if isinstance(step, Pause | Strokes) and step.note:
            yield number, step.note


def of_wounds(text: str) -> str | None:
    """The first word of open skin, ulcers, wounds or pain in a text, as it stands in the list; None without."""
    for reading in _readings(text):
        for pattern, word in _patterns():
            if pattern.search(reading):
                return word
    return None


def _readings(text: str) -> Iterator[str]:
    """A text as plain small Latin letters and single blanks, in each way in which it can be read."""
    shown = "".join(letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter)[0] != "C")
    bare = "".join(letter for letter in shown.casefold() if unicodedata.category(letter) not in ("Mn", "Me"))
    for one in "il":
        plain = bare.translate(_ALIKE).replace("1", one)
        apart = " ".join(re.findall(r"[a-z]+", plain))
        yield apart
        # letters by themselves are a word that is spaced out
        yield re.sub(r"\b(?:[a-z] )+[a-z]\b", lambda found: found[0].replace(" ", ""), apart)
        yield " ".join(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])[^a-z\s]+(?=[a-z])", "", plain)))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = tomllib.loads(resources.files("venolymph.plan").joinpath("rules.toml").read_text("utf-8"))
    words: Mapping[str, list[str]] = data[RULE]["words"]
    return tuple(
        (re.compile(rf"\b{re.escape(word).replace(re.escape('*'), '[a-z]*')}\b"), word)
        for language in words
        for word in words[language]
    )
