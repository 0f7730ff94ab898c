"""The claims that a derived triple follows from, so that a finding about it has a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Store, Triple

from nhskg.rdf.errors import NhskgError
from nhskg.rdf.terms import ID
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.proof_finder import ProofFinder

__all__ = ["ClaimsBehind"]

_CLAIM: Final = re.compile(re.escape(ID) + r"claim/[^/]+/[^/]+")
_MOST: Final = 200
"""For how many triples of a run a proof is looked for; one wrong axiom can break thousands."""


class ClaimsBehind:
    """Finds the claims of the shortest proof of a triple, in the order of the proof.

    Args:
        store: asserted graphs, ontology and derived graph.
        rules: the project's CONSTRUCT rules, with which it was derived.
    """

    def __init__(self, store: Store, rules: Sequence[RuleText]) -> None:
        self._store = store
        self._rules = rules
        self._known: dict[Triple, tuple[str, ...]] = {}

    @cached_property
    def _finder(self) -> ProofFinder:
        return ProofFinder(self._store, self._rules)

    def __call__(self, triple: Triple) -> tuple[str, ...]:
        """Return the IRIs of the claims; none where there is no proof, or after too many."""
        if triple not in self._known and len(self._known) < _MOST:
            self._known[triple] = self._find(triple)
        return self._known.get(triple, ())

    def _find(self, triple: Triple) -> tuple[str, ...]:
        proof = None
        with suppress(NhskgError):  # without it the thing itself is where to look
            proof = self._finder.shortest(triple)
        subjects = [leaf.subject for leaf in proof.leaves()] if proof else []
        found = [_CLAIM.match(each.value) for each in subjects if isinstance(each, NamedNode)]
        return tuple(dict.fromkeys(each[0] for each in found if each))
