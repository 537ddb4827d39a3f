"""What checkov finds in the Terraform against what is accepted, each with its reason:
`python -m tests.infrastructure.weaknesses FOLDER`, with checkov on PATH."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ACCEPTED = "accepted.yaml"
_INDEX = re.compile(r"\[[^\]]*\]")


def main(folder: Path) -> int:
    accepted = accepted_in((folder / ACCEPTED).read_text("utf-8"))
    passed, found = _found_in(folder)
    if not passed:
        sys.stderr.write("checkov looked at nothing\n")
        return 1
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


def _found_in(folder: Path) -> tuple[int, set[str]]:
    """Environment by environment: of a module that several use, checkov looks at the
    values of one, and which that is depends on the order of files."""
    passed, found = 0, set[str]()
    environments = sorted(one.name for one in (folder / "environments").iterdir())
    for environment in environments:
        others = [f"environments/{one}" for one in environments if one != environment]
        count, weak = _found_without(folder, others)
        passed += count
        found |= weak
    return passed, found


def _found_without(folder: Path, others: Iterable[str]) -> tuple[int, set[str]]:
    left_out = (option for one in others for option in ("--skip-path", one))
    ran = subprocess.run(  # noqa: S603 - our own words
        [
            *("checkov", "--directory", ".", "--framework", "terraform"),
            *("--skip-download", "--skip-path", "tests", *left_out, "--soft-fail"),
            *("--quiet", "--compact", "--output", "json"),
        ],
        cwd=folder,
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
