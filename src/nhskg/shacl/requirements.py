"""SHACL shapes as numbered requirements: what they demand, their lines, the terms that they use.

A requirement is a node shape with a target. Its number is the local name of its IRI; its text is
its ``sh:message``: ``Requirement C-02: what MUST or SHOULD be. Repair: how to mend it.`` Shapes are
read with pyoxigraph, so that listing and explaining them loads neither rdflib nor pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from nhskg.rdf.errors import Place
from nhskg.rdf.lines import RdfFile, find_places
from nhskg.rdf.sparql.tokens import tokens
from nhskg.rdf.terms import BASE, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, XSD, local_name
from nhskg.rdf.triple_index import Term, TripleIndex
from nhskg.shacl.findings import Severity

__all__ = ["ASSERTED_ONLY", "TARGETS", "Requirement", "Shapes", "Target", "Use", "split_message"]

NSH: Final = BASE + "shapes#"
ASSERTED_ONLY: Final = NSH + "AssertedGraphs"
"""Value of ``nsh:over`` on a shape that holds of what is asserted, the derived graph left out."""

_AT: Final = NSH + "at"
"""Names the property at whose line a result without a path is reported."""

_OVER: Final = NSH + "over"
_MESSAGE: Final = re.compile(
    r"\s*(?:Requirement\s+\S+?:\s*)?(?P<message>.*?)(?:\.?\s+Repair:\s*(?P<repair>.*?))?\.?\s*",
    re.DOTALL,
)
TARGETS: Final = {
    SH + "targetClass": "class",
    SH + "targetNode": "node",
    SH + "targetSubjectsOf": "subjects of",
    SH + "targetObjectsOf": "objects of",
}
_TERM_VALUED: Final = tuple(
    SH + name
    for name in (
        "targetClass",
        "targetSubjectsOf",
        "targetObjectsOf",
        "class",
        "equals",
        "disjoint",
        "lessThan",
        "lessThanOrEquals",
        "hasValue",
        "ignoredProperties",
        "in",
        "path",
        "inversePath",
        "alternativePath",
        "zeroOrMorePath",
        "oneOrMorePath",
        "zeroOrOnePath",
    )
)
_SHAPE_VALUED: Final = tuple(
    SH + name for name in ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
)
_BUILT_IN: Final = (RDF, RDFS, OWL, XSD, SH)

_TARGETING: Final = (*TARGETS, SH + "target")
_CLASSES: Final = (RDFS + "Class", OWL + "Class")


@dataclass(frozen=True, slots=True)
class Target:
    """One way in which a shape finds its focus nodes: ``class``, ``node``, ``subjects of``…."""

    kind: str
    term: str
    is_iri: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """A class, property or individual that a shape uses, and the shape."""

    term: str
    shape: str


@dataclass(frozen=True)
class Requirement:
    """A node shape that demands something of the nodes that it targets.

    Attributes:
        iri: the IRI of the node shape.
        number: its number, as ``C-02``.
        name: what it is called (``sh:name``).
        description: what it protects against (``sh:description``).
        severity: how grave it is to miss it.
        message: what must or should be so.
        repair: how to mend it.
        targets: what it is demanded of.
        asserted_only: whether it holds of the asserted graphs only.
        place: where it is written.
        at: IRI of the property at whose line a result without a path is reported.
    """

    iri: str
    number: str
    name: str
    description: str
    severity: Severity
    message: str
    repair: str
    targets: tuple[Target, ...]
    asserted_only: bool
    place: Place
    at: str | None = None


class Shapes(TripleIndex):
    """A shapes graph.

    Args:
        triples: its triples.
        files: the files that they are from, to find lines.
    """

    def __init__(self, triples: Iterable[Triple], files: Iterable[RdfFile] = ()) -> None:
        self.triples: Final = tuple(triples)
        self.files: Final = tuple(files)
        super().__init__(self.triples)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The named shapes with a target, by file and number."""
        found = [
            self._requirement(node)
            for node in self.subjects()
            if isinstance(node, NamedNode) and not self.is_deactivated(node) and self._targets(node)
        ]
        return tuple(sorted(found, key=lambda each: (str(each.place.path), each.number)))

    @cached_property
    def _owners(self) -> dict[Term, Requirement]:
        """From a shape to the requirement that it is a part of."""
        owners: dict[Term, Requirement] = {}
        for requirement in self.requirements:
            queue: list[Term] = [NamedNode(requirement.iri)]
            while queue:
                node = queue.pop()
                if node not in owners:
                    owners[node] = requirement
                    queue += self.values(node, SH + "property")
        return owners

    def requirement_of(self, shape: Term) -> Requirement | None:
        """Return the requirement that a node or property shape is a part of, or None."""
        return self._owners.get(shape)

    def only(self, numbers: Collection[str]) -> Shapes:
        """Return the requirements of some numbers, with the shapes that they refer to."""
        queue: list[Term] = [
            NamedNode(each.iri) for each in self.requirements if each.number in numbers
        ]
        reached: set[Term] = set()
        while queue:
            node = queue.pop()
            if node not in reached and node in self:
                reached.add(node)
                for predicate in self.predicates(node):
                    queue += self.values(node, predicate)
        return Shapes((each for each in self.triples if each.subject in reached), self.files)

    def without(self, numbers: Collection[str]) -> Shapes:
        """Return all shapes, those of some numbers without their targets."""
        untargeted = {NamedNode(each.iri) for each in self.requirements if each.number in numbers}
        kept = (
            triple
            for triple in self.triples
            if triple.subject not in untargeted or triple.predicate.value not in _TARGETING
        )
        return Shapes(kept, self.files)

    def uses(self) -> Iterator[Use]:
        """Yield each term that a shape, a path or a query uses, built-in vocabularies left out."""
        found = self._each_use(lambda node: (*self._terms_of(node), *self._terms_of_query(node)))
        return (use for use in found if not use.term.startswith(_BUILT_IN))

    def words(self) -> Iterator[tuple[Use, bool]]:
        """Yield each property and class that describes a node, and whether it is a class."""
        yield from ((use, False) for use in self._each_use(self.predicates, all_nodes=True))
        yield from ((use, True) for use in self._each_use(self._types, all_nodes=True))

    def _each_use(
        self, terms: Callable[[Term], Iterable[str]], *, all_nodes: bool = False
    ) -> Iterator[Use]:
        """Yield the terms of each node with the shape it belongs to, each pair once."""
        nodes: Iterable[tuple[Term, str]] = self._nodes()
        if all_nodes:
            nodes = (dict.fromkeys(self.subjects(), "") | dict(nodes)).items()
        return iter(
            dict.fromkeys(Use(term, shape) for node, shape in nodes for term in terms(node))
        )

    def _types(self, node: Term) -> Iterator[str]:
        yield from (each.value for each in self.values(node, RDF_TYPE))

    def instances(self, *classes: str) -> list[NamedNode]:
        """Return the named nodes of some classes."""
        return [
            node
            for node in self.subjects()
            if isinstance(node, NamedNode) and not set(classes).isdisjoint(self._types(node))
        ]

    def targets(self) -> Iterator[tuple[Term, Target]]:
        """Yield each target of a shape that is not switched off, named or not."""
        for node in self.subjects():
            if not self.is_deactivated(node):
                yield from ((node, target) for target in self._targets(node))

    def is_deactivated(self, shape: Term) -> bool:
        """Return whether a shape is switched off."""
        return self.text(shape, SH + "deactivated") in ("true", "1")

    def references(self) -> Iterator[Use]:
        """Yield each shape that another shape refers to, and the one that does."""
        for node, shape in self._nodes():
            for predicate in _SHAPE_VALUED:
                for value in self.values(node, predicate):
                    yield from (Use(each.value, shape) for each in self._named(value))

    def queries(self) -> Iterator[tuple[str, str]]:
        """Yield the query of each SPARQL constraint, its prefixes written out, and its shape."""
        for node, shape in self._nodes():
            text = self.text(node, SH + "select")
            if text:
                prefixes = self._prefixes(node).items()
                head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes)
                yield head + re.sub(r"[$?]PATH\b", "<urn:path>", text), shape

    def place(self, shape: Term | None) -> Place:
        """Return where a shape is written; for one that no file has, the first file."""
        found = find_places(self.files, shape) if isinstance(shape, NamedNode) else ()
        first = self.files[0].path if self.files else Path("shapes")
        return found[0] if found else Place(first)

    def _targets(self, node: Term) -> tuple[Target, ...]:
        found = {
            Target(kind, each.value, isinstance(each, NamedNode))
            for predicate, kind in TARGETS.items()
            for each in self.values(node, predicate)
        }
        if isinstance(node, NamedNode) and not set(_CLASSES).isdisjoint(self._types(node)):
            found.add(Target("class", node.value))
        return tuple(sorted(found, key=lambda target: (target.kind, target.term)))

    def _requirement(self, node: NamedNode) -> Requirement:
        severities = {SH + each.value: each for each in Severity}
        severity = self.value(node, SH + "severity")
        at = self.value(node, _AT)
        message, repair = split_message(self.text(node, SH + "message"))
        return Requirement(
            iri=node.value,
            number=local_name(node.value),
            name=self.text(node, SH + "name"),
            description=self.text(node, SH + "description"),
            severity=severities.get(severity.value if severity else "", Severity.VIOLATION),
            message=message,
            repair=repair,
            targets=self._targets(node),
            asserted_only=NamedNode(ASSERTED_ONLY) in self.values(node, _OVER),
            place=self.place(node),
            at=at.value if at else None,
        )

    def _nodes(self) -> Iterator[tuple[Term, str]]:
        """Yield every node of the graph with the named shape that it belongs to."""
        for start in self.subjects():
            if not isinstance(start, NamedNode):
                continue
            queue: list[Term] = [start]
            while queue:
                node = queue.pop()
                yield node, start.value
                for predicate in self.predicates(node):
                    values = self.values(node, predicate)
                    queue += (each for each in values if isinstance(each, BlankNode))

    def _terms_of(self, node: Term) -> Iterator[str]:
        for predicate in _TERM_VALUED:
            for value in self.values(node, predicate):
                yield from (each.value for each in self._named(value))

    def _named(self, value: Term) -> Iterator[NamedNode]:
        """Yield a term, or the terms of a list; what else a blank node holds is met by itself."""
        members = [value] if isinstance(value, NamedNode) else self.members(value)
        yield from (each for each in members if isinstance(each, NamedNode))

    def _terms_of_query(self, node: Term) -> Iterator[str]:
        prefixes = self._prefixes(node)
        for token in tokens(self.text(node, SH + "select")):
            prefix, _, name = token.text.partition(":")
            if token.kind == "iri" and name:
                yield token.text[1:-1]
            elif token.kind == "pname" and name and prefix in prefixes:
                yield prefixes[prefix] + name

    def _prefixes(self, node: Term) -> dict[str, str]:
        found = {name: PREFIXES[name] for name in ("owl", "rdf", "rdfs")}
        for ontology in self.values(node, SH + "prefixes"):
            for declaration in self.values(ontology, SH + "declare"):
                prefix = self.text(declaration, SH + "prefix")
                found[prefix] = self.text(declaration, SH + "namespace")
        return found


@cache
def split_message(text: str) -> tuple[str, str]:
    """Return what a ``sh:message`` says, without its number, and the repair apart.

    >>> split_message("Requirement C-02: a claim MUST name its claimant. Repair: add 'claimant'.")
    ('a claim MUST name its claimant', "add 'claimant'")
    """
    found = _MESSAGE.fullmatch(text)
    assert found is not None
    return found["message"], found["repair"] or ""
