"""Databricks' functions run by Spark: every mask and row filter over rows, as each account that may read the table.

Spark has no `SET MASK`, `SET ROW FILTER` and account groups: what `20_attach.sql` says is put into a query here, and
`is_account_group_member` and `session_user` answer from variables of the session. A function's text stays as it is but for its
path (temporary functions have one name) and types that Spark lacks.
"""

import json
import os
import re
import shutil

from . import answers, install, lexical

# What a column of a type that Spark lacks becomes: it holds NULLs.
LACKS = re.compile(r"\b(GEOMETRY|GEOGRAPHY)\(\0*[^)]*\)|\bOBJECT\b", re.IGNORECASE)
STUBS = (
    "DECLARE OR REPLACE VARIABLE judged_account STRING",
    "DECLARE OR REPLACE VARIABLE judged_groups ARRAY<STRING>",
    "CREATE OR REPLACE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN RETURN array_contains(judged_groups, g)",
    "CREATE OR REPLACE TEMPORARY FUNCTION judged_user() RETURNS STRING RETURN judged_account",
)
NAME = r"`(?:[^`]|``)*`"


def quoted(text):
    """A name, quoted."""
    return "`" + text.replace("`", "``") + "`"


def literal(text):
    """A text, quoted."""
    return "NULL" if text is None else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def names(text):
    """The names of a list in brackets."""
    return [each[1:-1].replace("``", "`") for each in re.findall(NAME, text)]


class Spark:
    """One session for all."""

    def __init__(self, scratch):
        from pyspark.sql import SparkSession

        home = str(install.jdk(17))
        os.environ["JAVA_HOME"] = home
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings = {
            "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "1", "spark.driver.memory": "1g",
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.sql.session.timeZone": "UTC",
            "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Duser.timezone=UTC", "spark.log.level": "ERROR",
            "spark.sql.warehouse.dir": str(scratch / "warehouse"), "spark.sql.ansi.enabled": "true",
        }  # fmt: skip
        builder = SparkSession.builder.master("local[1]").appName("judge")
        for key, value in settings.items():
            builder = builder.config(key, value)
        self.spark = builder.getOrCreate()
        self.name = f"Spark {self.spark.version}"
        self.scratch = scratch

    def close(self):
        """The session ends."""
        self.spark.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    lacks = "policies that follow tags (`enforcement: tags`)"

    def takes(self, item):
        """Whether what it would be given is attached to tables."""
        return not (item.folder / "governed_tags.json").exists()

    def ask(self, item, tally):
        """Every reader of every table."""
        Run(self.spark, item, tally).all()


