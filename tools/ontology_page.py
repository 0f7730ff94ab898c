"""The page of every term of the ontology, with all that is stated of each; for the site.

An anchor is the local name of the term, so that ``https://w3id.org/nhskg/ns#Plan`` leads to
``terms.html#Plan`` (a fragment outlives a redirect).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from nhskg.rdf.terms import NS, compact

_HEAD: Final = (
    "---\ntocdepth: 2\n---\n\n# Terms\n\nAll terms that the graph uses, from the files of "
    "`ontology/`: those of nhskg, and those of other vocabularies with what nhskg says about them. "
    "How they belong together is told in [the ontology](ontology.md).\n\n"
)
_SHOWN: Final = {SKOS.prefLabel, SKOS.definition, RDFS.isDefinedBy, RDFS.label}
"""What is shown above the other statements of a term, or is the same for all."""
_BACK: Final = {
    RDFS.subClassOf: "narrower class",
    RDFS.subPropertyOf: "narrower property",
    RDFS.domain: "domain of",
    RDFS.range: "range of",
    SKOS.broader: "narrower",
    DCTERMS.isReplacedBy: "replaces",
}
_GROUPS: Final = {
    "Ontologies": "owl:Ontology",
    "Classes": "owl:Class",
    "Relations of relation claims": "nhs:RelationPredicate",
    "Object properties": "owl:ObjectProperty",
    "Datatype properties": "owl:DatatypeProperty",
    "Annotation properties": "owl:AnnotationProperty",
    "Powers": "nhs:Power",
    "Kinds of body": "nhs:BodyKind",
    "Concept schemes": "skos:ConceptScheme",
}


def render_terms(files: list[Path]) -> str:
    """Return the page of the terms that Turtle files describe, by kind and concept scheme."""
    graph, groups = Graph(), defaultdict[str, str](str)
    for path in files:
        graph.parse(path)
    terms = {each for each in graph.subjects() if isinstance(each, URIRef)}
    for term in sorted(terms, key=lambda each: (not each.startswith(NS), each)):
        groups[_group(graph, term)] += _section(graph, term)
    heads = sorted(groups, key=lambda head: ([*_GROUPS, head].index(head), head))
    return _HEAD + "".join(f"## {head}\n\n{groups[head]}" for head in heads)


def _group(graph: Graph, term: URIRef) -> str:
    """Return the heading that a term stands under: its concept scheme, or by its classes."""
    if scheme := graph.value(term, SKOS.inScheme):
        return str(graph.value(scheme, SKOS.prefLabel)).capitalize()
    classes = {*graph.objects(term, RDF.type)}
    classes |= {wider for each in classes for wider in graph.objects(each, RDFS.subClassOf)}
    names = {compact(str(each)) for each in classes}
    return next((head for head, name in _GROUPS.items() if name in names), "Others")


def _section(graph: Graph, term: URIRef) -> str:
    """Return the section of a term: its name, label, definition and all other statements."""
    lines = [f'<a id="{_anchor(term)}"></a>', f"### {compact(term)}"]
    lines += [f"**{_plain(each)}**" for each in graph.objects(term, SKOS.prefLabel)]
    lines += ["**Deprecated: not to be used in new data.**"] * (
        (term, OWL.deprecated, None) in graph
    )
    lines += map(_plain, graph.objects(term, SKOS.definition))
    rows = _statements(graph, term)
    for predicate, name in _BACK.items():
        found = [each for each in graph.subjects(predicate, term) if isinstance(each, URIRef)]
        rows += [f"{name}: {_show_all(graph, found)}"] if found else []
    return "\n\n".join(lines) + "\n\n" + "".join(f"- {row}\n" for row in rows) + "\n"


def _statements(graph: Graph, term: Node) -> list[str]:
    predicates = sorted({str(each) for each in graph.predicates(term)} - {*map(str, _SHOWN)})
    values = (_show_all(graph, graph.objects(term, URIRef(each))) for each in predicates)
    return [f"{compact(each)}: {value}" for each, value in zip(predicates, values, strict=True)]


def _show_all(graph: Graph, terms: Iterable[Node]) -> str:
    return ", ".join(sorted(_show(graph, each) for each in terms))


def _show(graph: Graph, term: Node) -> str:
    """Return a value: a term by its link, a text as it is, a blank node by its statements."""
    if isinstance(term, URIRef):
        link = f"#{_anchor(term)}" if (term, None, None) in graph else escape(term)
        return f'<a href="{link}">{escape(compact(term))}</a>'
    if isinstance(term, Literal):
        return _plain(term)
    if (term, RDF.first, None) in graph:
        return ", ".join(_show(graph, each) for each in Collection(graph, term))
    return "; ".join(_statements(graph, term))


def _anchor(term: URIRef) -> str:
    """Return the fragment of a term on the page; with its prefix where it is not of nhskg."""
    return escape(term.removeprefix(NS) if term.startswith(NS) else compact(term))


def _plain(text: object) -> str:
    """Return a text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_\[\]<>#|$])", r"\\\1", str(text))
