"""BigQuery's artefacts run by DuckDB: tables and rows, the four scripts, then every account asks every view and table.

GoogleSQL and DuckDB mean the same by most of what views hold: exact comparisons, characters as code points, RE2's patterns. What is
spelt otherwise is rewritten token by token (`rewritten`): quoting, escapes, types, the functions of `CALLS` and `MACROS`. A word
that is not listed is `Unknown`, and so told. Who may read what is what GRANT says, and that `authorized_views.json` lets a view
read its datasets.
"""

import json
import re

import duckdb

from . import answers, lexical
from .synapse import DuckDb
from .tsql_types import Unknown, duck_text, quoted

MACROS = """
CREATE MACRO g_session_user() AS getvariable('account');
CREATE MACRO g_current_date(zone) AS CAST(now() AT TIME ZONE zone AS DATE);
CREATE MACRO g_datetime(t, zone) AS t AT TIME ZONE zone;
CREATE MACRO g_date_add(d, n) AS CAST(d + to_days(CAST(n AS INTEGER)) AS DATE);
CREATE MACRO g_trunc(t, part) AS date_trunc(part, t);
CREATE MACRO g_date_trunc(t, part) AS CAST(date_trunc(part, t) AS DATE);
CREATE MACRO g_timestamp_trunc(t, part, zone) AS date_trunc(part, t AT TIME ZONE zone) AT TIME ZONE zone;
CREATE MACRO g_sha256(t) AS unhex(sha256(t));
CREATE MACRO g_to_hex(b) AS lower(hex(b));
CREATE MACRO g_regexp_replace(t, p, r) AS regexp_replace(t, p, r, 'g');
CREATE MACRO g_rpad(t, n, p) AS rpad(t, CAST(n AS INTEGER), p);
CREATE MACRO g_lpad(t, n, p) AS lpad(t, CAST(n AS INTEGER), p);
CREATE MACRO g_concat(a, b) AS a || b;
"""
CALLS = {
    "SESSION_USER": "g_session_user", "CURRENT_DATE": "g_current_date", "DATETIME": "g_datetime", "DATE_ADD": "g_date_add",
    "DATE_TRUNC": "g_date_trunc", "DATETIME_TRUNC": "g_trunc", "TIMESTAMP_TRUNC": "g_timestamp_trunc", "SHA256": "g_sha256",
    "TO_HEX": "g_to_hex", "REGEXP_REPLACE": "g_regexp_replace", "CONCAT": "g_concat", "CHAR_LENGTH": "length", "SAFE_CAST": "TRY_CAST",
    "LENGTH": "length", "LPAD": "g_lpad", "RPAD": "g_rpad",
}  # fmt: skip
UNITS = ("YEAR", "MONTH", "DAY", "HOUR")
SAME = set(
    "SELECT FROM WHERE AS CASE WHEN THEN ELSE END AND OR NOT IN IS NULL TRUE FALSE LIKE CROSS JOIN EXISTS CREATE REPLACE VIEW TABLE SCHEMA"
    " IF INSERT INTO VALUES DELETE DROP BEGIN COMMIT TRANSACTION CAST MAX LOWER REPEAT GREATEST LEFT RIGHT MOD ABS SUBSTR DATE RTRIM T E G Q V".split()
)
TYPES = {"STRING": "VARCHAR", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "BYTES": "BLOB", "DATETIME": "TIMESTAMP", "DATE": "DATE"}
TYPES |= {"TIMESTAMP": "TIMESTAMPTZ"}
# Columns of these hold NULLs alone.
ODD = ("ARRAY", "STRUCT", "GEOGRAPHY", "JSON", "RANGE", "INTERVAL", "TIME")


def duck_type(text):
    """DuckDB's type in the place of one of BigQuery's."""
    name, _, rest = text.partition("(")
    name = name.strip().upper()
    if name in ("NUMERIC", "BIGNUMERIC"):
        # 38 digits are all that DuckDB has.
        scale = re.search(r",\s*(\d+)\)", rest) or re.search(r"()$", rest)
        return f"DECIMAL(38,{scale[1] or (0 if rest else 9)})"
    if name in TYPES:
        return TYPES[name]
    if re.match(r"\w+", name) and re.match(r"\w+", name)[0] in ODD:
        return "BLOB"
    raise Unknown(f"no type {text}")


ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def unescaped(token):
    """What a quoted name or text stands for."""
    if token[0] not in "'\"`":
        raise Unknown(f"a text with a prefix: {token}")
    def one(match):
        return chr(int(match[1], 16)) if match[1] else ESCAPES.get(match[2], match[2])

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, token[1:-1], flags=re.DOTALL)


def cased(name):
    """A name in which case counts, as it does in those of datasets and tables, for DuckDB, to which it does not."""
    return "".join(f"^{each}" if each in "^" or each != each.lower() else each for each in name)


