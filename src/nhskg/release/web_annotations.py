"""Writes the evidence of claims as W3C Web Annotations, one a claim that stands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from nhskg.rdf import terms
from nhskg.rdf.terms import OA, SKOS
from nhskg.release.source import Source

_QUOTED: Final = "The licence is that of the annotation; words quoted are their publisher's."
_PLAIN: Final = {"format": "text/plain", "language": "en"}


def write_annotations(source: Source, folder: Path) -> None:
    """Write ``annotations.jsonld``: a collection of annotations, all on its one page.

    By https://www.w3.org/TR/annotation-model/: one body is the claim, another its label; a target
    is a piece of its evidence, and selects the quote by its words, and by the position of the
    passage that the words refine (4.2.9). Positions count code points, not units of UTF-16, as
    4.2.4 demands. A target has an IRI of its own: the evidence in the graph has other selectors,
    one of them the whole passage.
    """
    name, page = f"{terms.ID}annotation/all", f"{terms.ID}annotation/page-1"
    made = {"creator": terms.CURATOR, "generator": f"{source.iri}#program"}
    if source.licence:
        made |= {"rights": source.licence, "dc:rights": _QUOTED}
    start = {"@context": "http://www.w3.org/ns/anno.jsonld", "id": name}
    start |= {"type": "AnnotationCollection", "label": "Evidence of the claims", **made}
    first = {"id": page, "type": "AnnotationPage", "partOf": name, "startIndex": 0}
    before, total = f',\n"first": {json.dumps(first)[:-1]}, "items": [\n', 0
    with (folder / "annotations.jsonld").open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(start)[:-1])
        for annotation in _annotations(source):
            file.write(before + json.dumps({**annotation, **made}, ensure_ascii=False))
            before, total = ",\n", total + 1
        file.write(f'\n]}},\n"last": "{page}"' if total else "")
        file.write(f',\n"total": {total}}}\n')


def _annotations(source: Source) -> Iterator[dict[str, Any]]:
    """Yield an annotation a claim that stands, in order: its pieces of evidence follow one another.

    Nothing is claimed any more of the passages of a withdrawn claim: the graph alone keeps them.
    """
    start, evidence = terms.ID + "claim/", "/evidence/"
    found = ((str(s.value), p.value, str(o.value)) for s, p, o, _ in source.quads("asserted"))
    theirs = (each for each in found if each[0].startswith(start) and evidence in each[0])
    words = {  # no label is made of a withdrawn claim
        str(s.value): str(o.value)
        for s, p, o, _ in source.quads("labels")
        if p.value == SKOS + "prefLabel" and evidence not in str(s)
    }
    for claim, group in groupby(theirs, lambda each: each[0].partition(evidence)[0]):
        if claim not in words:
            continue
        facts = defaultdict[str, dict[str, str]](dict)  # selectors stand for their predicate
        for subject, predicate, value in group:
            facts[subject][value if predicate == OA + "hasSelector" else predicate] = value
        passages = [each for each in facts if OA + "hasSource" in facts[each]]
        targets = [_target(facts, each) for each in sorted(passages, key=lambda e: (len(e), e))]
        yield {
            "id": f"{terms.ID}annotation/{claim.removeprefix(start)}",
            "type": "Annotation",
            "motivation": "describing",
            "body": [claim, {"type": "TextualBody", "value": words[claim], **_PLAIN}],
            "target": targets if len(targets) > 1 else targets[0],
        }


def _target(facts: Mapping[str, Mapping[str, str]], evidence: str) -> dict[str, Any]:
    quote = f"{evidence}/quote"
    words = {each: facts[quote].get(OA + each) for each in ("exact", "prefix", "suffix")}
    given = {key: value for key, value in words.items() if value is not None}
    selectors: list[dict[str, Any]] = [{"id": quote, "type": "TextQuoteSelector", **given}]
    for each in facts[evidence]:
        if each.startswith(f"{terms.ID}passage/"):  # as terms.passage makes it
            start, end = map(int, terms.local_name(each).split("-"))
            position = {"type": "TextPositionSelector", "start": start, "end": end}
            selectors.append({**position, "refinedBy": quote})
    source = facts[evidence][OA + "hasSource"]
    name = f"{terms.ID}annotation/{evidence.removeprefix(f'{terms.ID}claim/')}"
    return {"id": name, "type": "SpecificResource", "source": source, "selector": selectors}
