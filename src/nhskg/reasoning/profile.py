"""Whether an ontology is in OWL 2 RL, by the grammar of the profile.

Source: `OWL 2 Profiles, section 4.2 <https://www.w3.org/TR/owl2-profiles/#OWL_2_RL>`_, read by the
`mapping to RDF <https://www.w3.org/TR/owl2-mapping-to-rdf/>`_. Restrictions on an ontology as a
whole, such as that each term is declared, are not checked here; they make no difference to rules.

An expression may be in one of three positions: on the left of a subclass axiom, on its right, or in
an equivalence. Which constructs a position takes is a table (:data:`ALLOWED`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS, XSD, local_name


class Position(StrEnum):
    """Where a class expression is (OWL 2 Profiles, section 4.2.3)."""

    SUB = "subclass"
    SUPER = "superclass"
    EQUIV = "equivalent class"


ALLOWED: Final[Mapping[str, frozenset[Position]]] = {
    OWL + name: frozenset(positions)
    for positions, names in (
        (tuple(Position), "intersectionOf hasValue"),
        ((Position.SUB,), "unionOf oneOf someValuesFrom"),
        ((Position.SUPER,), "complementOf allValuesFrom maxCardinality maxQualifiedCardinality"),
        ((), "cardinality hasSelf minCardinality minQualifiedCardinality qualifiedCardinality"),
    )
    for name in names.split()
}
"""The constructs of class expressions, each with the positions that it may be in."""

_OF_XSD: Final = (
    "anyURI base64Binary boolean byte dateTime dateTimeStamp decimal double float hexBinary int "
    "integer language long Name NCName negativeInteger NMTOKEN nonNegativeInteger "
    "nonPositiveInteger normalizedString positiveInteger short string token unsignedByte "
    "unsignedInt unsignedLong unsignedShort"
)
DATATYPES: Final = frozenset(
    [RDF + name for name in ("PlainLiteral", "XMLLiteral", "langString")]
    + [RDFS + "Literal"]
    + [XSD + name for name in _OF_XSD.split()]
)
"""The datatypes of OWL 2 RL (section 4.2.1): those of OWL 2 but owl:real and owl:rational.

