"""The triples of a store as sorted arrays: a number for each term, a relation for each predicate.

Predicates are read from the store when they are first asked for, so what no rule reads costs
nothing. ``rdf:type`` is kept by class, as classes are what most premises name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import TYPE, Pattern, Term
from nhskg.rdf.terms import AUXILIARY
from nhskg.reasoning import relations
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.literal_values import MEMBER
from nhskg.reasoning.relations import EMPTY, LOW, UNBOUND, Numbers, Relation, TooManyError, pairs
from nhskg.reasoning.schema import THING, is_auxiliary

NONE, IRI, BLANK, LITERAL, TRIPLE = range(5)
"""Kinds of terms; the first is that of no term."""
_KINDS: Final = {ox.NamedNode: IRI, ox.BlankNode: BLANK, ox.Literal: LITERAL}

Key = tuple[int, int]
"""The numbers of a predicate and, of ``rdf:type``, of a class; in other relations ``UNBOUND``."""
Added = dict[Key, Numbers]
"""What is new of some relations."""

MOST_DERIVED: Final = 30_000_000
"""How many triples may be derived: a million claims have 15 million, and their store 10 GB."""


class Dictionary:
    """Numbers terms in the order in which they are first met: their places in ``terms``."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._kinds = np.array([NONE], np.uint8)  # the last stands for no term

    def number(self, term: Term) -> int:
        """Return the number of a term as a store holds it."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return found

    def constant(self, term: Term) -> int:
        """Return the number of a term that a rule names, in the form in which a store holds it."""
        if isinstance(term, ox.Literal) and term not in self._numbers:
            store = ox.Store()
            store.add(ox.Quad(TYPE, TYPE, term))
            term = next(iter(store)).object  # "01" becomes "1"
        return self.number(term)

    def kinds(self, numbers: Numbers) -> NDArray[np.uint8]:
        """Return the kind of each term."""
        known = len(self._kinds) - 1
        if known < len(self.terms):
            more = [_KINDS.get(type(term), TRIPLE) for term in self.terms[known:]]
            self._kinds = np.concatenate((self._kinds[:-1], np.array([*more, NONE], np.uint8)))
        return self._kinds[numbers]


class TripleArrays:
    """The union of a store's named graphs, and what is derived; ``changes`` counts that."""

    def __init__(self, store: ox.Store) -> None:
        self.dictionary = Dictionary()
        self.type = self.dictionary.number(TYPE)
        self.changes = 0
        self._store = store
        self._default = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
        self._relations: dict[Key, Relation] = {}
        self._types = self._read(TYPE)
        self._by_class = relations.swapped(self._types)
        self._all_types: Relation | None = Relation(self._types)
        self._all_read = False

    def _read(self, predicate: Term) -> Numbers:
        number = self.dictionary.number
        subjects: list[int] = []
        objects: list[int] = []
        for quad in self._store.quads_for_pattern(None, predicate, None, None):  # type: ignore[arg-type]
            if self._default is None or quad.graph_name != ox.DefaultGraph():
                subjects.append(number(quad.subject))  # type: ignore[arg-type]
                objects.append(number(quad.object))  # type: ignore[arg-type]
        keys = pairs(np.array(subjects, np.int64), np.array(objects, np.int64))
        return relations.distinct(keys)

    def key(self, pattern: Pattern) -> Key:
        """Return the key of the relation that a pattern with a named predicate is matched with."""
        number = self.dictionary.constant
        if pattern.predicate != TYPE or isinstance(pattern.object, ox.Variable) or pattern.closure:
            return number(pattern.predicate), UNBOUND  # type: ignore[arg-type]
        return self.type, number(pattern.object)

    def relation(self, key: Key) -> Relation:
        """Return a relation; of ``rdf:type`` as such a copy without the compiler's classes."""
        found = self._relations.get(key)
        if found is None:
            predicate, kind = key
            if key == (self.type, UNBOUND):
                return self._with_derived_types()
            if kind != UNBOUND:
                low, high = np.searchsorted(self._by_class, [kind << 32, (kind + 1) << 32])
                keys = pairs(self._by_class[low:high] & LOW, kind)
            else:
                term = self.dictionary.terms[predicate]
                keys = self._read(term) if isinstance(term, ox.NamedNode) else EMPTY
            found = self._relations[key] = Relation(keys)
        return found

    def _with_derived_types(self) -> Relation:
        if self._all_types is None:
            terms = self.dictionary.terms
            derived = [
                relation.derived
                for (_, kind), relation in self._relations.items()
                if kind != UNBOUND and not str(terms[kind]).startswith(f"<{AUXILIARY}")
            ]
            self._all_types = Relation(relations.distinct(np.concatenate((self._types, *derived))))
        return self._all_types

    def predicates(self) -> list[int]:
        """Return all predicates that have triples, ``rdf:type`` first."""
        if not self._all_read:
            self._all_read = True
            text = "SELECT DISTINCT ?p WHERE { GRAPH ?g { ?s ?p ?o } }"
            found = self._store.query(text, use_default_graph_as_union=False)
            for row in found:  # type: ignore[union-attr]
                self.relation((self.dictionary.number(row[0]), UNBOUND))
        used = [key[0] for key, each in self._relations.items() if len(each.keys)]
        types = len(self._with_derived_types().keys) > 0
        unseen = {self.type, self.dictionary.number(MEMBER)}
        return [self.type] * types + [number for number in used if number not in unseen]

    def nodes(self) -> Numbers:
        """Return every term that is the subject or object of a triple, in order."""
        found = (self.relation((predicate, UNBOUND)).keys for predicate in self.predicates())
        ends = chain.from_iterable(map(relations.ends_of, found))
        return relations.distinct(np.concatenate((EMPTY, *ends)))

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        terms, constant = self.dictionary.terms, self.dictionary.constant
        for pattern in patterns:
            keys = self.relation(self.key(pattern)).keys
            if not isinstance(pattern.subject, ox.Variable):
                keys = keys[keys >> 32 == constant(pattern.subject)]
            if not isinstance(pattern.object, ox.Variable):
                keys = keys[keys & LOW == constant(pattern.object)]
            for key in keys.tolist():
                yield ox.Triple(terms[key >> 32], pattern.predicate, terms[key & LOW])  # type: ignore[arg-type]

    def add(self, key: Key, subjects: Numbers, objects: Numbers) -> Added:
        """Add those pairs that can be triples, of ``rdf:type`` by class; return what is new."""
        fits = (self.dictionary.kinds(subjects) < LITERAL) & (subjects >= 0) & (objects >= 0)
        keys = pairs(subjects[fits], objects[fits])
        parts = [(key, keys)]
        if key == (self.type, UNBOUND):
            by_class = relations.grouped(keys & LOW)
            parts = [((self.type, kind), keys[some]) for kind, some in by_class]
        added = {each: new for each, part in parts if len(new := self.relation(each).add(part))}
        self.changes += sum(map(len, added.values()))
        if self.changes > MOST_DERIVED:
            told = f"more than {MOST_DERIVED:,} triples follow"
            raise TooManyError(f"{told}; give less data, or fewer axioms and rules")
        if key[0] == self.type and added:
            self._all_types = None
        return added

    def add_triples(self, triples: Iterable[ox.Triple]) -> None:
        """Add triples; those that are not asserted count as derived."""
        number = self.dictionary.number
        ends: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for subject, predicate, value in triples:
            ends[number(predicate)].append((number(subject), number(value)))
        for predicate, found in ends.items():
            self.add((predicate, UNBOUND), *np.array(found, np.int64).T)

    def reset(self, *, auxiliary_only: bool = False) -> None:
        """Take back what is derived, or what only serves reasoning."""
        for key, relation in list(self._relations.items()):
            if not auxiliary_only or self._is_auxiliary(key):
                relation.reset()
        self._all_types = None

    def _is_auxiliary(self, key: Key) -> bool:
        """Return whether what is derived of a relation only serves reasoning."""
        kind = self.dictionary.terms[key[0] if key[1] == UNBOUND else key[1]]
        if not is_auxiliary(kind):
            return False
        # owl:Thing may have other names, whose members are its members
        return kind != THING or not any(self.triples([Pattern(THING, SAME, ox.Variable("any"))]))

    def derived(self, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        """Yield what is derived and does not only serve reasoning, as quads of a graph."""
        terms, quad = self.dictionary.terms, ox.Quad
        for key, relation in list(self._relations.items()):
            if not self._is_auxiliary(key):
                name, derived = terms[key[0]], relation.derived
                for part in np.array_split(derived, len(derived) // 1_000_000 + 1):
                    for ends in part.tolist():
                        yield quad(terms[ends >> 32], name, terms[ends & LOW], graph)  # type: ignore[arg-type]

    def count_derived(self) -> int:
        """Return the number of quads that :meth:`derived` yields."""
        found = list(self._relations.items())
        return sum(len(each.derived) for key, each in found if not self._is_auxiliary(key))


def merge(into: Added, more: Added) -> None:
    """Add what is new of some relations to what is new already."""
    for key, new in more.items():
        into[key] = relations.distinct(np.concatenate((into[key], new))) if key in into else new
