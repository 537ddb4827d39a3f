"""Writes what the image is made of as CycloneDX: `python -m tests.image.sbom
DIRECTORY`. From requirements.txt and package-lock.json alone, so that the same files
give the same bytes; needs nothing but Python."""

import base64
import json
import re
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
LOCK = ROOT / "frontend/package-lock.json"

Component = dict[str, Any]
# By package-lock's words for what is not in the build.
_NOT_IN_THE_BUILD = ("dev", "optional", "devOptional", "peer")


def python_components(text: str) -> list[Component]:
    """Of a list of `name==version ; marker` with `--hash=sha256:…`. The hashes are
    those of all files that pip takes for this version; with a marker a package may be
    absent."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if pinned := re.match(r"([\w.-]+)(?:\[[^]]*])?==(\S+)( ;)?", line):
            name, version, marker = pinned.groups()
            digests = sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
            hashes = [{"alg": "SHA-256", "content": one} for one in digests]
            scope = "optional" if marker else "required"
            purl = f"pkg:pypi/{name.lower()}@{version}"
            found.append(_component(name, version, purl, hashes, scope))
    return found


def console_components(lock: Mapping[str, Any]) -> list[Component]:
    """Of npm's lock; what only builds and tests need is `excluded`."""
    found = {}
    for path, package in lock["packages"].items():
        if not path:
            continue  # the console itself
        name, version = path.rpartition("node_modules/")[2], package["version"]
        purl = f"pkg:npm/{quote(name, safe='/')}@{version}"
        unused = any(package.get(word) for word in _NOT_IN_THE_BUILD)
        scope = "excluded" if unused else "required"
        made = _component(name, version, purl, _integrity(package), scope)
        # At several places: in the build, if one of them is.
        if purl not in found or scope == "required":
            found[purl] = made
    return [found[purl] for purl in sorted(found)]


def _integrity(package: Mapping[str, Any]) -> list[dict[str, str]]:
    algorithm, _, digest = package.get("integrity", "").partition("-")
    if algorithm != "sha512":
        return []
    return [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]


def _component(
    name: str, version: str, purl: str, hashes: list[dict[str, str]], scope: str
) -> Component:
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "scope": scope,
        "purl": purl,
        **({"hashes": hashes} if hashes else {}),
    }


def document(name: str, components: list[Component]) -> str:
    """A CycloneDX document whose serial number is made of what is in it."""
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([name, components]))
    written = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name}},
        "components": components,
    }
    return json.dumps(written, indent=1) + "\n"


def documents() -> dict[str, str]:
    """The texts by the names of their files."""
    console = console_components(json.loads(LOCK.read_text("utf-8")))
    return {
        "python.cdx.json": document(
            "cloudrota", python_components(REQUIREMENTS.read_text("utf-8"))
        ),
        "console.cdx.json": document("cloudrota-console", console),
    }


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (directory / name).write_text(text, "utf-8")
        count = len(json.loads(text)["components"])
        sys.stdout.write(f"{directory / name}: {count} components\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