``rdf:langString`` is the datatype in RDF 1.1 of what OWL 2 calls a plain literal with a language.
"""

_PARTS: Final = frozenset(
    [RDFS + n for n in ("subClassOf", "subPropertyOf", "domain", "range")]
    + [RDF + n for n in ("first", "rest")]
)
_NOT_AXIOMS: Final = frozenset((OWL + "sameAs", OWL + "differentFrom"))
_DEFINING: Final = ("intersectionOf", "unionOf", "complementOf", "oneOf")


@dataclass(frozen=True, order=True, slots=True)
class Violation:
    """One construct that is outside the profile.

    Attributes:
        section: the section that it breaks, such as ``Profiles 4.2.3``.
        term: IRI of the class, property or individual whose axiom it is; empty where the axiom
            has no name.
        message: what is wrong.
    """

    section: str
    term: str
    message: str

    def __str__(self) -> str:
        return f"{self.term or 'an axiom without a name'}: {self.message} ({self.section})"


_PART_OF_ITSELF: Final = Violation(
    "Mapping to RDF 3.2", "", "a class expression or list that is part of itself"
)


def outside_profile(quads: Iterable[ox.Quad]) -> tuple[Violation, ...]:
    """Return the axioms among some data that OWL 2 RL has no place for, sorted.

    Rules leave such an axiom out, or make use of a part of it.
    """
    return check_owl2rl(quad for quad in quads if _is_of_axioms(quad))


def check_owl2rl(triples: Iterable[ox.Triple | ox.Quad]) -> tuple[Violation, ...]:
    """Return the axioms of an ontology that the grammar of OWL 2 RL has no place for, sorted."""
    return tuple(sorted(set(_Grammar(triples).violations())))


def _is_of_axioms(quad: ox.Quad) -> bool:
    predicate, value = quad.predicate.value, quad.object
    if predicate == RDF_TYPE:
        return isinstance(value, ox.BlankNode) or (
            isinstance(value, ox.NamedNode) and value.value.startswith((OWL, RDFS))
        )
    return predicate in _PARTS or (predicate.startswith(OWL) and predicate not in _NOT_AXIOMS)


def _violation(section: str, node: Any, message: str) -> Violation:
    return Violation(section, node.value if isinstance(node, ox.NamedNode) else "", message)


class _Grammar:
    """The triples of an ontology, and the checks of its axioms."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self._values: dict[tuple[Any, str], list[Any]] = defaultdict(list)
        self._pairs: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
        for triple in triples:
            predicate = triple.predicate.value
            self._values[triple.subject, predicate].append(triple.object)
            self._pairs[predicate].append((triple.subject, triple.object))

    def values(self, node: Any, iri: str) -> list[Any]:
        return self._values.get((node, iri), [])

    def pairs(self, iri: str) -> list[tuple[Any, Any]]:
        return self._pairs.get(iri, [])

    def instances(self, name: str) -> list[Any]:
        kind = ox.NamedNode(OWL + name)
        return [subject for subject, value in self.pairs(RDF_TYPE) if value == kind]

    def is_a(self, node: Any, iri: str) -> bool:
        return ox.NamedNode(iri) in self.values(node, RDF_TYPE)

    def items(self, node: Any) -> Iterator[Any]:
        """Yield the members of a list, as far as it has an end."""
        met: set[Any] = set()
        while node not in met and (first := self.values(node, RDF + "first")):
            met.add(node)
            yield first[0]
            node = next(iter(self.values(node, RDF + "rest")), None)

    def violations(self) -> Iterator[Violation]:
        """Yield what the grammar has no place for."""
        yield from self.class_axioms()
        yield from self.definitions()
        yield from self.disjointness()
        yield from self.property_axioms()
        yield from self.assertions()
        yield from self.literals()
        yield from self.lists()

    # -- class expressions and data ranges

    def expression(
        self,
        node: Any,
        position: Position,
        owner: Any,
        *,
        thing: bool = False,
        above: tuple[Any, ...] = (),
    ) -> Iterator[Violation]:
        """Yield what is wrong with a class expression of an owner's axiom (section 4.2.3).

        owl:Thing may be the expression only where ``thing`` says so, as in ObjectSomeValuesFrom on
        the left; ``above`` are the expressions that it is part of.
        """
        if node == ox.NamedNode(OWL + "Thing") and not thing:
            yield _violation("Profiles 4.2.3", owner, f"owl:Thing stands as {position}")
        if node in above:
            yield _PART_OF_ITSELF
        if isinstance(node, ox.NamedNode) or node in above:
            return
        constructs = [each for each in ALLOWED if self.values(node, each)]
        if not constructs:
            yield _violation("Profiles 4.2.3", owner, "a class expression that OWL 2 does not know")
        for construct in constructs:
            if position not in ALLOWED[construct]:
                message = f"owl:{local_name(construct)} stands as {position}"
                yield _violation("Profiles 4.2.3", owner, message)
            else:
                yield from self.inside(node, construct, position, owner, above)

    def inside(
        self, node: Any, construct: str, position: Position, owner: Any, above: tuple[Any, ...] = ()
    ) -> Iterator[Violation]:
        """Yield what is wrong inside an expression whose construct may be where it is."""
        (value, *_), name, above = (
            self.values(node, construct),
            local_name(construct),
            (*above, node),
        )
        if name in ("intersectionOf", "unionOf"):
            for member in self.items(value):
                yield from self.expression(member, position, owner, above=above)
        elif name == "complementOf":
            yield from self.expression(value, Position.SUB, owner, above=above)
        elif name in ("someValuesFrom", "allValuesFrom"):
            if any(map(self.is_data, self.values(node, OWL + "onProperty"))):
                yield from self.range(value, owner)
            else:
                thing = name == "someValuesFrom"
                yield from self.expression(value, position, owner, thing=thing, above=above)
        elif name in ("maxCardinality", "maxQualifiedCardinality"):
            if value.value not in ("0", "1"):
                message = f"owl:{name} of {value.value}; only 0 and 1 may stand"
                yield _violation("Profiles 4.2.3", owner, message)
            for filler in self.values(node, OWL + "onClass"):
                yield from self.expression(filler, Position.SUB, owner, thing=True, above=above)
            for filler in self.values(node, OWL + "onDataRange"):
                yield from self.range(filler, owner)

    def is_data(self, prop: Any) -> bool:
        return self.is_a(prop, OWL + "DatatypeProperty")

    def range(self, node: Any, owner: Any, above: tuple[Any, ...] = ()) -> Iterator[Violation]:
        """Yield what is wrong with a data range: a datatype or an intersection (section 4.2.4)."""
        if isinstance(node, ox.NamedNode):
            if node.value not in DATATYPES and not self.values(node, OWL + "equivalentClass"):
                message = f"the datatype {local_name(node.value)} is not one of OWL 2 RL"
                yield _violation("Profiles 4.2.1", owner, message)
            return
        members = self.values(node, OWL + "intersectionOf")
        if not members or node in above:
            message = "a data range that is neither a datatype nor an intersection"
            yield _violation("Profiles 4.2.4", owner, message)
            return
        for member in self.items(members[0]):
            yield from self.range(member, owner, (*above, node))

    # -- axioms

    def class_axioms(self) -> Iterator[Violation]:
        """Yield what is wrong with subclass, equivalence and key axioms (section 4.2.5)."""
        for sub, wide in self.pairs(RDFS + "subClassOf"):
            yield from self.expression(sub, Position.SUB, sub)
            yield from self.expression(wide, Position.SUPER, sub)
        for one, other in self.pairs(OWL + "equivalentClass"):
            if self.is_a(one, RDFS + "Datatype"):
                yield from self.range(other, one)
                continue
            yield from self.expression(one, Position.EQUIV, one)
            yield from self.expression(other, Position.EQUIV, one)
        for keyed, _ in self.pairs(OWL + "hasKey"):
            yield from self.expression(keyed, Position.SUB, keyed)

    def definitions(self) -> Iterator[Violation]:
        """Yield what is wrong with a construct on a named class, which states an equivalence."""
        for name in _DEFINING:
            for node, _ in self.pairs(OWL + name):
                if not isinstance(node, ox.NamedNode):
                    continue
                if Position.EQUIV in ALLOWED[OWL + name]:
                    yield from self.inside(node, OWL + name, Position.EQUIV, node)
                else:
                    message = f"owl:{name} stands as {Position.EQUIV}"
                    yield _violation("Profiles 4.2.3", node, message)

    def disjointness(self) -> Iterator[Violation]:
        """Yield what is wrong with axioms on disjoint classes (section 4.2.5)."""
        for one, other in self.pairs(OWL + "disjointWith"):
            yield from self.expression(one, Position.SUB, one)
            yield from self.expression(other, Position.SUB, one)
        for axiom in self.instances("AllDisjointClasses"):
            for members in self.values(axiom, OWL + "members"):
                for member in self.items(members):
                    yield from self.expression(member, Position.SUB, axiom)
        for node, _ in self.pairs(OWL + "disjointUnionOf"):
            yield _violation("Profiles 4.2.5", node, "owl:disjointUnionOf is not in OWL 2 RL")

    def property_axioms(self) -> Iterator[Violation]:
        """Yield what is wrong with domains, ranges and kinds of properties (section 4.2.5)."""
        for prop in self.instances("ReflexiveProperty"):
            yield _violation("Profiles 4.2.5", prop, "owl:ReflexiveProperty is not in OWL 2 RL")
        for iri in (RDFS + "domain", RDFS + "range"):
            for prop, value in self.pairs(iri):
                if self.is_a(prop, OWL + "AnnotationProperty"):
                    continue
                if iri == RDFS + "range" and self.is_data(prop):
                    yield from self.range(value, prop)
                else:
                    yield from self.expression(value, Position.SUPER, prop)

    def assertions(self) -> Iterator[Violation]:
        """Yield the types that an individual may not be given (section 4.2.5, Assertion)."""
        for individual, kind in self.pairs(RDF_TYPE):
            if isinstance(kind, ox.BlankNode) or kind == ox.NamedNode(OWL + "Thing"):
                yield from self.expression(kind, Position.SUPER, individual)

    def literals(self) -> Iterator[Violation]:
        """Yield the literals of data properties whose datatype is not one of OWL 2 RL."""
        for prop in {
            OWL + "hasValue",
            *(each.value for each in self.instances("DatatypeProperty")),
        }:
            for subject, value in self.pairs(prop):
                if isinstance(value, ox.Literal) and value.datatype.value not in DATATYPES:
                    kind = local_name(value.datatype.value)
                    message = f"a value of the datatype {kind}, not one of OWL 2 RL"
                    yield _violation("Profiles 4.2.1", subject, message)

    def lists(self) -> Iterator[Violation]:
        """Yield the lists without end."""
        met: set[Any] = set()
        for start, _ in self.pairs(RDF + "rest"):
            node, way = start, set()
            while node is not None and node not in met:
                met.add(node)
                way.add(node)
                node = next(iter(self.values(node, RDF + "rest")), None)
            if node in way:
                yield _PART_OF_ITSELF
