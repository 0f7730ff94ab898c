"""Every fault of syntax has a place and a message, and none is a traceback."""

from __future__ import annotations

import os
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
        (
            b"a: 1\nb: \xc3\xa9\xe9\n",
            "2:5: not UTF-8: byte 0xE9 at offset 10; save the file as UTF-8",
        ),
        (
            "a: 1\n".encode("utf-16"),
            "1:1: not UTF-8: byte 0xFF at offset 0; save the file as UTF-8",
        ),
        (
            b"[" * 100_000,
            f"1:{MAX_DEPTH + 1}: nested more than {MAX_DEPTH} deep; the format needs 5",
        ),
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
    with pytest.raises(AnnotationError) as caught:
        parse_source(b"a: x\t\ty\n" * (MOST_FAULTS + 50), PATH)
    faults = caught.value.faults
    assert [fault.place.line for fault in faults] == list(range(1, MOST_FAULTS + 2))
    assert {fault.message[:5] for fault in faults[:-1]} == {"a tab"}
    assert faults[-1].message == (
        "there are more faults in this file than the 1,000 told; mend these, and run it again"
    )


def test_a_very_long_word_does_not_make_a_very_long_message() -> None:
    with pytest.raises(AnnotationError) as caught:
        parse_source(b"a: *" + b"x" * 50_000 + b"\n", PATH)
    (fault,) = caught.value.faults
    assert len(fault.message) == 1_000
    assert fault.message.startswith("an alias, *xxx")
    assert fault.message.endswith(f"xxx; a value that begins with * needs quotes {REFUSED}")


def test_values_stay_as_they_were_written() -> None:
    """No date, number, boolean or null is made of a plain value, not even of a key."""
    text = b"on: yes\nyear: 2020\nmonth: 2013-06\nday: 2011-11-24\nhex: 0x1F\nflag: true\nn: 1_0\n"
    assert parse_source(text, PATH).data == {
        "on": "yes",
        "year": "2020",
        "month": "2013-06",
        "day": "2011-11-24",
        "hex": "0x1F",
        "flag": "true",
        "n": "1_0",
    }


def test_quoted_null_is_a_word() -> None:
    assert parse_source(b"a: 'null'\nb: ''\n", PATH).data == {"a": "null", "b": ""}


def test_places_of_values_keys_and_what_is_not_there() -> None:
    source = parse_source("a:\r\n  - é: 😀\r\n    b: [x, y]\r\n".encode(), PATH)
    assert str(source.place("a", 0, "b", 1)) == "x.yaml:3:12"
    assert str(source.key_place("a", 0, "b")) == "x.yaml:3:5"
    assert str(source.place("a", 0, "é")) == "x.yaml:2:8"
    assert str(source.place("a", 0, "missing")) == "x.yaml:2:5"
    assert str(source.key_place("a", 0, "missing")) == "x.yaml:2:5"
    assert str(source.place("a", 7)) == "x.yaml:2:3"
    assert str(source.place("nowhere", "at", "all")) == "x.yaml:1:1"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.yaml"
    os.mkfifo(fifo)
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 5)
    cases = {
        tmp_path / "none.yaml": "cannot be read: No such file or directory",
        tmp_path / ("x" * 300): "cannot be read: File name too long",
        tmp_path: "cannot be read: not a file",
        fifo: "cannot be read: not a file",
        huge: (
            "the file has 2,000,005 bytes, and at most 2,000,000 are read; "
            "split the register, or the document"
        ),
    }
    for path, message in cases.items():
        with pytest.raises(AnnotationError) as caught:
            read_source(path)
        where = f"{path}:1:1" if path == huge else path
        assert str(caught.value) == f"{where}: {message}"


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 6) + b"\n")
    assert read_source(path).data == {"a": "1"}


@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="ab:-[]{}&*!|>'\"#?,\n\t %@`<~", max_size=60)
    )
)
def test_nothing_but_an_annotation_error_ever_comes_out(raw: bytes | str) -> None:
    data = raw.encode() if isinstance(raw, str) else raw
    faults: tuple[Fault, ...] = ()
    try:
        assert parse_source(data, PATH).text == data.decode()
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
