"""XML as files and cameras send it: plain, without a document type, and so without entities that could name files or grow without end."""

from xml.parsers import expat


def declares_a_type(raw: bytes) -> bool:
    """Say whether XML declares a document type, found by the parser that reads it: a search for the word is passed by in UTF-16.

    What is no XML declares none; whoever reads it says so.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _found
    try:
        parser.Parse(raw, True)
    except _FoundError:
        return True
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return False


def _found(*_: object) -> None:
    raise _FoundError


class _FoundError(Exception):
    """There is a document type; nothing behind it is read."""
