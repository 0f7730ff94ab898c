"""``docs/terms-0.2.csv``: what became of each term of version 0.1."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.rdf.terms import PREFIXES, RDF_TYPE

TERMS: Final = Path(__file__).parents[1] / "docs" / "terms-0.2.csv"
OUTCOMES: Final = {"kept", "renamed", "merged", "dropped"}


def iri(name: str) -> str:
    """Return the IRI of a prefixed name, or of ``a``, as N-Quads write it."""
    prefix, _, rest = name.partition(":")
    return f"<{RDF_TYPE}>" if name == "a" else f"<{PREFIXES[prefix]}{rest}>"


def test_the_table_says_what_became_of_each_term(real: Project) -> None:
    """Sorted, a row a term; what is kept is declared still, the rest not; successors are.

    The successor is another property, or for a class the property and the value, or several with
    ``;`` between, that its instances have instead of it as type.
    """
    rows = list(csv.DictReader(TERMS.read_text("utf-8").splitlines()))
    names = [row["term"] for row in rows]
    assert names == sorted(set(names))
    subjects = {str(quad.subject) for quad in map_ontology(real.ontology)}
    for row in rows:
        assert row["outcome"] in OUTCOMES
        assert (iri(row["term"]) in subjects) == (row["outcome"] == "kept"), row
        assert bool(row["successor"]) == (row["outcome"] in ("renamed", "merged")) or (
            row["outcome"] == "kept" and row["note"]
        ), row
        words = {iri(word) for word in row["successor"].replace(" ;", "").split()}
        assert words - {iri("a")} <= subjects, row
