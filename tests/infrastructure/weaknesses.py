"""What checkov finds in the Terraform against what is accepted, each with its reason:
`python -m tests.infrastructure.weaknesses FOLDER`, with checkov on PATH."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Any

import yaml

ACCEPTED = "accepted.yaml"
ENVIRONMENTS = ("staging", "production")
_INDEX = re.compile(r"\[[^\]]*\]")


def main(folder: Path) -> int:
    accepted = accepted_in((folder / ACCEPTED).read_text("utf-8"))
    passed, found = 0, set[str]()
    for environment in ENVIRONMENTS:
        with _alone(folder, environment) as copy:
            looked_at, failed = _found_in(copy)
        if not looked_at:
            sys.exit(f"checkov looked at nothing of {environment}")
        passed, found = passed + looked_at, found | failed
    complaints = compared(found, accepted)
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    if not complaints:
        sys.stdout.write(f"checkov: {passed} passed, {len(accepted)} accepted\n")
    return bool(complaints)


def accepted_in(text: str) -> set[str]:
    """`check at` of each. Raises ValueError for one without a reason."""
    entries: list[dict[str, str]] = yaml.safe_load(text)
    for entry in entries:
        if entry.keys() != {"check", "at", "reason"} or not entry["reason"].strip():
            raise ValueError(f"{entry} needs check, at and reason")
    return {f"{entry['check']} {entry['at']}" for entry in entries}


def compared(found: set[str], accepted: set[str]) -> list[str]:
    return [
        *(f"found, and not accepted: {one}" for one in sorted(found - accepted)),
        *(f"accepted, and not found: {one}" for one in sorted(accepted - found)),
    ]


def places(failed: Iterable[dict[str, Any]]) -> set[str]:
    """`check folder type.name` of each, however often the folder is used."""
    return {
        f"{one['check_id']} {Path(one['file_path'].lstrip('/')).parent}"
        f" {'.'.join(_INDEX.sub('', one['resource']).split('.')[-2:])}"
        for one in failed
    }


@contextmanager
def _alone(folder: Path, environment: str) -> Iterator[Path]:
    """The folder as if it had one environment: of two that share a module, checkov
    looks at either, as it comes."""
    others = {*ENVIRONMENTS} - {environment}
    with TemporaryDirectory() as made:
        copy = Path(made) / "infrastructure"
        copytree(folder, copy, ignore=ignore_patterns("tests", *others))
        yield copy


def _found_in(folder: Path) -> tuple[int, set[str]]:
    ran = subprocess.run(  # noqa: S603 - our own words
        [
            *("checkov", "--directory", ".", "--framework", "terraform"),
            *("--skip-download", "--soft-fail"),
            *("--quiet", "--compact", "--output", "json"),
        ],
        cwd=folder,
        # What it finds hangs on the order of its sets.
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        sys.exit(f"checkov failed:\n{ran.stderr}")
    report = json.loads(ran.stdout)
    if report["summary"]["parsing_errors"]:
        raise ValueError(
            f"checkov could not read {report['results']['parsing_errors']}"
        )
    return report["summary"]["passed"], places(report["results"]["failed_checks"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
