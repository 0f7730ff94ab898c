"""The dictionary of a store: a number for each term."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.rdf.sparql.algebra import Term
from nhskg.reasoning.relations import Mask, Numbers

UNBOUND: Final = -1
"""The number of no term: the value of a variable that is not bound."""
_LITERAL: Final = 2
_TRIPLE: Final = 3
_NONE: Final = 4
_KINDS: Final = {ox.NamedNode: 0, ox.BlankNode: 1, ox.Literal: _LITERAL}


class Dictionary:
    """Numbers terms in the order in which they are first met.

    Attributes:
        terms: the term of each number.
    """

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._kinds = np.array([_NONE], np.uint8)

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
            term = _as_stored(term)
        return self.number(term)

    def is_literal(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for a literal."""
        found: Mask = self._kinds_of(numbers) == _LITERAL
        return found

    def is_iri(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for an IRI."""
        found: Mask = self._kinds_of(numbers) == 0
        return found

    def can_be_subject(self, numbers: Numbers) -> Mask:
        """Return a mask: whether each number stands for an IRI or a blank node."""
        found: Mask = self._kinds_of(numbers) < _LITERAL
        return found

    def can_be_compared(self, numbers: Numbers) -> Mask:
        """Return a mask: whether terms that are not the same are unequal in SPARQL, too."""
        kinds = self._kinds_of(numbers)
        found: Mask = (kinds < _LITERAL) | (kinds == _NONE)
        return found

    def _kinds_of(self, numbers: Numbers) -> NDArray[np.uint8]:
        """Return the kind of each term, :data:`_NONE` for no term."""
        known = len(self._kinds) - 1  # the last stands for no term
        if known < len(self.terms):
            more = [_KINDS.get(type(term), _TRIPLE) for term in self.terms[known:]]
            self._kinds = np.concatenate((self._kinds[:-1], np.array([*more, _NONE], np.uint8)))
        return self._kinds[numbers]


def _as_stored(literal: ox.Literal) -> Term:
    """Return a literal in the form that pyoxigraph's store gives it: ``01`` becomes ``1``."""
    store = ox.Store()
    name = ox.NamedNode("urn:nhskg:constant")
    store.add(ox.Quad(name, name, literal))
    stored = next(iter(store)).object
    assert isinstance(stored, ox.Literal)
    return stored
