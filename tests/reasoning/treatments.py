"""The 78 rules of OWL 2 RL/RDF, and how each is treated (OWL 2 Profiles, 4.3, tables 4 to 9).

``compiled``  one rule of the program for each axiom at hand;
``check``     one query for each axiom (prp-npa1 and -npa2: in general form), without an answer;
``schema``    run in general form over the schema, while compiling;
``equality``  run in general form over the data, if there is any owl:sameAs;
``trivial``   what it derives is left out unless it is asked for, see docs/reasoner.md;
``datatype``  a test of literals where it matters, see :mod:`nhskg.reasoning.literal_values`.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class TableRule(NamedTuple):
    """One rule of the tables, with its treatment."""

    name: str
    table: int
    treatment: str


_ROWS: Final = """
4 trivial eq-ref
4 equality eq-sym eq-trans eq-rep-s eq-rep-p eq-rep-o
4 check eq-diff1 eq-diff2 eq-diff3
5 trivial prp-ap
5 compiled prp-dom prp-rng prp-fp prp-ifp prp-symp prp-trp prp-spo1 prp-spo2
5 compiled prp-eqp1 prp-eqp2 prp-inv1 prp-inv2 prp-key
5 check prp-irp prp-asyp prp-pdw prp-adp prp-npa1 prp-npa2
6 trivial cls-thing cls-nothing1
6 check cls-nothing2 cls-com cls-maxc1 cls-maxqc1 cls-maxqc2
6 compiled cls-int1 cls-int2 cls-uni cls-svf1 cls-svf2 cls-avf cls-hv1 cls-hv2
6 compiled cls-maxc2 cls-maxqc3 cls-maxqc4 cls-oo
7 compiled cax-sco cax-eqc1 cax-eqc2
7 check cax-dw cax-adc
8 trivial dt-type1
8 datatype dt-type2 dt-eq dt-diff
8 check dt-not-type
9 schema scm-cls scm-sco scm-eqc1 scm-eqc2 scm-op scm-dp scm-spo scm-eqp1 scm-eqp2
9 schema scm-dom1 scm-dom2 scm-rng1 scm-rng2 scm-hv scm-svf1 scm-svf2
9 schema scm-avf1 scm-avf2 scm-int scm-uni
"""
TABLES: Final = tuple(
    TableRule(name, int(table), treatment)
    for table, treatment, *names in map(str.split, _ROWS.strip().splitlines())
    for name in names
)
