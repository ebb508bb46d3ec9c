"""T-SQL's types and collations, as DuckDB holds them.

A text knows whether it is of Unicode (`national`), its collation and how firmly: 0 gives way (literals), 1 is a column's, 2 was
written with COLLATE; two different ones of one firmness are a conflict, which T-SQL refuses to compare:
learn.microsoft.com/sql/t-sql/statements/collation-precedence-transact-sql (2026-11-26).
"""

import re
from dataclasses import dataclass, replace

# Of the stand-in's database, and so of its tables' columns: one that a pool may have, without case, and in UTF-8 so that a
# `varchar` holds every text of the reference. learn.microsoft.com/azure/synapse-analytics/sql/reference-collation-types (2026-11-25).
DATABASE = "Latin1_General_100_CI_AS_KS_WS_SC_UTF8"


class Unknown(Exception):
    """T-SQL that nothing here knows, or that a pool refuses."""


@dataclass(frozen=True)
class Value:
    """An expression: SQL of DuckDB and what T-SQL knows of it."""

    sql: str
    kind: str  # text number bit date time zoned utc binary other null condition
    national: bool = False
    collation: str = DATABASE
    firmness: int = 0
    literal: str | None = None
    length: int | None = None  # characters at most; None: as many as there are


@dataclass(frozen=True)
class Type:
    """A type: T-SQL's kind of it, and DuckDB's name."""

    kind: str
    duck: str
    national: bool = False
    length: int | None = None
    padded: bool = False
    whole: bool = False


WHOLE = {"bigint": "BIGINT", "int": "INTEGER", "smallint": "SMALLINT", "tinyint": "SMALLINT"}
NUMBERS = {"money": "DECIMAL(19,4)", "smallmoney": "DECIMAL(10,4)", "float": "DOUBLE", "real": "FLOAT"}
LARGE = {
    "sysname": Type("text", "VARCHAR", True, 128), "text": Type("text", "VARCHAR"), "ntext": Type("text", "VARCHAR", True), "image": Type("binary", "BLOB"),
    **{name: Type("other", "BLOB") for name in ("xml", "sql_variant", "rowversion", "timestamp", "hierarchyid", "geometry", "geography")},
}  # fmt: skip
TIMES = ("datetime2", "datetime", "smalldatetime")


def known_type(text):
    """A type by its name."""
    found = re.fullmatch(r"(\w+) ?(?:\((max|\d+)(?:, ?(\d+))?\))?", text.strip(), re.IGNORECASE)
    if not found:
        raise Unknown(f"no type {text}")
    name, size, scale = found[1].lower(), found[2], found[3]
    if name in LARGE:
        return LARGE[name]
    if name in ("varchar", "nvarchar", "char", "nchar"):
        # Without a length it is 30 in CAST, and 1 in a column: no script of ours leaves it out.
        if size is None:
            raise Unknown(f"{text} without a length")
        length = None if size.lower() == "max" else int(size)
        return Type("text", "VARCHAR", name.startswith("n"), length, not name.endswith("varchar"))
    if name in WHOLE:
        return Type("number", WHOLE[name], whole=True)
    if name in ("decimal", "numeric"):
        return Type("number", f"DECIMAL({size or 18},{scale or 0})")
    if name in NUMBERS:
        return Type("number", NUMBERS[name])
    plain = {"bit": ("bit", "TINYINT"), "date": ("date", "DATE"), "datetimeoffset": ("zoned", "TIMESTAMPTZ"), "uniqueidentifier": ("other", "UUID")}
    if name in plain:
        return Type(*plain[name])
    if name in TIMES:
        return Type("time", "TIMESTAMP")
    if name in ("binary", "varbinary"):
        return Type("binary", "BLOB")
    if name == "time":
        return Type("other", "TIME")
    raise Unknown(f"no type {text}")


def stored(text):
    """The type of a table's column; one that nothing here knows holds NULLs alone."""
    try:
        return known_type(text)
    except Unknown:
        return Type("other", "BLOB")


