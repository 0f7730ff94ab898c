"""Random texts of a grammar, random rules of any form, and the order in which they run.

A grammar has lines ``part = form | form``; a line that begins with a space continues the last one.
In a form ``{part}`` draws a part, the same text wherever it is repeated, and ``{part_b}`` another
one. ``3x form`` counts as three forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

Strategy = st.SearchStrategy[str]


def read_grammar(name: str) -> dict[str, Strategy]:
    """Return a strategy for each part of a grammar, a file of this folder."""
    lines = (Path(__file__).parent / name).read_text("utf-8").replace("\n ", " ").splitlines()
    texts = dict(line.split(" = ", 1) for line in lines if line and not line.startswith("#"))
    parts: dict[str, Strategy] = {}

    def later(name: str) -> Strategy:
        return st.deferred(lambda: parts[name])

    def form(text: str) -> Strategy:
        drawn = {name: later(name.partition("_")[0]) for name in re.findall(r"{(\w+)}", text)}
        return st.fixed_dictionaries(drawn).map(
            lambda given: re.sub(r"{(\w+)}", lambda found: given[found[1]], text)
        )

    for part, text in texts.items():
        forms = [re.findall(r"^(?:(\d+)x )?(.*)$", each.strip())[0] for each in text.split(" | ")]
        # not the same strategy several times, which one_of would count once
        parts[part] = st.one_of(
            [form(each) for times, each in forms for _ in range(int(times or 1))]
        )
    return parts


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
