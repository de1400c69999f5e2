"""JSON that is no YAML (tabs, escaped slashes) is read too, by the same rules."""

from __future__ import annotations

import json

import pytest

from venolymph.documents import DEEPEST, parse
from venolymph.errors import DocumentError


def test_tabs_and_escapes_are_read() -> None:
    data = {"kind": "person", "note": "a/b", "parts": [1, 2.5, True, None, {"deep": []}]}
    text = json.dumps(data, indent="\t").replace("a/b", "a\\/b")
    assert parse(text)[0] == data


@pytest.mark.parametrize("text", ['{\n\t"a": "no",\n\t"a": "yes"}', '{\t"b": [{"a": 1, "a": 1}]}', '{"a": 1, "a": 2}'])
def test_a_key_given_twice_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="'a' is given twice"):
        parse(text)


@pytest.mark.parametrize("text", ['{\t"a": NaN}', '{\t"a": Infinity}', '{\t"a": }', '{\t"a": 1}}', "{\t", "\t[1]"])
def test_what_is_no_json_either_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="not YAML"):
        parse(text)


@pytest.mark.parametrize("depth", [DEEPEST, 900, 100_000])
def test_depth_has_an_end(depth: int) -> None:
    with pytest.raises(DocumentError):
        parse('{\t"a": ' + "[" * depth + "]" * depth + "}")


def test_large_characters_are_joined_and_halves_refused() -> None:
    assert parse('{"a": "\\ud83d\\ude00"}')[0] == {"a": "\U0001f600"}
    for text in ('{"a": "\\ud83d"}', 'a: "x\\ude00\\ud83d"'):
        with pytest.raises(DocumentError, match="half a character"):
            parse(text)
