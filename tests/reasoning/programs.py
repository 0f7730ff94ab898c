"""Small programs, drawn at random."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["rules"]

VARIABLES = st.sampled_from(["?x", "?y", "?z"])
STEPS = st.tuples(
    VARIABLES,
    st.sampled_from([":p", ":q", ":r"]),
    st.sampled_from(["", "", "", "+", "*"]),
    VARIABLES,
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw a rule without negation, whose head has only variables of its body."""
    steps = draw(st.lists(STEPS, min_size=1, max_size=3))
    bound = sorted({name for step in steps for name in (step[0], step[3])})
    subject, value = draw(st.sampled_from(bound)), draw(st.sampled_from(bound))
    body = " . ".join(f"{s} {p}{closure} {o}" for s, p, closure, o in steps)
    return f"{subject} {draw(st.sampled_from([':p', ':q', ':r', ':s']))} {value} <- {body}"
