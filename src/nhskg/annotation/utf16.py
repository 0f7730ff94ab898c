"""Offsets for browsers: Unicode code points to UTF-16 code units, and back.

Positions in nhskg count code points. JavaScript strings, and with them most
tools for Web Annotations, count UTF-16 code units: a character outside the Basic
Multilingual Plane counts twice
(`Unicode Standard, section 3.9 <https://www.unicode.org/versions/latest/>`_).
"""

from __future__ import annotations

from bisect import bisect_left

__all__ = ["Utf16Offsets"]


class Utf16Offsets:
    """Converts offsets within one text, each in time logarithmic in its astral characters.

    >>> offsets = Utf16Offsets("a😀b")
    >>> offsets.to_utf16(2), offsets.to_code_points(3)
    (3, 2)
    """

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._astral = [index for index, char in enumerate(text) if ord(char) > 0xFFFF]
        self._units = [index + count for count, index in enumerate(self._astral)]

    @property
    def utf16_length(self) -> int:
        """The length of the text in UTF-16 code units."""
        return self._length + len(self._astral)

    def to_utf16(self, offset: int) -> int:
        """Return an offset in code points as one in UTF-16 code units.

        Raises ValueError where the offset is outside the text.
        """
        if not 0 <= offset <= self._length:
            raise ValueError(f"offset {offset} is outside a text of {self._length} code points")
        return offset + bisect_left(self._astral, offset)

    def to_code_points(self, offset: int) -> int:
        """Return an offset in UTF-16 code units as one in code points.

        Raises ValueError where the offset is outside the text, or within a
        surrogate pair and so within a character.
        """
        if not 0 <= offset <= self.utf16_length:
            message = f"offset {offset} is outside a text of {self.utf16_length} UTF-16 code units"
            raise ValueError(message)
        before = bisect_left(self._units, offset)
        if before and self._units[before - 1] + 1 == offset:
            raise ValueError(f"offset {offset} is within a surrogate pair")
        return offset - before

    def span_to_utf16(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return ``[start, end)`` in UTF-16 code units.

        Raises ValueError where either end is outside the text.
        """
        return self.to_utf16(span[0]), self.to_utf16(span[1])
