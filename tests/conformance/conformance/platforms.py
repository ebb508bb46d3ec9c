"""The platforms: a row each. A new platform is a row here and a self-test.

A form that a judge cannot read though the vendor documents it is an `Exception_`: it is counted, never skipped, and what else
stands in the statement is judged after `rewrite` has taken the form out.
"""

import re
from dataclasses import dataclass, field

from . import lexical, plans
from .bigquery import BigQuery
from .databricks import Spark
from .judge_s3 import S3
from .judge_sql import Postgres, ZetaSql
from .judge_sqlfluff import Sqlfluff
from .judge_trino import Trino
from .redshift import Postgres as PostgresEngine
from .s3_engine import Emulator
from .snowflake import DuckDb as SnowflakeEngine
from .synapse import DuckDb as SynapseEngine


@dataclass(frozen=True)
class Exception_:
    """A form that the judge cannot read."""

    name: str
    page: str
    rewrite: object  # a statement's text -> the text without the form, or None where the form is not in it


@dataclass(frozen=True)
class Row:
    """One platform."""

    key: str  # as on the command line
    api_type: str
    dialect: str | None
    judge: object  # makes the judge
    files: tuple
    level: str
    unproven: str
    analysed: bool = False  # whether the judge looks up names and types too
    unread: tuple = ()  # forms that it parses, and cannot analyse
    engine: object = None  # makes what runs the artefacts and answers as each account, in a scratch folder
    plans: object = None  # runs plans on the engine, step by step
    second: object = None  # makes a second judge: its opinion is printed
    exceptions: tuple = ()
    counts: dict = field(default_factory=dict)  # file -> (pattern of statements, the kinds of facts that make them, how many each)
    native: tuple = ()  # the files in place of these with `enforcement: native`

    def expected(self, folder):
        """The files that a folder should hold."""
        native = [name for name in self.native if name not in self.files]
        return self.native if any((folder / name).exists() for name in native) else self.files


def _names_without(dialect, text, form):
    """The text with something else in the place of a form inside quoted names."""
    tokens = lexical.tokens(text, dialect)
    if not any(kind == "name" and re.search(form, token[1:-1]) for kind, token in tokens):
        return None
    return "".join(token[0] + re.sub(form, "_", token[1:-1]) + token[-1] if kind == "name" else token for kind, token in tokens)


def _backslash(dialect):
    return lambda text: _names_without(dialect, text, r"\\")


BACKSLASH = {
    dialect: Exception_("a quoted name with a backslash, which the judge takes for an escape", page, _backslash(dialect))
    for dialect, page in (
        ("snowflake", "docs.snowflake.com/en/sql-reference/identifiers-syntax"),
        ("redshift", "docs.aws.amazon.com/redshift/latest/dg/r_names.html"),
        ("databricks", "docs.databricks.com/sql/language-manual/sql-ref-identifiers"),
        ("tsql", "learn.microsoft.com/sql/relational-databases/databases/database-identifiers"),
    )
}


def _parameters(text, odd):
    """`CREATE FUNCTION f(`a` STRING, __b DATE)`: the odd ones of the names before the types, plain."""
    if not re.search(r"\bCREATE (OR REPLACE )?FUNCTION\b", text):
        return None
    out, depth, first, done, changed = [], 0, False, False, False
    for kind, token in lexical.tokens(text, "databricks"):
        if depth == 1 and first and not done and odd(kind, token):
            token, first, changed = "v", False, True
        elif token == "(":
            depth += 1
            first = depth == 1
        elif token == ")":
            depth -= 1
            done = done or depth == 0
        elif token == ",":
            first = depth == 1
        elif kind not in ("space", "comment"):
            first = False
        out.append(token)
    return "".join(out) if changed else None


PARAMETERS = (
    Exception_(
        "a quoted name of a parameter",
        "docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-sql-function",
        lambda text: _parameters(text, lambda kind, _: kind == "name"),
    ),
    Exception_(
        "a name of a parameter that begins with an underscore",
        "docs.databricks.com/sql/language-manual/sql-ref-identifiers",
        lambda text: _parameters(text, lambda kind, token: kind == "word" and token.startswith("_")),
    ),
)


def _code(dialect, pattern, instead):
    """Puts something else in the place of words, outside names, texts and comments."""

    def rewrite(text):
        tokens = lexical.tokens(text, dialect)
        bare = "".join("\0" * len(token) if kind in ("name", "string", "comment") else token for kind, token in tokens)
        out, at = [], 0
        for match in re.finditer(pattern, bare, re.IGNORECASE):
            out += [text[at : match.start()], instead]
            at = match.end()
        return "".join([*out, text[at:]]) if out else None

    return rewrite


