"""``python -m tests.conformance``: count what is right by the standards, in docs/conformance.md.

``NHSKG_SUITES`` names the folder of W3C's suites.
"""

from __future__ import annotations

import io
import logging
import os
import re
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr
from functools import partial
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
import yaml
from rdflib import Graph

from nhskg.rdf.terms import SH, XSD
from nhskg.shacl import engines
from nhskg.shacl.patterns import translate

from .cli.runner import nhskg
from .reasoning import test_against_owlrl as owlrl
from .reasoning import test_tables as tables
from .reasoning import test_values as values
from .validation.w3c_suite import SuiteCase, suite_cases

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parent / "docs" / "conformance.md"
BEGIN: Final = "<!-- figures: written by python -m tests.conformance -->"
END: Final = "<!-- end of figures -->"
TOOLS: Final = ("pyshacl-turbo", "pyshacl", "owlrl", "pyoxigraph", "elementpath", "rdflib")
COLUMNS: Final = {
    "turbo": "nhskg",
    "pyshacl": "nhskg, `--engine pyshacl`",
    "pySHACL": "pySHACL",
    "owlrl": "owlrl",
    "pyoxigraph": "pyoxigraph",
}
"""Who is asked, and the heading."""

Judge = Callable[[Any], bool]
"""Tells whether a case comes right."""


def is_right(judge: Judge, case: Any) -> bool:
    """Ask of a case; where a library fails with an error of any kind, it has no right answer."""
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return judge(case)
        except Exception:  # noqa: BLE001
            return False


def graph_of(given: Path | Iterable[ox.Triple]) -> Graph:
    if isinstance(given, Path):
        return Graph().parse(given)
    text = engines.serialize(given, ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=text, format="nt")


# SHACL


def by_pyshacl(data: Any, shapes: Any) -> list[ox.Quad]:
    """Return the report of pySHACL alone, on files or on triples."""

    _, report, reason = pyshacl.validate(graph_of(data), shacl_graph=graph_of(shapes))
    if not isinstance(report, Graph):
        raise TypeError(reason)
    return list(ox.parse(report.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES))


def passes_by_pyshacl(case: SuiteCase) -> bool:
    try:
        report = by_pyshacl(case.data, case.shapes)
    except Exception:  # noqa: BLE001
        return case.expected is None
    return case.is_expected(report)


def failing(values: Iterable[ox.Literal], constraint: dict[str, Any], judge: Any) -> list[str]:
    """Return the values, each of a node of its own, that fail a constraint of a property."""
    node = ox.NamedNode
    prop, shape = node("urn:p"), node("urn:S")
    nodes = {node(f"urn:n{number}"): value for number, value in enumerate(values)}
    data = [ox.Triple(each, prop, value) for each, value in nodes.items()]
    said = {"targetSubjectsOf": prop, "property": node("urn:P")}
    shapes = [ox.Triple(shape, node(SH + name), value) for name, value in said.items()]
    said = {"path": prop} | constraint
    shapes += [ox.Triple(node("urn:P"), node(SH + name), value) for name, value in said.items()]
    found = judge(data, shapes)
    return sorted(nodes[each].value for each in found)


def focus_nodes(engine: Any, data: Any, shapes: Any) -> list[Any]:
    if engine is None:
        report = by_pyshacl(data, shapes)
        return [each.object for each in report if each.predicate.value == SH + "focusNode"]
    return [each.focus for each in engines.run(data, shapes, engine=engine)]


def is_typed(engine: Any, case: tuple[str, str, bool]) -> bool:
    """Tell whether a literal is accepted or refused by sh:datatype as it should be."""
    datatype, form, accepted = case
    kind = ox.NamedNode(XSD + datatype)
    literals = [ox.Literal(form, datatype=kind)]
    refused = failing(literals, {"datatype": kind}, partial(focus_nodes, engine))
    return refused == ([] if accepted else [form])


