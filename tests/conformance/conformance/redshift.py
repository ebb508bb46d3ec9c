"""Redshift's artefacts run by PostgreSQL: schema, rows, scripts, then every account asks every table.

The few spellings that PostgreSQL lacks are rewritten, token by token (`rewritten`), and the functions that it lacks are made from
its own (`SHIM`). What stays as it is: every view's logic, the entitlements, the grants and the roles.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg

from . import answers, lexical
from .install import Missing, run

PORT = 55_439
SHIM = """
CREATE SCHEMA shim;
CREATE FUNCTION shim.sha2(t text, bits int) RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') $$;
CREATE FUNCTION shim.collate_as(t text, c text) RETURNS text LANGUAGE sql AS $$ SELECT t $$;
CREATE FUNCTION shim.getdate() RETURNS timestamp LANGUAGE sql AS $$ SELECT now() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION shim.dateadd(part text, n int, d date) RETURNS timestamp LANGUAGE sql AS $$ SELECT d + (n || ' ' || part)::interval $$;
CREATE FUNCTION shim.regexp_replace(t text, p text, r text) RETURNS text LANGUAGE sql
  AS $$ SELECT pg_catalog.regexp_replace(t, p, r, 'g') $$;
CREATE FUNCTION shim.try_number(t text, d int) RETURNS numeric LANGUAGE sql
  AS $$ SELECT CASE WHEN t ~ '^[+-]?[0-9]+([.][0-9]*)?$' THEN round(t::numeric, d) END $$;
CREATE FUNCTION shim.try_date(t text) RETURNS date LANGUAGE sql AS $$ SELECT CASE WHEN t ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN t::date END $$;
CREATE FUNCTION shim.try_time(t text) RETURNS timestamp LANGUAGE sql
  AS $$ SELECT CASE WHEN t ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]' THEN t::timestamp END $$;
