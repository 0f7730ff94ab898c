"""List the things of the graph, and find things and claims by words in their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from nhskg.queries.answers import Answer, answer
from nhskg.queries.engine import Row, select
from nhskg.queries.names import alike, read_named, words
from nhskg.queries.plans import in_order
from nhskg.queries.stored import StoredQuery
from nhskg.rdf import terms
from nhskg.rdf.files import AnyFolder

MOST: Final = 20
"""The number of findings that are shown, unless all are asked for."""

_CLAIMS: Final = """SELECT ?x ?kind ?label ?field ?text {
  VALUES (?class ?kind) {
    (nhs:Provision "provision") (nhs:Stance "stance") (nhs:Silence "silence")
    (nhs:RelationClaim "relation claim")
  }
  ?x a ?class ; nhs:evidence/oa:hasSelector/oa:exact ?label .
  VALUES (?property ?field) {
    (dcterms:abstract "assessment") (skos:editorialNote "note") (bibo:locator "locator")
  }
  OPTIONAL { ?x ?property ?text }
}"""
_NOTES: Final = "SELECT ?x ?text { ?x skos:notation ?id ; skos:editorialNote ?text }"
_NAMING: Final = """SELECT DISTINCT ?x ?thing {
  ?x a nhs:Claim ; ?names ?thing . ?thing skos:notation ?id ; skos:prefLabel ?label
}"""
_NAMED: Final = "what it names"
_WEIGHTS: Final = {
    "label": 4,
    "id": 3,
    "other label": 3,
    "quote": 2,
    "locator": 2,
    "assessment": 1.5,
    "note": 1,
    _NAMED: 0.5,
}
_SMALL: Final = frozenset("a an the and or of to in on at for from by with is are be".split())
_ALIKE: Final = 80  # of 100: the likeness of a misspelt word to the one that is meant


def list_things(store: Store, folder: AnyFolder, kind: str) -> Answer:
    """Return the things of a kind; plans in the order of time, and others by label."""
    found = answer(store, folder, "things", {"kind": kind})
    columns, rows = tuple(each for each in found.columns if each not in ("kind", "iri")), found.rows
    if kind == "plan":
        ids = {each.iri: each.slug for each in read_named(store, kind)}
        places = {ids[iri]: place for place, iri in enumerate(in_order(store, ids))}
        rows = sorted(rows, key=lambda row: places[row["id"]])
    return replace(found, columns=columns, rows=rows)


def find(store: Store, asked: Sequence[str], *, everything: bool = False) -> Answer:
    """Return the things and claims whose texts have all the words asked for, best first.

    Small words do not count. Where nothing has all words, it is what has most of them. A text has
    a word if one of its own is the same but for case and plural, begins with it, or is much like
    it. A label counts more than a quote, a quote more than an assessment or a note, and a name of
    what a claim is about the least.
    """
    shown, texts = _read_texts(store)
    split = {text: words(text).split() for _, _, text in texts}
    vocabulary = sorted({word for own in split.values() for word in own})
    given = words(" ".join(asked)).split()
    asked_words = [word for word in given if word not in _SMALL] or given
    likeness = [_likeness(word, vocabulary) for word in asked_words]
    # for each thing and each word asked for: the best text
    found: dict[str, list[tuple[float, str, str]]] = {}
    for iri, field, text in texts:
        best = found.setdefault(iri, [(0, "", "")] * len(likeness))
        for i, near in enumerate(likeness):
            score = _WEIGHTS[field] * max((near.get(word, 0) for word in split[text]), default=0)
            # of equally good texts, the one with fewer other words
            best[i] = max(best[i], (score and score + 1 / len(split[text]), field, text))
    had = {iri: sum(1 for score, _, _ in best if score) for iri, best in found.items()}
    most = max(had.values(), default=0)
    complete = [
        (sum(each[0] for each in best), iri, max(best))
        for iri, best in found.items()
        if had[iri] == most > 0
    ]
    complete.sort(key=lambda each: (-each[0], each[1]))
    columns, rows = ("kind", "found", "found_in", "command", "claim"), list[Row]()
    for _, iri, (_, field, text) in complete if everything else complete[:MOST]:
        kind, label, name = shown[iri]
        where = field if text in label else f"{field}: {text}"
        command = f"nhskg show {name}"
        claim = iri if iri.startswith(f"{terms.ID}claim/") else ""
        cells = (kind, label, where, command, claim)
        rows.append(dict(zip(columns, cells, strict=True)))
    question = f"What has “{' '.join(asked)}” in its labels, quotes, assessments or notes?"
    query = StoredQuery("find", Path("find"), question, (), columns, "")
    notes = [
        f"no text has a word like “{each[0]}”"
        for each in zip(asked_words, likeness, strict=True)
        if not each[1].keys() & set(vocabulary)
    ]
    if 0 < most < len(asked_words):
        notes.append(f"nothing has all of these words; here is what has {most} of them")
    if len(rows) < len(complete):
        notes.append(f"the best {MOST} of {len(complete)}: --all for the others")
    return Answer(query, columns, rows, tuple(notes))


def _likeness(wanted: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """Return the words of a vocabulary that are taken for a word, with their likeness of 100."""
    near = alike(wanted, vocabulary, _ALIKE)
    begun = {word: 90.0 for word in vocabulary if word.startswith(wanted) and len(wanted) > 2}
    return {**{word: 0.8 * ratio for word, ratio in near.items()}, **begun, wanted: 100}


def _read_texts(
    store: Store,
) -> tuple[dict[str, tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Return kind, label and id by IRI; and the texts, each with the IRI and what it is."""
    shown = dict[str, tuple[str, str, str]]()
    texts = dict[tuple[str, str, str], None]()  # each once, in order
    for each in read_named(store):
        shown[each.iri] = (each.kind, each.label, each.slug)
        fields = {each.slug: "id", each.label: "label"}
        for name in each.names:
            texts[each.iri, fields.get(name, "other label"), name] = None
    for row in select(store, _NOTES):
        texts[row["x"], "note", row["text"]] = None
    for row in select(store, _CLAIMS):
        slug = row["x"].removeprefix(f"{terms.ID}claim/")
        shown[row["x"]] = (row["kind"], f"“{row['label']}”", slug)
        texts[row["x"], "quote", row["label"]] = None
        if row["text"]:
            texts[row["x"], row["field"], row["text"]] = None
    names = {each.iri: each.names for each in read_named(store)}
    for row in select(store, _NAMING):
        for name in names.get(row["thing"], ()) if row["x"] in shown else ():
            texts[row["x"], _NAMED, name] = None
    return shown, [*texts]
