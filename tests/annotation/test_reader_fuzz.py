"""Whatever stands in a file, the reader tells faults or returns a corpus."""

from __future__ import annotations

import contextlib
import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.writer import anchor_file
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError
from nhskg.rdf.yaml_source import read_source
from nhskg.vocabulary import Vocabulary

HERE = Path(__file__).parent
DOCUMENT = "documents/gazette-boards.yaml"
REGISTER = "register/base.yaml"
DATA = {name: read_source(HERE / "corpus" / "seeds" / name).data for name in (DOCUMENT, REGISTER)}

WORDS = """
    true -1 1e9 1855 0.5 sign-off claim/silent claim/ claim hiram-report hwb merge has-time part-of
    provision 😀 \ud7ff P1Y
""".split()
words = st.sampled_from(["", " ", *WORDS])
values = st.recursive(
    words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "kind", "quote", "share", "at"]), inner)
    ),
    max_leaves=4,
)


def holders(data: Any) -> list[tuple[Any, Any]]:
    """Return each value of a file as the list or mapping that holds it, and its key there."""
    found: list[tuple[Any, Any]] = []
    if isinstance(data, dict | list):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            found += [(data, key), *holders(data[key])]
    return found


def changed(name: str, changes: list[tuple[int, Any]]) -> Any:
    """Return the data of a file with some of its values replaced."""
    data = copy.deepcopy(DATA[name])
    for number, value in changes:
        known = holders(data)
        holder, key = known[number % len(known)]
        holder[key] = value
    return data


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fuzz") / "barchester"
    shutil.copytree(HERE / "corpus", target)
    return target


@pytest.fixture(scope="module")
def read(root: Path, vocabulary: Vocabulary) -> Callable[[], Corpus]:
    """A reading of the corpus; Hypothesis would print a vocabulary in full."""
    return lambda: read_corpus(Project.locate(root), vocabulary)


@given(
    st.sampled_from([DOCUMENT, REGISTER]),
    st.lists(st.tuples(st.integers(0, 300), values), min_size=1, max_size=3),
)
def test_only_faults_with_a_place_come_out(
    root: Path, read: Callable[[], Corpus], name: str, changes: list[tuple[int, Any]]
) -> None:
    path = root / "seeds" / name
    data = changed(name, changes)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, default_style='"'), "utf-8")
    faults: list[Any] = []
    try:
        read()
    except AnnotationError as error:
        faults += error.faults
    if name == DOCUMENT:
        with contextlib.suppress(AnnotationError):
            anchor_file(path, root / "texts")
    shutil.copy(HERE / "corpus" / "seeds" / name, path)
    assert all(fault.place.line and fault.place.column for fault in faults)
    assert len(set(faults)) == len(faults)