def quoted(name):
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def duck_text(text):
    """A text, quoted."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def text_literal(text, national):
    """A text that the script holds."""
    return Value(duck_text(text), "text", national, literal=text, length=len(text))


def collated(value, name):
    """`value COLLATE name`."""
    if value.kind != "text":
        raise Unknown(f"COLLATE of {value.kind}")
    name = DATABASE if name.upper() == "DATABASE_DEFAULT" else name
    if not name.startswith("Latin1_General_100_"):
        raise Unknown(f"no collation {name}")
    return replace(value, sql=page(value, name) if not value.national else value.sql, collation=name, firmness=2)


def page(value, collation):
    """A `varchar` in the code page of a collation: what that lacks becomes a question mark."""
    return value.sql if collation.endswith("_UTF8") else f"code_page({value.sql})"


def key(sql, collation):
    """What stands for a text in comparisons: without the blanks at its end, and without case where the collation has none."""
    bare = f"rtrim({sql}, ' ')"
    return f"lower({bare})" if "_CI" in collation else bare


def merged(left, right, compare=False):
    """What two branches of one expression have in common."""
    if "null" in (left.kind, right.kind):
        return right if left.kind == "null" else left
    if left.kind != right.kind:
        kinds = {left.kind, right.kind}
        for wide, narrow in (("number", "bit"), ("zoned", "utc")):
            if kinds == {wide, narrow}:
                return left if left.kind == wide else right
        raise Unknown(f"{left.kind} beside {right.kind}")
    if left.kind != "text":
        return left
    firm = left if left.firmness >= right.firmness else right
    if left.firmness == right.firmness and left.collation != right.collation:
        if compare or left.firmness == 2:
            raise Unknown(f"collations in conflict: {left.collation} and {right.collation}")
        # None: whoever compares it is refused.
        firm = replace(firm, collation=f"{left.collation}/{right.collation}")
    length = None if None in (left.length, right.length) else max(left.length, right.length)
    return replace(firm, national=left.national or right.national, length=length)


# Texts that become something else: exactly what the style reads.
TEXT_TO = {
    ("date", "23"): r"\d{4}-\d{2}-\d{2}",
    ("time", "121"): r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?)?",
    ("number", ""): r" *[+-]?(\d+(\.\d*)?|\.\d+) *",
    ("float", ""): r" *[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)? *",
}


def cast(value, of, style, tried):
    """`CAST`, `CONVERT` and their kin that try."""
    if value.kind == "null":
        return Value(f"CAST(NULL AS {of.duck})", of.kind, of.national, length=of.length)
    if value.kind == "text" and of.kind == "text":
        return text_as_text(value, of)
    if value.kind == "text":
        form = TEXT_TO.get(("float" if of.duck in ("DOUBLE", "FLOAT") else of.kind, style))
        if not form or of.whole:
            raise Unknown(f"a text as {of.duck} in style {style!r}")
        if not tried:
            return Value(f"CAST({value.sql} AS {of.duck})", of.kind)
        return Value(f"(CASE WHEN regexp_full_match({value.sql}, {duck_text(form)}) THEN TRY_CAST({value.sql} AS {of.duck}) END)", of.kind)
    if value.kind == "binary" and of.kind == "text" and style in ("1", "2"):
        before = "'0x' || " if style == "1" else ""
        return Value(f"left({before}hex({value.sql}), {of.length or 2**31})", "text", of.national, length=of.length)
    if style:
        raise Unknown(f"{value.kind} as {of.duck} in style {style}")
    pair = value.kind, of.kind
    if pair in (("number", "number"), ("bit", "number")):
        # What follows the point is cut off, not rounded.
        return Value(f"CAST({f'trunc({value.sql})' if of.whole else value.sql} AS {of.duck})", "number")
    if pair in (("number", "bit"), ("bit", "bit")):
        return Value(f"CAST(({value.sql}) <> 0 AS TINYINT)", "bit")
    if pair == ("utc", "time") or (value.kind in ("date", "time") and of.kind in ("date", "time")):
        # At the offset of UTC, an instant's own clock is UTC's.
        instant = f"({value.sql} AT TIME ZONE 'UTC')" if value.kind == "utc" else value.sql
        return Value(f"CAST({instant} AS {of.duck})", of.kind)
    if pair in (("utc", "zoned"), ("zoned", "zoned")) or (value.kind == of.kind and of.kind in ("binary", "other")):
        return Value(f"CAST({value.sql} AS {of.duck})", of.kind)
    raise Unknown(f"{value.kind} as {of.duck}")


def text_as_text(value, of):
    """A text of another type: cut, filled, and in the code page that a `varchar` has."""
    sql = page(value, value.collation) if value.national and not of.national else value.sql
    if of.length is not None:
        sql = f"left({sql}, {of.length})"
    if of.padded:
        sql = f"rpad({sql}, {of.length}, ' ')"
    return replace(value, sql=sql, national=of.national, literal=None, length=of.length)
