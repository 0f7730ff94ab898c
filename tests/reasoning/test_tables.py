"""The 78 rules of OWL 2 RL/RDF, one by one, written from the standard's tables.

OWL 2 Profiles, section 4.3, tables 4 to 9: one file a table under ``tables/``, in Turtle, with
cases that each begin with a line of their own::

    #+ yes prp-dom: the subject is in the domain
    :p rdfs:domain :C . :a :p :b .
    #+ derives
    :a a :C .

``yes`` is a case in which the rule applies, ``no`` one that lacks a thing. The triples after
``#+ derives`` are all that must be derived between named terms (a list too has its members replaced
by what is the same), and the names after ``#+ inconsistent`` all the checks
that must fail; where neither stands, nothing follows. The triples after ``#+ axiomatic`` hold of
everything: they are derived only where that is asked for. ``test_closure.py`` states that these,
and those that are derived anyway, are all that the tables say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.terms import RDF
from nhskg.reasoning.axiom_rules import COMPILERS
from nhskg.reasoning.closure import Closure
from nhskg.reasoning.reasoner import CompiledEngine

from .test_running import DERIVED, reason_twice
from .treatments import TABLES

FILES = sorted((Path(__file__).parent / "tables").glob("*.ttl"))
GIVEN = ox.NamedNode("http://example.org/given")
LISTS = {RDF + "first", RDF + "rest"}
TRIVIAL = {"eq-ref", "prp-ap", "cls-thing", "cls-nothing1", "dt-type1"}
REFLEXIVE = {"scm-cls", "scm-op", "scm-dp"}
"""Rules of table 9 that derive what is trivial, and whose consequences are derived anyway."""

Triples = frozenset[ox.Triple]


@dataclass(frozen=True)
class Case:
    """What is given, and all that must follow."""

    rule: str
    applies: bool
    title: str
    premises: Triples
    derives: Triples
    inconsistent: frozenset[str]
    axiomatic: Triples

    @property
    def id(self) -> str:
        return f"{self.rule}-{'yes' if self.applies else 'no'}-{self.title.replace(' ', '-')}"


def read_cases(path: Path) -> list[Case]:
    prefixes, *blocks = re.split(r"^#\+ (?=yes |no )", path.read_text("utf-8"), flags=re.MULTILINE)
    return [read_case(prefixes, block) for block in blocks]


def read_case(prefixes: str, block: str) -> Case:
    told = re.fullmatch(r"(yes|no) ([a-z0-9-]+): (.+?)\n(.*)", block, flags=re.DOTALL)
    assert told is not None, block
    premises, *parts = re.split(r"^#\+ ", told[4], flags=re.MULTILINE)
    named = dict(re.split(r"\s", part, maxsplit=1) for part in parts)
    assert named.keys() <= {"derives", "inconsistent", "axiomatic"}, block
    return Case(
        rule=told[2],
        applies=told[1] == "yes",
        title=told[3],
        premises=parse(prefixes + premises),
        derives=parse(prefixes + named.get("derives", "")),
        inconsistent=frozenset(named.get("inconsistent", "").split()),
        axiomatic=parse(prefixes + named.get("axiomatic", "")),
    )


def parse(text: str) -> Triples:
    """Read Turtle, with literals in the form that the store gives them."""
    store = ox.Store()
    store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    return frozenset(quad.triple for quad in store)


def reason(premises: Triples) -> tuple[Triples, frozenset[str]]:
    """Return what follows of named terms, and the names of the checks that fail."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GIVEN) for t in premises)
    clashes = reason_twice(store).inconsistencies
    found = (quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED))
    named = frozenset(t for t in found if isinstance(t.subject, ox.NamedNode))
    return named, frozenset(clash.rule for clash in clashes)


def axiomatic(premises: Triples) -> set[ox.Triple]:
    """Return what follows, with what holds of everything."""
    return Closure(premises, CompiledEngine(())).triples()


CASES = [case for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    """All that the case tells follows, and nothing else."""
    derived, inconsistent = reason(case.premises)
    assert derived == case.derives
    assert inconsistent == case.inconsistent
    assert derived.isdisjoint(case.axiomatic)
    assert not case.axiomatic or case.axiomatic <= axiomatic(case.premises)


@pytest.mark.parametrize("case", [c for c in CASES if c.applies], ids=lambda case: case.id)
def test_every_premise_is_needed(case: Case) -> None:
    """Without any one triple of its premises, lists aside, less follows."""
    for triple in case.premises:
        if triple.predicate.value not in LISTS:
            less, fewer = reason(case.premises - {triple})
            if case.axiomatic:
                assert not case.axiomatic <= axiomatic(case.premises - {triple}), triple
            else:
                assert not (case.derives <= less and case.inconsistent <= fewer), triple


def test_each_of_the_78_rules_has_its_treatment() -> None:
    """A rule has a compiler, or is one of the schema, of equality, of datatypes, or trivial."""
    assert len({rule.name for rule in TABLES}) == len(TABLES) == 78
    assert {rule.name for rule in TABLES if rule.treatment == "trivial"} == TRIVIAL
    compiled = {rule.name for rule in TABLES if rule.treatment in {"compiled", "check"}}
    assert compiled - {"dt-not-type"} == dict(COMPILERS).keys() - {"asserted", "dt-eq", "dt-diff"}


def test_every_rule_has_cases_of_both_kinds_and_every_case_a_name() -> None:
    """What is trivial is derived in a case of each rule by which it is."""
    found: dict[str, set[bool]] = {}
    for case in CASES:
        found.setdefault(case.rule, set()).add(case.applies)
        told = case.derives or case.inconsistent or case.axiomatic
        assert bool(told) >= case.applies, case.id
    assert found == {rule.name: {True, False} for rule in TABLES}
    assert {case.rule for case in CASES if case.axiomatic} == TRIVIAL | REFLEXIVE
    assert len({case.id for case in CASES}) == len(CASES)
