"""Claims behind derived triples, by their proofs, so that findings have lines.

A derived triple has no line of its own. The claims behind it are those of its shortest proof: to
mend any of them is to look at one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from nhskg.explain.explaining import Explainer
from nhskg.queries.claims import Claim
from nhskg.rdf.errors import NhskgError
from nhskg.reasoning.rule_normalization import RuleText

_MOST: Final = 200
"""For how many triples of a run a proof is looked for; one wrong axiom can break thousands."""


class SupportingClaims:
    """Finds the claims of the shortest proof of a triple, in the order of the proof.

    Args:
        store: asserted graphs, ontology and derived graph.
        rules: the project's CONSTRUCT rules, with which it was derived.
    """

    def __init__(self, store: ox.Store, rules: Sequence[RuleText]) -> None:
        self._store = store
        self._rules = rules
        self._known: dict[ox.Triple, tuple[str, ...]] = {}

    @cached_property
    def explainer(self) -> Explainer:
        """Proofs in the store; made when the first is asked for."""
        return Explainer(self._store, self._rules)

    def claims(self, triple: ox.Triple) -> list[Claim]:
        """Return the claims; none where there is no proof.

        Raises:
            ProgramError: the rules make no program.
            StoreError: the store cannot be asked.
        """
        proof = self.explainer.finder.shortest(triple)
        return self.explainer.evidence.claims(proof.leaves()) if proof else []

    def __call__(self, triple: ox.Triple) -> tuple[str, ...]:
        """Return the IRIs of the claims; none where there is no proof, or after too many."""
        if triple not in self._known and len(self._known) < _MOST:
            self._known[triple] = ()
            with suppress(NhskgError):  # without it the thing itself is where to look
                self._known[triple] = tuple(claim.iri for claim in self.claims(triple))
        return self._known.get(triple, ())
