"""The shapes of a folder: what they require, where they stand, which terms they use.

A requirement is a node shape with a target. Its number is the local name of its IRI; its text is
its ``sh:message``: ``Requirement C-02: what MUST or SHOULD be. Repair: how to mend it.`` Shapes are
read with pyoxigraph, so that listing and explaining them loads neither rdflib nor pySHACL.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nhskg.rdf.errors import Place
from nhskg.rdf.sparql.tokens import tokens
from nhskg.rdf.terms import BASE, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, XSD, local_name
from nhskg.shacl.findings import Severity

__all__ = ["ASSERTED_ONLY", "TARGETS", "Requirement", "Shapes", "Target", "Use", "split_message"]

NSH: Final = BASE + "shapes#"
ASSERTED_ONLY: Final = NSH + "AssertedGraphs"
"""Value of ``nsh:over`` on a shape that holds of what is asserted, the derived graph left out."""

_AT: Final = NSH + "at"
"""Names the property at which a result without a path is told."""

_OVER: Final = NamedNode(NSH + "over")
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

Term = NamedNode | BlankNode | Literal


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
        place: where it stands.
        at: IRI of the property at which a result without a path is told, or nothing.
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


@dataclass(frozen=True)
class Shapes:
    """The shapes of one or more files, as one graph."""

    triples: tuple[Triple, ...]
    files: dict[str, Path] = field(default_factory=dict)
    """From the IRI of a shape to its file."""

    @cached_property
    def _index(self) -> dict[Term, dict[str, list[Term]]]:
        index: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in self.triples:
            if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
                index[triple.subject][triple.predicate.value].append(triple.object)
        return index

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property of a node of the shapes graph."""
        return self._index.get(node, {}).get(predicate, [])

    def members(self, head: Term) -> Iterator[Term]:
        """Yield the members of a list, as far as it is well-formed."""
        met = set()
        while head not in met and (first := self.values(head, RDF + "first")):
            met.add(head)
            yield first[0]
            head = next(iter(self.values(head, RDF + "rest")), NamedNode(RDF + "nil"))

    def text(self, node: Term, predicate: str) -> str:
        """Return the text of a property, the English one if there are several, or nothing."""
        found = [each for each in self.values(node, predicate) if isinstance(each, Literal)]
        found.sort(key=lambda each: (each.language not in ("en", None), each.value))
        return found[0].value if found else ""

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The shapes with a target, by file and number."""
        found = [self._requirement(node) for node in self._index if self._is_targeted(node)]
        return tuple(sorted(found, key=lambda each: (str(each.place.path), each.number)))

    @cached_property
    def _owners(self) -> dict[str, Requirement]:
        """From the IRI of a shape to the requirement that it is a part of."""
        owners: dict[str, Requirement] = {}
        for requirement in self.requirements:
            queue: list[Term] = [NamedNode(requirement.iri)]
            while queue:
                node = queue.pop()
                if isinstance(node, NamedNode) and node.value not in owners:
                    owners[node.value] = requirement
                    queue += self.values(node, SH + "property")
        return owners

    def requirement_of(self, shape: str) -> Requirement | None:
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
            if node in reached or node not in self._index:
                continue
            reached.add(node)
            for values in self._index[node].values():
                queue += (each for each in values if not isinstance(each, Literal))
        kept = (triple for triple in self.triples if triple.subject in reached)
        return Shapes(tuple(kept), self.files)

    def without(self, numbers: Collection[str]) -> Shapes:
        """Return all shapes, those of some numbers without their targets, so that they rest."""
        resting = {NamedNode(each.iri) for each in self.requirements if each.number in numbers}
        kept = (
            triple
            for triple in self.triples
            if triple.subject not in resting or triple.predicate.value not in TARGETS
        )
        return Shapes(tuple(kept), self.files)

    def uses(self) -> Iterator[Use]:
        """Yield each term that a shape, a path or a query uses, built-in vocabularies left out."""
        seen = set()
        for node, shape in self._nodes():
            for term in (*self._terms_of(node), *self._terms_of_query(node)):
                use = Use(term, shape)
                if use not in seen and not term.startswith(_BUILT_IN):
                    seen.add(use)
                    yield use

    def words(self) -> Iterator[tuple[Use, bool]]:
        """Yield each class and property that describes a node, and whether it is a class.

        The shape is the named one that the node belongs to, or nothing where there is none.
        """
        owners = dict(self._nodes())
        seen = set()
        for node, properties in self._index.items():
            shape = owners.get(node, "")
            classes = [each for each in properties.get(RDF_TYPE, []) if isinstance(each, NamedNode)]
            for term, is_class in (
                *((each, False) for each in properties),
                *((each.value, True) for each in classes),
            ):
                if (term, shape, is_class) not in seen:
                    seen.add((term, shape, is_class))
                    yield Use(term, shape), is_class

    def instances(self, of: str) -> list[NamedNode]:
        """Return the named nodes of a class."""
        kind = NamedNode(of)
        return [
            node
            for node, properties in self._index.items()
            if isinstance(node, NamedNode) and kind in properties.get(RDF_TYPE, [])
        ]

    def targets(self) -> Iterator[tuple[Term, Target]]:
        """Yield each target of a shape that is not switched off, named or not."""
        for node in self._index:
            if not self.is_deactivated(node):
                yield from ((node, target) for target in self._targets(node))

    def is_deactivated(self, shape: Term) -> bool:
        """Tell whether a shape is switched off."""
        return self.text(shape, SH + "deactivated") in ("true", "1")

    def references(self) -> Iterator[Use]:
        """Yield each shape that another shape refers to, and the one that does."""
        for node, shape in self._nodes():
            for predicate in _SHAPE_VALUED:
                for value in self.values(node, predicate):
                    yield from (Use(each.value, shape) for each in self._named(value))

    def defines(self, shape: str) -> bool:
        """Return whether the graph says anything of a shape."""
        return NamedNode(shape) in self._index

    def queries(self) -> Iterator[tuple[str, str]]:
        """Yield the query of each SPARQL constraint, its prefixes written out, and its shape."""
        for node, shape in self._nodes():
            text = self.text(node, SH + "select")
            if text:
                prefixes = self._prefixes(node).items()
                head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes)
                yield head + re.sub(r"[$?]PATH\b", "<urn:path>", text), shape

    def place(self, shape: str) -> Place:
        """Return where a shape stands."""
        path = self.files.get(shape)
        if path is None or not path.is_file():  # standard input is no file
            return Place(path or Path("shapes"))
        lines = path.read_text("utf-8").splitlines()
        name = re.compile(rf"\S*[:/#]{re.escape(local_name(shape))}>?(?:\s|$)")
        found = next((number for number, line in enumerate(lines, 1) if name.match(line)), None)
        return Place(path, found, 1 if found else None)

    def _is_targeted(self, node: Term) -> bool:
        """Tell whether a node is a shape that looks for its own focus nodes."""
        if not isinstance(node, NamedNode):
            return False
        return not self.is_deactivated(node) and bool(self._targets(node))

    def _targets(self, node: Term) -> tuple[Target, ...]:
        found = {
            Target(kind, each.value, isinstance(each, NamedNode))
            for predicate, kind in TARGETS.items()
            for each in self.values(node, predicate)
        }
        types = {each.value for each in self.values(node, RDF_TYPE)}
        if types & {RDFS + "Class", OWL + "Class"} and isinstance(node, NamedNode):
            found.add(Target("class", node.value))
        return tuple(sorted(found, key=lambda target: (target.kind, target.term)))

    def _requirement(self, node: Term) -> Requirement:
        assert isinstance(node, NamedNode)
        severities = {SH + each.value: each for each in Severity}
        given = [each.value for each in self.values(node, SH + "severity")]
        message, repair = split_message(self.text(node, SH + "message"))
        at = [each.value for each in self.values(node, _AT) if isinstance(each, NamedNode)]
        return Requirement(
            iri=node.value,
            number=local_name(node.value),
            name=self.text(node, SH + "name"),
            description=self.text(node, SH + "description"),
            severity=severities.get(given[0] if given else "", Severity.VIOLATION),
            message=message,
            repair=repair,
            targets=self._targets(node),
            asserted_only=NamedNode(ASSERTED_ONLY) in self.values(node, _OVER.value),
            place=self.place(node.value),
            at=at[0] if at else None,
        )

    def _nodes(self) -> Iterator[tuple[Term, str]]:
        """Yield every node of the graph with the named shape that it belongs to."""
        for start in list(self._index):
            if not isinstance(start, NamedNode):
                continue
            queue: list[Term] = [start]
            while queue:
                node = queue.pop()
                yield node, start.value
                for values in self._index.get(node, {}).values():
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