class Run:
    """One integration."""

    def __init__(self, spark, item, tally):
        self.spark, self.item, self.tally = spark, item, tally
        self.masks, self.filters = {}, {}

    def all(self):
        """Functions, tables, questions."""
        for stub in STUBS:
            self.spark.sql(stub)
        for file, read in (("10_functions.sql", self.function), ("20_attach.sql", self.attach)):
            for statement in lexical.statements((self.item.folder / file).read_text(), "databricks"):
                read(statement.code)
        groups = members(json.loads((self.item.folder / "groups.json").read_text()))
        queries = [(table, self.query(at, table)) for at, table in enumerate(self.item.about["tables"]) if table["answers"]]
        for account in self.item.about["accounts"]:
            mine = [(table, query) for table, query in queries if account in table["answers"]]
            if mine:
                self.spark.sql(f"SET VAR judged_account = {literal(account)}")
                listed = ", ".join(map(literal, sorted(groups.get(account, ()))))
                self.spark.sql(f"SET VAR judged_groups = array({listed})" if listed else "SET VAR judged_groups = CAST(array() AS ARRAY<STRING>)")
            for table, query in mine:
                self.question(account, table, query)

    def function(self, code):
        """One statement of `10_functions.sql`."""
        if rows := re.match(rf"INSERT OVERWRITE {NAME}\.{NAME}\.{NAME} (VALUES.*)$", code, re.DOTALL):
            self.spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW entitlements AS SELECT * FROM ({rows.group(1)}) AS v(account, name, value)")
            return
        made = re.match(rf"CREATE OR REPLACE FUNCTION {NAME}\.{NAME}\.({NAME})", code)
        if not made:
            return
        text = f"CREATE OR REPLACE TEMPORARY FUNCTION {made.group(1)}{code[made.end():]}"
        self.run(plain(text))

    def attach(self, code):
        """One statement of `20_attach.sql`."""
        path = rf"((?:{NAME}\.){{2}}{NAME})"
        if found := re.match(rf"ALTER TABLE {path} ALTER COLUMN ({NAME}) SET MASK {path}(?: USING COLUMNS \((.*)\))?$", code, re.DOTALL):
            table, column, function, more = found.groups()
            self.masks[tuple(names(table)), names(column)[0]] = names(function)[-1], names(more or "")
        elif found := re.match(rf"ALTER TABLE {path} SET ROW FILTER {path} ON \((.*)\)$", code, re.DOTALL):
            table, function, columns = found.groups()
            self.filters[tuple(names(table))] = names(function)[-1], names(columns)
        else:
            self.tally.mismatches.append((self.item.label, "nothing here knows this statement", code))

    def query(self, at, table):
        """What reading the table means, with its masks and its filter."""
        rows = ", ".join("(" + ", ".join(value(cell, each) for cell, each in zip(row, table["columns"])) + ")" for row in table["rows"])
        named = ", ".join(quoted(each["name"]) for each in table["columns"])
        self.spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW rows_{at} AS SELECT * FROM VALUES {rows} AS v({named})")
        self.spark.sql(f"CACHE TABLE rows_{at}")
        path = tuple(part.lower() for part in table["path"])
        masks = {(tuple(part.lower() for part in place), column.lower()): found for (place, column), found in self.masks.items()}
        filters = {tuple(part.lower() for part in place): found for place, found in self.filters.items()}
        shown = []
        for each in table["columns"]:
            function, more = masks.get((path, each["name"].lower()), (None, ()))
            text = quoted(each["name"])
            if function:
                text = f"{quoted(function)}({', '.join([text, *map(quoted, more)])})"
            known = each["class"] not in ("Binary", "Other")
            shown.append(f"CAST({text} AS STRING)" if known else f"IF(({text}) IS NULL, NULL, 'something')")
        function, columns = filters.get(path, (None, ()))
        where = f" WHERE {quoted(function)}({', '.join(map(quoted, columns))})" if function else ""
        return f"SELECT {', '.join(shown)} FROM rows_{at}{where}"

    def question(self, account, table, query):
        """What one account sees of one table."""
        where = f"{account} on {'.'.join(table['path'])}"
        self.tally.decisions += 1
        try:
            seen = [list(row) for row in self.spark.sql(query).collect()]
        except Exception as error:
            self.tally.mismatches.append((self.item.label, f"{where}: {str(error)[:400]}", query))
            return
        answers.compare(self.item, table, account, seen, self.tally)

    def run(self, text):
        """A statement that must succeed."""
        try:
            self.spark.sql(text)
        except Exception as error:
            self.tally.mismatches.append((self.item.label, str(error)[:400], text))


def plain(text):
    """Without the path of the entitlements, and without types that Spark lacks."""
    text = re.sub(rf"{NAME}\.{NAME}\.`entitlements`", "entitlements", text)
    tokens = lexical.tokens(text, "databricks")
    bare = "".join("\0" * len(token) if kind in ("name", "string", "comment") else token for kind, token in tokens)
    out, at = [], 0
    for match in re.finditer(LACKS.pattern + r"|\bsession_user\(\)", bare, re.IGNORECASE):
        out += [text[at : match.start()], "judged_user()" if match.group().startswith("session") else "BINARY"]
        at = match.end()
    return "".join([*out, text[at:]])


def stored(column):
    """The type of a column."""
    kind = column["type"]
    return LACKS.sub("BINARY", kind) if re.fullmatch(r"[\w ,:<>()]+", kind) else "BINARY"


def value(cell, column):
    """A cell as a query writes it."""
    if cell is not None and column["class"] == "Timestamp":
        cell = cell.replace("T", " ").replace("Z", "" if column["type"].upper() == "TIMESTAMP_NTZ" else "+00:00")
    return f"CAST({literal(cell)} AS {stored(column)})"


def members(groups):
    """Account -> the groups that it is in, through groups too."""
    inside = {each["displayName"]: [(one["type"], one["display"]) for one in each.get("members", ())] for each in groups["Resources"]}

    def users(group, seen):
        for kind, who in inside.get(group, ()):
            if kind == "User":
                yield who
            elif who not in seen:
                yield from users(who, {*seen, who})

    found = {}
    for group in inside:
        for user in users(group, {group}):
            found.setdefault(user, set()).add(group)
    return found
