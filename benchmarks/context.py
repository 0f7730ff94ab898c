"""The settings of a run of benchmarks, a folder, and the synthetic corpora in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, serialize

from benchmarks.engines import derive, load
from benchmarks.generator import Settings, quads, read_real_corpus, write_project
from benchmarks.measuring import Side, progress, run_engine
from nhskg.graph.mapping import map_ontology
from nhskg.project import DATA_FOLDERS, Project


@dataclass(frozen=True)
class Context:
    """The settings of one run, and an empty folder for what is generated.

    ``size`` is in claims. Each side runs so many ``rounds``, less if a run is long; an alternative
    that takes longer than the limit, in seconds, is stopped.
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
        return Path(self.seeds.ontology / "rules")

    def sizes(self, *usual: int, full: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the sizes to measure at, in claims."""
        if self.size is not None:
            return (self.size,)
        return (*usual, *full) if self.full else usual

    def rounds_at(self, claims: int) -> int:
        """Return how often each side runs at a size."""
        return self.rounds if claims <= 10_000 else 1

    def engine(self, name: str, *files: Path, rules: bool = True) -> Side:
        """Return a side that runs an engine of :mod:`benchmarks.engines`, with the rules or not."""
        return partial(run_engine, name, *files, rules=self.rules if rules else None)

    def project(self, settings: Settings | None = None) -> Path:
        """Return a fresh project, not built: of a synthetic corpus, else of the five documents."""
        folder = self.folder / "project"
        shutil.rmtree(folder, ignore_errors=True)
        for name in DATA_FOLDERS:
            source = Path(getattr(self.seeds, name))
            if source.is_dir() and (name != "seeds" or settings is None):
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("build"))
        return write_project(folder, settings) if settings else folder

    def files(self, claims: int) -> tuple[Path, Path]:
        """Return N-Quads files of what a corpus asserts, and of the ontology reasoned with."""
        ontology = self._written("ontology", map_ontology(self.seeds.ontology))
        return self.asserted(Settings(claims)), ontology

    def asserted(self, settings: Settings) -> Path:
        """Return an N-Quads file of what a synthetic corpus asserts."""
        with progress(f"generating {settings.claims:,} claims"):
            name = f"asserted-{settings.claims}-{settings.stacked}"
            return self._written(name, quads(settings))

    def reasoned(self, claims: int) -> Store:
        """Return what a synthetic corpus asserts, the ontology, and what follows."""
        store = load(self.files(claims))
        with progress(f"reasoning over {claims:,} claims"):
            derive(store, self.rules)
        return store

    def _written(self, name: str, found: Iterable[Quad]) -> Path:
        path = self.folder / f"{name}.nq"
        if not path.exists():
            serialize(found, str(path), RdfFormat.N_QUADS)
        return path
