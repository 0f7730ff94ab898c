"""The 78 rules of OWL 2 RL/RDF, and how each is treated (OWL 2 Profiles, 4.3, tables 4 to 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from nhskg.reasoning import class_axioms as c
from nhskg.reasoning import property_axioms as p
from nhskg.reasoning.model import Check, Rule
from nhskg.reasoning.schema import Schema

__all__ = ["COMPILERS", "TABLES", "TableRule", "Treatment"]

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

COMPILERS: Final[dict[str, Callable[[Schema], Iterator[Rule | Check]]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        c.eq_diff1, c.eq_diff2, c.eq_diff3,
        p.prp_dom, p.prp_rng, p.prp_fp, p.prp_ifp, p.prp_irp, p.prp_symp, p.prp_asyp, p.prp_trp,
        p.prp_spo1, p.prp_spo2, p.prp_eqp1, p.prp_eqp2, p.prp_pdw, p.prp_adp, p.prp_inv1,
        p.prp_inv2, p.prp_key, p.prp_npa1, p.prp_npa2,
        c.cls_nothing2, c.cls_int1, c.cls_int2, c.cls_uni, c.cls_com, c.cls_svf1, c.cls_svf2,
        c.cls_avf, c.cls_hv1, c.cls_hv2, c.cls_maxc1, c.cls_maxc2, c.cls_maxqc1, c.cls_maxqc2,
        c.cls_maxqc3, c.cls_maxqc4, c.cls_oo,
        c.cax_sco, c.cax_eqc1, c.cax_eqc2, c.cax_dw, c.cax_adc,
    )
}  # fmt: skip
"""The function that compiles each rule with treatment ``compiled`` or ``check``."""
