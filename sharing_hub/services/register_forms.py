"""Registers as files: CSV that Excel opens in Korean, and a page to print. What people wrote is text in both: never a formula, never markup."""

import base64
import csv
import hashlib
import html
import io
from collections.abc import Iterable

from sharing_hub.services import registers

_BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a CSV file without it for the machine's old code page."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
STYLE = (
    "body{font:10pt sans-serif;margin:1.5em}h1{font-size:14pt;margin:0}p{margin:.3em 0 1em}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #444;padding:3px 5px;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{word-break:keep-all;overflow-wrap:normal}th small{display:block;font-weight:normal}thead{display:table-header-group}"
    "tr{break-inside:avoid}@page{size:A4 landscape;margin:12mm}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def as_csv(register: registers.Register) -> str:
    """Return the register as CSV (RFC 4180): a line of Korean column names, one of English, the rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([korean for korean, _ in register.columns])
    writer.writerow([english for _, english in register.columns])
    writer.writerows([[_harmless(cell) for cell in row] for row in register.rows])
    return _BYTE_ORDER_MARK + out.getvalue()


def as_html(register: registers.Register) -> str:
    """Return the register as a page to print."""
    korean, english = register.title
    names = "".join(f"<th>{_escaped(one)}<small>{_escaped(other)}</small></th>" for one, other in register.columns)
    rows = "\n".join(_row(row) for row in register.rows)
    nothing = "" if register.rows else "<p>해당 없음 (none)</p>"
    return (
        f'<!doctype html>\n<html lang="ko"><head><meta charset="utf-8"><title>{_escaped(korean)} {_escaped(register.month)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{_escaped(korean)}</h1><p>{_escaped(english)} · {_escaped(register.month)}</p>\n"
        f"<table><thead><tr>{names}</tr></thead><tbody>\n{rows}\n</tbody></table>{nothing}</body></html>\n"
    )


def _row(cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in cells) + "</tr>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running what somebody wrote (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
