"""What is judged: the fixtures through the binary, and random worlds."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
AT = "2026-06-15"
THEN = "2026-12-01"  # what begins and ends until then makes a plan


@dataclass(frozen=True)
class Item:
    """The artefacts of one integration."""

    label: str
    api_type: str
    folder: Path
    about: dict  # of `worlds.rs`


def cargo(*arguments, environment=None):
    """Cargo, in the checkout."""
    subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environment)


def projects():
    """The fixtures."""
    return sorted(each.parent for each in (ROOT / "fixtures").glob("*/grantc.yaml"))


def tool():
    """`worlds.rs`. Engines run at this day, which `today()` means."""
    today = datetime.now(UTC).date().isoformat()
    return ["test", "--locked", "--quiet", "--test", "worlds", "--", "--today", today]


def pairs(worlds, seed, out):
    """Two versions of worlds and of fixtures with the plan between them: a label, and the folder of each."""
    told = [argument for project in projects() for argument in ("--project", str(project))]
    cargo(*tool(), *told, "--at", AT, "--then", THEN, "--plans", str(worlds), "--seed", str(seed), "--out", str(out))
    for plan in sorted(out.rglob("plan.sql")):
        yield f"plan {plan.parent.relative_to(out)}", plan.parent


def hostile(slices, out):
    """Projects with hostile texts in every place (`tests/injection.rs`), so many slices of them; they are judged, and no engine gets them."""
    for each in range(slices):
        environment = {**os.environ, "GRANTC_INJECTION": str(each), "GRANTC_INJECTION_OUT": str(out)}
        cargo("test", "--locked", "--quiet", "--test", "injection", environment=environment)
    return list(below(out, "hostile"))


def below(out, word):
    """What tests wrote of worlds or projects."""
    for place in sorted(out.glob("*/*")):
        about = json.loads((place / "about.json").read_text())
        yield Item(f"{word} {place.parent.name}/{place.name}", (place / "platform.txt").read_text().strip(), place, about)


def gather(worlds, seed, out):
    """Writes everything below `out`; the items, and the report of each fixture."""
    binary = TARGET / "debug" / "grantc"
    cargo("build", "--locked", "--quiet", "--bin", "grantc")
    told = [argument for project in projects() for argument in ("--project", str(project))]
    cargo(*tool(), "--worlds", str(worlds), "--seed", str(seed), "--out", str(out / "worlds"))
    cargo(*tool(), *told, "--at", AT, "--out", str(out / "about"))
    items, reports = [], []
    for project in projects():
        folder = out / "fixtures" / project.name
        subprocess.run(
            [binary, "compile", "--quiet", "--project", project, "--at", AT, "-o", folder], check=True, stdout=subprocess.DEVNULL
        )
        report = json.loads((folder / "report.json").read_text())
        reports.append((project.name, report))
        for each in report["integrations"]:
            about = out / "about" / project.name / each["name"] / "about.json"
            shutil.copy(about, folder / each["name"])
            items.append(Item(f"{project.name}/{each['name']}", each["type"], folder / each["name"], json.loads(about.read_text())))
    for place in sorted((out / "about").glob("*-native/*")):
        about = json.loads((place / "about.json").read_text())
        items.append(Item(f"{place.parent.name}/{place.name}", (place / "platform.txt").read_text().strip(), place, about))
    return binary, items + list(below(out / "worlds", "world")), reports
