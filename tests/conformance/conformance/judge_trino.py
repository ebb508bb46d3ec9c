"""Trino itself: see `java/TrinoEngine.java`.

In: folders with `rules.json`, `groups.txt`, `about.json`. Out: for each what was loaded, analysed and run, and what was refused.
"""

import json
import subprocess

from . import install


class Trino:
    """The vendor's engine."""

    def __init__(self):
        self.home, self.path, version = install.trino()
        self.name = f"Trino {version} itself"

    def judge(self, folders):
        """All in one process."""
        lines = "".join(
            json.dumps({"id": str(each), **{name: str(each / file) for name, file in FILES.items()}}) + "\n" for each in folders
        )
        options = ["-Xmx2g", "-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector", "-cp", self.path]
        done = subprocess.run(
            [str(self.home / "bin" / "java"), *options, "TrinoEngine"], input=lines, capture_output=True, text=True, check=False
        )
        told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if len(told) != len(folders):
            raise install.Missing(f"Trino answered {len(told)} of {len(folders)} times: {done.stderr[-3000:]}")
        return told


FILES = {"rules": "rules.json", "groups": "groups.txt", "about": "about.json"}
