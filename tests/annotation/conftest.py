"""An invented corpus, and the vocabulary of the real ontology."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import read_corpus
from nhskg.project import Project, shipped_data
from nhskg.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(shipped_data() / "ontology")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the invented corpus that a test may change."""
    root = tmp_path / "barchester"
    shutil.copytree(Path(__file__).parent / "corpus", root)
    return Project.locate(root)


@pytest.fixture
def corpus(project: Project, vocabulary: Vocabulary) -> Corpus:
    return read_corpus(project, vocabulary)


@pytest.fixture
def document_path(project: Project) -> Path:
    return project.documents / "gazette-boards.yaml"
