"""Rules are ordered by what they read and write; negation in a cycle is refused."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import ProgramError, construct_text
from nhskg.reasoning.program import Program, compile_program
from tests.cases import cases

from .test_running import PREFIXES, rule_texts


def program(*rules: str, axioms: str = "") -> Program:
    """Compile rules given as ``head <- body``, named r0, r1 …, and axioms in Turtle."""
    turtle = (PREFIXES + axioms).encode()
    return compile_program(ox.parse(turtle, format=ox.RdfFormat.TURTLE), rule_texts(rules))


@cases("reasoning/cases/strata.yaml")
def test_the_order_of_rules(case: Any) -> None:
    if "refused" in case:
        with pytest.raises(ProgramError, match="negation in a cycle") as refused:
            program(*case["rules"], axioms=case.get("axioms", ""))
        assert all(name in str(refused.value) for name in case["refused"])
        return
    strata = program(*case["rules"], axioms=case.get("axioms", "")).strata
    names = [" ".join(sorted({rule.name for rule in each.rules})) for each in strata]
    shown = [f"{n} +" if each.recursive else n for n, each in zip(names, strata, strict=True)]
    assert shown == case["strata"]


def text(program: Program) -> str:
    return "\n".join(construct_text(rule.head, rule.body) for rule in program.rules)


def test_an_optional_part_that_decides_a_name_stays_in_its_rule() -> None:
    made = program("?h :of ?o <- ?o :p ?b OPTIONAL { ?o :limit ?l } BIND(IRI(STR(?l)) AS ?h)")
    assert "OPTIONAL" in text(made)
    only_adds = "?h :of ?o . ?h :limit ?l <- ?o :heir ?h OPTIONAL { ?o :limit ?l }"
    assert "OPTIONAL" not in text(program(only_adds))


def test_program_text_is_the_same_whatever_names_blank_nodes_have() -> None:
    axioms = (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom [ owl:unionOf (:B :C) ] ] ."
    )
    assert text(program(axioms=axioms)) == text(program(axioms=axioms))


def test_equality_is_compiled_from_what_can_equate() -> None:
    assert not any(r.head[0].predicate.value.endswith("sameAs") for r in program().rules)
    made = program(axioms=":p a owl:FunctionalProperty .")
    assert [r.name for r in made.rules] == ["prp-fp"]
