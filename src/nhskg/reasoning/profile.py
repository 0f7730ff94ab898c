"""Whether an ontology is in OWL 2 RL, by the grammar of the profile.

Source: `OWL 2 Profiles, section 4.2 <https://www.w3.org/TR/owl2-profiles/#OWL_2_RL>`_, read by the
`mapping to RDF <https://www.w3.org/TR/owl2-mapping-to-rdf/>`_. Restrictions on an ontology as a
whole, such as that each term is declared, are not checked here; they make no difference to rules.
The grammar is two tables, of constructs and of axioms, which one walk interprets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import OWL, RDF_TYPE, RDFS, local_name
from nhskg.reasoning.literal_values import DATATYPES
from nhskg.reasoning.schema import AXIOM_PREDICATES, THING, Schema, expanded

_SUB, _SUPER, _EQUIV, _DATA = "subclass", "superclass", "equivalent class", "data range"
_CLASS: Final = (_SUB, _SUPER, _EQUIV)
_SAME: Final = ""
"""The position that the whole is in; of a restriction on a data property, that of a data range."""

_NEVER: Final = "cardinality hasSelf minCardinality minQualifiedCardinality qualifiedCardinality"
_CONSTRUCTS: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "intersectionOf": (_CLASS, {"intersectionOf": _SAME}),
    "hasValue": (_CLASS, {}),
    "unionOf": ((_SUB,), {"unionOf": _SAME}),
    "oneOf": ((_SUB,), {}),
    "someValuesFrom": ((_SUB,), {"someValuesFrom": _SAME}),
    "complementOf": ((_SUPER,), {"complementOf": _SUB}),
    "allValuesFrom": ((_SUPER,), {"allValuesFrom": _SAME}),
    "maxCardinality": ((_SUPER,), {}),
    "maxQualifiedCardinality": ((_SUPER,), {"onClass": _SUB, "onDataRange": _DATA}),
    **{name: ((), {}) for name in _NEVER.split()},
}
"""The constructs (section 4.2.3): the positions that each may be in, and those of its parts."""
_LISTS: Final = ("intersectionOf", "unionOf", "members")
_MAY_BE_THING: Final = ("someValuesFrom", "onClass")

_AXIOMS: Final = (
    ("rdfs:subClassOf", _SUB, _SUPER),
    ("owl:equivalentClass", _EQUIV, _EQUIV),
    ("owl:disjointWith", _SUB, _SUB),
    ("owl:hasKey", _SUB, None),
    ("rdfs:domain", None, _SUPER),
    ("rdfs:range", None, _SUPER),
    ("rdf:type", None, _SUPER),
)
"""The axioms that have class expressions, with the positions of their ends (section 4.2.5)."""


@dataclass(frozen=True, order=True, slots=True)
class Violation:
    """One construct outside the profile, the section, and the IRI whose axiom it is, if any."""

    section: str
    term: str
    message: str

    def __str__(self) -> str:
        return f"{self.term or 'an axiom without a name'}: {self.message} ({self.section})"


_PART_OF_ITSELF: Final = Violation(
    "Mapping to RDF 3.2", "", "a class expression or list that is part of itself"
)


def outside_profile(quads: Iterable[ox.Quad]) -> tuple[Violation, ...]:
    """Return the axioms among some data that OWL 2 RL has no place for, sorted."""
    return check_owl2rl(quad for quad in quads if _is_of_axioms(quad))


def check_owl2rl(triples: Iterable[ox.Triple | ox.Quad]) -> tuple[Violation, ...]:
    """Return the axioms of an ontology that the grammar of OWL 2 RL has no place for, sorted."""
    return tuple(sorted(set(_Grammar(triples).violations())))


def _is_of_axioms(quad: ox.Quad) -> bool:
    predicate = quad.predicate.value
    if predicate == RDF_TYPE:
        return str(quad.object).startswith(("_:", f"<{OWL}", f"<{RDFS}"))
    if predicate.startswith(OWL):
        return predicate not in (OWL + "sameAs", OWL + "differentFrom")
    return predicate in AXIOM_PREDICATES


def _violation(section: str, owner: Term, message: str) -> Violation:
    iri = owner.value if isinstance(owner, ox.NamedNode) else ""
    return Violation(f"Profiles {section}", iri, message)


class _Grammar(Schema):
    def violations(self) -> Iterator[Violation]:
        for node, position, owner in self._ends():
            yield from self._expression(node, position, owner)
        for name in ("intersectionOf", "unionOf", "complementOf", "oneOf"):
            for _, named, _ in self.axioms(f"owl:{name}"):  # states an equivalence
                if isinstance(named, ox.NamedNode):
                    yield from self._construct(named, name, _EQUIV, named)
        for _, axiom, _ in self.instances("owl:AllDisjointClasses"):
            yield from self._parts(axiom, "members", _SUB, axiom)
        for name in ("disjointUnionOf", "ReflexiveProperty"):
            for _, term, _ in (*self.axioms(f"owl:{name}"), *self.instances(f"owl:{name}")):
                yield _violation("4.2.5", term, f"owl:{name} is not in OWL 2 RL")
        yield from self._literals()
        try:
            TopologicalSorter({cell: [rest] for _, cell, rest in self.axioms("rdf:rest")}).prepare()
        except CycleError:
            yield _PART_OF_ITSELF

    def _ends(self) -> Iterator[tuple[Term, str, Term]]:
        """Yield the expressions at the ends of axioms: each, its position, whose axiom it is."""
        for name, left, right in _AXIOMS:
            for _, one, other in self.axioms(name):
                if (name == "rdfs:range" and self._is_a(one, "owl:DatatypeProperty")) or (
                    name == "owl:equivalentClass" and self._is_a(one, "rdfs:Datatype")
                ):
                    yield other, _DATA, one
                elif left or not self._is_a(one, "owl:AnnotationProperty"):
                    yield from ((one, left, one),) if left else ()
                    yield from ((other, right, one),) if right else ()

    def _is_a(self, node: Term, name: str) -> bool:
        return ox.NamedNode(expanded(name)) in self.values(node, "rdf:type")

    def _expression(
        self, node: Term, position: str, owner: Term, above: tuple[Term, ...] = ()
    ) -> Iterator[Violation]:
        """Yield what is wrong with an expression, part of those ``above``."""
        if position == _DATA:
            yield from self._range(node, owner, above)
            return
        if node == THING:
            yield _violation("4.2.3", owner, f"owl:Thing stands as {position}")
        if node in above:
            yield _PART_OF_ITSELF
        elif not isinstance(node, ox.NamedNode):
            constructs = [name for name in _CONSTRUCTS if self.values(node, f"owl:{name}")]
            if not constructs:
                yield _violation("4.2.3", owner, "a class expression that OWL 2 does not know")
            for name in constructs:
                yield from self._construct(node, name, position, owner, above)

    def _range(self, node: Term, owner: Term, above: tuple[Term, ...]) -> Iterator[Violation]:
        """Yield what is wrong with a data range: a datatype, or an intersection of some."""
        if isinstance(node, ox.NamedNode):
            if node.value not in DATATYPES and not self.values(node, "owl:equivalentClass"):
                message = f"the datatype {local_name(node.value)} is not one of OWL 2 RL"
                yield _violation("4.2.1", owner, message)
        elif node in above or not self.values(node, "owl:intersectionOf"):
            message = "a data range that is neither a datatype nor an intersection"
            yield _violation("4.2.4", owner, message)
        else:
            yield from self._parts(node, "intersectionOf", _DATA, owner, above)

    def _construct(
        self, node: Term, name: str, position: str, owner: Term, above: tuple[Term, ...] = ()
    ) -> Iterator[Violation]:
        """Yield what is wrong with one construct of an expression, and inside it."""
        positions, parts = _CONSTRUCTS[name]
        if position not in positions:
            yield _violation("4.2.3", owner, f"owl:{name} stands as {position}")
            return
        number: Any = self.values(node, f"owl:{name}")[0]
        if "Cardinality" in name and number.value not in ("0", "1"):
            message = f"owl:{name} of {number.value}; only 0 and 1 may stand"
            yield _violation("4.2.3", owner, message)
        properties = self.values(node, "owl:onProperty")
        is_data = any(self._is_a(each, "owl:DatatypeProperty") for each in properties)
        for part, inner in parts.items():
            of_whole = _DATA if is_data and part.endswith("ValuesFrom") else position
            yield from self._parts(node, part, inner or of_whole, owner, above)

    def _parts(
        self, node: Term, name: str, position: str, owner: Term, above: tuple[Term, ...] = ()
    ) -> Iterator[Violation]:
        for value in self.values(node, f"owl:{name}"):
            for each in self.items(value) if name in _LISTS else (value,):
                if each != THING or name not in _MAY_BE_THING or position == _DATA:
                    yield from self._expression(each, position, owner, (*above, node))

    def _literals(self) -> Iterator[Violation]:
        names = {axiom.subject for axiom in self.instances("owl:DatatypeProperty")}
        for subject, predicate, value in self.triples:
            is_value = predicate in names or predicate.value == OWL + "hasValue"
            if is_value and isinstance(value, ox.Literal) and value.datatype.value not in DATATYPES:
                kind = local_name(value.datatype.value)
                message = f"a value of the datatype {kind}, not one of OWL 2 RL"
                yield _violation("4.2.1", subject, message)