def matches(engine: Any, case: dict[str, Any]) -> bool:
    """Tell whether a pattern matches and refuses the values that it should, or is refused."""
    said = {"pattern": ox.Literal(case["pattern"])}
    said |= {"flags": ox.Literal(case["flags"])} if "flags" in case else {}
    texts = [*case.get("matches", ""), *case.get("not", "a")]
    try:
        if engine is not None:
            translate(case["pattern"], case.get("flags", ""))
        found = failing(map(ox.Literal, texts), said, partial(focus_nodes, engine))
    except Exception:  # noqa: BLE001
        return "refused" in case
    return "refused" not in case and found == sorted(case["not"])


def matches_by_query(case: dict[str, Any]) -> bool:
    texts, found = [*case.get("matches", ""), *case.get("not", "a")], []
    for text in texts:
        terms = " ".join(
            f"{ox.Literal(each)}" for each in (text, case["pattern"], case.get("flags", ""))
        )
        query = f"SELECT (REGEX(?v, ?p, ?f) AS ?m) {{ VALUES (?v ?p ?f) {{ ({terms}) }} }}"
        (row,) = ox.Store().query(query)  # type: ignore[misc]
        if row["m"] is None:
            return "refused" in case
        found += [text] * (row["m"].value == "false")
    return "refused" not in case and found == case["not"]


# Reasoning


def reasons(case: tables.Case) -> bool:
    return tables.reason(case.premises) == (case.derives, case.inconsistent)


def by_owlrl(premises: Iterable[ox.Triple]) -> tuple[Graph, Graph]:
    """Return triples, and all that owlrl derives from them."""
    given = graph_of(premises)
    return given, owlrl.close(given)


def reasons_by_owlrl(case: tables.Case) -> bool:
    """Tell whether owlrl derives what it should, and nothing else that is not trivial."""
    given, closed = by_owlrl(case.premises)
    if (None, owlrl.ERROR, None) in closed or case.inconsistent:
        return (None, owlrl.ERROR, None) in closed and bool(case.inconsistent)
    wanted, more = graph_of(case.derives), owlrl.telling(closed) - owlrl.telling(given)
    return set(wanted) <= set(closed) and more <= owlrl.telling(wanted)


Value = tuple[str, str, bool]
"""A datatype, a value, and whether it is in the value space."""


def clashing(given: Sequence[Value], folder: Path) -> set[Value]:
    """Return the values that nhskg refuses as values of a property of the range."""
    text = values.HEAD
    for number, (name, value, _) in enumerate(given):
        text += f"<urn:of:{name}> rdfs:range {name} .\n"
        text += f"<urn:n{number}> <urn:of:{name}> {values.literal(value, name)} .\n"
    (folder / "data.ttl").write_text(text, "utf-8")
    found = nhskg("reason", folder / "data.ttl").stderr
    numbers = re.findall(r"dt-not-type: these cannot all be true: <urn:n(\d+)> ", found)
    return {given[int(number)] for number in numbers}


def is_sorted_by_owlrl(case: Value) -> bool:
    name, value, inside = case
    text = (
        f"{values.HEAD}<urn:p> rdfs:range {name} . <urn:n> <urn:p> {values.literal(value, name)} ."
    )
    _, closed = by_owlrl(each.triple for each in ox.parse(text, format=ox.RdfFormat.TURTLE))
    return ((None, owlrl.ERROR, None) in closed) is not inside


# Terms


def kept(literals: Sequence[ox.Literal], folder: Path) -> set[ox.Literal]:
    """Return the literals that ``nhskg sparql --exact`` gives as they are written."""
    node = ox.NamedNode("urn:n")
    triples = (ox.Triple(node, node, each) for each in literals)
    (folder / "data.nt").write_text(engines.serialize(triples, ox.RdfFormat.N_TRIPLES), "utf-8")
    options = ("--data", folder / "data.nt", "--format", "ntriples", "--exact")
    found = nhskg("sparql", "-q", "CONSTRUCT WHERE { ?s ?p ?o }", *options).stdout
    return {each.object for each in ox.parse(found, format=ox.RdfFormat.N_TRIPLES)} & set(literals)


def is_stored(literal: ox.Literal) -> bool:
    store, node = ox.Store(), ox.NamedNode("urn:n")
    store.add(ox.Quad(node, node, literal))
    return [each.object for each in store] == [literal]


