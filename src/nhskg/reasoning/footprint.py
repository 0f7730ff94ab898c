"""What a program looks at and writes: a triple that fits nothing of it cannot change its result.

Quotes, positions, notes and labels are such triples in nhskg's own graphs. A build that changed
nothing else need not reason again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.reasoning.domain import RuleText, ValuesOf, domain_rules
from nhskg.reasoning.model import TYPE, Group, Node, Pattern, walk_patterns
from nhskg.reasoning.program import Program
from nhskg.reasoning.property_axioms import SAME
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES
from nhskg.terms import RDF

__all__ = ["Footprint", "footprint_of"]

Shape = tuple[str | None, str | None]
"""Predicate and object of a pattern; nothing for a variable. Its subject is taken for any."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The patterns that a program reads, writes, or is compiled from."""

    shapes: frozenset[Shape]

    def touches(self, triple: ox.Triple) -> bool:
        """Tell whether a triple that comes or goes may change what the program derives."""
        ends = (triple.subject, triple.object)
        if any(isinstance(end, ox.BlankNode | ox.Triple) for end in ends):
            return True
        predicate, value = str(triple.predicate), str(triple.object)
        possible: tuple[Shape, ...] = (
            (predicate, None),
            (predicate, value),
            (None, None),
            (None, value),
        )
        return not self.shapes.isdisjoint(possible)


def footprint_of(program: Program, rules: Sequence[RuleText], values_of: ValuesOf) -> Footprint:
    """Return the footprint of a program in which nothing is the same as something else.

    A variable in the place of a predicate that another premise binds takes the values that it has
    there in the data; a triple that would bring another value fits that premise.

    Args:
        program: the program that ran.
        rules: the rules it was compiled from; as they are written they tell what a new value of a
            variable predicate or class would come from.
        values_of: tells which IRIs a variable of a pattern takes in the data, all derived.
    """
    shapes = {_shape(pattern) for rule in program.rules for pattern in rule.head}
    bodies = [rule.body for rule in program.rules] + [check.body for check in program.checks]
    bodies += [rule.body for text in rules for rule in domain_rules(text)]
    for body in bodies:
        for pattern, _, group in walk_patterns(body):
            shapes.update(_grounded(pattern, group, values_of))
    shapes |= {(f"<{iri}>", None) for iri in (*AXIOM_PREDICATES, RDF + "first", RDF + "rest")}
    shapes |= {(str(TYPE), f"<{iri}>") for iri in AXIOM_CLASSES}
    shapes.add((str(SAME), None))
    return Footprint(frozenset(shapes))


def _grounded(pattern: Pattern, group: Group, values_of: ValuesOf) -> Iterator[Shape]:
    """Yield a pattern's shape, once for each predicate that it can have."""
    predicate = pattern.predicate
    binding = [
        other
        for other in group.patterns()
        if predicate in (other.subject, other.object)
        and isinstance(other.predicate, ox.NamedNode)
        and not other.closure
    ]
    if isinstance(predicate, ox.Variable) and binding:
        for value in values_of(binding[0], predicate):
            yield str(value), _fixed(pattern.object)
    else:
        yield _shape(pattern)


def _shape(pattern: Pattern) -> Shape:
    return _fixed(pattern.predicate), _fixed(pattern.object)


def _fixed(node: Node) -> str | None:
    return None if isinstance(node, ox.Variable) else str(node)
