"""Reasoning over any RDF by OWL 2 RL and CONSTRUCT rules, with proofs; see the README here.

What is here is imported when it is asked for: who only looks triples up pays for no reasoner.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nhskg.reasoning.inference import Inference, infer
    from nhskg.reasoning.reasoner import (
        CompiledEngine,
        Derivation,
        Engine,
        read_rule_text,
        read_rule_texts,
    )
    from nhskg.reasoning.rules import Inconsistency, RuleText

__all__ = [
    "CompiledEngine",
    "Derivation",
    "Engine",
    "Inconsistency",
    "Inference",
    "RuleText",
    "infer",
    "read_rule_text",
    "read_rule_texts",
]


def __getattr__(name: str) -> Any:
    for module in ("inference", "reasoner", "rules") if name in __all__ else ():
        found = import_module(f"{__name__}.{module}")
        if hasattr(found, name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
