"""Reasoning over any RDF by OWL 2 RL and CONSTRUCT rules, with proofs; see the README here."""

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
