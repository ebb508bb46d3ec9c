"""BigQuery's artefacts with `enforcement: native`: a model of row access policies, data policies and bindings, run by DuckDB.

The model is ours, by Google's manual (managing-row-level-security, column-data-masking-intro, read 2026-11-25). Who is bound to a table
may ask it. A table with row access policies shows the rows for which the filter of one that lists the asker is true; who is in none
sees no row. A column with data policies shows itself to who may read through a raw one; else what the first of a routine, "date year"
and "nullify" makes of it; who may read through none is denied the query. Filters read clear values. Filters and routines are spelt for
DuckDB as views are (`bigquery.py`). Members of groups are the directory's, which is what `groups: trusted` says.
"""

import json
import re

import duckdb

from . import answers, lexical
from .bigquery import MACROS, Run, duck_type, groups, place, rewritten, unescaped
from .tsql_types import Unknown, duck_text, quoted

PATH = r"`(?:[^`\\]|\\.)*`(?:\.`(?:[^`\\]|\\.)*`)*"
RAW, MASKING = "RAW_DATA_ACCESS_POLICY", "DATA_MASKING_POLICY"
# The manual's order: what stands first hides least to whoever may read through several.
ORDER = (RAW, "routine", "DATE_YEAR_MASK", "ALWAYS_NULL")
YEARS = {"DATE": "CAST(date_trunc('year', {}) AS DATE)", "TIMESTAMP": "CAST(date_trunc('year', {}) AS TIMESTAMP)"}
PRINCIPALS = (
    ("principal://goog/subject/", "user:"),
    ("principalSet://goog/group/", "group:"),
    ("principal://iam.googleapis.com/projects/-/serviceAccounts/", "serviceaccount:"),
)


def strings(text):
    """The texts in it."""
    return [unescaped(token) for kind, token in lexical.tokens(text, "bigquery") if kind == "string"]


def path(text):
    """A quoted path."""
    return tuple(unescaped(token) for kind, token in lexical.tokens(text, "bigquery") if kind == "name")


def plain(kind):
    """DuckDB's type for a column's, without its length."""
    return duck_type(re.sub(r"\(.*\)", "", kind))


def member(principal):
    """A principal as bindings write it."""
    for form, kind in PRINCIPALS:
        if principal.startswith(form):
            return (kind + principal[len(form) :]).lower()
    raise Unknown(f"a principal of another kind: {principal}")


