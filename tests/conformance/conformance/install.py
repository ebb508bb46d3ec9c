"""Installs judges that do not come from PyPI: by name, into the cache, once."""

import os
import re
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ["GRANTC_CONFORMANCE_CACHE"])
HERE = Path(__file__).parent


class Missing(Exception):
    """A judge that was promised and is not there: the run fails."""


def run(command, **more):
    """A command that must succeed; what it says is shown only if it does not."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise Missing(f"{command[0]} failed: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout


def jdk(least):
    """The folder of a JDK that is new enough."""
    homes = [os.environ.get("JAVA_HOME"), *sorted(map(str, Path("/usr/lib/jvm").glob("*")), reverse=True)]
    if java := shutil.which("java"):
        homes.append(str(Path(java).resolve().parent.parent))
    for home in filter(None, homes):
        compiler = Path(home, "bin", "javac")
        if compiler.exists():
            version = re.search(r"(\d+)", run([str(compiler), "-version"]) or "0")
            if version and int(version.group(1)) >= least:
                return Path(home)
    raise Missing(f"no JDK {least} or later: set JAVA_HOME to one")


def maven():
    """Maven, from Debian where it is missing."""
    if not shutil.which("mvn"):
        run(["apt-get", "update"])
        run(["apt-get", "install", "-y", "--no-install-recommends", "maven"])
    return "mvn"


def trino():
    """The classes of Trino and of our harness: a JDK, a class path."""
    home = jdk(25)
    pom, source = HERE / "java" / "pom.xml", HERE / "java" / "TrinoEngine.java"
    version = re.search(r"<version>(\d\d+)</version>", pom.read_text()).group(1)
    libraries, classes = CACHE / f"trino-{version}", CACHE / f"trino-{version}-classes"
    environment = {**os.environ, "JAVA_HOME": str(home)}
    if not (libraries / "complete").exists():
        print(f"installing io.trino:trino-main:{version} with what it needs", flush=True)
        command = [maven(), "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime"]
        run([*command, f"-DoutputDirectory={libraries}"], env=environment)
        (libraries / "complete").touch()
    run([str(home / "bin" / "javac"), "-cp", f"{libraries}/*", "-d", str(classes), str(source)])
    return home, f"{libraries}/*:{classes}", version


def zetasql():
    """The folder of ZetaSQL's package."""
    version = "1.13.0"
    folder = CACHE / f"zetasql-{version}"
    if not (folder / "complete").exists():
        print(f"installing @fivetrandevelopers/zetasql@{version}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"@fivetrandevelopers/zetasql@{version}"])
        (folder / "complete").touch()
    return folder / "node_modules" / "@fivetrandevelopers" / "zetasql", version
