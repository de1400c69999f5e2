"""Words for people, by language: a package that speaks has a folder `words` with one TOML file a language."""

from __future__ import annotations

from importlib import resources
from typing import TypeVar

from venolymph.documents import Entry, load_packaged
from venolymph.errors import DocumentError, nearest

Words = TypeVar("Words", bound=Entry)


def languages(package: str) -> list[str]:
    """Languages that a package (`venolymph.plan`) has words for."""
    files = resources.files(package).joinpath("words").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def read_words(model: type[Words], package: str, language: str) -> Words:
    """The words of a package in a language, checked against their model.

    Raises:
        DocumentError: where there are none in that language.
    """
    known = languages(package)
    if language not in known:
        near = nearest(language, known)
        raise DocumentError(
            f"there are no words in the language {language!r}; allowed are {', '.join(known)}",
            hint=f"did you mean {near!r}?" if near else "a translation is one file beside the English one",
            place="language",
        )
    return load_packaged(model, package, f"words/{language}.toml")
