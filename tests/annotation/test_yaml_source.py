"""Every fault of syntax has a place and a message, and none is a traceback."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf.errors import MOST_FAULTS, AnnotationError, Fault
from nhskg.rdf.yaml_source import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, parse_source, read_source
from tests.cases import cases

PATH = Path("x.yaml")
SAVE = "save the file as UTF-8"
REFUSED = "(anchors, aliases and tags are not read)"


def faults_of(raw: bytes) -> list[str]:
    with pytest.raises(AnnotationError) as caught:
        parse_source(raw, PATH)
    return [line.removeprefix("x.yaml:") for line in str(caught.value).splitlines()]


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the wording is libyaml's")
@cases("annotation/cases/syntax.yaml")
def test_each_fault_of_syntax_has_its_place_and_repair(case: Any) -> None:
    assert faults_of(case["text"].encode()) == case["faults"]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"a: 1\nb: \xc3\xa9\xe9\n", f"2:5: not UTF-8: byte 0xE9 at offset 10; {SAVE}"),
        ("a: 1\n".encode("utf-16"), f"1:1: not UTF-8: byte 0xFF at offset 0; {SAVE}"),
        (b"[" * 100_000, f"1:{MAX_DEPTH + 1}: nested more than 20 deep; the format needs 5"),
        (
            b"".join(b"k%d: x\n" % n for n in range(MAX_ITEMS + 2)),
            f"{MAX_ITEMS + 1}:1: more than 1,000 fields; the format needs 40",
        ),
        (
            b"a:\n- b: [" + b"x," * (MAX_ITEMS + 2) + b"]\n",
            f"2:{7 + 2 * MAX_ITEMS}: more than 1,000 items of a list; the format needs 40",
        ),
    ],
    ids=["not UTF-8", "UTF-16", "nested too deep", "too many fields", "too many items"],
)
def test_bytes_that_are_no_text_and_files_beyond_the_bounds(raw: bytes, fault: str) -> None:
    assert faults_of(raw) == [fault]


def test_of_very_many_faults_the_first_are_told_and_that_there_are_more() -> None:
    told = faults_of(b"a: x\t\ty\n" * (MOST_FAULTS + 50))
    assert [each.partition(": ")[0] for each in told] == [
        f"{line}:5" for line in range(1, MOST_FAULTS + 2)
    ]
    assert {each.partition(": ")[2][:5] for each in told[:-1]} == {"a tab"}
    assert told[-1].endswith(
        ": there are more faults in this file than the 1,000 told; mend these, and run it again"
    )


def test_a_very_long_word_does_not_make_a_very_long_message() -> None:
    (told,) = faults_of(b"a: *" + b"x" * 50_000 + b"\n")
    assert len(told) == 1_000 + len("1:4: ")
    assert told.startswith("1:4: an alias, *xxx")
    assert told.endswith(f"xxx; a value that begins with * needs quotes {REFUSED}")


def test_values_stay_as_they_were_written() -> None:
    """No date, number, boolean or null is made of a plain value, not even of a key."""
    words = {"on": "yes", "year": "2020", "month": "2013-06", "day": "2013-01-15"}
    words |= {"hex": "0x1F", "flag": "true", "n": "1_0", "quoted": "'null'", "empty": "''"}
    text = "".join(f"{key}: {value}\n" for key, value in words.items())
    found = {key: value.strip("'") for key, value in words.items()}
    assert parse_source(text.encode(), PATH).data == found


def test_places_of_values_keys_and_what_is_not_there() -> None:
    source = parse_source("a:\r\n  - é: 😀\r\n    b: [x, y]\r\n".encode(), PATH)
    for route, place, key in (
        (("a", 0, "b", 1), "3:12", "3:12"),
        (("a", 0, "b"), "3:8", "3:5"),
        (("a", 0, "é"), "2:8", "2:5"),
        (("a", 0, "missing"), "2:5", "2:5"),
        (("a", 7), "2:3", "2:3"),
        (("nowhere", "at", "all"), "1:1", "1:1"),
    ):
        assert str(source.place(*route)) == f"x.yaml:{place}"
        assert str(source.key_place(*route)) == f"x.yaml:{key}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Of a file of 50 megabytes no more is read than is wanted of any."""
    fifo, huge = tmp_path / "fifo.yaml", tmp_path / "huge.yaml"
    os.mkfifo(fifo)
    huge.touch()
    os.truncate(huge, 50_000_000)
    told = "the file has 50,000,000 bytes, and at most 2,000,000 are read; "
    tracemalloc.start()
    for path, message in (
        (tmp_path / "none.yaml", ": cannot be read: No such file or directory"),
        (tmp_path / ("x" * 300), ": cannot be read: File name too long"),
        (tmp_path, ": cannot be read: not a file"),
        (fifo, ": cannot be read: not a file"),
        (huge, f":1:1: {told}split the register, or the document"),
    ):
        with pytest.raises(AnnotationError) as caught:
            read_source(path)
        assert str(caught.value) == f"{path}{message}"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert MAX_BYTES < most < 3 * MAX_BYTES


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 6) + b"\n")
    assert read_source(path).data == {"a": "1"}


@given(
    st.binary(max_size=200)
    | st.text(alphabet="ab:-[]{}&*!|>'\"#?,\n\t %@`<~", max_size=60).map(str.encode)
)
def test_nothing_but_an_annotation_error_ever_comes_out(raw: bytes) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        assert parse_source(raw, PATH).text == raw.decode()
    except AnnotationError as error:
        faults = error.faults
    assert all(fault.place.line for fault in faults)


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
trees = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(trees, st.booleans())
def test_what_pyyaml_writes_is_read_back(tree: object, flow: bool) -> None:
    """Data of words, lists and mappings survive, in block and in flow style."""
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow, default_style='"')
    assert parse_source(text.encode(), PATH).data == tree
