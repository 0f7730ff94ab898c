"""The OWL 2 RL/RDF rules as the standard states them, for the proof checker.

A second copy of its tables on purpose: the checker must not depend on the compiler of the axioms.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import yaml

from nhskg.rdf.terms import OWL, RDF, RDFS

_PREFIXES: Final = f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}>\n"
_RULES: Final[dict[str, str]] = yaml.safe_load(
    Path(__file__).with_suffix(".yaml").read_text("utf-8")
)


def construct_texts(names: Iterable[str], chains: Iterable[int]) -> list[str] | None:
    """Return the CONSTRUCT queries of some rules; None if one of them is not in the tables.

    Args:
        names: the standard's names of the rules.
        chains: for prp-spo2, the lengths of the property chains at hand.
    """
    texts = []
    for name in names:
        if name == "prp-spo2":
            texts += [_chain(length) for length in sorted(chains) if length]
        elif name in _RULES:
            texts.append(_construct(*_RULES[name].split("<-")))
        else:
            return None
    return texts


def _construct(head: str, body: str) -> str:
    return f"{_PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}"


def _chain(length: int) -> str:
    """Return prp-spo2 for chains of one length."""
    cells = [f"?l{n} rdf:first ?p{n} ; rdf:rest ?l{n + 1} ." for n in range(length)]
    links = [f"?u{n} ?p{n} ?u{n + 1} ." for n in range(length)]
    end = f"FILTER(?l{length} = rdf:nil)"
    body = " ".join(["?p owl:propertyChainAxiom ?l0 .", *cells, end, *links])
    return _construct(f"?u0 ?p ?u{length}", body)
