"""Synapse's artefacts run by DuckDB: tables and rows, the four scripts batch by batch, then every account asks every view and table.

No engine but the vendor's runs T-SQL: queries and conditions are read by hand (`tsql.py`) and written for DuckDB with what T-SQL
means by them. Statements around them are read here, in exactly the forms that a pool knows and the scripts have; who may read what
is what their roles, members, GRANT and DENY say (a DENY wins; a view reads its owner's tables for who may read the view).
"""

import duckdb

from . import answers, lexical, tsql_calls
from .tsql import Reader, Relation
from .tsql_script import Statement, held, place
from .tsql_types import Unknown, Value, duck_text, quoted, stored

# What scripts ask of the catalog views of the database.
CATALOG = """
CREATE SCHEMA "s:sys";
CREATE TABLE "s:sys"."schemas" ("name" VARCHAR);
CREATE TABLE "s:sys"."database_principals" ("name" VARCHAR, "type" VARCHAR);
CREATE TABLE objects (id INTEGER, name VARCHAR, type VARCHAR);
"""


class DuckDb:
    """One integration after the other."""

    def __init__(self, _scratch):
        self.name = f"DuckDB {duckdb.__version__}"

    lacks = ""

    def takes(self, _item):
        """Whether it has what the artefacts use."""
        return True

    def ask(self, item, tally):
        """Runs the item's artefacts and asks; what is wrong goes into the tally."""
        with duckdb.connect(":memory:") as connection:
            self.start(connection, item, tally).all()

    def start(self, *what):
        """One integration."""
        return Run(*what)

    def close(self):
        """Nothing is left."""


class Run:
    """One integration in a fresh database."""

    def __init__(self, connection, item, tally):
        self.connection, self.item, self.tally = connection, item, tally
        self.relations, self.members, self.given, self.denied = {}, {}, {}, {}
        # A pool is one database: where two have a table of one name, it is the one that somebody may read.
        tables = sorted((table for table in item.about["tables"] if table["columns"]), key=lambda table: not table["readers"])
        self.tables = list({self.key(table["path"][1:]): table for table in reversed(tables)}.values())

    @staticmethod
    def key(path):
        """A path as the database compares names."""
        return tuple(part.lower() for part in path)

    def all(self):
        """Schema and rows, artefacts, questions."""
        tsql_calls.install(self.connection)
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(CATALOG)
        for name, columns in (("schemas", ("name",)), ("database_principals", ("name", "type"))):
            text = Value("", "text", True, firmness=1, length=128)
            self.relations["sys", name] = Relation(place(["sys", name]), {column: text for column in columns})
        self.connection.execute("INSERT INTO \"s:sys\".\"database_principals\" VALUES ('public', 'R')")
        for account in self.item.about["accounts"]:
            self.connection.execute('INSERT INTO "s:sys"."database_principals" VALUES (?, ?)', [account, "S"])
        for table in self.tables:
            self.fill(table)
        for file in sorted(self.item.folder.glob("*.sql")):
            for statement in lexical.statements(file.read_text(), "tsql"):
                self.run(file.name, statement.code)
        for table in self.tables:
            for account in self.item.about["accounts"]:
                self.question(table, account)

    def fill(self, table):
        """The table with its rows."""
        path = table["path"][1:]
        kinds = [stored(each["type"]) for each in table["columns"]]
        columns = ", ".join(f"{quoted(each['name'])} {kind.duck}" for each, kind in zip(table["columns"], kinds))
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted('s:' + path[0])}")
        self.connection.execute(f"CREATE TABLE {place(path)} ({columns})")
        for row in table["rows"]:
            self.connection.execute(f"INSERT INTO {place(path)} VALUES ({', '.join(map(cell, row, kinds))})")
        named = {each["name"].lower(): held(kind) for each, kind in zip(table["columns"], kinds)}
        self.relations[self.key(path)] = Relation(place(path), named)

    def run(self, file, text):
        """One batch of the artefacts."""
        try:
            reader = Reader(text, self.relations)
            while reader.kind() != "end":
                Statement(self, reader).run()
                while reader.take(";"):
                    pass
        except (Unknown, duckdb.Error) as error:
            self.tally.mismatches.append((f"{self.item.label}: {file}", str(error)[:500], text))

    def groups(self, account):
        """The account, the roles that it is in through roles too, and the role that all are in."""
        found, todo = {"public"}, [account.lower()]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += [role for role, inside in self.members.items() if each in inside]
        return found

    def may(self, account, path):
        """Whether the grants let the account read it."""
        groups, path = self.groups(account), self.key(path)
        return bool(self.given.get(path, set()) & groups) and not self.denied.get(path, set()) & groups

    def question(self, table, account):
        """What the account reads of the table, through its view and of the table itself."""
        path, where = table["path"][1:], f"{account} on {'.'.join(table['path'])}"
        self.tally.decisions += 1
        if self.may(account, path):
            self.tally.mismatches.append((self.item.label, f"{where}: reads the table itself", ""))
        reads = [view for view in self.views(path) if self.may(account, view)]
        may = account in table["readers"]
        if may != bool(reads):
            self.tally.mismatches.append((self.item.label, f"{where}: {'does not read it' if may else f'reads it by {reads}'}", ""))
        for view in reads:
            try:
                seen = self.select(view, account, table)
            except duckdb.Error as error:
                self.tally.mismatches.append((self.item.label, f"{where}: {error}", ""))
                continue
            answers.compare(self.item, table, account, seen, self.tally)

    def views(self, path):
        """The views that read a table."""
        return [view for view, relation in self.relations.items() if self.key(path) in relation.reads]

    def select(self, view, account, table):
        """The rows that the account is shown."""
        columns = ", ".join(f"CAST({quoted(each['name'])} AS VARCHAR)" for each in table["columns"])
        self.connection.execute(f"SET VARIABLE account = {duck_text(account)}")
        return self.connection.execute(f"SELECT {columns} FROM {self.relations[view].sql}").fetchall()


def cell(text, kind):
    """A cell of a row, as the table holds it."""
    if text is None:
        return "NULL"
    if kind.kind == "bit":
        return f"CAST(CAST({duck_text(text)} AS BOOLEAN) AS TINYINT)"
    if kind.padded:
        return f"rpad({duck_text(text)}, {kind.length}, ' ')"
    return f"CAST({duck_text(text)} AS {kind.duck})"
