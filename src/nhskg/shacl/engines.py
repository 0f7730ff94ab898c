"""SHACL engines behind one function: pyshacl-turbo, in Rust, and pySHACL, its reference.

The only module that loads either, and rdflib with them, and that only where they run. Both get the
terms as they are written: a store or a parsed rdflib graph would write ``01`` as ``1``.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, Final, Literal, NamedTuple, cast

import pyoxigraph as ox

from nhskg.rdf.errors import InputError
from nhskg.rdf.paths import PropertyPath, Term, TripleIndex
from nhskg.rdf.sparql.exact import BoundedPatterns, as_rdflib, confine_rdflib
from nhskg.rdf.terms import SH, XSD, local_name
from nhskg.shacl.engine_shapes import DEEPEST, adapted

EngineName = Literal["turbo", "pyshacl"]
"""pyshacl-turbo, with pySHACL for the shapes that it refuses; or pySHACL alone."""

Statements = Iterable[ox.Triple] | Iterable[ox.Quad]

_NUMBER: Final = rf"(?=\^\^<{XSD}(?:double|float)>)"
_NOT_FINITE: Final = re.compile(rf'"(?!(?:[+-]?INF|NaN)")([+-]?(?i:inf|infinity|nan))"{_NUMBER}')
"""What both engines take for infinite, or for no number, and XSD does not: they get it marked."""
_MARK: Final = "\ufdd0"  # no character, so that no data have it
_MARKED: Final = re.compile(rf"{_MARK}|\\uFDD0", re.IGNORECASE)

RESULT_PROPERTIES: Final = (
    *("focusNode", "resultSeverity", "sourceConstraintComponent", "sourceConstraint"),
    *("sourceShape", "value", "resultPath", "resultMessage"),
)
"""The properties of a validation result in SHACL, in the order of the fields of a result."""


class Result(NamedTuple):
    """One validation result (Shapes Constraint Language, 3.6.2); its messages are sorted."""

    focus: Term
    severity: Term
    component: Term
    constraint: Term | None
    shape: Term | None
    value: Term | None
    path: PropertyPath | None
    messages: tuple[ox.Literal, ...]

    @property
    def other_value(self) -> Term | None:
        """The value node, unless it is the focus node of a node shape."""
        return None if self.value == self.focus and self.path is None else self.value

    @property
    def predicate(self) -> ox.NamedNode | None:
        """The predicate along which the path leaves the focus node."""
        return self.path.first_predicate if self.path else None

    @property
    def parameter(self) -> str:
        """The parameter that the constraint component is named for, as ``minCount``."""
        name = local_name(self.component.value).removesuffix("ConstraintComponent")
        return name.lower() if name.isupper() else name[:1].lower() + name[1:]


def run(
    data: Statements,
    shapes: Iterable[ox.Triple],
    *,
    engine: EngineName = "turbo",
    advanced: bool = False,
) -> list[Result]:
    """Return the validation results of the union of all graphs.

    With ``advanced`` the targets, rules and expressions of SHACL Advanced Features are carried out.

    Raises:
        InputError: pySHACL refuses the shapes.
    """
    shapes = adapted(list(shapes), advanced=advanced)
    if not isinstance(data, ox.Store):
        data = cast("Statements", list(data))  # both engines may read it
    if engine == "turbo":
        with suppress(Exception):  # of many kinds; what it refuses, pySHACL decides
            found = list(_results(_by_turbo(data, shapes, advanced=advanced)))
            return _without_ordered_booleans(found, data, shapes)
    try:
        return list(_results(_by_pyshacl(data, shapes, advanced=advanced)))
    except Exception as error:  # pySHACL lets errors of any kind through
        reason, name = " ".join(str(error).partition("\n")[0].split()), type(error).__name__
        is_told = name in ("ReportableRuntimeError", "SlowPatternError")
        reason = reason if is_told else f"{name}: {reason}"
        raise InputError(f"pySHACL refuses the shapes: {reason}") from error


def _without_ordered_booleans(
    results: list[Result], data: Statements, shapes: Iterable[ox.Triple]
) -> list[Result]:
    """Leave out results by which false is not less than true, as pyshacl-turbo has it."""
    boolean = ox.NamedNode(XSD + "boolean")
    true, false = (
        {ox.Literal(each, datatype=boolean) for each in forms}
        for forms in (("true", "1"), ("false", "0"))
    )
    ordered = ("lessThan", "lessThanOrEquals")
    suspects = {each for each in results if each.parameter in ordered and each.value in false}
    if not suspects:
        return results
    described, shape_graph = TripleIndex(data), TripleIndex(shapes)

    def is_less(result: Result) -> bool:
        assert result.shape is not None
        others = shape_graph.values(result.shape, SH + result.parameter)
        return true.issuperset(described.values(result.focus, *(each.value for each in others)))

    return [each for each in results if each not in suspects or not is_less(each)]


def _results(report: str) -> Iterator[Result]:
    report = _MARKED.sub("", report)
    return read_results(TripleIndex(ox.parse(report, format=ox.RdfFormat.N_QUADS, lenient=True)))


def read_results(graph: TripleIndex, *reports: Term) -> Iterator[Result]:
    """Yield the results of some validation reports in a graph; of all, if none is named."""
    for node in [
        node for each in reports or graph.subjects() for node in graph.values(each, SH + "result")
    ]:
        needed, optional = RESULT_PROPERTIES[:3], RESULT_PROPERTIES[3:7]
        focus, severity, component = (graph.values(node, SH + name)[0] for name in needed)
        constraint, shape, value, path = (graph.value(node, SH + name) for name in optional)
        walked = None if path is None else PropertyPath.from_rdf(graph, path)
        texts = graph.values(node, SH + "resultMessage")
        messages = sorted((each for each in texts if isinstance(each, ox.Literal)), key=str)
        found = focus, severity, component, constraint, shape, value, walked, tuple(messages)
        yield Result(*found)


@cache
def _native() -> Any:
    """Load the compiled part of pyshacl-turbo without the package, which loads rdflib."""
    package: Any = find_spec("pyshacl_turbo")
    spec: Any = PathFinder.find_spec("_native", package.submodule_search_locations)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _by_turbo(data: Statements, shapes: Statements, *, advanced: bool) -> str:
    """Run the compiled part: public functions give blank nodes labels of rdflib's.

    It is no public interface: where it is missing or has changed, pySHACL validates.
    """
    shared: dict[str, Any] = {"rdf_format": "nquads", "base": None, "namespaces": []}
    options = {"advanced": advanced, "numeric_booleans": False}
    texts = (serialize(each, ox.RdfFormat.N_QUADS) for each in (data, shapes))
    given, wanted = (_NOT_FINITE.sub(rf'"\1{_MARK}"', text) for text in texts)
    _, report, *_ = (
        _native()
        .CompiledShapes(wanted, **options, **shared)
        .validate(
            given,
            iterate_rules=False,
            max_rule_iterations=100,
            max_validation_depth=2 * DEEPEST,  # a shape in a shape counts as two
            include_data=False,
            allow_infos=False,
            allow_warnings=False,
            abort_on_first=False,
            focus_nodes=[],  # all
            use_shapes=[],  # all
            **shared,
        )
    )
    return str(report)


def serialize(statements: Statements, form: ox.RdfFormat, **options: Any) -> str:
    """Return statements as text."""
    raw = ox.serialize(statements, format=form, **options)
    assert raw is not None
    return raw.decode("utf-8")


def _by_pyshacl(data: Statements, shapes: Statements, *, advanced: bool) -> str:
    """Run pySHACL; its warnings, log lines and what it prints of errors are kept back."""
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()), ExitStack() as stack:
        stack.enter_context(redirect_stdout(io.StringIO()))
        warnings.simplefilter("ignore")
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable()
        import pyshacl  # noqa: PLC0415  # with rdflib some 300 ms, and not often needed
        from pyshacl.constraints.core import string_based_constraints  # noqa: PLC0415
        from rdflib import Graph  # noqa: PLC0415

        confine_rdflib()
        vars(string_based_constraints)["re"] = BoundedPatterns()
        given, wanted = to_graph(data), to_graph(shapes)
        _, report, reason = pyshacl.validate(
            given,
            shacl_graph=wanted,
            inplace=True,
            advanced=advanced,
            inference="none",
            max_validation_depth=2 * DEEPEST,
        )
        if not isinstance(report, Graph):
            raise pyshacl.errors.ReportableRuntimeError(str(reason))
        return report.serialize(format="nt")


def to_graph(statements: Statements) -> Any:
    """Return a graph of rdflib's with each term as it is written."""
    from rdflib import Graph  # noqa: PLC0415  # as pySHACL

    def convert(term: Any) -> Any:
        if isinstance(term, ox.Literal) and _NOT_FINITE.match(str(term)):
            term = ox.Literal(term.value + _MARK, datatype=term.datatype)
        return as_rdflib(term)

    graph = Graph(bind_namespaces="none")
    for subject, predicate, value, *_ in statements:
        graph.add((convert(subject), convert(predicate), convert(value)))
    return graph