class Native(Run):
    """One integration in a fresh database."""

    def __init__(self, connection, item, tally):
        self.connection, self.item, self.tally = connection, item, tally
        self.tables = [table for table in item.about["tables"] if table["columns"]]
        self.types = {tuple(table["path"]): {each["name"].lower(): each["type"] for each in table["columns"]} for table in self.tables}
        self.made, self.routines, self.policies, self.readers = set(), {}, {}, {}
        self.rows, self.columns, self.bound, self.listed = {}, {}, {}, set()
        self.groups = groups(item)

    def all(self):
        """Schema and rows, artefacts twice, questions, and what must be refused."""
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(MACROS)
        for table in self.tables:
            self.fill(table)
        for _ in range(2):
            for file in sorted([*self.item.folder.glob("*.sql"), self.item.folder / "30_data_policies.json"]):
                self.file(file)
        bound = {(".".join(of), "roles/bigquery.dataViewer", each) for of, members in self.bound.items() for each in members}
        if bound != {(of, role, each.lower()) for of, role, each in self.listed}:
            self.tally.mismatches.append((self.item.label, "the table of bindings does not list what is bound", ""))
        for table in self.tables:
            for account in self.item.about["accounts"]:
                self.question(table, account)
        self.tally.policies["masks"] += len(self.columns)
        self.tally.policies["filters"] += sum(len(each) for each in self.rows.values())
        self.wrong()

    def file(self, file):
        """A script, or the list of requests."""
        if file.suffix == ".json":
            steps = [(self.request, each) for each in json.loads(file.read_text())]
        else:
            steps = [(self.run, statement.code) for statement in lexical.statements(file.read_text(), "bigquery")]
        for do, what in steps:
            try:
                do(what)
            except (Unknown, duckdb.Error) as error:
                self.tally.mismatches.append((f"{self.item.label}: {file.name}", str(error)[:500], str(what)))

    def request(self, entry):
        """dataPolicies.create, unless the name is there."""
        project, location = re.fullmatch(r"projects/([^/]+)/locations/([^/]+)", entry["parent"]).groups()
        name, policy = f"{project}.region-{location}.{entry['dataPolicyId']}", entry["dataPolicy"]
        if name in self.policies:
            return
        kind, rule = policy["dataPolicyType"], policy.get("dataMaskingPolicy", {})
        if kind == RAW and not rule:
            self.policies[name] = (RAW, None)
        elif kind == MASKING and list(rule) == ["predefinedExpression"] and rule["predefinedExpression"] in ORDER:
            self.policies[name] = (rule["predefinedExpression"], None)
        elif kind == MASKING and list(rule) == ["routine"]:
            routine = tuple(re.fullmatch(r"projects/([^/]+)/datasets/([^/]+)/routines/([^/]+)", rule["routine"]).groups())
            if routine not in self.routines:
                raise Unknown(f"no routine {routine}")
            self.policies[name] = ("routine", routine)
        else:
            raise Unknown(f"a data policy of another kind: {policy}")

    def run(self, code):
        """One statement, in exactly the forms that are written."""
        forms = (
            (rf"CREATE (?:SCHEMA|TABLE) IF NOT EXISTS ({PATH})(?: OPTIONS | \()", lambda name: self.made.add(path(name))),
            (
                rf"CREATE OR REPLACE FUNCTION ({PATH})\(v (.*?)\) RETURNS (.*?) OPTIONS \(data_governance_type = 'DATA_MASKING'\) AS \((.*)\)$",
                self.routine,
            ),
            (rf"CREATE ROW ACCESS POLICY (IF NOT EXISTS) ({PATH}) ON ({PATH})() FILTER USING \((.*)\)$", self.filter),
            (rf"CREATE (OR REPLACE) ROW ACCESS POLICY ({PATH}) ON ({PATH})(?: GRANT TO \((.+?)\))? FILTER USING \((.*)\)$", self.filter),
            (rf"ALTER TABLE ({PATH}) ALTER COLUMN ({PATH}) SET OPTIONS \(data_policies = \[(.*)\]\)$", self.attach),
            (rf"GRANT FINE_GRAINED_READ ON DATA_POLICY ({PATH}) TO (.*)$", self.read_through),
            (rf"INSERT INTO ({PATH}) \(`object`, `role`, `member`\) SELECT .* FROM UNNEST\(\[(.*)\]\) n WHERE NOT EXISTS ", self.list),
            (rf"GRANT `roles/bigquery.dataViewer` ON (?:TABLE|VIEW|EXTERNAL TABLE) ({PATH}) TO (.*)$", self.bind),
        )
        for form, do in forms:
            if found := re.match(form, code, re.DOTALL):
                do(*found.groups())
                return
        raise Unknown("a statement of another form")

    def routine(self, name, takes, gives, expression):
        """A masking routine: a macro."""
        if takes != gives:
            raise Unknown(f"a routine from {takes} to {gives}")
        number = list(self.routines).index(path(name)) if path(name) in self.routines else len(self.routines)
        self.connection.execute(f"CREATE OR REPLACE MACRO routine_{number}(v) AS ({rewritten(expression)[0]})")
        self.routines[path(name)] = (f"routine_{number}", plain(takes))

    def known(self, name, column=None):
        """A table of the catalog, and a column of it."""
        at = path(name)
        if at not in self.types:
            raise Unknown(f"no table {at}")
        if column is not None and column not in self.types[at]:
            raise Unknown(f"no column {column} of {at}")
        return at

    def filter(self, how, name, table, members, condition):
        """A row access policy: the members listed, and the condition."""
        at, [name] = self.known(table), path(name)
        if not re.fullmatch(r"\w{1,256}", name, re.ASCII):
            raise Unknown(f"no name of a policy: {name}")
        policies = self.rows.setdefault(at, {})
        if how == "IF NOT EXISTS" and name in policies:
            return
        policies[name] = ({each.lower() for each in strings(members or '')}, rewritten(condition)[0])

    def attach(self, table, column, policies):
        """The data policies of a column, in the place of those before."""
        [column] = path(column)
        column = column.lower()
        at = self.known(table, column)
        names = [re.fullmatch(r"\{'name':'([^']*)'\}", each)[1] for each in strings(policies)]
        if missing := [each for each in names if each not in self.policies]:
            raise Unknown(f"no data policy {missing}")
        if not 0 < len(names) <= 8:
            raise Unknown(f"{len(names)} data policies on a column")
        kind = plain(self.types[at][column])
        for rule, routine in (self.policies[each] for each in names):
            if rule == "routine" and self.routines[routine][1] != kind:
                raise Unknown(f"{routine} is for another type than that of {column}")
            if rule == "DATE_YEAR_MASK" and kind not in YEARS:
                raise Unknown(f"no year in {column}")
        self.columns[at, column] = names

    def read_through(self, policy, principals):
        """Who may read through a data policy."""
        [name] = path(policy)
        if name not in self.policies:
            raise Unknown(f"no data policy {name}")
        self.readers.setdefault(name, set()).update(map(member, strings(principals)))

    def list(self, table, rows):
        """Bindings listed as ours."""
        if path(table) not in self.made:
            raise Unknown(f"no table {table}")
        texts = strings(rows)
        self.listed |= set(zip(texts[::3], texts[1::3], texts[2::3], strict=True))

    def bind(self, table, members):
        """Who may ask the table."""
        self.bound.setdefault(self.known(table), set()).update(each.lower() for each in strings(members))

    def question(self, table, account):
        """What the account reads of the table."""
        at, where = tuple(table["path"]), f"{account} on {'.'.join(table['path'])}"
        self.tally.decisions += 1
        reads, may = self.concerns(self.bound.get(at, set()), account), account in table["readers"]
        if reads != may:
            self.tally.mismatches.append((self.item.label, f"{where}: {'does not read it' if may else 'reads it'}", ""))
        elif may:
            try:
                seen = self.shown(table, at, account)
            except (Unknown, duckdb.Error) as error:
                self.tally.mismatches.append((self.item.label, f"{where}: {error}", ""))
                return
            answers.compare(self.item, table, account, seen, self.tally)

    def shown(self, table, at, account):
        """The rows that the account is shown."""
        cells = ", ".join(f"CAST({self.cell(at, each['name'], account)} AS VARCHAR)" for each in table["columns"])
        policies = self.rows.get(at)
        mine = [f"({condition})" for members, condition in (policies or {}).values() if self.concerns(members, account)]
        where = "TRUE" if not policies else " OR ".join(mine) or "FALSE"
        self.connection.execute(f"SET VARIABLE account = {duck_text(account.partition(':')[2])}")
        return self.connection.execute(f"SELECT {cells} FROM {place(at)} WHERE {where}").fetchall()

    def cell(self, at, column, account):
        """A column, as the account is shown it."""
        names = self.columns.get((at, column.lower()))
        if names is None:
            return quoted(column)
        held = [self.policies[each] for each in names if self.concerns(self.readers.get(each, set()), account)]
        if not held:
            raise Unknown(f"the column {column} is denied")
        rule, routine = min(held, key=lambda each: ORDER.index(each[0]))
        if rule == "routine":
            return f"{self.routines[routine][0]}({quoted(column)})"
        if rule == "DATE_YEAR_MASK":
            return YEARS[plain(self.types[at][column.lower()])].format(quoted(column))
        return quoted(column) if rule == RAW else "NULL"

    def wrong(self):
        """What the manual refuses must be refused here."""
        for (at, column), names in list(self.columns.items()):
            of, column = ".".join(f"`{each}`" for each in at), f"`{column}`"
            entries = [f"'{{\\'name\\':\\'{each}\\'}}'" for each in names]
            for what, table, listed in (
                ("a policy that is not there", of, ["'{\\'name\\':\\'p.region-eu.none\\'}'"]),
                ("nine policies", of, entries[:1] * 9),
                ("a table that is not there", f"{of[:-1]}_none`", entries),
            ):
                try:
                    self.attach(table, column, ", ".join(listed))
                except Unknown:
                    continue
                self.tally.mismatches.append((self.item.label, f"ALTER COLUMN is not refused: {what}", column))
