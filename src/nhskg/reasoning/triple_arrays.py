"""The triples of a store as sorted arrays: a relation a predicate, and one a class.

Predicates are read from the store when they are first asked for, so what no rule reads costs
nothing. ``rdf:type`` is kept by class, as classes are what most premises name: the relation of a
class has the pairs of its members and itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Pattern
from nhskg.rdf.terms import AUXILIARY
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.dictionary import Dictionary
from nhskg.reasoning.relations import (
    LOW,
    Numbers,
    Relation,
    distinct,
    grouped,
    pairs,
    subjects_of,
    swapped,
)
from nhskg.reasoning.schema import THING, is_auxiliary

_SLICE: Final = 1_000_000

Key = int
"""The number of a predicate; or ``~number``, which is negative, of a class."""

Added = dict[Key, Numbers]
"""New pairs by predicate or class."""


class TripleArrays:
    """The union of a store's named graphs, and what is derived from it.

    Args:
        store: what is asserted; it is not changed before :meth:`derived`'s quads are put there.

    Attributes:
        dictionary: the numbers of terms.
        type: the key of ``rdf:type``, that is, of all classes but those that the compiler made.
    """

    def __init__(self, store: ox.Store) -> None:
        self.dictionary = Dictionary()
        self._store = store
        self._default = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
        self.type: Key = self.dictionary.number(TYPE)
        self._relations: dict[Key, Relation] = {}
        self._types = self._read(TYPE)
        self._by_class = np.sort(swapped(self._types))
        self._typed: Relation | None = None
        self._all_read = False

    # -- reading

    def _read(self, predicate: ox.NamedNode) -> Numbers:
        number = self.dictionary.number
        subjects: list[int] = []
        objects: list[int] = []
        for quad in self._store.quads_for_pattern(None, predicate, None, None):
            if self._default is None or quad.graph_name != ox.DefaultGraph():
                subjects.append(number(quad.subject))  # type: ignore[arg-type]
                objects.append(number(quad.object))  # type: ignore[arg-type]
        return distinct(pairs(np.array(subjects, np.int64), np.array(objects, np.int64)))

    def key(self, pattern: Pattern) -> Key | None:
        """Return what a pattern reads or writes; None if it may be any predicate."""
        if isinstance(pattern.predicate, ox.Variable):
            return None
        number = self.dictionary.constant(pattern.predicate)
        any_class = isinstance(pattern.object, ox.Variable) or pattern.closure
        if number != self.type or any_class:
            return number
        return ~self.dictionary.constant(pattern.object)  # type: ignore[arg-type]

    def relation(self, key: Key) -> Relation:
        """Return the pairs of a predicate or class; of ``rdf:type`` a copy."""
        if key == self.type:
            return self._all_types()
        found = self._relations.get(key)
        if found is None:
            if key < 0:
                low, high = np.searchsorted(self._by_class, [~key << 32, (~key + 1) << 32])
                found = Relation(swapped(self._by_class[low:high]))
            else:
                found = Relation(self._read(self.dictionary.terms[key]))  # type: ignore[arg-type]
            self._relations[key] = found
        return found

    def _all_types(self) -> Relation:
        if self._typed is None:
            derived = [
                relation.derived
                for key, relation in self._relations.items()
                if key < 0 and not self._is_generated(~key)
            ]
            self._typed = Relation(distinct(np.concatenate([self._types, *derived])))
        return self._typed

    def predicates(self) -> list[Key]:
        """Return all predicates that have triples, ``rdf:type`` first."""
        if not self._all_read:
            found = self._store.query(
                "SELECT DISTINCT ?p WHERE { GRAPH ?g { ?s ?p ?o } }",
                use_default_graph_as_union=False,
            )
            assert isinstance(found, ox.QuerySolutions)
            for row in found:
                self.relation(self.dictionary.number(row["p"]))
            self._all_read = True
        keys = [self.type, *(key for key in self._relations if key >= 0)]
        return [key for key in keys if len(self.relation(key).keys)]

    def is_auxiliary(self, kind: int) -> bool:
        """Return whether derived memberships of a class only serve reasoning."""
        term = self.dictionary.terms[kind]
        if term == THING:  # unless it has other names, whose members are its members
            same = self.relation(self.dictionary.number(SAME)).keys
            return not bool((subjects_of(same) == kind).any())
        return is_auxiliary(term)

    def _is_generated(self, kind: int) -> bool:
        """Return whether the compiler made a class; no variable takes it for its value."""
        term = self.dictionary.terms[kind]
        return isinstance(term, ox.NamedNode) and term.value.startswith(AUXILIARY)

    # -- writing

    def add(self, key: Key, subjects: Numbers, objects: Numbers) -> Added:
        """Add pairs to a predicate or class; return what is new.

        Triples whose subject or object is no term, or whose subject is a literal, are left out.
        """
        fits = self.dictionary.can_be_subject(subjects) & (objects >= 0)
        new = pairs(subjects[fits], objects[fits])
        if key == self.type:
            kinds = grouped(objects[fits])
            return merged(self._add(~kind, new[places]) for kind, places in kinds)
        return self._add(key, new)

    def _add(self, key: Key, keys: Numbers) -> Added:
        new = self.relation(key).add(keys)
        if key < 0 and len(new):
            self._typed = None
        return {key: new} if len(new) else {}

    def reset(self) -> None:
        """Take back what is derived."""
        self._relations = {key: Relation(each.given) for key, each in self._relations.items()}
        self._typed = None

    # -- what is there

    @property
    def size(self) -> int:
        """The number of triples that have been read or derived."""
        return sum(len(relation.keys) for relation in self._relations.values())

    def _published(self) -> Iterator[tuple[Key, Numbers]]:
        """Yield what is derived and does not only serve reasoning."""
        for key, relation in self._relations.items():
            if key >= 0 or not self.is_auxiliary(~key):
                yield key, relation.derived

    def derived(self, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        """Yield what is derived and does not only serve reasoning, as quads of a graph."""
        terms, quad, low = self.dictionary.terms, ox.Quad, LOW
        for key, derived in self._published():
            name = TYPE if key < 0 else terms[key]
            for start in range(0, len(derived), _SLICE):
                for pair in derived[start : start + _SLICE].tolist():
                    yield quad(terms[pair >> 32], name, terms[pair & low], graph)  # type: ignore[arg-type]

    def count_derived(self) -> int:
        """Return the number of quads that :meth:`derived` yields."""
        return sum(len(derived) for _, derived in self._published())


def merged(parts: Iterable[Added]) -> Added:
    """Return what is new in any of several parts."""
    found: dict[Key, list[Numbers]] = {}
    for part in parts:
        for key, new in part.items():
            found.setdefault(key, []).append(new)
    return {
        key: distinct(np.concatenate(new)) if len(new) > 1 else new[0] for key, new in found.items()
    }