INTERVAL = r"\bINTERVAL (DAY TO SECOND|YEAR TO MONTH)\b"
INTERVALS = Exception_(
    "a type INTERVAL with its qualifier",
    "docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html",
    _code("redshift", INTERVAL, "bigint"),
)
TYPES = Exception_(
    "a type INTERVAL with its qualifier, a type VOID, or one with a collation",
    "docs.databricks.com/sql/language-manual/sql-ref-datatypes",
    _code("databricks", INTERVAL + r"|\bVOID\b|\bSTRING COLLATE \w+", "STRING"),
)
COLUMNS = Exception_(
    "a mask with several further columns",
    "docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-column-mask",
    _code("databricks", r"\bUSING COLUMNS \(\0+(, \0+)+\)", "USING COLUMNS (`x`)"),
)
# The statement whole: quoted names, texts, and the words in the vendor's order. Three conditions, as the vendor takes no more.
MATCHED = r"has_tag_value\(S, S\) AS N"
POLICY = re.compile(
    r"CREATE OR REPLACE POLICY N ON (CATALOG N|SCHEMA N\.N|TABLE N\.N\.N) COMMENT S "
    rf"(COLUMN MASK N\.N\.N TO N FOR TABLES MATCH COLUMNS {MATCHED}(, {MATCHED}){{0,2}} ON COLUMN N( USING COLUMNS \(N(, N)?\))?"
    rf"|ROW FILTER N\.N\.N TO N FOR TABLES( MATCH COLUMNS {MATCHED}(, {MATCHED}){{0,2}} USING COLUMNS \(N(, N){{0,2}}\))?)"
)


def _policy(text):
    """A plain statement in the place of a policy of exactly that form."""
    short = {"name": "N", "string": "S"}
    tokens = [(kind, token) for kind, token in lexical.tokens(text, "databricks") if kind != "comment"]
    form = "".join(short.get(kind, token) for kind, token in tokens)
    return "GRANT EXECUTE ON FUNCTION `c`.`s`.`f` TO `g`" if POLICY.fullmatch(form.strip()) else None


POLICIES_BY_TAGS = Exception_(
    "a CREATE POLICY of the form that the manual gives",
    "docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-policy",
    _policy,
)


def _redshift(form):
    """A plain statement in the place of one of exactly that form; `N` is a quoted name."""
    pattern = re.compile(form)

    def rewrite(text):
        tokens = [(kind, token) for kind, token in lexical.tokens(text, "redshift") if kind != "comment"]
        made = "".join("N" if kind == "name" else token for kind, token in tokens).strip()
        return 'GRANT SELECT ON TABLE "s"."t" TO ROLE "r"' if pattern.fullmatch(made) else None

    return rewrite


TO_POLICIES = Exception_(
    "a GRANT to a policy",
    "docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html",
    _redshift(r"(GRANT|REVOKE) SELECT ON TABLE N\.N (TO|FROM) (RLS|MASKING) POLICY N"),
)
ROW_SECURITY = Exception_(
    "ALTER TABLE … ROW LEVEL SECURITY",
    "docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html",
    _redshift(r"ALTER TABLE N\.N ROW LEVEL SECURITY (ON CONJUNCTION TYPE AND|OFF)"),
)


def _to_nobody(text):
    """A policy with a grantee where it has none: right behind the table."""
    if not re.search(r"\bROW ACCESS POLICY\b", text):
        return None
    tokens, out = lexical.tokens(text, "bigquery"), []
    for at, (kind, token) in enumerate(tokens):
        if kind == "word" and token == "FILTER":
            words = [token for kind, token in tokens[:at] if kind == "word"]
            if words[-1:] == ["ON"]:
                return "".join(token for _, token in [*tokens[:at], ("word", "GRANT TO ('user:a@x.example') "), *tokens[at:]])
            return None
    return None


