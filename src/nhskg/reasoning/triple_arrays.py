"""The triples of a store as sorted arrays: a relation a predicate, a set of members a class.

Predicates are read from the store when they are first asked for, so what no rule reads costs
nothing. ``rdf:type`` is kept by class, as classes are what most premises name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Pattern
from nhskg.rdf.terms import AUXILIARY
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.relations import (
    EMPTY,
    Numbers,
    Relation,
    distinct,
    grouped,
    objects_of,
    pairs,
    subjects_of,
    swapped,
)
from nhskg.reasoning.schema import THING, is_auxiliary
from nhskg.reasoning.solutions import Dictionary

_SLICE: Final = 1_000_000

Key = tuple[int, bool]
"""The number of a predicate, or of a class (True)."""


class TripleArrays:
    """The union of a store's named graphs, and what is derived from it.

    Args:
        store: what is asserted; it is not changed before :meth:`derived`'s quads are put there.

    Attributes:
        dictionary: the numbers of terms.
        changes: how many triples have been added so far.
    """

    def __init__(self, store: ox.Store) -> None:
        self.dictionary = Dictionary()
        self._store = store
        self._default = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
        self.type = self.dictionary.number(TYPE)
        self._relations: dict[int, Relation] = {}
        self._classes: dict[int, Relation] = {}
        self._types = self._read(TYPE)
        self._by_class = np.sort(swapped(self._types))
        self._typed: Relation | None = Relation(self._types, binary=True)
        self._all_read = False
        self.changes = 0

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

    def relation(self, predicate: int) -> Relation:
        """Return the relation of a predicate; of ``rdf:type`` a copy without auxiliary classes."""
        if predicate == self.type:
            return self._all_types()
        found = self._relations.get(predicate)
        if found is None:
            term = self.dictionary.terms[predicate]
            keys = self._read(term) if isinstance(term, ox.NamedNode) else EMPTY
            found = self._relations[predicate] = Relation(keys, binary=True)
        return found

    def members(self, kind: int) -> Relation:
        """Return the members of a class."""
        found = self._classes.get(kind)
        if found is None:
            low, high = np.searchsorted(self._by_class, [kind << 32, (kind + 1) << 32])
            found = Relation(objects_of(self._by_class[low:high]), binary=False)
            self._classes[kind] = found
        return found

    def _all_types(self) -> Relation:
        if self._typed is None:
            derived = [
                pairs(new, np.full(len(new), kind))
                for kind, members in self._classes.items()
                if len(new := members.derived) and not self._is_generated(kind)
            ]
            self._typed = Relation(distinct(np.concatenate([self._types, *derived])), binary=True)
        return self._typed

    def predicates(self) -> list[int]:
        """Return all predicates that have triples, ``rdf:type`` first."""
        if not self._all_read:
            found = self._store.query(
                "SELECT DISTINCT ?p WHERE { GRAPH ?g { ?s ?p ?o } }",
                use_default_graph_as_union=False,
            )
            assert isinstance(found, ox.QuerySolutions)
            for row in found:
                predicate = row["p"]
                if predicate != TYPE:
                    self.relation(self.dictionary.number(predicate))
            self._all_read = True
        used = [number for number, each in self._relations.items() if len(each.keys)]
        return [self.type, *used] if len(self._all_types().keys) else used

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

    def add(self, predicate: int, subjects: Numbers, objects: Numbers) -> dict[Key, Numbers]:
        """Add triples of one predicate; return what is new, by predicate or class.

        Triples whose subject or object is no term, or whose subject is a literal, are left out.
        """
        fits = self.dictionary.can_be_subject(subjects) & (objects >= 0)
        subjects, objects = subjects[fits], objects[fits]
        if predicate != self.type:
            new = self.relation(predicate).add(pairs(subjects, objects))
            self.changes += len(new)
            return {(predicate, False): new}
        return {
            (kind, True): self.add_members(kind, subjects[places])
            for kind, places in grouped(objects)
        }

    def add_members(self, kind: int, subjects: Numbers) -> Numbers:
        """Add members of a class, literals aside; return those that are new."""
        new = self.members(kind).add(subjects[self.dictionary.can_be_subject(subjects)])
        if len(new):
            self.changes += len(new)
            self._typed = None
        return new

    def add_triples(self, triples: Iterable[ox.Triple]) -> None:
        """Add triples; those that are not asserted count as derived."""
        number = self.dictionary.number
        for triple in triples:
            subject, predicate, value = (number(node) for node in triple)
            self.add(predicate, np.array([subject]), np.array([value]))

    def reset(self, *, auxiliary_only: bool = False) -> None:
        """Take back what is derived, or what only serves reasoning."""
        for kind, members in self._classes.items():
            if not auxiliary_only or self.is_auxiliary(kind):
                members.reset()
        if not auxiliary_only:
            for relation in self._relations.values():
                relation.reset()
        self._typed = None

    # -- what is there

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        terms, constant = self.dictionary.terms, self.dictionary.constant
        for pattern in patterns:
            assert isinstance(pattern.predicate, ox.NamedNode)
            keys = self._keys_of(pattern)
            for place, node in ((subjects_of, pattern.subject), (objects_of, pattern.object)):
                if not isinstance(node, ox.Variable):
                    keys = keys[place(keys) == constant(node)]
            for key in keys.tolist():
                yield ox.Triple(terms[key >> 32], pattern.predicate, terms[key & ((1 << 32) - 1)])

    def _keys_of(self, pattern: Pattern) -> Numbers:
        number = self.dictionary.constant
        if pattern.predicate == TYPE and not isinstance(pattern.object, ox.Variable):
            kind = number(pattern.object)
            members = self.members(kind).keys
            return pairs(members, np.full(len(members), kind))
        return self.relation(number(pattern.predicate)).keys  # type: ignore[arg-type]

    def derived(self, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        """Yield what is derived and does not only serve reasoning, as quads of a graph."""
        terms, quad = self.dictionary.terms, ox.Quad
        for kind, members in self._classes.items():
            if self.is_auxiliary(kind):
                continue
            value = terms[kind]
            for number in members.derived.tolist():
                yield quad(terms[number], TYPE, value, graph)
        for predicate, relation in self._relations.items():
            name, low = terms[predicate], (1 << 32) - 1
            derived = relation.derived
            for start in range(0, len(derived), _SLICE):
                for key in derived[start : start + _SLICE].tolist():
                    yield quad(terms[key >> 32], name, terms[key & low], graph)  # type: ignore[arg-type]

    def count_derived(self) -> int:
        """Return the number of quads that :meth:`derived` yields."""
        classes = (m for kind, m in self._classes.items() if not self.is_auxiliary(kind))
        return sum(len(each.derived) for each in (*classes, *self._relations.values()))

    def all_nodes(self) -> Numbers:
        """Return every term that is the subject or object of a triple, in order."""
        keys = [self.relation(predicate).keys for predicate in self.predicates()]
        ends = [end for each in keys for end in (subjects_of(each), objects_of(each))]
        return distinct(np.concatenate(ends)) if ends else EMPTY


def merge(into: dict[Key, Numbers], more: dict[Key, Numbers]) -> None:
    """Add what is new of some predicates and classes to what is new already."""
    for key, new in more.items():
        if len(new):
            into[key] = distinct(np.concatenate((into[key], new))) if key in into else new
