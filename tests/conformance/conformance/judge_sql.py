"""Judges of single statements beside sqlfluff: ZetaSQL's parser and PostgreSQL's.

In: statements, one text each. Out: for each `None`, or why it is refused.
"""

import json
import re

from . import install


class ZetaSql:
    """Google's own parser and analyser of BigQuery's language."""

    def __init__(self):
        self.folder, version = install.zetasql()
        self.name = f"ZetaSQL (npm {version})"

    def judge(self, texts):
        """Parses them."""
        return self.ask(texts)

    def analyse(self, questions):
        """Analyses the statements of each integration, `{"tables": …, "statements": …}`, with names and types looked up."""
        return self.ask(questions)

    def ask(self, questions):
        """All in one server."""
        if not questions:
            return []
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        told = install.run(["node", str(install.HERE / "node" / "zetasql.cjs"), str(self.folder)], input=lines)
        verdicts = [json.loads(line) for line in told.splitlines()]
        if len(verdicts) != len(questions):
            raise install.Missing(f"ZetaSQL answered {len(verdicts)} of {len(questions)} times")
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
