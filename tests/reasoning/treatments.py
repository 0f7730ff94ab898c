"""The 78 rules of OWL 2 RL/RDF, and how each is treated (OWL 2 Profiles, 4.3, tables 4 to 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nhskg.reasoning.class_axioms import CLASS_RULES
from nhskg.reasoning.property_axioms import PROPERTY_RULES

__all__ = ["COMPILERS", "TABLES"]

Treatment = Literal["compiled", "check", "schema", "equality", "trivial", "datatype"]
"""How a rule is treated.

``compiled``  one rule of the program for each axiom at hand;
``check``     one query for each axiom, which must have no answer;
``schema``    run in general form over the schema, while compiling;
``equality``  run in general form over the data, if there is any owl:sameAs;
``trivial``   what it derives is left out, see docs/reasoner.md;
``datatype``  a test of literals where it matters, see :mod:`nhskg.reasoning.datatypes`.
"""


@dataclass(frozen=True, slots=True)
class TableRule:
    """One rule of the tables, with its treatment and, where that needs it, the reason."""

    name: str
    table: int
    treatment: Treatment
    reason: str = ""


def _rows(table: int, *rows: tuple[str, Treatment, str]) -> tuple[TableRule, ...]:
    return tuple(
        TableRule(name, table, treatment, reason)
        for names, treatment, reason in rows
        for name in names.split()
    )


TABLES: Final[tuple[TableRule, ...]] = (
    *_rows(
        4,
        ("eq-ref", "trivial", "everything is the same as itself; eq-diff1 knows it"),
        ("eq-sym eq-trans eq-rep-s eq-rep-p eq-rep-o", "equality", ""),
        ("eq-diff1 eq-diff2 eq-diff3", "check", ""),
    ),
    *_rows(
        5,
        ("prp-ap", "trivial", "declares the annotation properties of RDFS and OWL"),
        ("prp-dom prp-rng prp-fp prp-ifp prp-symp prp-trp prp-spo1 prp-spo2", "compiled", ""),
        ("prp-eqp1 prp-eqp2 prp-inv1 prp-inv2 prp-key", "compiled", ""),
        ("prp-irp prp-asyp prp-pdw prp-adp", "check", ""),
        ("prp-npa1 prp-npa2", "check", "asked in general form, as rules derive such assertions"),
    ),
    *_rows(
        6,
        ("cls-thing cls-nothing1", "trivial", "declare owl:Thing and owl:Nothing"),
        ("cls-nothing2 cls-com cls-maxc1 cls-maxqc1 cls-maxqc2", "check", ""),
        ("cls-int1 cls-int2 cls-uni cls-svf1 cls-svf2 cls-avf cls-hv1 cls-hv2", "compiled", ""),
        ("cls-maxc2 cls-maxqc3 cls-maxqc4 cls-oo", "compiled", ""),
    ),
    *_rows(
        7,
        ("cax-sco cax-eqc1 cax-eqc2", "compiled", ""),
        ("cax-dw cax-adc", "check", ""),
    ),
    *_rows(
        8,
        ("dt-type1", "trivial", "declares the datatypes of the map"),
        ("dt-type2", "datatype", "a literal is no subject in RDF; tested where it is read"),
        ("dt-eq", "datatype", "told of properties by whose values things are compared"),
        ("dt-diff", "datatype", "tested where two literals would be made the same"),
        ("dt-not-type", "check", ""),
    ),
    *_rows(
        9,
        ("scm-cls scm-sco scm-eqc1 scm-eqc2 scm-op scm-dp scm-spo scm-eqp1 scm-eqp2", "schema", ""),
        ("scm-dom1 scm-dom2 scm-rng1 scm-rng2 scm-hv scm-svf1 scm-svf2", "schema", ""),
        ("scm-avf1 scm-avf2 scm-int scm-uni", "schema", ""),
    ),
)
"""Every rule of the tables, in their order."""

COMPILERS: Final = PROPERTY_RULES.keys() | CLASS_RULES.keys()
"""The rules with a function that compiles them."""
