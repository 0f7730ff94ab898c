"""Writes all graphs as JSON-LD, and the context that is published for them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from nhskg.graph.mapping import PREDICATES
from nhskg.rdf import terms
from nhskg.rdf.terms import NS, OA, OWL, PREFIXES, RDF_TYPE, RDFS, XSD, compact, local_name
from nhskg.release.source import Source

_FORMS: Final = {OA + "start": "integer", OA + "end": "integer", RDFS + "label": "english"}
"""The form of the values of properties of which neither the table nor the ontology says it."""


def write_json_ld(source: Source, folder: Path) -> None:
    """Write ``context.jsonld``, and ``nhskg.jsonld``: graph by graph, a line a node.

    The context is in the file, too: most readers fetch nothing. No number is one of JSON.
    """
    context = make_context(source.quads("ontology"))
    nodes = _Nodes(context)
    head = json.dumps({"@context": context}, indent=1, ensure_ascii=False)
    (folder / "context.jsonld").write_text(f"{head}\n", "utf-8", newline="\n")
    with (folder / "nhskg.jsonld").open("w", encoding="utf-8", newline="\n") as file:
        before = f'{head[:-2]},\n"@graph": ['
        for graph, quads in groupby(source.quads(), lambda quad: quad.graph_name):
            before += f'\n{{"@id": {json.dumps(_iri(graph))}, "@graph": [\n'
            for subject, of_subject in groupby(quads, lambda quad: quad.subject):
                file.write(before + json.dumps(nodes.make(subject, of_subject), ensure_ascii=False))
                before = ",\n"
            before = "\n]},"
        file.write(f"{before.removesuffix(',')}]}}\n")


def make_context(ontology: Iterable[Quad]) -> dict[str, Any]:
    """Return the terms: fields by the table of the mapping, and local names of the ontology.

    Of several fields with one predicate and form, none is one but that of its local name. A term of
    the ontology whose name is taken has its prefixed name.
    """
    context: dict[str, Any] = {"@version": 1.1, **PREFIXES}
    shared, forms = Counter(PREDICATES.values()), dict(_FORMS)
    for name, (iri, form) in sorted(PREDICATES.items()):
        if shared[iri, form] == 1 or name == local_name(iri):
            context[name.rstrip("_")] = define(iri, form)
    for subject, predicate, node, _ in ontology:
        if isinstance(subject, NamedNode) and isinstance(node, NamedNode):
            iri, value = subject.value, node.value
            if predicate.value == RDFS + "range" and value.startswith(XSD):
                forms[iri] = value.removeprefix(XSD)
            elif predicate.value == RDF_TYPE and value != OWL + "Ontology":
                form = {"ObjectProperty": "link"}.get(value.removeprefix(OWL), "")
                forms[iri] = form or forms.get(iri) or ("text" if "Property" in value else "")
    for iri in sorted(forms, key=lambda iri: (not iri.startswith(NS), iri)):
        definition = define(iri, forms[iri]) if forms[iri] else {"@id": iri}
        taken = context.get(name := local_name(iri), definition)
        known = isinstance(taken, dict) and taken["@id"] == iri
        context.setdefault(name if known else compact(iri), definition)
    return context


def define(iri: str, form: str) -> dict[str, Any]:
    """Return the definition of a term for values of a form, as ``PREDICATES`` has them."""
    match form:
        case "address" | "licence" | "link" | "term":
            return {"@id": iri, "@type": "@vocab"}
        case "english":
            return {"@id": iri, "@language": "en"}
        case "date" | "string" | "text":
            return {"@id": iri}
        case datatype:
            return {"@id": iri, "@type": XSD + datatype}


class _Nodes:
    """Makes node objects with the terms of a context."""

    def __init__(self, context: dict[str, Any]) -> None:
        self._names: dict[str, str] = {}
        self._keys: dict[tuple[str, str], str] = {}
        for name, given in context.items():
            if isinstance(given, dict):
                kind = given.get("@type") or given.get("@language", "")
                self._names.setdefault(given["@id"], name)
                self._keys.setdefault((given["@id"], kind), name)

    def make(self, subject: object, quads: Iterable[Quad]) -> dict[str, Any]:
        found = defaultdict[str, list[Any]](list)
        for key, value in (self._entry(quad.predicate.value, quad.object) for quad in quads):
            found[key].append(value)
        values = {key: each if len(each) > 1 else each[0] for key, each in found.items()}
        return {"@id": _iri(subject), **values}

    def _entry(self, predicate: str, value: object) -> tuple[str, Any]:
        """Return the key, and the value in the form that the key's definition gives."""
        full: dict[str, str] = {"@id": _iri(value)}
        short, kind = self._names.get(getattr(value, "value", ""), full["@id"]), "@vocab"
        if isinstance(value, Literal):
            short, kind = value.value, value.language or value.datatype.value
            full = {"@value": short, "@language" if value.language else "@type": compact(kind)}
            kind = "" if kind == XSD + "string" else kind
        if predicate == RDF_TYPE:
            return "@type", short
        if key := self._keys.get((predicate, kind)):
            return key, short
        return self._keys.get((predicate, ""), compact(predicate)), full


def _iri(node: object) -> str:
    """Return an IRI as the prefixes shorten it, or the label of a blank node."""
    if not isinstance(node, NamedNode):
        return str(node)
    name = node.value.removeprefix(terms.ID)
    return compact(node.value) if name == node.value else f"id:{name}"
