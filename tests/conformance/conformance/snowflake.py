"""Snowflake's policies run by DuckDB: every masking policy and row access policy over rows, as each account.

In: the four scripts, run twice, statement by statement. A small account (`snowflake_account.py`) keeps what they make: roles, grants,
policies, attachments; a statement that Snowflake would refuse for that is a mismatch. sqlglot translates each body, and what is done
with the table of entitlements, from Snowflake's SQL to DuckDB's; DuckDB keeps rows and entitlements and answers.
Out: for every account and table whether it reads it, the rows and the cells, compared with the reference.

What sqlglot leaves out or DuckDB lacks is put in by `translated`, on the tree:
- `IS_ROLE_IN_SESSION(…)` and `CURRENT_USER()` answer from variables of the session. Every role that a user holds is active.
- a cast to `VARCHAR(n)` cuts: docs.snowflake.com/en/sql-reference/functions/cast (2026-11-26)
- `TO_VARCHAR(…, format)` in the formats of `FORMATS`; another is refused
- a fraction's digits of timestamps, and types in which DuckDB has no values (all but those of `plain`), which become BLOB
- names of tables, which DuckDB does not tell apart by their case
"""

import functools
import re

import duckdb
import sqlglot
from sqlglot import exp

from . import answers, lexical
from .snowflake_account import Account, Refused

SESSION = """
CREATE MACRO judged_role(r) AS list_contains(getvariable('roles'), r);
CREATE MACRO judged_user() AS getvariable('account');
SET TimeZone = 'Asia/Kathmandu';
"""
FORMATS = {"YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DD HH24:MI:SS.FF9": "%Y-%m-%d %H:%M:%S.%n"}
T = exp.DataType.Type
TEXTS = (T.VARCHAR, T.TEXT, T.CHAR, T.NCHAR, T.NVARCHAR)
STAMPS = {T.TIMESTAMPNTZ: "TIMESTAMP", T.TIMESTAMP: "TIMESTAMP", T.DATETIME: "TIMESTAMP", T.TIMESTAMPTZ: "TIMESTAMPTZ", T.TIMESTAMPLTZ: "TIMESTAMPTZ"}
KEPT = (T.DECIMAL, T.INT, T.BIGINT, T.SMALLINT, T.TINYINT, T.FLOAT, T.DOUBLE, T.BOOLEAN, T.DATE)


def plain(kind):
    """A type as DuckDB has it."""
    if kind.this in TEXTS:
        return exp.DataType.build("TEXT")
    if kind.this in STAMPS:
        return exp.DataType.build(STAMPS[kind.this], dialect="duckdb")
    return kind if kind.this in KEPT else exp.DataType.build("BLOB")


@functools.cache
def stored(text):
    """The type of a column or of an argument."""
    if not re.fullmatch(r"[\w ,()]+", text):
        return "BLOB"
    return plain(exp.DataType.build(text, dialect="snowflake")).sql("duckdb")


