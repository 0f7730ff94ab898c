"""Random rules of any form, and the order in which a program of them runs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import strategies as st

from .grammar import read_grammar

GRAMMAR = read_grammar("programs.grammar")
CLASSES = {":A", ":B"}


@st.composite
def any_rules(draw: st.DrawFn) -> str:
    """Draw a rule ``head <- body``, whose head has variables of its body."""
    body = draw(GRAMMAR["group"])
    names = st.sampled_from(sorted(set(re.findall(r"\?[a-z]", body)) - {"?k"}) or [":a"])
    kinds = sorted(CLASSES | ({"?k"} if "?k" in body else set()))
    triples = st.one_of(
        st.tuples(names, GRAMMAR["predicate"], names),
        st.tuples(names, GRAMMAR["predicate"], names),
        st.tuples(names, st.just("a"), st.sampled_from(kinds)),
    )
    head = draw(st.lists(triples, min_size=1, max_size=2))
    return f"{' '.join(' '.join(triple) + ' .' for triple in head)} <- {body}"


def _terms(text: str) -> set[str]:
    """Return the predicates and classes that a triple names; any class for a variable."""
    found = set(re.findall(r":[p-s]\b|(?<= a ):[AB]", text))
    return found | CLASSES if " a ?k" in text else found


def _reads(body: str) -> set[tuple[str, bool]]:
    """Return the predicates and classes that a body reads, each with whether under negation."""
    found, negative = set(), [False]
    for part, opens in re.findall(r"([^{}]*)([{}]?)", body):
        found |= {(name, negative[-1]) for name in _terms(part)}
        if opens == "{":
            negates = re.search(r"(NOT EXISTS|OPTIONAL|MINUS|(?<!FILTER )EXISTS) $", part)
            negative.append(negative[-1] or negates is not None)
        elif opens:
            negative.pop()
    return found


def strata(program: Sequence[str]) -> list[list[str]] | None:
    """Return the rules in the order in which they run; None where negation is in a cycle."""
    rules = [(rule, _terms(head), _reads(body)) for rule in program
             for head, body in [rule.split("<-")]]  # fmt: skip
    level = dict.fromkeys((":p", ":q", ":r", ":s", *CLASSES), 0)
    for _ in range(len(level) ** 2):
        before = dict(level)
        for _, writes, reads in rules:
            least = max((level[name] + negative for name, negative in reads), default=0)
            level.update(dict.fromkeys(writes, max(least, *(level[name] for name in writes))))
        if level == before:
            found: dict[int, list[str]] = {}
            for rule, writes, _ in rules:
                found.setdefault(max(level[name] for name in writes), []).append(rule)
            return [found[number] for number in sorted(found)]
    return None
