"""Judges of single statements beside sqlfluff: ZetaSQL's parser and PostgreSQL's.

In: statements, one text each. Out: for each `None`, or why it is refused.
"""

import json
import re

from . import install


class ZetaSql:
    """Google's own parser of BigQuery's language."""

    def __init__(self):
        self.folder, version = install.zetasql()
        self.name = f"ZetaSQL (npm {version})"

    def judge(self, texts):
        """All in one server."""
        if not texts:
            return []
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        told = install.run(["node", str(install.HERE / "node" / "zetasql.cjs"), str(self.folder)], input=lines)
        verdicts = [json.loads(line) for line in told.splitlines()]
        if len(verdicts) != len(texts):
            raise install.Missing(f"ZetaSQL answered {len(verdicts)} of {len(texts)} times")
        return verdicts


class Postgres:
    """PostgreSQL's own parser, for what Redshift has in common with it."""

    # What Redshift adds to the grammar: dropped before PostgreSQL reads it.
    ONLY_REDSHIFT = ((r"\s+WITH\s+NO\s+SCHEMA\s+BINDING\s*$", ""), (r"\b(TO|FROM)\s+ROLE\b", r"\1"), (r"^(GRANT|REVOKE)\s+ROLE\b", r"\1"))

    def __init__(self):
        import pglast

        self.pglast = pglast
        self.name = f"PostgreSQL {pglast.get_postgresql_version()[0]}"

    def judge(self, texts):
        """One after the other: it is fast."""
        return [self.parse(text) for text in texts]

    def parse(self, text):
        """Why it is refused, if it is."""
        for pattern, instead in self.ONLY_REDSHIFT:
            text = re.sub(pattern, instead, text, flags=re.IGNORECASE | re.DOTALL)
        try:
            found = len(self.pglast.parse_sql(text))
        except self.pglast.parser.ParseError as error:
            return str(error)
        return None if found == 1 else f"{found} statements in one"