def home(path):
    """A project and a dataset as one schema."""
    return quoted(cased("/".join(path[:2])))


def place(path):
    """A path as DuckDB's."""
    return f"{home(path)}.{quoted(cased(path[2]))}"


def closing(tokens, at):
    """Where the bracket that opens at a token ends."""
    depth = 0
    for here in range(at, len(tokens)):
        depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(tokens[here][1], 0)
        if depth == 0:
            return here
    raise Unknown("a bracket never ends")


def rewritten(text):
    """A query or statement for DuckDB, and the tables that it names."""
    tokens = [(kind, token) for kind, token in lexical.tokens(text, "bigquery") if kind not in ("space", "comment")]
    out, paths, at = [], [], 0

    def token(ahead):
        return tokens[at + ahead][1] if at + ahead < len(tokens) else ""

    while at < len(tokens):
        kind, here = tokens[at]
        word = here.upper()
        if kind == "name" and token(1) == "." == token(3) and tokens[at + 4][0] == "name":
            path = tuple(unescaped(tokens[at + ahead][1]) for ahead in (0, 2, 4))
            paths.append(path)
            out.append(place(path))
            at += 5
        elif kind == "name":
            out.append(quoted(unescaped(here)))
            at += 1
        elif kind == "string":
            out.append(duck_text(unescaped(here)))
            if out[-2:-1] == ["LIKE"]:
                out.append("ESCAPE '\\'")
            at += 1
        elif kind == "word" and word in ("NUMERIC", "BIGNUMERIC") and tokens[at + 1][0] == "string":
            value = unescaped(token(1))
            out.append(f"CAST({duck_text(value)} AS DECIMAL(38,{len(value.partition('.')[2])}))")
            at += 2
        elif kind == "word" and word == "AS" and tokens[at + 1][0] == "word" and token(1).upper() in (*TYPES, *ODD, "NUMERIC", "BIGNUMERIC"):
            end = closing(tokens, at + 2) if token(2) in ("(", "<") else at + 1
            out += ["AS", duck_type("".join(each for _, each in tokens[at + 1 : end + 1]))]
            at = end + 1
        elif kind == "word" and word in CALLS and token(1) == "(":
            out.append(CALLS[word])
            at += 1
        elif kind == "word" and word == "INTERVAL" and out[-1] == ",":
            # `INTERVAL n DAY`, of DATE_ADD.
            end = at + 1
            while tokens[end][1].upper() != "DAY":
                out.append(tokens[end][1])
                end += 1
            at = end + 1
        elif kind == "word" and word in UNITS and out[-1] == ",":
            out.append(duck_text(word.lower()))
            at += 1
        elif kind == "word" and word not in SAME:
            raise Unknown(f"no word {here}")
        else:
            out.append(word if kind == "word" else here)
            at += 1
    return joined(out), paths


def joined(parts):
    """Blanks between tokens, none inside of operators."""
    out = []
    for part in parts:
        if out and out[-1] + part in ("<=", ">=", "<>", "!=", "||"):
            out[-1] += part
        else:
            out.append(part)
    return " ".join(out)


def dataset(reference):
    """Its project and name."""
    return reference["projectId"], reference["datasetId"]


def groups(item):
    """The groups of each account, as the directory has them: `group:` alone is granted where they are trusted."""
    held = item.about["groups"].items()
    return {account.lower(): {group.lower() for group, members in held if account in members} for account in item.about["accounts"]}


class BigQuery(DuckDb):
    """One integration after the other."""

    def start(self, connection, item, tally):
        """One integration."""
        from .bigquery_native import Native  # which is a `Run` itself

        kind = Native if (item.folder / "40_policies.sql").exists() else Run
        return kind(connection, item, tally)


