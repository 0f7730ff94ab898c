"""The graph as a store in the build folder."""

from __future__ import annotations

import time
from pathlib import Path

from pyoxigraph import Store

from nhskg import __version__
from nhskg.building.pipeline import assemble
from nhskg.building.report import BuildReport, Progress, count_figures
from nhskg.graph.store import BuildArea
from nhskg.project import Project
from nhskg.reasoning.engine import Engine

__all__ = ["build_project"]


def build_project(
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> BuildReport:
    """Build a project's store from nothing and, where no violation stands against it, publish it.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`.

    Args:
        project: the corpus.
        engine: the reasoning engine; the compiled engine by default.
        progress: called with the name of each step as it begins.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    published = None
    with BuildArea(project.build) as area, area.new_folder() as folder:
        assembled = assemble(project, engine=engine, progress=progress)
        figures = count_figures(assembled)
        if not figures["violations"]:
            if progress:
                progress("writing")
            _write(folder / "data", assembled.store)
            figures["seconds"] = time.monotonic() - started
            published = area.publish(folder, {"version": __version__, "figures": figures})
    figures["seconds"] = time.monotonic() - started
    return BuildReport(published, assembled.findings, figures)


def _write(path: Path, store: Store) -> None:
    """Write a store to a folder that does not exist yet, and close it."""
    disk = Store(str(path))
    disk.bulk_extend(store)
    disk.optimize()
    disk.flush()
