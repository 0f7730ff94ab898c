"""The page of every term of the ontology, with what is said about each; for the site.

An anchor is the local name of the term, so that ``https://w3id.org/nhskg/ns#Plan`` leads to
``terms.html#Plan`` (a fragment outlives a redirect).
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.terms import DCTERMS, NS, OWL, RDF, RDFS, SKOS, compact

_HEAD: Final = """---
tocdepth: 2
---

# Terms

All terms that the graph uses, from the files of `ontology/`: those of nhskg, and those of other
vocabularies with what nhskg says about them. How they belong together is told in
[the ontology](ontology.md).

"""
_SHOWN: Final = (SKOS + "prefLabel", SKOS + "definition", RDFS + "isDefinedBy", RDFS + "label")
"""What is shown above the other statements of a term, or is the same for all."""
_BACK: Final = {
    RDFS + "subClassOf": "narrower class",
    RDFS + "subPropertyOf": "narrower property",
    RDFS + "domain": "domain of",
    RDFS + "range": "range of",
    SKOS + "broader": "narrower",
    DCTERMS + "isReplacedBy": "replaces",
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
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class _Terms:
    def __init__(self, files: list[Path]) -> None:
        self.store = ox.Store()
        for path in files:
            self.store.load(path=path, format=ox.RdfFormat.TURTLE)
        named = {quad.subject for quad in self.store if isinstance(quad.subject, ox.NamedNode)}
        self.terms = sorted(named, key=lambda term: (not term.value.startswith(NS), term.value))

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        found = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in found), key=str)

    def subjects(self, predicate: str, term: ox.NamedNode) -> list[Term]:
        found = self.store.quads_for_pattern(None, ox.NamedNode(predicate), term)
        return sorted((quad.subject for quad in found if quad.subject in self.terms), key=str)

    def show(self, term: Term) -> str:
        """Return a value: a term by its link, a text as it is, a blank node by its statements."""
        match term:
            case ox.NamedNode() if term in self.terms:
                return f'<a href="#{anchor(term)}">{escape(compact(term.value))}</a>'
            case ox.NamedNode():
                return f'<a href="{escape(term.value)}">{escape(compact(term.value))}</a>'
            case ox.Literal():
                return plain(term.value)
        if first := self.objects(term, RDF + "first"):
            (rest,) = self.objects(term, RDF + "rest")
            more = "" if rest == ox.NamedNode(RDF + "nil") else f", {self.show(rest)}"
            return self.show(first[0]) + more
        return "; ".join(f"{key} {value}" for key, value in self.statements(term))

    def statements(self, term: Term) -> list[tuple[str, str]]:
        assert isinstance(term, ox.NamedNode | ox.BlankNode)
        found = self.store.quads_for_pattern(term, None, None)
        return [
            (compact(predicate), ", ".join(map(self.show, self.objects(term, predicate))))
            for predicate in sorted({quad.predicate.value for quad in found} - {*_SHOWN})
        ]

    def section(self, term: ox.NamedNode) -> str:
        """Return the section of a term: its name, label, definition and all other statements."""
        is_old = bool(self.objects(term, OWL + "deprecated"))
        lines = [f'<a id="{anchor(term)}"></a>', f"### {compact(term.value)}"]
        lines += [f"**{plain(each.value)}**" for each in self._texts(term, SKOS + "prefLabel")]
        lines += ["**Deprecated: not to be used in new data.**"] * is_old
        lines += [plain(each.value) for each in self._texts(term, SKOS + "definition")]
        back = [(name, self.subjects(predicate, term)) for predicate, name in _BACK.items()]
        rows = self.statements(term)
        rows += [(name, ", ".join(map(self.show, found))) for name, found in back if found]
        lines.append("\n".join(f"- {key}: {value}" for key, value in rows))
        return "\n\n".join(lines) + "\n\n"

    def _texts(self, term: ox.NamedNode, predicate: str) -> list[ox.Literal]:
        return [each for each in self.objects(term, predicate) if isinstance(each, ox.Literal)]

    def group(self, term: ox.NamedNode) -> str:
        """Return the heading that a term stands under: its concept scheme, or by its classes."""
        for scheme in self.objects(term, SKOS + "inScheme"):
            assert isinstance(scheme, ox.NamedNode)
            return self._texts(scheme, SKOS + "prefLabel")[0].value.capitalize()
        classes = self.objects(term, RDF + "type")
        for each in tuple(classes):
            classes += self.objects(each, RDFS + "subClassOf")
        names = {compact(each.value) for each in classes if isinstance(each, ox.NamedNode)}
        return next((head for head, name in _GROUPS.items() if name in names), "Others")


def anchor(term: ox.NamedNode) -> str:
    """Return the fragment of a term on the page; with its prefix where it is not of nhskg."""
    return escape(term.value.removeprefix(NS) if term.value.startswith(NS) else compact(term.value))


def plain(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|$" else sign for sign in text)


def render_terms(files: list[Path]) -> str:
    """Return the page of the terms that Turtle files describe, by kind and scheme."""
    terms, groups = _Terms(files), defaultdict[str, str](str)
    for term in terms.terms:
        groups[terms.group(term)] += terms.section(term)
    order = [*_GROUPS, *sorted(groups.keys() - _GROUPS.keys())]
    return _HEAD + "".join(f"## {head}\n\n{groups[head]}" for head in order if head in groups)
