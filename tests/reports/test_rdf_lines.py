"""From a term to its line, however the prefixes are laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhskg.rdf.errors import Place
from nhskg.rdf.lines import RdfText

PATH = Path("data.ttl")
OWL = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
OURS = "@prefix : <http://e/> ."


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f"{OWL}\n{OURS}\n:x a :A .", 3, 1),
        (f"{OWL} {OURS}\n:x a :A .", 2, 1),
        (f"{OWL} {OURS} :x a :A .", 1, 73),
        (f"  {OURS}{OWL}\n\n  :x a :A .", 3, 3),
        ("PREFIX owl: <urn:o> prefix : <http://e/>\n:x a :A .", 2, 1),
        ("@base <http://b/> . @prefix : <http://e/> . # :x\n:x a :A .", 2, 1),
        ("@prefix\n  : <http://e/> .\n:x a :A .", 3, 1),
        (f"{OURS} {OWL}\n<http://e/x> a :A .", 2, 1),
        (f"# {OURS}\n{OURS}\n:y :p :x .", 3, 7),
    ],
)
def test_a_term_is_found_by_any_prefix_of_its_file(text: str, line: int, column: int) -> None:
    assert RdfText(PATH, text).place("http://e/x") == Place(PATH, line, column)


def test_what_is_only_declared_is_described_nowhere() -> None:
    assert RdfText(PATH, f"{OWL} {OURS}").place("http://e/") is None
