"""T-SQL's functions as DuckDB computes them, and the few that Python does for it.

In: a function's name and its arguments as `Value`s. Out: a `Value`, or `Unknown`.
"""

import hashlib
from dataclasses import replace

from .tsql_types import Unknown, Value

UNITS = ("year", "month", "day", "hour")


def kinds(arguments, *wanted):
    """The arguments must be of these kinds."""
    if len(arguments) != len(wanted) or any(each.kind not in want.split("|") for each, want in zip(arguments, wanted)):
        raise Unknown(f"arguments {[each.kind for each in arguments]} and not {wanted}")
    return arguments


def characters(value):
    """A text whose functions count code points: others count UTF-16 units."""
    if value.national and "_SC" not in value.collation:
        raise Unknown(f"characters counted by {value.collation}")
    return value.sql


def dates(name, unit, arguments):
    """DATEADD and DATEDIFF."""
    if unit not in UNITS:
        raise Unknown(f"no unit {unit}")
    if name == "DATEDIFF":
        one, other = (f"CAST({each.sql} AS TIMESTAMP)" for each in kinds(arguments, "date|time", "date|time"))
        return Value(f"date_diff('{unit}', {one}, {other})", "number")
    count, day = kinds(arguments, "number", "date|time")
    if day.kind == "date" and unit == "hour":
        raise Unknown("hours added to a date")
    of = {"date": "DATE", "time": "TIMESTAMP"}[day.kind]
    return Value(f"CAST({day.sql} + to_{unit}s(CAST({count.sql} AS INTEGER)) AS {of})", day.kind)


def call(name, arguments):
    """Any other function."""
    made = CALLS.get(name)
    if not made:
        raise Unknown(f"no function {name}")
    return made(arguments)


def length(arguments):
    """Without the blanks at the end."""
    [text] = kinds(arguments, "text")
    return Value(f"length(rtrim({characters(text)}, ' '))", "number")


def piece(word):
    """LEFT and RIGHT: a negative count is an error."""

    def made(arguments):
        text, count = kinds(arguments, "text", "number")
        sql = f"{word}({characters(text) if text.length is None else text.sql}, not_negative({count.sql}))"
        return replace(text, sql=sql, literal=None)

    return made


def replicate(arguments):
    """A negative count gives NULL."""
    text, count = kinds(arguments, "text", "number")
    if text.length is not None:
        raise Unknown("REPLICATE of a text that ends after 8,000 bytes")
    return replace(text, sql=f"(CASE WHEN {count.sql} >= 0 THEN repeat({text.sql}, {count.sql}) END)", literal=None)


def same(function):
    """A function of a text that keeps its type."""

    def made(arguments):
        [text] = kinds(arguments, "text")
        return replace(text, sql=function.format(text.sql), literal=None)

    return made


def hashed(arguments):
    """SHA-256 of the bytes that the text has: UTF-16 of `nvarchar`, the code page of `varchar`."""
    method, text = kinds(arguments, "text", "text")
    if method.literal != "SHA2_256":
        raise Unknown(f"HASHBYTES of {method.sql}")
    return Value(f"{'sha256_utf16' if text.national else 'sha256_utf8'}({text.sql})", "binary")


def character(arguments):
    """The character of a code."""
    [code] = kinds(arguments, "number")
    return Value(f"chr({code.sql})", "text", True, length=1)


def offset(of):
    """SWITCHOFFSET and TODATETIMEOFFSET, to UTC only: an instant here remembers no other offset."""

    def made(arguments):
        value, to = kinds(arguments, of, "text")
        if to.literal != "+00:00":
            raise Unknown(f"the offset {to.sql}")
        return Value(f"({value.sql} AT TIME ZONE 'UTC')" if of == "time" else value.sql, "utc")

    return made


def number(function, of, kind="number"):
    """A function of plain arguments."""

    def made(arguments):
        return Value(function.format(*(each.sql for each in kinds(arguments, *of))), kind)

    return made


def object_id(arguments):
    """Whether there is such an object: `sys.objects` of the stand-in knows it by its path as it is written."""
    path, kind = kinds(arguments, "text", "text")
    return Value(f"(SELECT max(id) FROM objects WHERE name = {path.sql} AND type = {kind.sql})", "number")


CALLS = {
    "LEN": length,
    "LEFT": piece("left"),
    "RIGHT": piece("right"),
    "REPLICATE": replicate,
    "LOWER": same("lower({})"),
    "UPPER": same("upper({})"),
    "RTRIM": same("rtrim({}, ' ')"),
    "HASHBYTES": hashed,
    "NCHAR": character,
    "SWITCHOFFSET": offset("zoned"),
    "TODATETIMEOFFSET": offset("time"),
    "ABS": number("abs({})", ["number"]),
    "MAX": number("max({})", ["number"]),
    "YEAR": number("year({})", ["date|time"]),
    "DATEFROMPARTS": number("make_date({}, {}, {})", ["number"] * 3, "date"),
    "SYSUTCDATETIME": number("(now() AT TIME ZONE 'UTC')", [], "time"),
    "USER_NAME": lambda arguments: Value("getvariable('account')", "text", True, length=128, *kinds(arguments)),
    "OBJECT_ID": object_id,
}


def code_page(text):
    """What Windows-1252 has of a text."""
    return text.encode("cp1252", "replace").decode("cp1252")


def not_negative(count):
    """A count that LEFT and RIGHT take."""
    if count < 0:
        raise ValueError("invalid length parameter passed to LEFT or RIGHT")
    return count


def install(connection):
    """Makes what Python does for DuckDB."""
    sha = hashlib.sha256
    connection.create_function("sha256_utf8", lambda text: sha(text.encode()).digest(), ["VARCHAR"], "BLOB", type="native")
    connection.create_function("sha256_utf16", lambda text: sha(text.encode("utf-16-le")).digest(), ["VARCHAR"], "BLOB", type="native")
    connection.create_function("code_page", code_page, ["VARCHAR"], "VARCHAR", type="native")
    connection.create_function("not_negative", not_negative, ["BIGINT"], "BIGINT", type="native")