class Run:
    """One integration in a fresh database."""

    def __init__(self, connection, item, tally):
        self.connection, self.item, self.tally = connection, item, tally
        self.tables = [table for table in item.about["tables"] if table["columns"]]
        self.views, self.given = {}, {}
        self.groups = groups(item)
        listed = json.loads((item.folder / "authorized_views.json").read_text())
        self.authorized = {dataset(each["datasetReference"]): each["access"] for each in listed}

    def authorizes(self, of, view):
        """Whether a dataset lets a view read it: by the view's name, or by that of its dataset."""
        for each in self.authorized.get(of, ()):
            if "view" in each and (*dataset(each["view"]), each["view"]["tableId"]) == view:
                return True
            if "dataset" in each and dataset(each["dataset"]["dataset"]) == view[:2] and each["dataset"]["targetTypes"] == ["VIEWS"]:
                return True
        return of == view[:2]

    def all(self):
        """Schema and rows, artefacts, questions."""
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(MACROS)
        for table in self.tables:
            self.fill(table)
        for file in sorted(self.item.folder.glob("*.sql")):
            for statement in lexical.statements(file.read_text(), "bigquery"):
                try:
                    self.run(statement.code)
                except (Unknown, duckdb.Error) as error:
                    self.tally.mismatches.append((f"{self.item.label}: {file.name}", str(error)[:500], statement.code))
        for table in self.tables:
            for account in self.item.about["accounts"]:
                self.question(table, account)

    def fill(self, table):
        """The table with its rows."""
        try:
            kinds = [duck_type(each["type"]) for each in table["columns"]]
            columns = ", ".join(f"{quoted(each['name'])} {kind}" for each, kind in zip(table["columns"], kinds))
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {home(table['path'])}")
            self.connection.execute(f"CREATE TABLE {place(table['path'])} ({columns})")
            for row in table["rows"]:
                cells = ", ".join(f"CAST({duck_text(cell)} AS {kind})" for cell, kind in zip(row, kinds))
                self.connection.execute(f"INSERT INTO {place(table['path'])} VALUES ({cells})")
        except (Unknown, duckdb.Error) as error:
            self.tally.mismatches.append((self.item.label, f"{table['path']}: {error}", ""))

    def run(self, code):
        """One statement."""
        if code.startswith("GRANT "):
            self.grant(code)
            return
        if schema := re.match(r"CREATE SCHEMA IF NOT EXISTS (`(?:[^`\\]|\\.)*`)\.(`(?:[^`\\]|\\.)*`)( OPTIONS |$)", code):
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {home(list(map(unescaped, schema.groups()[:2])))}")
            return
        if like := re.match(r"CREATE OR REPLACE TABLE (`.*`) LIKE (`.*`)$", code):
            made, of = (rewritten(each)[0] for each in like.groups())
            self.connection.execute(f"CREATE OR REPLACE TABLE {made} AS SELECT * FROM {of} WHERE FALSE")
            return
        if made := re.match(r"(CREATE TABLE IF NOT EXISTS `.*?`) \((.*) NOT NULL\) CLUSTER BY `account`, `name`$", code):
            columns = re.sub(r"` STRING\b", "` VARCHAR", made[2])
            names = ", ".join(f"{quoted(name)} VARCHAR NOT NULL" for name in re.findall(r"`(\w+)` VARCHAR", columns))
            self.connection.execute(f"{rewritten(made[1])[0]} ({names})")
            return
        sql, paths = rewritten(code)
        self.connection.execute(sql)
        if code.startswith("CREATE OR REPLACE VIEW "):
            self.views[paths[0]] = set(paths[1:])

    def grant(self, code):
        """`GRANT roles ON VIEW v TO members`: the viewer's role lets read."""
        found = re.match(r"GRANT `roles/bigquery.dataViewer` ON VIEW (`.*`) TO ('.*')$", code, re.DOTALL)
        if not found:
            raise Unknown("a GRANT of another form")
        _, [path] = rewritten(found[1])
        if path not in self.views:
            raise Unknown(f"no view {path}")
        members = {unescaped(token).lower() for kind, token in lexical.tokens(found[2], "bigquery") if kind == "string"}
        if odd := [each for each in members if not each.startswith(("user:", "serviceaccount:", "group:"))]:
            raise Unknown(f"members of another kind: {odd}")
        self.given.setdefault(path, set()).update(members)

    def question(self, table, account):
        """What the account reads of the table, through its view and of the table itself."""
        path, where = tuple(table["path"]), f"{account} on {'.'.join(table['path'])}"
        self.tally.decisions += 1
        may = account in table["readers"]
        views = [view for view, reads in self.views.items() if path in reads and self.reads(account, view)]
        if may != bool(views):
            self.tally.mismatches.append((self.item.label, f"{where}: {'does not read it' if may else f'reads it by {views}'}", ""))
        for view in views:
            if unread := [each for each in self.views[view] if not self.authorizes(each[:2], view)]:
                self.tally.mismatches.append((self.item.label, f"{where}: {view} may not read {unread}", ""))
                continue
            try:
                seen = self.select(view, account, table)
            except duckdb.Error as error:
                self.tally.mismatches.append((self.item.label, f"{where}: {error}", ""))
                continue
            answers.compare(self.item, table, account, seen, self.tally)

    def reads(self, account, view):
        """Whether a grant is the account's, or that of a group in which the directory has it."""
        return self.concerns(self.given.get(view, set()), account)

    def concerns(self, members, account):
        """Whether the account is one of them, or in a group that is."""
        return bool(members & {account.lower(), *self.groups[account.lower()]})

    def select(self, view, account, table):
        """The rows that the account is shown."""
        columns = ", ".join(f"CAST({quoted(each['name'])} AS VARCHAR)" for each in table["columns"])
        self.connection.execute(f"SET VARIABLE account = {duck_text(account.partition(':')[2])}")
        return self.connection.execute(f"SELECT {columns} FROM {place(view)}").fetchall()