def translated(text, tables):
    """A statement or an expression as DuckDB reads it; `tables`: path -> name."""

    def node(each):
        if isinstance(each, exp.CurrentUser):
            return exp.Anonymous(this="judged_user")
        if isinstance(each, exp.Anonymous) and each.name.upper() == "IS_ROLE_IN_SESSION":
            return exp.Anonymous(this="judged_role", expressions=each.expressions)
        if isinstance(each, exp.ToChar):
            pattern = each.args.get("format")
            if pattern is None or pattern.name not in FORMATS:
                raise Refused(f"nothing here knows the format of {each.sql('snowflake')}")
            return exp.Anonymous(this="strftime", expressions=[each.this, exp.Literal.string(FORMATS[pattern.name])])
        if isinstance(each, exp.Cast):
            kind, digits = each.to, each.to.expressions
            each.set("to", plain(kind))
            if kind.this in TEXTS and digits:
                return exp.Anonymous(this="left", expressions=[each, digits[0].this])
        if isinstance(each, exp.Table):
            path = tuple(part.name for part in each.parts)
            if path not in tables:
                raise Refused(f"no table {path}")
            return exp.Table(this=exp.to_identifier(tables[path]), alias=each.args.get("alias"))
        return each

    tree = sqlglot.parse_one(text, read="snowflake")
    return tree.transform(node).sql("duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def literal(text):
    """A text, quoted for DuckDB."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


class DuckDb:
    """A database in memory for each integration."""

    name = f"DuckDB {duckdb.__version__} by sqlglot {sqlglot.__version__}"
    lacks = "nothing"

    def __init__(self, scratch):
        pass

    def takes(self, item):
        """All."""
        return True

    def ask(self, item, tally):
        """Runs the item's artefacts and asks; what is wrong goes into the tally."""
        with duckdb.connect() as connection:
            Run(connection, item, tally).all()

    def close(self):
        """Nothing is left."""


class Run:
    """One integration."""

    def __init__(self, connection, item, tally):
        self.connection, self.item, self.tally = connection, item, tally
        self.tables = [table for table in item.about["tables"] if table["columns"]]
        columns = {tuple(table["path"]): [each["name"] for each in table["columns"]] for table in item.about["tables"]}
        self.account = Account(columns, item.about["accounts"], self.data)
        self.made = {}  # path of a table that the scripts made -> its name in DuckDB

    def all(self):
        """Rows, artefacts twice, questions."""
        self.connection.execute(SESSION)
        for at, table in enumerate(self.tables):
            self.fill(at, table)
        for _ in range(2):
            for path in sorted(self.item.folder.glob("*.sql")):
                for statement in lexical.statements(path.read_bytes().decode(), "snowflake"):
                    self.run(path.name, statement.code)
        for object, policy in self.account.policies.items():
            self.wrong(str(object), policy.expression, lambda at=object, of=policy: self.policy(at, of))
        queries = [self.query(at, table) for at, table in enumerate(self.tables)]
        for account in self.item.about["accounts"]:
            roles = self.account.active(account)
            self.connection.execute(f"SET VARIABLE account = {literal(account)}")
            self.connection.execute(f"SET VARIABLE roles = CAST([{', '.join(map(literal, sorted(roles)))}] AS VARCHAR[])")
            for table, query in zip(self.tables, queries):
                self.question(table, account, query)

    def fill(self, at, table):
        """The table with its rows; its columns are numbered, for DuckDB does not tell their names apart by case."""
        columns = ", ".join(f"c{place} {stored(each['type'])}" for place, each in enumerate(table["columns"]))
        self.connection.execute(f"CREATE TABLE t{at} ({columns})")
        rows = ", ".join(f"({', '.join(map(literal, row))})" for row in table["rows"])
        self.connection.execute(f"INSERT INTO t{at} VALUES {rows}")

    def wrong(self, where, text, do):
        """Does what must succeed; where it does not, says so."""
        try:
            do()
        except (Refused, duckdb.Error, sqlglot.errors.SqlglotError) as error:
            self.tally.mismatches.append((f"{self.item.label}: {where}", str(error)[:400], text))

    def run(self, file, code):
        """One statement of the artefacts."""
        self.wrong(file, code, lambda: self.account.run(code))

    def data(self, code, makes):
        """A statement on the table of entitlements; `makes`: the path of the table that it makes."""
        if makes:
            self.made.setdefault(makes, f"made{len(self.made)}")
            # A comment on a table is nothing that DuckDB keeps there.
            code = re.sub(r" COMMENT = '(?:[^'\\]|\\.|'')*'$", "", code)
        self.connection.execute(translated(code, self.made))

    def policy(self, object, policy):
        """The body as a macro over its arguments."""
        body = translated(policy.expression, self.made)
        self.connection.execute(f"CREATE MACRO {self.macro(object)}({', '.join(name for name, _ in policy.arguments)}) AS ({body})")

    def macro(self, object):
        return f"p{list(self.account.policies).index(object)}"

    def call(self, object, columns, table):
        """The policy over the table's columns, as the types of its arguments."""
        places = {each["name"]: place for place, each in enumerate(table["columns"])}
        arguments = self.account.policies[object].arguments
        given = [f"CAST(c{places[column]} AS {stored(kind)})" for column, (_, kind) in zip(columns, arguments)]
        return f"{self.macro(object)}({', '.join(given)})"

    def query(self, at, table):
        """What reading the table means, with its masks and its filter."""
        path = tuple(table["path"])
        shown = []
        for place, each in enumerate(table["columns"]):
            text = f"c{place}"
            if attached := self.account.masks.get((path, each["name"])):
                text = self.call(*attached, table)
            known = each["class"] not in ("Binary", "Other")
            shown.append(f"CAST({text} AS VARCHAR)" if known else f"CASE WHEN ({text}) IS NOT NULL THEN 'something' END")
        attached = self.account.rows.get(path)
        where = f" WHERE {self.call(*attached, table)}" if attached else ""
        return f"SELECT {', '.join(shown)} FROM t{at}{where}"

    def question(self, table, account, query):
        """Whether one account reads one table, and what it sees."""
        where = f"{account} on {'.'.join(table['path'])}"
        self.tally.decisions += 1
        may, does = account in table["readers"], self.account.reads(account, tuple(table["path"]))
        if may != does:
            self.tally.mismatches.append((self.item.label, f"{where}: {'does not read it' if may else 'reads it'}", ""))
        elif may:
            try:
                seen = self.connection.execute(query).fetchall()
            except duckdb.Error as error:
                self.tally.mismatches.append((self.item.label, f"{where}: {str(error)[:400]}", query))
                return
            answers.compare(self.item, table, account, seen, self.tally)
