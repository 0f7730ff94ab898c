"""The settings of a run of benchmarks, a folder, and the synthetic corpora in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, serialize

from benchmarks.generator import Settings, quads, write_project
from benchmarks.measuring import progress
from benchmarks.real_corpus import read_real_corpus
from nhskg.graph.mapping import map_ontology
from nhskg.project import DATA_FOLDERS, Project


@dataclass(frozen=True)
class Context:
    """The settings of one run.

    Attributes:
        folder: an empty folder for what is generated.
        size: the one size to measure at, in claims; the usual sizes if none is given.
        full: whether the long benchmarks run too.
        rounds: how often each side runs; less if a run is long.
        limit: seconds after which an alternative that takes very long is stopped.
    """

    folder: Path
    size: int | None = None
    full: bool = False
    rounds: int = 3
    limit: float = 1_800.0

    @property
    def seeds(self) -> Project:
        """The project of the five documents, in its own place."""
        return read_real_corpus().project

    @property
    def rules(self) -> Path:
        """The folder of the rules."""
        return self.seeds.ontology / "rules"

    def sizes(self, *usual: int, full: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the sizes to measure at, in claims."""
        if self.size is not None:
            return (self.size,)
        return (*usual, *full) if self.full else usual

    def copy_of_seeds(self) -> Path:
        """Return a fresh copy of the project of the five documents, not built."""
        folder = self.folder / "seeds-project"
        shutil.rmtree(folder, ignore_errors=True)
        self._copy_data(folder, DATA_FOLDERS)
        return folder

    def synthetic_project(self, settings: Settings) -> Path:
        """Return a synthetic corpus as a project folder with ontology, shapes and queries."""
        folder = self.folder / f"project-{settings.name}"
        if not folder.exists():
            with progress(f"writing a project of {settings.claims:,} claims"):
                self._copy_data(folder, (name for name in DATA_FOLDERS if name != "seeds"))
                write_project(folder, settings)
        return folder

    def asserted(self, settings: Settings) -> Path:
        """Return an N-Quads file of what a synthetic corpus asserts."""
        with progress(f"generating {settings.claims:,} claims"):
            return self._quads_file(f"asserted-{settings.name}", quads(settings))

    def ontology(self) -> Path:
        """Return an N-Quads file of the ontology as it is reasoned with."""
        return self._quads_file("ontology", map_ontology(self.seeds.ontology))

    def _quads_file(self, name: str, found: Iterable[Quad]) -> Path:
        path = self.folder / f"{name}.nq"
        if not path.exists():
            serialize(found, str(path), RdfFormat.N_QUADS)
        return path

    def _copy_data(self, folder: Path, names: Iterable[str]) -> None:
        for name in names:
            source = getattr(self.seeds, name)
            if source.is_dir():
                ignored = shutil.ignore_patterns("build", "__pycache__")
                shutil.copytree(source, folder / name, ignore=ignored)
