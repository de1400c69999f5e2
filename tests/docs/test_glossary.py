"""The glossary is true: each name that it gives exists, each term stands in it once and leads to a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from venolymph import figures
from venolymph.body import places
from venolymph.body.parameter_arrays import ARRAYS as PARAMETERS
from venolymph.body.person import person_schema
from venolymph.massage import packaged_sessions
from venolymph.massage.session import session_schema
from venolymph.measures import measures
from venolymph.regimen import STEPS, packaged_regimens
from venolymph.regimen.loading import regimen_schema
from venolymph.screening.rulebook import rulebook
from venolymph.simulation.quantities import ARRAYS, EXTREMES, variable

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "venolymph"
GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
ROW = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\) \|([^|]+)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def rows() -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in row) for row in ROW.findall(GLOSSARY.read_text("utf-8"))]


def defined() -> Iterator[str]:
    """What the package's source defines: files, classes, functions, their arguments, attributes and constants."""
    for file in SOURCE.rglob("*.py"):
        yield file.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                    yield name
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                    yield name


def keys(schema: object) -> Iterator[str]:
    """Keys that documents may have, from their JSON schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


def known() -> set[str]:
    arrays = [*PARAMETERS, *(array.split(".")[0] for array in PARAMETERS)]
    recorded = [*ARRAYS, *EXTREMES, *map(variable, ARRAYS)]
    read = [name for measure in measures().values() for name in measure.names]
    groups = [*places.SEGMENT_GROUPS, *places.PERFORATOR_GROUPS]
    rules = list(rulebook().rules)
    documents = [*STEPS, *packaged_regimens(), *packaged_sessions()]
    for schema in (person_schema(), regimen_schema(), session_schema()):
        documents += keys(schema)
    return {*defined(), *arrays, *recorded, *read, *groups, *rules, *documents, *figures.load()}


def test_every_name_in_the_glossary_exists() -> None:
    there = known()
    for term, _, what, _, names in rows():
        for name in re.findall(r"`([^`]+)`", f"{what} {names}"):
            assert name in there, f"the glossary gives {term} the name {name}, which nothing has"


def test_every_line_of_the_glossary_is_read_and_no_term_stands_twice() -> None:
    lines = [line for line in GLOSSARY.read_text("utf-8").splitlines() if re.match(r"\| (?!term )", line)]
    terms = [term.lower() for term, *_ in rows()]
    assert len(lines) == len(terms) >= 60
    assert len(set(terms)) == len(terms)
