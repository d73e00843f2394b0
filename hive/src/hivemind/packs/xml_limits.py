"""Bound what an RDF/XML text may make of itself before rdflib reads it.

rdflib joins the text of an element piece by piece, which is quadratic: two megabytes of short lines in one literal
take 40 seconds, and entities make such a literal from a small file. One linear pass of expat finds both.
"""

from __future__ import annotations

from xml.parsers import expat

from hivemind.packs.errors import PackError

MAX_TEXT = 2**16
MAX_WORK = 2**26


def check_xml(text: str) -> None:
    """Refuse XML with an element of more than 64 KiB of text, or that grows beyond all measure; raises PackError.

    Malformed XML passes, for rdflib to report. Linear in the text, its entities put in.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    length = work = 0

    def count(data: str) -> None:
        nonlocal length, work
        length += len(data)
        work += len(data)
        if length > MAX_TEXT or work > MAX_WORK:
            raise PackError(f"has an element of more than {MAX_TEXT} characters, its entities put in; shorten it")

    def begin(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal length
        length = 0
        count("<>")

    def end(_name: str) -> None:
        nonlocal length
        length = 0

    parser.CharacterDataHandler = count
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(text, True)  # noqa: FBT003 -- expat takes it by position only
    except expat.ExpatError:
        return