NOBODY = Exception_(
    "a row access policy without GRANT TO",
    "docs.cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language",
    _to_nobody,
)
INTERNAL = Exception_(
    "a name that begins with a dollar sign, which it keeps for itself",
    "github.com/google/googlesql, IsInternalAlias",
    lambda text: _names_without("bigquery", text, r"^\$"),
)
SNOWFLAKE_TYPES = Exception_(
    "a type VECTOR or MAP",
    "docs.snowflake.com/en/sql-reference/data-types-vector and data-types-structured",
    _code("snowflake", r"\bVECTOR\(\w+, \d+\)|\bMAP\(\w+, \w+(\(\d+,\d+\))?\)", "VARIANT"),
)
CLOSING = Exception_(
    "a bracketed name with a bracket in it",
    "learn.microsoft.com/sql/t-sql/functions/quotename-transact-sql",
    lambda text: _names_without("tsql", text, r"\]\]|\["),
)

FOUR = ("10_schema.sql", "20_entitlements.sql", "30_views.sql", "40_grants.sql")
ANY = re.compile("")
POLICIES = re.compile(r"(CREATE|ALTER) (MASKING|ROW ACCESS) POLICY\b")

ROWS = (
    Row(
        "Snowflake", "Snowflake", "snowflake", lambda: Sqlfluff("snowflake"),
        ("10_roles.sql", "20_policies.sql", "30_attach.sql", "40_grants.sql"),
        "bodies executed by DuckDB, as sqlglot translates them",
        "that Snowflake runs it; its functions, casts and types as it computes them; that it enforces: which policy stands where, who holds which"
        " role and who may read is read off the statements here, by the manual's rules; a session with fewer than all its roles",
        engine=SnowflakeEngine, exceptions=(BACKSLASH["snowflake"], SNOWFLAKE_TYPES),
        counts={
            "10_roles.sql": (ANY, ("role",), 1),
            "20_policies.sql": (POLICIES, ("masking_policy", "row_access_policy"), 2),
            "30_attach.sql": (ANY, ("mask_attachment", "row_attachment"), 1),
            "40_grants.sql": (ANY, ("grant", "membership"), 1),
        },
    ),
    Row(
        "Databricks", "Databricks", "databricks", lambda: Sqlfluff("databricks"),
        ("10_functions.sql", "20_attach.sql", "30_grants.sql", "permissions.json", "groups.json"),
        "functions executed by Spark",
        "that Unity Catalog binds functions and grants, or follows tags; the bodies of the REST calls are parsed as JSON only; a CREATE POLICY is"
        " compared with the manual's form",
        engine=Spark, exceptions=(POLICIES_BY_TAGS, *PARAMETERS, TYPES, COLUMNS, BACKSLASH["databricks"]),
    ),
    Row(
        "Trino", "Trino", "trino", Trino, ("rules.json", "groups.txt"),
        "enforced by Trino itself", "other connectors than memory; a group provider other than groups.txt; Starburst's own additions",
    ),
    Row(
        "Redshift", "Redshift", "redshift", lambda: Sqlfluff("redshift"), FOUR,
        "enforced by PostgreSQL",
        "what only Redshift has: its own functions, types, late binding and masking are stood in for; names beyond 63 bytes",
        engine=PostgresEngine, plans=plans.run, second=Postgres, exceptions=(BACKSLASH["redshift"], INTERVALS, TO_POLICIES, ROW_SECURITY),
        native=("10_schema.sql", "20_entitlements.sql", "30_policies.sql", "40_grants.sql"),
    ),
    Row(
        "Synapse", "Azure Synapse Analytics", "tsql", lambda: Sqlfluff("tsql"), FOUR,
        "bodies executed by DuckDB",
        "that a dedicated pool runs it: T-SQL is read and its roles are followed by a reader of ours; its grammar is narrower than T-SQL's",
        engine=SynapseEngine, exceptions=(BACKSLASH["tsql"], CLOSING),
    ),
    Row(
        "BigQuery", "Google BigQuery", "bigquery", ZetaSql, (*FOUR, "authorized_views.json"),
        "analysed by the vendor, bodies executed by DuckDB",
        "that BigQuery runs it: GoogleSQL is spelt otherwise for DuckDB by a rewriter of ours; that its groups have the directory's members; policies on tables are a model of ours",
        analysed=True, unread=(NOBODY, INTERNAL), engine=BigQuery,
        native=("10_schema.sql", "20_routines.sql", "30_data_policies.json", "40_policies.sql", "50_grants.sql"),
    ),
    Row(
        "S3", "Native S3", None, S3, ("access-grants.json", "locations.json"),
        "answers of an emulator", "that AWS takes it and answers as the emulator does, which is ours: grantees, roles and buckets are not looked up",
        engine=Emulator,
    ),
)
