r"""What strangers wrote, made safe to show: on a terminal, in a log of CI, as Markdown, as JSON.

What steers a terminal or hides is written as Python escapes it: control characters, line ends,
bidirectional controls, what has no width (`Trojan Source <https://trojansource.codes>`_), lone
surrogates, tags, what is not assigned. What is exact by its format, as CSV and Turtle, is not shown
and has no escapes of this kind.
"""

from __future__ import annotations

import re
from typing import Any, Final

BREAK: Final = "\v"
"""A line end of nhskg's own in a message or a cell; each other is the data's, and is escaped."""

_KEPT: Final = re.compile(
    r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
    r"|(?<=[\u0300-\U0010ffff])[\u200c\u200d](?=[\u0300-\U0010ffff])"
)
"""What Python calls unprintable and stays: spaces, and joiners in scripts that use them, not in
Latin (`UTS 55 <https://www.unicode.org/reports/tr55/>`_, 3.1), where they can only hide."""

_COMMAND: Final = re.compile(r"(?m)^([^\S\n]*):(?=:)|#(?=#(?:vso)?\[)")
"""What a runner of GitHub or Azure takes for a command: at the start of a line, or within one."""

_INLINE: Final = re.compile(r"[\\`*<|$]|(?<!\w)_|_(?!\w)|~(?=~)|&(?=[#\w]+;)|\](?=[(\[:])")
_BLOCK: Final = re.compile(r"^( *\d*)(?=>|[#=-]+(?:\s|$)|[+.)](?:\s|$))")
_MENTION: Final = re.compile(r"(?<![\w/])(?:@(?=\w)|#(?=\d))")
"""What GitHub links to a user or an issue, also behind a backslash: an empty comment parts it."""


def escaped(text: str) -> str:
    r"""Return a text in which what hides or steers a terminal, line ends too, is escaped.

    >>> escaped("a\nb")
    'a\\nb'
    """
    return text if text.isprintable() else re.sub("[^ -~]", _escape, text)


def _escape(found: re.Match[str]) -> str:
    is_shown = found[0].isprintable() or _KEPT.match(found.string, found.start())
    return found[0] if is_shown else found[0].encode("unicode_escape").decode()


def hidden(text: str) -> list[str]:
    """Return the characters of a text that :func:`escaped` escapes."""
    return [found[0] for found in re.finditer("[^ -~]", text) if _escape(found) != found[0]]


def escaped_lines(text: str) -> str:
    r"""Return the lines of a text that has :data:`BREAK` between them, each :func:`escaped`.

    >>> escaped_lines("a\vb\nc")
    'a\nb\\nc'
    """
    return "\n".join(map(escaped, text.split(BREAK)))


def plain(text: str) -> str:
    r"""Return lines as :func:`escaped` does, tabs apart, of which none is a command to CI.

    >>> plain("a\r\n::error ::b")
    'a\\r\n\\x3a:error ::b'
    """
    if not text.replace("\n", "").isprintable():  # which is told fast
        lines = ("\t".join(map(escaped, line.split("\t"))) for line in text.split("\n"))
        text = "\n".join(lines)
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):x}", text)


def markdown(text: str) -> str:
    r"""Return a text as a line that Markdown, as GitHub reads it, shows as it is.

    >>> print(markdown("<b> of @them [x](y)"))
    \<b> of @<!-- -->them [x\](y)
    """
    text = _BLOCK.sub(r"\1\\", _INLINE.sub(r"\\\g<0>", escaped(text)))
    return _MENTION.sub(r"\g<0><!-- -->", text)


def json_text(value: Any, **how: Any) -> str:
    r"""Return a value as JSON, indented, by its own escapes for what :func:`escaped` escapes.

    >>> print(json_text(["\u202ea"]), end="")
    [
      "\u202ea"
    ]
    """
    import json  # noqa: PLC0415  # 'nhskg --help' starts without

    return json_escaped(json.dumps(value, ensure_ascii=False, indent=2, **how)) + "\n"


def json_escaped(text: str) -> str:
    """Return JSON with its own escapes for what :func:`escaped` escapes: it says the same."""
    import json  # noqa: PLC0415

    def escape(found: re.Match[str]) -> str:
        return found[0] if escaped(found[0]) == found[0] else json.dumps(found[0])[1:-1]

    if not text.replace("\n", "").isprintable():
        lines = (x if x.isprintable() else re.sub("[^ -~]", escape, x) for x in text.split("\n"))
        text = "\n".join(lines)
    return _COMMAND.sub(r"\\u0023", text) if "##" in text else text