# The page


def rows(suites: Path, folder: Path) -> Iterator[tuple[str, Sequence[Any], dict[str, Judge]]]:
    """Yield what is counted, its cases, and who judges of them, by column."""
    judges: dict[str, Judge]
    for part, name in (("core", "SHACL Core"), ("sparql", "SHACL-SPARQL")):
        cases = list(suite_cases(suites / "shacl" / part / "manifest.ttl"))
        judges = {name: partial(passes, engine=name) for name in ("turbo", "pyshacl")}
        yield name, cases, judges | {"pySHACL": passes_by_pyshacl}
    forms = yaml.safe_load((HERE / "validation" / "lexical_forms.yaml").read_text("utf-8"))
    typed = [
        (each["datatype"], form, kind == "accepted")
        for each in forms.values()
        for kind in ("accepted", "refused")
        for form in each[kind]
    ]
    by = {"turbo": "turbo", "pyshacl": "pyshacl", "pySHACL": None}
    what = f"Literals of {len(forms)} datatypes"
    yield what, typed, {name: partial(is_typed, engine) for name, engine in by.items()}
    patterns = yaml.safe_load((HERE / "validation" / "patterns.yaml").read_text("utf-8"))
    judges = {name: partial(matches, engine) for name, engine in by.items()}
    what = "Patterns of XPath"
    yield what, patterns, judges | {"pyoxigraph": matches_by_query}
    judges = {"turbo": reasons, "owlrl": reasons_by_owlrl}
    yield "Rules of OWL 2 RL", tables.CASES, judges
    spaces = [
        (name, value, kind == "in")
        for name, space in values.SPACES.items()
        for kind in ("in", "out")
        for value in space[kind]
    ]
    refused = clashing(spaces, folder)
    judges = {"turbo": lambda case: (case in refused) is not case[2], "owlrl": is_sorted_by_owlrl}
    yield "Values of OWL 2 RL", spaces, judges
    literals = list(
        {ox.Literal(form, datatype=ox.NamedNode(XSD + name)) for name, form, _ in typed}
    )
    judges = {"turbo": kept(literals, folder).__contains__, "pyoxigraph": is_stored}
    yield "Terms as written", literals, judges


def passes(case: SuiteCase, engine: engines.EngineName) -> bool:
    return case.passes(engine)


def kind_of(case: Any) -> str:
    """Return what a case is counted under where it does not come right."""
    match case:
        case SuiteCase():
            return case.name
        case tables.Case():
            return case.rule
        case dict():
            flags = f" ({case['flags']})" if "flags" in case else ""
            return f"`{case['pattern']}`{flags}"
        case ox.Literal():
            return case.datatype.value.removeprefix(XSD)
    return str(case[0]).removeprefix("xsd:")


def main() -> None:
    logging.disable()
    table = [
        f"| {' | '.join(('', 'cases', *COLUMNS.values()))} |",
        "|---|" + "--:|" * (len(COLUMNS) + 1),
    ]
    wrong: list[str] = []
    with TemporaryDirectory() as folder:
        for what, cases, judges in rows(Path(os.environ["NHSKG_SUITES"]), Path(folder)):
            cells = [what, f"{len(cases):,}"]
            for column, name in COLUMNS.items():
                bad = [
                    case
                    for case in cases
                    if column in judges and not is_right(judges[column], case)
                ]
                cells.append(f"{len(cases) - len(bad):,}" if column in judges else "")
                kinds = Counter(map(kind_of, bad)).most_common()
                told = [f"{kind} {count}" if count > 1 else kind for kind, count in kinds]
                text = f"- {what}, {name}: {', '.join(told)}."
                wrong += textwrap.wrap(text, 110, subsequent_indent="  ") * bool(bad)
            table.append(f"| {' | '.join(cells)} |")
            print(table[-1], flush=True)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in TOOLS)
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    figures = [
        BEGIN,
        "",
        *table,
        "",
        f"Versions: {versions}.",
        "",
        "Not right:",
        "",
        *wrong,
        "",
        "",
    ]
    PAGE.write_text(head + "\n".join(figures) + END + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    main()
