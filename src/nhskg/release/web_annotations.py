"""Writes the evidence of claims as W3C Web Annotations, one a claim."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from nhskg.project import reading
from nhskg.rdf import terms
from nhskg.rdf.terms import OA
from nhskg.release.source import Source

_Facts = defaultdict[str, list[str]]
"""The values of each predicate of a subject."""

_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
"""The licence of the corpus that ships with nhskg; that of another is not known."""


def write_annotations(source: Source, folder: Path) -> None:
    """Write ``annotations.jsonld``: a collection of annotations, with all of them on one page.

    Data model: https://www.w3.org/TR/annotation-model/. The body is the IRI of the claim; a target
    is a piece of evidence, and its source a document. Its selectors describe one segment, the
    quote: by its words, and by the position of the passage, which the words then refine (4.2.9).
    Positions are of code points, as the recommendation says (4.2.4), and never of UTF-16 code
    units. When an annotation was made is not known.
    """
    rights = {} if reading().credit else {"rights": _LICENCE}
    made: dict[str, Any] = {"creator": terms.CURATOR, **rights}
    collection = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"{terms.ID}annotation/all",
        "type": "AnnotationCollection",
        "label": "Evidence of the claims",
        **made,
    }
    page = {
        "id": f"{terms.ID}annotation/page-1",
        "type": "AnnotationPage",
        "partOf": collection["id"],
        "startIndex": 0,
    }
    total = 0
    with (folder / "annotations.jsonld").open("w", encoding="utf-8", newline="\n") as file:
        file.write(_dumps(collection)[:-1])
        for annotation in _annotations(source):
            first = f',\n"first": {_dumps(page)[:-1]}, "items": [\n'
            file.write(",\n" if total else first)
            file.write(_dumps({**annotation, **made}))
            total += 1
        last = f'\n]}},\n"last": "{page["id"]}"' if total else ""
        file.write(f'{last},\n"total": {total}}}\n')


def _annotations(source: Source) -> Iterator[dict[str, Any]]:
    """Yield an annotation a claim, in order: the pieces of its evidence follow one another."""
    start, evidence = terms.ID + "claim/", "/evidence/"
    found = ((str(s.value), p.value, o.value) for s, p, o, _ in source.quads("asserted"))
    theirs = (each for each in found if each[0].startswith(start) and evidence in each[0])
    for claim, group in groupby(theirs, lambda each: each[0].partition(evidence)[0]):
        facts = defaultdict[str, _Facts](lambda: defaultdict(list))
        for subject, predicate, value in group:
            facts[subject][predicate].append(value)
        passages = (each for each in facts if OA + "hasSource" in facts[each])
        targets = [
            _target(facts, each) for each in sorted(passages, key=lambda each: (len(each), each))
        ]
        yield {
            "id": f"{terms.ID}annotation/{claim.removeprefix(start)}",
            "type": "Annotation",
            "motivation": "describing",
            "body": claim,
            "target": targets[0] if len(targets) == 1 else targets,
        }


def _target(facts: Mapping[str, _Facts], evidence: str) -> dict[str, Any]:
    """Return a piece of evidence with its selectors."""
    quote = f"{evidence}/quote"
    words = {each: facts[quote][OA + each] for each in ("exact", "prefix", "suffix")}
    selectors: list[dict[str, Any]] = [
        {"id": quote, "type": "TextQuoteSelector"} | {k: v[0] for k, v in words.items() if v}
    ]
    for position in facts[evidence][OA + "hasSelector"]:
        if position != quote:  # as terms.passage makes it
            start, end = map(int, terms.local_name(position).split("-"))
            selectors.append({"type": "TextPositionSelector", "start": start, "end": end})
            selectors[-1]["refinedBy"] = quote
    return {
        "id": evidence,
        "type": "SpecificResource",
        "source": facts[evidence][OA + "hasSource"][0],
        "selector": selectors,
    }


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
