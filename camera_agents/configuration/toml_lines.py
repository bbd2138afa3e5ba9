"""Finds the line of every key in a TOML file, which `tomllib` does not tell, so that a refusal can name it.

It reads only what is needed for that: table headers, keys, and where a value that runs over lines ends. The text must be valid TOML.
"""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$"""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:[^"\\]|\\.)*"|'[^']*'|[#\[\]{}]''')


def find(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table and key of `text`; an array of tables counts its tables from 0."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if depth or quote:
            depth, quote = _skip(line, depth, quote)
            continue
        header = _HEADER.match(line)
        if header and not _KEY.match(line):
            table = _enter(header, counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = table
            for part in _PART.findall(key[1]):
                path = (*path, part.strip("\"'"))
                lines.setdefault(path, number)
            depth, quote = _skip(key[2], 0, "")
    return lines


def nearest(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of `path`, or of the closest thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _enter(header: re.Match[str], counts: dict[Path, int]) -> Path:
    path: Path = ()
    parts = [part.strip("\"'") for part in _PART.findall(header[2])]
    for i, part in enumerate(parts):
        path = (*path, part)
        last = i == len(parts) - 1
        if header[1] and last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts and (header[1] or not last):
            path = (*path, counts[path])
    return path


def _skip(rest: str, depth: int, quote: str) -> tuple[int, str]:
    """Return how deep in brackets and in which long string the value still is at the end of the line."""
    at = 0
    while at < len(rest):
        if quote:
            end = rest.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + 3, ""
            continue
        token = _TOKEN.search(rest, at)
        if token is None or token[0] == "#":
            break
        at = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return depth, quote
