"""Checks of the ontology and the stored queries that ship with nhskg.

``python -m tools.check_shipped [--project DIR]`` prints what is wrong; part of ``make check``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import QuerySolutions, RdfFormat, Store, parse
from pyshacl import validate
from rdflib import SH, Graph

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.project import Project
from nhskg.queries.engine import evaluate
from nhskg.queries.stored import StoredQuery, list_queries
from nhskg.rdf.errors import NhskgError
from nhskg.rdf.files import AnyFolder, files_in, find_file
from nhskg.rdf.terms import PREFIXES, RDF, RDF_TYPE, RDFS, compact
from nhskg.reasoning.profile import check_owl2rl
from nhskg.shacl.shapes import ONTOLOGY_STYLE
from tools.global_restrictions import check_global_restrictions

_OF_RDF: Final = {RDF_TYPE, f"{RDF}value", f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"}
"""Terms of RDF itself, which no ontology needs to declare."""


def check_ontology(folder: AnyFolder, shapes: AnyFolder) -> list[str]:
    """Return what is wrong with the ontology: its OWL 2 RL profile and its house style."""
    graph = _ontology(folder)
    triples = parse(graph.serialize(format="nt"), format=RdfFormat.N_TRIPLES)
    problems = map(str, (*check_owl2rl(triples), *check_global_restrictions(graph)))
    style = Graph().parse(find_file(shapes, ONTOLOGY_STYLE))
    _, report, _ = validate(graph, shacl_graph=style, advanced=True)
    broken = {
        f"{report.value(result, SH.focusNode)}: {report.value(result, SH.resultMessage)}"
        for result in report.subjects(SH.resultSeverity)
    }
    return [*problems, *sorted(broken)]


def _ontology(folder: AnyFolder) -> Graph:
    graph = Graph()
    for path in files_in(folder, ".ttl"):
        if path.name not in PUBLISHED_ONLY:
            graph.parse(path)
    return graph


def check_queries(folder: AnyFolder, ontology: AnyFolder) -> list[str]:
    """Return what is wrong with the stored queries: columns, order, or terms not declared."""
    declared = {str(subject) for subject in _ontology(ontology).subjects()}
    return [each for query in list_queries(folder) for each in _check_query(query, declared)]


def _check_query(query: StoredQuery, declared: set[str]) -> Iterator[str]:
    try:
        result = evaluate(Store(), query.text, source=query.path)
    except NhskgError as error:
        yield str(error)
        return
    if not isinstance(result, QuerySolutions):
        yield f"{query.path}: a stored query must be a SELECT query"
        return
    columns = tuple(variable.value for variable in result.variables)
    if columns != query.columns:
        gives, says = ", ".join(columns), ", ".join(query.columns)
        yield f"{query.path}: gives {gives}; its header says {says}"
    sorted_by = set(re.findall(r"\?(\w+)", query.text.partition("ORDER BY")[2]))
    if unsorted := [column for column in columns if column not in sorted_by]:
        yield f"{query.path}: add {', '.join(unsorted)} to ORDER BY; ties come in any order"
    for iri in sorted(_iris(query.text) - declared - _OF_RDF):
        yield f"{query.path}: uses {compact(iri)}, which the ontology does not declare"


def _iris(text: str) -> set[str]:
    """Return the IRIs that a query mentions, but for those of data types."""
    body = re.sub(r'"[^"\n]*"|^\s*#.*$', "", text, flags=re.MULTILINE)
    declarations = r"(?i)PREFIX\s+(\w+):\s*<([^>]*)>"
    prefixes = PREFIXES | dict(re.findall(declarations, body))
    body = re.sub(declarations, "", body)
    names = re.findall(r"\b(\w+):([\w-]+)", body)
    found = {prefixes[prefix] + name for prefix, name in names if prefix in prefixes}
    found |= set(re.findall(r"<([^<>\s]+)>", body))
    return {iri for iri in found if not iri.startswith(PREFIXES["xsd"])}


def main() -> int:
    """Run all checks, print what is wrong, and return 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path)
    project = Project.locate(parser.parse_args().project)
    problems = check_ontology(project.ontology, project.shapes)
    problems += check_queries(project.queries, project.ontology)
    for problem in problems:
        print(problem)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
