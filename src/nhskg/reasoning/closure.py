"""The schema rules (OWL 2 Profiles, table 9), run in general form over the schema.

The schema is small beside the data, so its closure is computed once, while compiling. What
follows for named terms is part of the result; what follows for anonymous expressions only serves
the compilation. The subsumptions between restrictions, which no rule about instances would find,
become rules of their own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import OWL, RDFS
from nhskg.reasoning.literal_values import canonical
from nhskg.reasoning.schema import NOTHING, THING, Pairs, Sameness, Schema


@dataclass(frozen=True, slots=True)
class SchemaClosure:
    """What the schema entails: pairs of the four RDFS relations and the two equivalences."""

    sub_class: Pairs
    sub_property: Pairs
    domain: Pairs
    range: Pairs
    restriction_edges: Pairs

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the entailed schema triples between IRIs, the trivial ones left out.

        Trivial are: a term below or equivalent to itself, anything below owl:Thing, owl:Nothing
        below anything.
        """
        for name, pairs in (
            (RDFS + "subClassOf", self.sub_class),
            (RDFS + "subPropertyOf", self.sub_property),
            (RDFS + "domain", self.domain),
            (RDFS + "range", self.range),
        ):
            yield from _triples(name, {(a, b) for a, b in pairs if b != THING and a != NOTHING})
        for name, pairs in (
            (OWL + "equivalentClass", self.sub_class),
            (OWL + "equivalentProperty", self.sub_property),
        ):
            yield from _triples(name, {(a, b) for a, b in pairs if (b, a) in pairs})

    def superclasses(self) -> dict[Term, set[Term]]:
        """Return each class's superclasses."""
        return _by_first(self.sub_class)


def _triples(name: str, pairs: Pairs) -> Iterator[ox.Triple]:
    predicate = ox.NamedNode(name)
    for one, two in pairs:
        if isinstance(one, ox.NamedNode) and isinstance(two, ox.NamedNode) and one != two:
            yield ox.Triple(one, predicate, two)


def close_schema(schema: Schema, same: Sameness | None = None) -> SchemaClosure:
    """Return the closure of a schema under the scm rules, and of what is the same in it.

    A class is below itself (scm-cls), so below what is the same (eq-rep-o); equality over the data
    does not find that, as no data say so.
    """
    same = same or Sameness()
    sub_property = _pairs(schema, "rdfs:subPropertyOf")
    sub_property |= _both_ways(_pairs(schema, "owl:equivalentProperty"))  # scm-eqp1
    for name in ("owl:ObjectProperty", "owl:DatatypeProperty"):  # scm-op, scm-dp
        sub_property |= {(axiom.subject, axiom.subject) for axiom in schema.instances(name)}
    sub_property = _transitive(_replaced(sub_property, same))
    classes = {THING, NOTHING, *(axiom.subject for axiom in schema.instances("owl:Class"))}
    sub_class = _pairs(schema, "rdfs:subClassOf")
    sub_class |= _both_ways(_pairs(schema, "owl:equivalentClass"))  # scm-eqc1
    sub_class |= {pair for c in classes for pair in ((c, c), (c, THING), (NOTHING, c))}  # scm-cls
    for _, kind, listed in schema.axioms("owl:intersectionOf"):  # scm-int
        sub_class |= {(kind, member) for member in schema.items(listed)}
    for _, kind, listed in schema.axioms("owl:unionOf"):  # scm-uni
        sub_class |= {(member, kind) for member in schema.items(listed)}
    edges: Pairs = set()
    while True:
        sub_class = _transitive(_replaced(sub_class | edges, same))
        found = set(_between_restrictions(schema, sub_class, sub_property))
        if found <= edges:
            break
        edges |= found
    return SchemaClosure(
        sub_class,
        sub_property,
        _propagated(_pairs(schema, "rdfs:domain"), sub_class, sub_property),
        _propagated(_pairs(schema, "rdfs:range"), sub_class, sub_property),
        {(a, b) for a, b in edges if a != b},
    )


def _between_restrictions(
    schema: Schema, sub_class: Pairs, sub_property: Pairs
) -> Iterator[tuple[Term, Term]]:
    """Yield the subsumptions of scm-hv, scm-svf1, scm-svf2, scm-avf1 and scm-avf2."""
    for name in ("owl:hasValue", "owl:someValuesFrom", "owl:allValuesFrom"):
        found = [(a.subject, p, canonical(a.object)) for a, p in schema.restrictions(name)]
        for (c1, p1, v1), (c2, p2, v2) in itertools.product(found, repeat=2):
            if v1 == v2 and (p1, p2) in sub_property:
                yield (c2, c1) if name == "owl:allValuesFrom" else (c1, c2)
            if p1 == p2 and name != "owl:hasValue" and (v1, v2) in sub_class:
                yield c1, c2


def _pairs(schema: Schema, name: str) -> Pairs:
    return {(axiom.subject, axiom.object) for axiom in schema.axioms(name)}


def _both_ways(pairs: Pairs) -> Pairs:
    return pairs | {(b, a) for a, b in pairs}


def _replaced(pairs: Pairs, same: Sameness) -> Pairs:
    """Return pairs with each end replaced by all that is the same (eq-rep-s, eq-rep-o)."""
    if not same:
        return pairs
    return {(a, b) for one, two in pairs for a in same.group(one) for b in same.group(two)}


def _by_first(pairs: Iterable[tuple[Term, Term]]) -> dict[Term, set[Term]]:
    found: dict[Term, set[Term]] = defaultdict(set)
    for one, two in pairs:
        found[one].add(two)
    return found


def _transitive(pairs: Pairs) -> Pairs:
    above = _by_first(pairs)
    closed: Pairs = set()
    for start in above:
        reached: set[Term] = set()
        todo = list(above[start])
        while todo:
            node = todo.pop()
            if node not in reached:
                reached.add(node)
                todo.extend(above.get(node, ()))
        closed |= {(start, node) for node in reached}
    return closed


def _propagated(pairs: Pairs, sub_class: Pairs, sub_property: Pairs) -> Pairs:
    """Close domains or ranges under scm-dom1, scm-dom2 (scm-rng1, scm-rng2)."""
    above, below = _by_first(sub_class), _by_first((two, one) for one, two in sub_property)
    return {
        (p, c)
        for stated, kind in pairs
        for p in {stated, *below.get(stated, ())}
        for c in {kind, *above.get(kind, ())}
    }
