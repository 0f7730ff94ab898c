"""What the benchmarks share: their settings, a folder, and the synthetic corpora in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from benchmarks.generator import Settings, quads, write_project
from benchmarks.measuring import told
from benchmarks.shares import Measured, measure, seeds_project
from nhskg.graph.mapping import map_ontology
from nhskg.project import DATA_FOLDERS, Project

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """The settings of one run.

    Attributes:
        folder: an empty folder for what is generated.
        size: the one size to measure at, in claims; the usual sizes where none is given.
        full: whether the long benchmarks run too.
        rounds: how often each side runs; less where a run is long.
        limit: seconds after which an alternative that takes very long is stopped; the ratio is
            then a lower bound, and said to be one.
    """

    folder: Path
    size: int | None = None
    full: bool = False
    rounds: int = 3
    limit: float = 1_800.0

    @cached_property
    def measured(self) -> Measured:
        """The real corpus."""
        return measure()

    @property
    def seeds(self) -> Project:
        """The project of the five documents, where it stands."""
        return seeds_project()

    def sizes(self, *usual: int, full: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the sizes to measure at, in claims."""
        if self.size is not None:
            return (self.size,)
        return (*usual, *full) if self.full else usual

    def copy_of_seeds(self) -> Path:
        """Return a fresh copy of the project of the five documents, not built."""
        folder = self.folder / "seeds-project"
        if not folder.exists():
            self._copy_data(folder, DATA_FOLDERS)
        shutil.rmtree(folder / "build", ignore_errors=True)
        return folder

    def synthetic_project(self, settings: Settings) -> Project:
        """Return a synthetic corpus as a project folder with ontology, shapes and queries."""
        name = f"{settings.claims}-{settings.seed}-{settings.mixing}-{settings.stacked}"
        folder = self.folder / f"project-{name}"
        if not folder.exists():
            with told(f"writing a project of {settings.claims:,} claims"):
                self._copy_data(folder, tuple(n for n in DATA_FOLDERS if n != "seeds"))
                write_project(folder, settings, self.measured)
        return Project.locate(folder)

    def asserted(self, settings: Settings) -> Path:
        """Return an N-Quads file of what a synthetic corpus asserts."""
        name = f"{settings.claims}-{settings.seed}-{settings.mixing}-{settings.stacked}"
        path = self.folder / f"asserted-{name}.nq"
        if not path.exists():
            with told(f"generating {settings.claims:,} claims"):
                serialize(quads(settings, self.measured), str(path), RdfFormat.N_QUADS)
        return path

    def ontology(self) -> Path:
        """Return an N-Quads file of the ontology as it is reasoned with."""
        path = self.folder / "ontology.nq"
        if not path.exists():
            serialize(map_ontology(self.seeds.ontology), str(path), RdfFormat.N_QUADS)
        return path

    def _copy_data(self, folder: Path, names: tuple[str, ...]) -> None:
        for name in names:
            source = getattr(self.seeds, name)
            ignored = shutil.ignore_patterns("build", "__pycache__")
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=ignored)
