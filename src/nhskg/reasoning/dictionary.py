"""The dictionary of a store: a number for each term."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from nhskg.reasoning.model import Term
from nhskg.reasoning.relations import Mask, Numbers

__all__ = ["UNBOUND", "Dictionary"]

UNBOUND: Final = -1
"""The number of no term: the value of a variable that is not bound."""
_LITERAL: Final = 2
_KINDS: Final = {ox.NamedNode: 0, ox.BlankNode: 1, ox.Literal: _LITERAL}


class Dictionary:
    """Numbers terms in the order in which they are first met.

    Attributes:
        terms: the term of each number.
    """

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._numbers: dict[Term, int] = {}
        self._kinds: NDArray[np.uint8] = np.empty(0, np.uint8)

    def number(self, term: Term) -> int:
        """Return the number of a term as a store holds it."""
        found = self._numbers.get(term)
        if found is None:
            found = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return found

    def numbers(self, terms: Iterable[Term | None]) -> Numbers:
        """Return the numbers of terms, :data:`UNBOUND` for none."""
        number = self.number
        return np.fromiter((UNBOUND if term is None else number(term) for term in terms), np.int64)

    def constant(self, term: Term) -> int:
        """Return the number of a term that a rule names, in the form in which a store holds it."""
        if isinstance(term, ox.Literal) and term not in self._numbers:
            term = _as_stored(term)
        return self.number(term)

    def is_literal(self, numbers: Numbers) -> Mask:
        """Tell of each number whether it stands for a literal; of no term it is false."""
        kinds = self._known_kinds()
        found: Mask = (numbers >= 0) & (kinds[numbers] == _LITERAL) if len(kinds) else numbers > 0
        return found

    def is_iri(self, numbers: Numbers) -> Mask:
        """Tell of each number whether it stands for an IRI."""
        kinds = self._known_kinds()
        found: Mask = (numbers >= 0) & (kinds[numbers] == 0) if len(kinds) else numbers > 0
        return found

    def _known_kinds(self) -> NDArray[np.uint8]:
        if len(self._kinds) < len(self.terms):
            more = np.fromiter(
                (_KINDS.get(type(term), 3) for term in self.terms[len(self._kinds) :]), np.uint8
            )
            self._kinds = np.concatenate((self._kinds, more))
        return self._kinds


def _as_stored(literal: ox.Literal) -> Term:
    """Return a literal in the form that pyoxigraph's store gives it: ``01`` becomes ``1``."""
    store = ox.Store()
    name = ox.NamedNode("urn:nhskg:constant")
    store.add(ox.Quad(name, name, literal))
    stored = next(iter(store)).object
    assert isinstance(stored, ox.Literal)
    return stored
