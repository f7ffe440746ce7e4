"""A text that JSON holds as one string or as a list of strings, of which single lines are rewritten."""

import io
import json
import re
from difflib import SequenceMatcher
from itertools import pairwise

from .json_spans import JsonSpan, decoded_at, elements

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPED_LINE = re.compile(r"(?:\\.|[^\\])*?(?:\\n|\\u000[aA]|\n|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as Python counts them, with their ends."""
    return io.StringIO(text, newline="").readlines()


class JsonLines:
    """A text in a JSON document.

    Parameters
    ----------
    document : str
        The document.
    span : JsonSpan
        Where the string, or the list of strings, stands.

    Attributes
    ----------
    text : str
        The text.
    span : JsonSpan
        As given.

    Raises
    ------
    TypeError
        If it is neither.
    """

    def __init__(self, document: str, span: JsonSpan) -> None:
        self._document, self.span = document, span
        self.is_list = document[span.start] == "["
        if self.is_list:
            spans = elements(document, span.start)
        elif document[span.start] != '"':
            raise TypeError(f"expected a string, got {document[slice(*span)]}")
        else:
            lines = _ESCAPED_LINE.finditer(document, span.start + 1, span.end - 1)
            spans = [JsonSpan(*line.span()) for line in lines if line.group()]
        self._spans = spans
        self._values = [self._value(each) for each in spans]
        self.text = "".join(self._values)

    def rewritten(self, text: str, like: "JsonLines | None" = None) -> str:
        r"""Return the JSON of another text: lines that stay keep their bytes, the others are written in the same style.

        >>> print(JsonLines(r'["\u0061\n",  "b"]', JsonSpan(0, 18)).rewritten("a\nc"))
        ["\u0061\n",  "c"]

        Parameters
        ----------
        text : str
            The text.
        like : JsonLines, optional
            A list that this one is formatted like, where it is empty.
        """
        before, between, after = self._format(like)
        new = self._lines(text)
        if self.is_list and not new:
            return "[]"
        origin: list[int | None] = [None] * len(new)
        for old_start, start, size in SequenceMatcher(None, self._values, new, autojunk=False).get_matching_blocks():
            origin[start : start + size] = range(old_start, old_start + size)
        gaps = [self._document[left.end : right.start] for left, right in pairwise(self._spans)]
        parts, previous = [before], None
        for line, index in zip(new, origin, strict=True):
            if len(parts) > 1:
                follows = previous is not None and index == previous + 1
                parts.append(gaps[previous] if follows and previous is not None else between)
            parts.append(self._encoded(line) if index is None else self._document[slice(*self._spans[index])])
            previous = index
        return "".join([*parts, after])

    def position(self, line: int) -> int:
        """Return where in the document a line of the text starts; lines count from 1."""
        before = sum(map(len, lines_of(self.text)[: line - 1]))
        length = 0
        for value, span in zip(self._values, self._spans, strict=True):
            length += len(value)
            if length > before:
                return span.start
        return self.span.start

    def _format(self, like: "JsonLines | None") -> tuple[str, str, str]:
        """Return what stands before the first line, between two, and behind the last."""
        if not self.is_list:
            return '"', "", '"'
        if not self._spans:
            return like._format(None) if like else ("[", ", ", "]")
        before = self._document[self.span.start : self._spans[0].start]
        after = self._document[self._spans[-1].end : self.span.end]
        if len(self._spans) > 1:
            return before, self._document[self._spans[0].end : self._spans[1].start], after
        if before == "[":
            return before, like._format(None)[1] if like else ", ", after
        return before, f",{before[1:]}", after

    def _value(self, span: JsonSpan) -> str:
        raw = self._document[slice(*span)]
        value, _ = decoded_at(raw if self.is_list else f'"{raw}"', 0)
        if not isinstance(value, str):
            raise TypeError(f"expected a string, got {raw}")
        return value

    def _encoded(self, line: str) -> str:
        own = self._document[slice(*self.span)]
        sample = self._document if own.isascii() and not _ESCAPE.search(own) else own
        text = json.dumps(line, ensure_ascii=sample.isascii() and bool(_ESCAPE.search(sample)))
        return text if self.is_list else text[1:-1]

    def _lines(self, text: str) -> list[str]:
        """Return a text as the strings of the list: those that stay at both ends as they are, the others by line."""
        first, last = 0, len(self._values)
        while first < last and self._values[first].endswith("\n") and text.startswith(self._values[first]):
            text = text.removeprefix(self._values[first])
            first += 1
        while first < last and text.endswith(self._values[last - 1]):
            rest = text[: len(text) - len(self._values[last - 1])]
            if rest and not rest.endswith("\n"):
                break
            text, last = rest, last - 1
        return [*self._values[:first], *_LINE.findall(text), *self._values[last:]]
