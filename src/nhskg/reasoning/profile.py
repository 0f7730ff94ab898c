"""Whether an ontology is in OWL 2 RL, by the grammar of the profile.

Source: `OWL 2 Profiles, section 4.2 <https://www.w3.org/TR/owl2-profiles/#OWL_2_RL>`_, read by the
`mapping to RDF <https://www.w3.org/TR/owl2-mapping-to-rdf/>`_. Restrictions on an ontology as a
whole, such as that each term is declared, are not checked here; they make no difference to rules.

An expression may be in one of three positions: on the left of a subclass axiom, on its right, or in
an equivalence. Which constructs a position takes is a table (:data:`ALLOWED`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.terms import OWL, RDF, RDF_TYPE, RDFS, local_name
from nhskg.reasoning.literal_values import DATATYPES
from nhskg.reasoning.schema import THING, TripleIndex, expanded


class Position(StrEnum):
    """Where a class expression is (OWL 2 Profiles, section 4.2.3)."""

    SUB = "subclass"
    SUPER = "superclass"
    EQUIV = "equivalent class"


ALLOWED: Final[Mapping[str, frozenset[Position]]] = {
    name: frozenset(positions)
    for positions, names in (
        (tuple(Position), "intersectionOf hasValue"),
        ((Position.SUB,), "unionOf oneOf someValuesFrom"),
        ((Position.SUPER,), "complementOf allValuesFrom maxCardinality maxQualifiedCardinality"),
        ((), "cardinality hasSelf minCardinality minQualifiedCardinality qualifiedCardinality"),
    )
    for name in names.split()
}
"""The constructs of class expressions, each with the positions that it may be in."""

_AXIOMS: Final[tuple[tuple[str, Position | None, Position | None], ...]] = (
    ("rdfs:subClassOf", Position.SUB, Position.SUPER),
    ("owl:equivalentClass", Position.EQUIV, Position.EQUIV),
    ("owl:disjointWith", Position.SUB, Position.SUB),
    ("owl:hasKey", Position.SUB, None),
    ("rdfs:domain", None, Position.SUPER),
    ("rdfs:range", None, Position.SUPER),
    ("rdf:type", None, Position.SUPER),
)
"""The axioms that have class expressions, with the positions of their ends (section 4.2.5)."""

_PARTS: Final = frozenset(
    [RDFS + n for n in ("subClassOf", "subPropertyOf", "domain", "range")]
    + [RDF + n for n in ("first", "rest")]
)
_NOT_AXIOMS: Final = frozenset((OWL + "sameAs", OWL + "differentFrom"))


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
    iri = node.value if isinstance(node, ox.NamedNode) else ""
    return Violation(f"Profiles {section}", iri, message)


class _Grammar(TripleIndex):
    """The triples of an ontology, and the checks of its axioms."""

    def violations(self) -> Iterator[Violation]:
        """Yield what the grammar has no place for."""
        yield from self.axioms_of_classes()
        yield from self.definitions()
        for axiom in self.instances("owl:AllDisjointClasses"):
            for members in self.values(axiom.subject, "owl:members"):
                for member in self.items(members):
                    yield from self.expression(member, Position.SUB, axiom.subject)
        for axiom in self.axioms("owl:disjointUnionOf"):
            yield _violation("4.2.5", axiom.subject, "owl:disjointUnionOf is not in OWL 2 RL")
        for axiom in self.instances("owl:ReflexiveProperty"):
            yield _violation("4.2.5", axiom.subject, "owl:ReflexiveProperty is not in OWL 2 RL")
        yield from self.literals()
        yield from self.endless_lists()

    def is_a(self, node: Any, name: str) -> bool:
        return ox.NamedNode(expanded(name)) in self.values(node, "rdf:type")

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
        if node == THING and not thing:
            yield _violation("4.2.3", owner, f"owl:Thing stands as {position}")
        if node in above:
            yield _PART_OF_ITSELF
        if isinstance(node, ox.NamedNode) or node in above:
            return
        constructs = [name for name in ALLOWED if self.values(node, f"owl:{name}")]
        if not constructs:
            yield _violation("4.2.3", owner, "a class expression that OWL 2 does not know")
        for name in constructs:
            yield from self.construct(node, name, position, owner, above)

    def construct(
        self, node: Any, name: str, position: Position, owner: Any, above: tuple[Any, ...] = ()
    ) -> Iterator[Violation]:
        """Yield what is wrong with one construct of an expression, and inside it."""
        if position not in ALLOWED[name]:
            yield _violation("4.2.3", owner, f"owl:{name} stands as {position}")
            return
        value: Any = self.values(node, f"owl:{name}")[0]
        above = (*above, node)
        if name in ("intersectionOf", "unionOf"):
            for member in self.items(value):
                yield from self.expression(member, position, owner, above=above)
        elif name == "complementOf":
            yield from self.expression(value, Position.SUB, owner, above=above)
        elif name in ("someValuesFrom", "allValuesFrom"):
            if any(self.is_data(prop) for prop in self.values(node, "owl:onProperty")):
                yield from self.range(value, owner)
            else:
                thing = name == "someValuesFrom"
                yield from self.expression(value, position, owner, thing=thing, above=above)
        elif name in ("maxCardinality", "maxQualifiedCardinality"):
            if value.value not in ("0", "1"):
                message = f"owl:{name} of {value.value}; only 0 and 1 may stand"
                yield _violation("4.2.3", owner, message)
            for filler in self.values(node, "owl:onClass"):
                yield from self.expression(filler, Position.SUB, owner, thing=True, above=above)
            for filler in self.values(node, "owl:onDataRange"):
                yield from self.range(filler, owner)

    def is_data(self, prop: Any) -> bool:
        return self.is_a(prop, "owl:DatatypeProperty")

    def range(self, node: Any, owner: Any, above: tuple[Any, ...] = ()) -> Iterator[Violation]:
        """Yield what is wrong with a data range: a datatype or an intersection (section 4.2.4)."""
        if isinstance(node, ox.NamedNode):
            if node.value not in DATATYPES and not self.values(node, "owl:equivalentClass"):
                message = f"the datatype {local_name(node.value)} is not one of OWL 2 RL"
                yield _violation("4.2.1", owner, message)
            return
        members = self.values(node, "owl:intersectionOf")
        if not members or node in above:
            message = "a data range that is neither a datatype nor an intersection"
            yield _violation("4.2.4", owner, message)
            return
        for member in self.items(members[0]):
            yield from self.range(member, owner, (*above, node))

    # -- axioms

    def axioms_of_classes(self) -> Iterator[Violation]:
        """Yield what is wrong with the ends of axioms (section 4.2.5)."""
        for name, left, right in _AXIOMS:
            for _, one, other in self.axioms(name):
                if left is None and self.is_a(one, "owl:AnnotationProperty"):
                    continue
                if (name == "rdfs:range" and self.is_data(one)) or (
                    name == "owl:equivalentClass" and self.is_a(one, "rdfs:Datatype")
                ):
                    yield from self.range(other, one)
                    continue
                if left:
                    yield from self.expression(one, left, one)
                if right:
                    yield from self.expression(other, right, one)

    def definitions(self) -> Iterator[Violation]:
        """Yield what is wrong with a construct on a named class, which states an equivalence."""
        for name in ("intersectionOf", "unionOf", "complementOf", "oneOf"):
            for _, node, _ in self.axioms(f"owl:{name}"):
                if isinstance(node, ox.NamedNode):
                    yield from self.construct(node, name, Position.EQUIV, node)

    def literals(self) -> Iterator[Violation]:
        """Yield the literals of data properties whose datatype is not one of OWL 2 RL."""
        names = {axiom.subject for axiom in self.instances("owl:DatatypeProperty")}
        for subject, predicate, value in self.triples:
            if predicate not in names and predicate.value != OWL + "hasValue":
                continue
            if isinstance(value, ox.Literal) and value.datatype.value not in DATATYPES:
                kind = local_name(value.datatype.value)
                message = f"a value of the datatype {kind}, not one of OWL 2 RL"
                yield _violation("4.2.1", subject, message)

    def endless_lists(self) -> Iterator[Violation]:
        """Yield the lists that come back to one of their nodes."""
        rest = {axiom.subject: axiom.object for axiom in self.axioms("rdf:rest")}
        met: set[Any] = set()
        for start in rest:
            node, way = start, set()
            while node in rest and node not in met:
                met.add(node)
                way.add(node)
                node = rest[node]
            if node in way:
                yield _PART_OF_ITSELF
