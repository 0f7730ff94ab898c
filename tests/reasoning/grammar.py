"""Random texts of a grammar, as Hypothesis strategies.

A grammar has lines ``part = form | form``; a line that begins with a space continues the last one.
In a form ``{part}`` draws a part, the same text wherever it is repeated, and ``{part_b}`` another
one. ``3x form`` counts as three forms.
"""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

Strategy = st.SearchStrategy[str]


def read_grammar(name: str) -> dict[str, Strategy]:
    """Return a strategy for each part of a grammar, a file of this folder."""
    lines = (Path(__file__).parent / name).read_text("utf-8").replace("\n ", " ").splitlines()
    texts = dict(line.split(" = ", 1) for line in lines if line and not line.startswith("#"))
    choices: dict[str, Strategy] = {}
    parts = {name: _later(choices, name) for name in texts}
    choices |= {name: st.one_of(_forms(text, parts)) for name, text in texts.items()}
    return parts


def _later(choices: dict[str, Strategy], name: str) -> Strategy:
    return st.deferred(lambda: choices[name])


def _forms(text: str, parts: dict[str, Strategy]) -> list[Strategy]:
    found = []
    for form in text.split(" | "):
        count, rest = re.findall(r"^(?:(\d+)x )?(.*)$", form.strip())[0]
        # not the same strategy several times, which one_of would count once
        found += [_form(rest, parts) for _ in range(int(count or 1))]
    return found


def _form(text: str, parts: dict[str, Strategy]) -> Strategy:
    names = re.findall(r"{(\w+)}", text)
    drawn = {name: parts[name.partition("_")[0]] for name in names}
    return st.fixed_dictionaries(drawn).map(
        lambda given: re.sub(r"{(\w+)}", lambda found: given[found[1]], text)
    )
