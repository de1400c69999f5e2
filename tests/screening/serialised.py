"""Documents of answers in every form in which they are read, written out as files."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screening.people import TODAY
from venolymph import documents, plan
from venolymph.cli.screening import read_answers
from venolymph.errors import VenolymphError
from venolymph.screening import Answers, fhir


def as_yaml(given: Answers) -> str:
    return documents.write(given.document())


def yaml_saying(given: Answers, *lines: str, anew: str | None = None) -> str:
    """YAML with an answer a line, and these lines after them; or with this line among what was asked anew."""
    content = given.document()
    answers = content.pop("answers")
    rows = [f"  {name}: {json.dumps(answer)}" for name, answer in answers.items()]
    text = documents.write(content) + "\n".join(["answers:", *rows, *(f"  {line}" for line in lines)]) + "\n"
    return text if anew is None else f"{text}again:\n  date: {TODAY}\n  answers:\n    {anew}\n"


def as_json(given: Answers) -> str:
    return json.dumps(given.document())


def as_json_with_tabs(given: Answers) -> str:
    return json.dumps(given.document(), indent="\t")


def as_fhir(given: Answers) -> str:
    return json.dumps({**fhir.response(given), "status": "completed"})


def as_pages(given: Answers) -> str:
    """Questions on pages, texts between them, as form programs write them."""
    sent = {**fhir.response(given), "status": "amended", "authored": f"{given.date}T08:00:00+01:00"}
    about, asked = sent["item"][:4], sent["item"][4:]
    pages = [
        {"linkId": f"page-{n}", "item": [{"linkId": f"text-{n}", "text": "Please answer."}, *asked[n : n + 12]]}
        for n in range(0, len(asked), 12)
    ]
    return json.dumps({**sent, "item": [*about, *pages]})


def as_bundle(given: Answers) -> str:
    entries = [{"resource": {"resourceType": "Patient"}}, {"resource": json.loads(as_fhir(given))}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1)


FORMS: dict[str, Callable[[Answers], str]] = {
    "yaml": as_yaml,
    "json": as_json,
    "json with tabs": as_json_with_tabs,
    "fhir": as_fhir,
    "fhir pages": as_pages,
    "fhir bundle": as_bundle,
}


def planned(text: str, folder: Path, name: str = "answers.yaml") -> plan.Plan | None:
    """The plan that a file of answers leads to, by the reader of the command; None where there is none."""
    path = folder / name
    path.write_text(text, "utf-8")
    try:
        return plan.plan("leg-massage-short", read_answers(path), today=TODAY)
    except VenolymphError:
        return None


def fhir_with(given: Answers, *items: dict[str, Any], first: bool = False, page: bool = False) -> str:
    """A response with more items, before or after the others, or on a page of their own."""
    sent = json.loads(as_fhir(given))
    more = [{"linkId": "page", "item": list(items)}] if page else list(items)
    sent["item"] = [*more, *sent["item"]] if first else [*sent["item"], *more]
    return json.dumps(sent)


def fhir_under(given: Answers, name: str, *items: dict[str, Any], below: str) -> str:
    """A response with more items under a question, under its answer, or in its place."""
    sent = copy.deepcopy(json.loads(as_fhir(given)))
    for one in sent["item"]:
        if one["linkId"] == name:
            if below == "question":
                one["item"] = list(items)
            else:
                one["answer"][0]["item"] = list(items)
    return json.dumps(sent)
