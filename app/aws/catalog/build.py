"""Generates catalog.json: `python -m app.aws.catalog.build`; with `--check` it only
says, by its exit code, whether the committed file is fresh."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.aws.catalog import sources
from app.aws.catalog.decisions import BadOverride, Decided, read_overrides, rules_of
from app.aws.catalog.entries import ServiceEntry

CATALOG = Path(__file__).parent / "catalog.json"


def overrides() -> dict[str, Any]:
    """What was decided by hand, with every service of the SDK, decided about or not."""
    found = read_overrides()
    known = dict.fromkeys(sources.known_services(), None)
    return {**found, "services": known | found["services"]}


def build(overrides: Mapping[str, Any]) -> dict[str, object]:
    """The catalog of the services that `overrides` names, as JSON; raises
    BadOverride."""
    rules, chosen = rules_of(overrides), overrides["services"]
    for name in sorted(set(chosen) - set(sources.known_services())):
        raise BadOverride(name, "the file", "the SDK has no such service")
    return {
        "sources": sources.versions(),
        "regions": sources.regions(),
        "categories": sources.category_titles(),
        "services": {
            name: ServiceEntry(Decided(name, chosen[name] or {}), rules).entry()
            for name in sorted(chosen)
        },
    }


def render(catalog: Mapping[str, Any]) -> str:
    """JSON with one line per operation, so that a diff names what changed."""
    head = {key: value for key, value in catalog.items() if key != "services"}
    lines = [json.dumps(head, sort_keys=True)[:-1] + ', "services": {']
    for name, service in catalog["services"].items():
        about = {key: value for key, value in service.items() if key != "operations"}
        lines.append(
            f'"{name}": {json.dumps(about, sort_keys=True)[:-1]}, "operations": {{'
        )
        lines.append(
            ",\n".join(
                f'"{operation}": {json.dumps(entry, sort_keys=True)}'
                for operation, entry in service["operations"].items()
            )
        )
        lines.append("}},")
    lines[-1] = "}}"
    return "\n".join(line for line in lines if line) + "\n}}\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    text = render(build(overrides()))
    if not check:
        CATALOG.write_text(text, "utf-8")
        return 0
    fresh = CATALOG.exists() and CATALOG.read_text("utf-8") == text
    if not fresh:
        sys.stderr.write("catalog.json is stale: python -m app.aws.catalog.build\n")
    return 0 if fresh else 1


if __name__ == "__main__":
    raise SystemExit(main())
