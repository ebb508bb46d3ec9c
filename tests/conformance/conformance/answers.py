"""What an engine showed, against what the reference says: rows as bags, cells by the type of their column.

In: a table of `about.json` (its columns, `rows`, `answers`) and the rows that an engine returned, as texts.
Out: `None`, or what differs. An expected cell is a text or `None`; `{"or_null": text}` where a gap lets the platform show NULL;
`{"any": true}` where only the platform knows.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(text, column):
    """A cell's value: equal values are one, however they are written."""
    if text is None:
        return None
    kind = column["class"]
    if kind == "Number":
        return Decimal(text).normalize() + 0
    if kind == "Boolean":
        return {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}[str(text).lower()]
    if kind == "Date":
        return date.fromisoformat(str(text)[:10])
    if kind == "Timestamp":
        # Six digits at most after the point.
        stamp = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(text)).replace(" UTC", "+00:00"))
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        return round((stamp - EPOCH).total_seconds() * 1_000_000)
    return text.rstrip(" ") if column["padded"] else text


def fits(seen, wanted, column):
    """Whether a cell is what may stand there."""
    if isinstance(wanted, dict):
        return "any" in wanted or seen is None or read(seen, column) == read(wanted["or_null"], column)
    return read(seen, column) == read(wanted, column)


def differs(table, account, seen):
    """Why the rows are not those that the account should see, if so."""
    columns, left = table["columns"], list(seen)
    for _, wanted in table["answers"][account]:
        at = next((at for at, row in enumerate(left) if all(map(fits, row, wanted, columns))), None)
        if at is None:
            return f"no row is {wanted} of {len(seen)} that were shown: {left[:3]}"
        left.pop(at)
    return f"{len(left)} rows that nobody should see: {left[:3]}" if left else None


def sharpened(table, account):
    """The same question with one answer wrong, and whether there was one: a comparison that takes it too compares nothing."""
    answers = [[at, list(cells)] for at, cells in table["answers"][account]]
    for _, cells in answers:
        for at, column in enumerate(table["columns"]):
            if isinstance(cells[at], str) and column["class"] == "String":
                cells[at] += "x"
                return {**table, "answers": {account: answers}}
    return None
