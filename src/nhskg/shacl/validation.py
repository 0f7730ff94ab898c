"""SHACL validation of a project's graph, or of any RDF, as findings with rule, line and repair.

Shapes that check nothing, and terms that no ontology declares, are found too: a typo must not pass
as success.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from nhskg.rdf import terms
from nhskg.rdf.alike import MOST_COPIES, copied_too_often
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.imports import follow_imports
from nhskg.rdf.lines import RdfFile, RdfFiles, find_places, of_rdf_1_2, read_rdf
from nhskg.rdf.paths import Term, TripleIndex, bracketed, preferred, reachable, written
from nhskg.rdf.terms import SH, shorten_iri
from nhskg.shacl.engine_shapes import check_support, placing
from nhskg.shacl.engines import EngineName, Result, run
from nhskg.shacl.findings import Finding, Locate, Report, Severity, settle
from nhskg.shacl.rules import built_in_rules
from nhskg.shacl.shapes import SEVERITIES, Shapes, split_message
from nhskg.shacl.suppressions import apply_suppressions
from nhskg.shacl.unused_shapes import (
    CHECKS,
    check_any_shapes,
    check_shapes,
    missing_shapes,
    unknown_words,
    why_unchecked,
)
from nhskg.shacl.validation_report import report_triples

_FILLED: Final = re.compile(r"\\\{\\[?$]\w+\\\}")
"""A placeholder of a message in which what regular expressions read is escaped."""
_VALIDATORS: Final = ("validator", "nodeValidator", "propertyValidator")
_ANY_IRI: Final = re.compile(r"https?://[^\s<>\"'{}()\[\],;]+[^\s<>\"'{}()\[\],;.:]")


Entail = Callable[[Sequence[RdfFile]], tuple[Iterable[Triple], Iterable[Finding]]]
"""From the files of data to what follows from them, and what in them contradicts itself."""


def validate_quads(
    quads: Iterable[Quad],
    shapes: Shapes,
    *,
    locate: Locate = lambda *_: (),
    engine: EngineName = "turbo",
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of some quads: asserted graphs, ontology, derived graph.

    The ontology is there for its classes and its declarations. Nothing is inferred: what is derived
    must be there. Shapes marked ``nsh:over nsh:AssertedGraphs`` see all graphs but the derived one.
    Literals of quads stay as they are written, those of a store do not.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    store = quads if isinstance(quads, Store) else Store()
    if store is not quads:
        quads = list(quads)
        store.bulk_extend(quads)
    findings = []
    with placing(shapes):
        results = run_shapes(quads, shapes, engine=engine)
    alike = _alike(results)
    for result in results:
        requirement = shapes.requirement_of.get(result.shape)
        own = result.shape is not None and shapes.text(result.shape, SH + "message")
        if not own and requirement is not None and requirement.demands:
            message, repair = requirement.demands, requirement.repair
        else:
            given = _messages(result, shapes, shapes.namespaces, exact=False)
            said = preferred(given, shapes.language)
            message, repair = split_message(said.value if said else "")
        at = result.predicate or (requirement.at if requirement else None)
        places = locate(result.focus, at, result.other_value)
        texts = _filled(message, result), _filled(repair, result)
        named = result.shape if isinstance(result.shape, NamedNode) else result.component
        rule = requirement.id if requirement else shapes.name(named.value)
        found = _to_finding(result, rule, places, *texts, alike=alike, prefixes=shapes.namespaces)
        findings.append(found)
    return settle([*findings, *check_shapes(store, shapes), *check_support(shapes)])


def run_shapes(
    quads: Iterable[Quad], shapes: Shapes, *, engine: EngineName = "turbo"
) -> list[Result]:
    """Return the validation results of a store, or of quads that can be read more than once."""
    asserted_only = {each.id for each in shapes.requirements if each.asserted_only}
    results = run(quads, shapes.without(asserted_only).triples, engine=engine)
    if asserted_only:
        derived = NamedNode(terms.DERIVED_GRAPH)
        asserted = [each for each in quads if each.graph_name != derived]
        results += run(asserted, shapes.only(asserted_only).triples, engine=engine)
    return results


_About = tuple[Term, Term | None]


def _alike(results: Iterable[Result]) -> set[_About]:
    """Return the focus nodes and values that another result of the same shape has as other terms.

    These are as ``"a"@en`` and ``"a"@de``, or ``"1"`` and 1.
    """
    seen: dict[tuple[object, ...], set[_About]] = defaultdict(set)
    for each in results:
        about = each.focus, each.other_value
        texts = map(_shown, about)
        seen[each.shape, each.component, each.path, *texts].add(about)
    return {about for found in seen.values() if len(found) > 1 for about in found}


def _shown(term: Term | None) -> str | None:
    return str(term) if isinstance(term, BlankNode) else term and term.value


def _to_finding(
    result: Result,
    rule: str,
    places: Sequence[Place],
    message: str,
    repair: str = "",
    *,
    alike: Container[_About],
    prefixes: Mapping[str, str],
) -> Finding:
    """Return a validation result as a finding; literals that look alike are told as terms."""
    about = result.focus, result.other_value
    exact = about in alike
    focus, value = (
        str(each) if exact and isinstance(each, Literal) else _shown(each) for each in about
    )
    if focus != (focus or "").strip():  # white space at an end cannot be seen
        focus = str(result.focus)
    if exact and isinstance(result.other_value, Literal):
        term = written(result.other_value, prefixes)
        message += "" if term in message else f": {term}"
    return Finding(
        rule=rule,
        severity=SEVERITIES.get(result.severity, Severity.VIOLATION),
        message=message,
        repair=repair,
        focus=focus,
        path=result.path,
        value=value,
        place=places[0] if places else None,
        related=tuple(places[1:]),
        component=result.component.value,
    )


def _filled(text: str, result: Result) -> str:
    """Replace ``{$this}``, ``{?value}`` and ``{?path}`` by the terms of a result."""
    if "{" in text:
        path = str(result.path) if result.path else ""
        value = result.other_value.value if result.other_value else ""
        known = {"this": result.focus.value, "value": value, "path": path, "PATH": path}
        text = re.sub(r"\{[$?](\w+)\}", lambda found: known.get(found[1]) or found[0], text)
    return _ANY_IRI.sub(lambda found: shorten_iri(found[0]), text)


def validate_rdf(
    data: Sequence[Path],
    shapes: Sequence[Path],
    *,
    engine: EngineName = "turbo",
    language: str = "en",
    check: bool = False,
    advanced: bool = False,
    contexts: Contexts | None = None,
    entail: Entail | None = None,
    imports: Sequence[tuple[str, Path]] = (),
) -> Report:
    """Validate the union of some files by the union of others.

    Nothing is imported but from ``imports``, files with their addresses for
    :func:`follow_imports`, and nothing inferred but by ``entail``; only the data say which class
    is below which (Shapes Constraint Language, 3.1 and 3.4). Files are Turtle, TriG, N-Triples,
    N-Quads, RDF/XML or JSON-LD, by the ends of their names; ``-`` stands for standard input. The
    report's rules are the named shapes that have a target or are broken; its blank nodes are
    numbered. With ``check`` shapes that check nothing are findings, too; with ``advanced`` the
    targets, rules and expressions of SHACL-AF are carried out. Comments in the files may suppress
    findings.

    Raises:
        InputError: a file cannot be read as RDF, or pySHACL refuses the shapes.
    """
    labels: dict[BlankNode, BlankNode] = {}

    def read(paths: Iterable[Path]) -> list[RdfFile]:
        return [_numbered(read_rdf(each, contexts), labels) for each in paths]

    given, wanted, more = read(data), read(shapes), read(file for _, file in imports)
    empty = (f"{file.path} is empty" for file in (*given, *wanted, *more) if not file.quads)
    at_hand = [(address, file) for (address, _), file in zip(imports, more, strict=True)]
    files, lacking = follow_imports(given, at_hand)
    shape_files, shapes_lack = follow_imports(wanted, at_hand)
    lacking |= shapes_lack
    unused = [str(each.path) for each in more if each not in [*files, *shape_files]]
    derived, clashes = entail(files) if entail else ((), ())
    triples, shape_triples = (
        list(dict.fromkeys((*(triple for file in each for triple in file.triples), *also)))
        for each, also in ((files, derived), (shape_files, ()))
    )
    for statements in (triples, shape_triples):
        if node := copied_too_often(statements):
            told = (
                f"a report has more than {MOST_COPIES:,} copies of blank nodes that refer to others"
            )
            place = next(iter(find_places([*files, *shape_files], node, None, None)), None)
            raise InputError(f"{told}, as this one; give them names", place=place)
    graph = Shapes(shape_triples, shape_files, language)
    prefixes = {k: v for each in files for k, v in each.prefixes.items()} | graph.namespaces
    findings = [*clashes, *(_not_imported(*each) for each in lacking.items() if imports)]
    results: list[Result] = []
    rules = {each.id: each for each in graph.requirements}
    rule_of = cache(graph.rule_of)
    with placing(graph):
        reported = run(triples, shape_triples, engine=engine, advanced=advanced)
    alike, located = _alike(reported), RdfFiles(files)
    for result in reported:
        messages = _messages(result, graph, prefixes, exact=(result.focus, result.value) in alike)
        # a literal can be the object of other statements, too
        within = [] if isinstance(result.focus, Literal) else located
        places = find_places(within, result.focus, result.predicate, result.other_value)
        said = preferred(messages, language)
        rule = rule_of(result.shape, result.component)
        rules.setdefault(rule.id, rule)
        message = said.value if said else ""
        found = _to_finding(result, rule.id, places, message, alike=alike, prefixes=prefixes)
        findings.append(found)
        results.append(result._replace(messages=messages))
    store = Store()
    store.bulk_extend(Quad(*each) for each in triples)
    findings += [*unknown_words(graph, Severity.WARNING), *missing_shapes(graph)]
    findings += check_support(graph, advanced=advanced)
    if check:
        findings += check_any_shapes(store, graph)
    names = unused[0] if len(unused) == 1 else f"{len(unused)} of the files at hand"
    ignored = f"imports not followed: {len(lacking)}" if lacking and not imports else ""
    idle = f"nothing imports {names}" if unused else ""
    notes = [why_unchecked(store, graph), ignored, idle, *empty]
    known = {each.rule for each in findings}.union(CHECKS if check else ())
    report = Report(
        settle(findings),
        rules=rules | {name: rule for name, rule in built_in_rules().items() if name in known},
        roots=(Path.cwd(),),
        notes=tuple(dict.fromkeys(filter(None, notes))),
        triples=_report(results, (*triples, *shape_triples)),
    )
    return apply_suppressions(report, ((each.path, each.text) for each in (*files, *shape_files)))


def _not_imported(iri: str, place: Place | None) -> Finding:
    message = f"<{iri}> is imported, and no file given with --imports answers it"
    repair = "name its file: --imports FILE, or --imports ADDRESS=FILE"
    return Finding("missing-import", Severity.WARNING, message, repair, value=iri, place=place)


def _numbered(file: RdfFile, labels: dict[BlankNode, BlankNode]) -> RdfFile:
    """Return a file with its blank nodes numbered, in order, after those of other files."""

    def numbered(term: Any) -> Any:
        if isinstance(term, BlankNode):
            return labels.setdefault(term, BlankNode(f"b{len(labels)}"))
        return term

    quads = []
    for subject, predicate, value, _ in file.quads:
        if what := of_rdf_1_2(value):
            message = f"{what}, which SHACL does not have; leave it out"
            raise InputError(message, place=file.place(subject, predicate, value))
        quads.append(Quad(numbered(subject), predicate, numbered(value)))
    return replace(file, quads=quads)


def _said(result: Result, shapes: Shapes) -> tuple[Literal, ...]:
    """Return the messages of the shapes, with languages, as the engine has filled them.

    Those of a SPARQL constraint come before those of its shape (5.3.2), and these before those of
    the validators of a constraint component (6.2.3); the engine gives all, without a language.
    """
    validators = shapes.values(result.component, *(SH + each for each in _VALIDATORS))
    for source in (each for each in (result.constraint, result.shape, *validators) if each):
        texts = [
            each for each in shapes.values(source, SH + "message") if isinstance(each, Literal)
        ]
        found = [
            Literal(filled.value, language=text.language)
            for text in texts
            for filled in result.messages
            if re.fullmatch(_FILLED.sub(".*", re.escape(text.value)), filled.value, re.DOTALL)
        ]
        if texts:
            return tuple(found) or result.messages
    return ()


def _messages(
    result: Result, shapes: Shapes, prefixes: Mapping[str, str], *, exact: bool
) -> tuple[Literal, ...]:
    """Return the messages of the shapes as the engine has filled them, or one of ours."""
    if said := _said(result, shapes):
        return said

    def shown(term: Term) -> str:
        return written(term, prefixes) if exact or isinstance(term, NamedNode) else term.value

    text = f"does not meet sh:{result.parameter}"
    limits = shapes.values(result.shape, SH + result.parameter) if result.shape else []
    if len(limits) == 1 and not isinstance(limits[0], BlankNode):
        text += f" {shown(limits[0])}"
    if result.path is not None:
        text += f" along {result.path.text(lambda iri: bracketed(iri, prefixes))}"
    value = result.value
    if value is not None and not isinstance(value, BlankNode) and value != result.focus:
        text += f": {shown(value)}"
    return (Literal(text),)


def _report(results: list[Result], given: Sequence[Triple]) -> tuple[Triple, ...]:
    """Return the validation report, with what is given of the blank nodes in it."""
    numbered = {BlankNode(f"result{n}"): each for n, each in enumerate(sorted(results, key=str))}
    triples = report_triples(BlankNode("report"), numbered)
    blank = [each.object for each in triples if isinstance(each.object, BlankNode)]
    blank_nodes = set(reachable(blank, TripleIndex(given).blank_values))
    triples |= {each for each in given if each.subject in blank_nodes}
    return tuple(sorted(triples, key=str))