CREATE FUNCTION shim.try_float(t text) RETURNS float LANGUAGE sql AS $$ SELECT CASE WHEN t ~ '^[+-]?[0-9.]+$' THEN t::float END $$;
CREATE DOMAIN shim.super AS text; CREATE DOMAIN shim.geometry AS bytea; CREATE DOMAIN shim.geography AS bytea;
CREATE DOMAIN shim.hllsketch AS bytea;
GRANT USAGE ON SCHEMA shim TO PUBLIC;
"""
PATH = "SET search_path = shim, pg_catalog, public; SET standard_conforming_strings = off; SET escape_string_warning = off; SET timezone = 'UTC'"

# What only Redshift has: words, outside names, texts and comments.
WORDS = (
    (r"\s+WITH NO SCHEMA BINDING\b", ""),
    (r" DISTSTYLE ALL( SORTKEY \(\0+, \0+\))?", ""),
    (r"\b(TO|FROM) ROLE\b", r"\1"),
    (r"\b(GRANT|REVOKE) ROLE\b", r"\1"),
    (r"\b(binary varying|varbyte|varbinary)( ?\(\d+\))?", "bytea"),
    (r"\bCOLLATE\(", "collate_as("),
    (r"\bDATEADD\((\w+),", r"dateadd('\1',"),
    (r"\bMONEY\b", "numeric"),
)
TRIES = (("DATE", "try_date("), ("TIMESTAMP", "try_time("), ("DOUBLE PRECISION", "try_float("))


def words(text):
    """The text with what `WORDS` says in place."""
    for pattern, instead in WORDS:
        tokens = lexical.tokens(text, "redshift")
        bare = "".join("\0" * len(token) if kind in ("name", "string", "comment") else token for kind, token in tokens)
        out, at = [], 0
        for match in re.finditer(pattern, bare, re.IGNORECASE):
            out += [text[at : match.start()], match.expand(instead)]
            at = match.end()
        text = "".join([*out, text[at:]])
    return text


def tries(tokens):
    """`TRY_CAST(x AS DATE)` as a call of a function."""
    out, open_at, depth = list(tokens), [], 0
    for at, token in enumerate(tokens):
        if token == "(":
            depth += 1
            if at and tokens[at - 1].upper() == "TRY_CAST":
                open_at.append((depth, at - 1))
        elif token == ")":
            if open_at and open_at[-1][0] == depth:
                start = open_at.pop()[1]
                middle = max(here for here in range(start, at) if tokens[here].upper() == "AS" and out[here] != "")
                kind = "".join(tokens[middle + 1 : at]).strip()
                digits = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
                name = "try_number(" if digits else dict(TRIES)[kind]
                out[start : start + 2] = [name, ""]
                out[middle : at] = [f", {digits.group(1)}" if digits else ""] + [""] * (at - middle - 1)
            depth -= 1
    return out


def rewritten(statement, paths):
    """A statement as PostgreSQL reads it."""
    out = tries([token for _, token in lexical.tokens(words(statement), "redshift")])
    # PostgreSQL has one database, in which a schema stands for both. A view beside its table leaves the database out.
    inside = {path[1:]: path[0] for path in sorted(paths, reverse=True)}
    for at in range(len(out)):
        if out[at : at + 1] == ["."] or out[at - 1 : at] == ["."]:
            continue
        whole, short = (tuple(name(token) for token in out[at : at + count : 2]) for count in (5, 3))
        if out[at + 1 : at + 4 : 2] == [".", "."] and whole in paths:
            out[at : at + 3] = [quoted(f"{whole[0]}/{whole[1]}")]
        elif out[at + 1 : at + 2] == ["."] and out[at + 3 : at + 4] != ["."] and short in inside:
            out[at] = quoted(f"{inside[short]}/{short[0]}")
    return "".join(out)


def name(token):
    """What a quoted name names."""
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


def quoted(text):
    """A name, quoted."""
    return '"' + text.replace('"', '""') + '"'


def literal(text):
    """A text, quoted; backslashes count."""
    return "NULL" if text is None else "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def stored(kind):
    """The type of a column; one that no table can have is made another, in which it holds NULLs."""
    return words(kind) if re.fullmatch(r"[\w ]+(\([\d ,]+\))?", kind) else "bytea"


class Server:
    """A cluster of its own in a scratch folder, never as root."""

    def __init__(self, scratch):
        self.data = scratch / "data"
        self.bin = binaries()
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        scratch.mkdir(parents=True)
        if self.user:
            shutil.chown(scratch, "postgres")
            for parent in scratch.parents:
                if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o001 == 0:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self.do("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c listen_addresses='' -p {PORT} -k {scratch} -c fsync=off -c max_locks_per_transaction=512"
        self.do("pg_ctl", "-D", self.data, "-o", options, "-l", scratch / "log", "-w", "start")
        self.socket = scratch

    def do(self, program, *arguments):
        """One of PostgreSQL's programs."""
        run([*self.user, str(self.bin / program), *map(str, arguments)], cwd="/")

    def stop(self):
        """Ends it at once."""
        self.do("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def connect(self, database):
        """As the owner of everything."""
        return psycopg.connect(host=str(self.socket), port=PORT, user="postgres", dbname=database, autocommit=True)


def binaries():
    """The folder of initdb, from Debian where it is missing."""
    for attempt in range(2):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
        if found:
            return found[-1].parent
        if attempt == 0:
            run(["apt-get", "update"])
            run(["apt-get", "install", "-y", "--no-install-recommends", "postgresql"])
    raise Missing("no PostgreSQL server")


class Postgres:
    """One integration after the other."""

    def __init__(self, scratch):
        self.server = Server(scratch)
        with self.server.connect("postgres") as admin:
            self.name = f"PostgreSQL {admin.info.server_version // 10_000}"

    def close(self):
        """The server ends."""
        self.server.stop()

    lacks = ""

    def takes(self, _item):
        """Whether it has what the artefacts use."""
        return True

    def fresh(self):
        """A connection to an empty database."""
        with self.server.connect("postgres") as admin:
            admin.execute("DROP DATABASE IF EXISTS judged WITH (FORCE)")
            for (role,) in admin.execute("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'").fetchall():
                admin.execute(f"DROP ROLE {quoted(role)}")
            admin.execute("CREATE DATABASE judged")
        return self.server.connect("judged")

    def ask(self, item, tally):
        """Runs the item's artefacts and asks; what is wrong goes into the tally."""
        from .redshift_native import Native  # which is a `Run` itself

        kind = Native if (item.folder / "30_policies.sql").exists() else Run
        with self.fresh() as connection:
            kind(connection, item, tally).all()


class Run:
    """One integration in a fresh database."""

    def __init__(self, connection, item, tally):
        self.connection, self.item, self.tally = connection, item, tally
        self.tables = [table for table in item.about["tables"] if table["columns"]]
        self.paths = {tuple(table["path"]) for table in self.tables}
        self.views = {}

    def all(self):
        """Schema and rows, artefacts, questions."""
        accounts = self.possible(self.item.about["accounts"])
        self.build(accounts)
        for table in self.tables:
            for account in accounts:
                self.question(table, account)

    @staticmethod
    def possible(accounts):
        """Those that PostgreSQL can have: it keeps some names for itself."""
        return [each for each in accounts if not re.match(r"pg_|(public|none)$", each) and len(each.encode()) < 64]

    def build(self, accounts):
        """Schema and rows, artefacts."""
        self.connection.execute(SHIM)
        self.connection.execute(PATH)
        for account in accounts:
            self.connection.execute(f"CREATE ROLE {quoted(account)} LOGIN")
        for table in self.tables:
            self.fill(table)
        self.scripts()

    def scripts(self):
        """Every statement of the artefacts."""
        for path in sorted(self.item.folder.glob("*.sql")):
            for statement in lexical.statements(path.read_text(), "redshift"):
                self.statement(path.name, statement.code)

    def fill(self, table):
        """The table with its rows."""
        database, schema, last = table["path"]
        here = quoted(f"{database}/{schema}")
        columns = ", ".join(f"{quoted(each['name'].lower())} {stored(each['type'])}" for each in table["columns"])
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {here}")
        self.connection.execute(f"CREATE TABLE {here}.{quoted(last)} ({columns})")
        for row in table["rows"]:
            self.connection.execute(f"INSERT INTO {here}.{quoted(last)} VALUES ({', '.join(map(literal, row))})")

    def statement(self, file, code):
        """One statement of the artefacts."""
        if code.startswith("CREATE OR REPLACE PROCEDURE"):
            return
        if role := re.match(r"CALL .*_create_role\"\((.*)\)$", code, re.DOTALL):
            code = f"CREATE ROLE {quoted(lexical.inside(role.group(1), 'redshift'))}"
        code = self.rewritten(code)
        try:
            self.connection.execute(code)
        except psycopg.Error as error:
            self.tally.mismatches.append((f"{self.item.label}: {file}", str(error)[:300], code))
            self.connection.execute("ROLLBACK")
            return
        if gone := re.match(r"DROP VIEW (?:IF EXISTS )?(\S.*)$", code, re.DOTALL):
            self.views = {path: view for path, view in self.views.items() if view != gone.group(1)}
        if view := re.match(r"CREATE OR REPLACE VIEW (\S.*?) AS /\*", code, re.DOTALL):
            for table in self.tables:
                database, schema, last = table["path"]
                if f" FROM {quoted(f'{database}/{schema}')}.{quoted(last)} t" in code:
                    self.views[tuple(table["path"])] = view.group(1)

    def rewritten(self, code):
        """A statement as PostgreSQL reads it."""
        return rewritten(code, self.paths)

    def question(self, table, account):
        """What the account reads of the table, through its view and of the table itself."""
        database, schema, last = table["path"]
        base = f"{quoted(f'{database}/{schema}')}.{quoted(last)}"
        self.tally.decisions += 1
        if self.select(base, account, table) is not None:
            self.tally.mismatches.append((self.item.label, f"{account} reads {base} itself", ""))
        view = self.views.get(tuple(table["path"]))
        try:
            seen = view and self.select(view, account, table)
        except psycopg.Error as error:
            self.tally.mismatches.append((self.item.label, f"{account} on {base}: {error}", ""))
            return
        may = account in table["readers"]
        if may != (seen is not None):
            self.tally.mismatches.append((self.item.label, f"{account} {'does not read' if may else 'reads'} {base} by {view}", ""))
        elif may:
            answers.compare(self.item, table, account, seen, self.tally)

    def select(self, relation, account, table):
        """The rows, or `None` where permission is denied."""
        columns = ", ".join(f"CAST({quoted(each['name'].lower())} AS text)" for each in table["columns"])
        try:
            self.connection.execute(f"SET SESSION AUTHORIZATION {quoted(account)}")
            return self.connection.execute(f"SELECT {columns} FROM {relation}").fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return None
        finally:
            self.connection.execute("RESET SESSION AUTHORIZATION")
