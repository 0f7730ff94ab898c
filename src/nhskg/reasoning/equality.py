"""Equality in general form: eq-sym, eq-trans, eq-rep-s, eq-rep-p and eq-rep-o.

OWL 2 Profiles, section 4.3, table 4. Any triple can be concerned, so these rules stand outside the
strata: where there is any ``owl:sameAs``, they are applied before and after each stratum, and in
each round of a recursive one. The equivalence classes are kept by union-find; a triple is replaced
by all triples in which a class of terms stands for each of its members. Memberships that only serve
reasoning are left alone; they are derived anew from the triples that equality has added.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyoxigraph as ox

from nhskg.rdf.terms import OWL, RDFS
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.relations import (
    EMPTY,
    Mask,
    Numbers,
    contains,
    distinct,
    expanded,
    objects_of,
    pairs,
    subjects_of,
)
from nhskg.reasoning.triple_arrays import Key, TripleArrays, merge

_REFLEXIVE: Final = (
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
)
"""That a term is below, or equivalent to, one that is the same is left to the schema rules."""


class Equality:
    """Closes arrays of triples under equality.

    Args:
        arrays: the triples.
    """

    def __init__(self, arrays: TripleArrays) -> None:
        self.arrays = arrays
        number = arrays.dictionary.number
        self.same = number(SAME)
        self.reflexive = {number(ox.NamedNode(iri)) for iri in _REFLEXIVE}
        self._above: dict[int, int] = {}
        self._known: Numbers = EMPTY

    def saturate(self) -> dict[Key, Numbers]:
        """Add what equality adds, until it adds nothing; return that, by predicate or class."""
        added: dict[Key, Numbers] = {}
        while (classes := self._classes()) is not None and (new := self._replaced(classes)):
            merge(added, new)
        return added

    # -- equivalence classes

    def _root(self, number: int) -> int:
        while (above := self._above.get(number, number)) != number:
            self._above[number] = self._above.get(above, above)
            number = above
        return number

    def _classes(self) -> _Classes | None:
        """Return the equivalence classes that ``owl:sameAs`` generates, None if it has no pairs."""
        keys = self.arrays.relation(self.same).keys
        new = keys[~contains(self._known, keys)]
        self._known = keys
        is_literal = self.arrays.dictionary.is_literal(objects_of(new))
        for key in new[~is_literal].tolist():
            one, two = self._root(key >> 32), self._root(key & ((1 << 32) - 1))
            if one != two:
                self._above[max(one, two)] = min(one, two)
        literals = keys[self.arrays.dictionary.is_literal(objects_of(keys))]
        if not self._above and not len(literals):
            return None
        members = {each for pair in self._above.items() for each in pair}
        members |= set(subjects_of(literals).tolist())
        numbers = np.array(sorted(members), np.int64)
        roots = np.array([self._root(number) for number in numbers.tolist()], np.int64)
        return _Classes(numbers, roots, literals)

    # -- replacement

    def _replaced(self, classes: _Classes) -> dict[Key, Numbers]:
        """Add each triple with its terms replaced by those that are the same."""
        arrays = self.arrays
        added: dict[Key, Numbers] = {}
        for predicate in arrays.predicates():
            keys = arrays.relation(predicate).keys
            if predicate == self.same:
                keys = classes.all_pairs()
            else:
                touched = contains(classes.numbers, subjects_of(keys)) | contains(
                    classes.numbers, objects_of(keys)
                )
                keys = classes.replaced(keys[touched])
            for other in classes.same_as(predicate):
                some = keys if other == predicate else arrays.relation(predicate).keys
                if other != predicate:
                    some = distinct(np.concatenate((some, keys)))
                if not isinstance(arrays.dictionary.terms[other], ox.NamedNode) or not len(some):
                    continue
                if other in self.reflexive:
                    some = some[~classes.are_same(subjects_of(some), objects_of(some))]
                merge(added, arrays.add(other, subjects_of(some), objects_of(some)))
        return added


class _Classes:
    """Equivalence classes of terms as arrays.

    Attributes:
        numbers: the terms that are the same as another, sorted.
    """

    def __init__(self, numbers: Numbers, roots: Numbers, literals: Numbers) -> None:
        self.numbers = numbers
        self._roots = roots
        self._members = np.sort(pairs(roots, numbers))
        owners = roots[np.searchsorted(numbers, subjects_of(literals))]
        self._objects = distinct(
            np.concatenate((self._members, pairs(owners, objects_of(literals))))
        )

    def _root_of(self, numbers: Numbers) -> Numbers:
        places = np.searchsorted(self.numbers, numbers)
        places[places == len(self.numbers)] = 0
        roots: Numbers = np.where(self.numbers[places] == numbers, self._roots[places], numbers)
        return roots

    def are_same(self, one: Numbers, two: Numbers) -> Mask:
        """Tell of each pair of terms whether they are the same."""
        same: Mask = self._root_of(one) == self._root_of(two)
        return same

    def all_pairs(self) -> Numbers:
        """Return the pairs of different terms that are the same."""
        rows, ends = expanded(self._objects, self._roots)
        subjects = self.numbers[rows]
        apart = subjects != ends
        return pairs(subjects[apart], ends[apart])

    def same_as(self, number: int) -> list[int]:
        """Return all terms that are the same as one, itself among them."""
        if not contains(self.numbers, np.array([number]))[0]:
            return [number]
        root = self._root_of(np.array([number]))
        return [int(each) for each in expanded(self._members, root)[1]]

    def replaced(self, keys: Numbers) -> Numbers:
        """Return pairs with each end replaced by all that is the same."""
        roots = distinct(pairs(self._root_of(subjects_of(keys)), self._root_of(objects_of(keys))))
        subjects, objects = subjects_of(roots), objects_of(roots)
        rows, subjects = _expanded_or_same(self._members, subjects)
        objects = objects[rows]
        rows, objects = _expanded_or_same(self._objects, objects)
        return pairs(subjects[rows], objects)


def _expanded_or_same(keys: Numbers, firsts: Numbers) -> tuple[Numbers, Numbers]:
    """Return the members of the class of each term; of a term without a class, itself."""
    alone = ~contains(distinct(subjects_of(keys)), firsts)
    rows, ends = expanded(keys, firsts)
    places = np.flatnonzero(alone)
    return np.concatenate((rows, places)), np.concatenate((ends, firsts[alone]))
