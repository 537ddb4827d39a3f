"""Applies the Terraform to an emulated account, and looks at what was made there:
`python -m tests.infrastructure.emulated FOLDER`, where FOLDER is initialised.

Terraform, its provider and all arguments are the real ones; AWS is moto, which does not
know everything (`NOT_EMULATED`) and does not run anything.
"""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated"}
GIVEN = "-var=onboarding_template=onboarding.json"

# What moto lacks, and what hangs on it.
NOT_EMULATED = {
    r"\.aws_elasticache_(parameter|replication)_group\.": "moto has no such calls",
    r"\.aws_appautoscaling_\w+\.": "moto has no tags of scalable targets",
    r"\.aws_backup_selection\.": "moto has no selections",
    r"\.aws_cloudfront_(vpc_origin|distribution)\.": "moto has no origins in networks",
    r"\.console\.aws_route53_record\.": "leads to the distribution",
    r"\.console\.module\.bucket\.aws_s3_bucket_policy\.": "names the distribution",
}
_NAMED = re.compile("|".join(NOT_EMULATED))

Values = Mapping[str, Any]


def main(folder: Path) -> int:
    with _emulator() as url:
        terraform = _Terraform(folder, url)
        terraform.run("plan", "-out=all.tfplan")
        planned = [
            change["address"]
            for change in terraform.shown("all.tfplan")["resource_changes"]
            if change["mode"] == "managed"
        ]
        wanted = [address for address in planned if not _NAMED.search(address)]
        targets = [f"-target={address}" for address in wanted]
        terraform.run("apply", "-auto-approve", *targets)
        made = list(_resources(terraform.shown()["values"]["root_module"]))
    for pattern, reason in NOT_EMULATED.items():
        left_out = sum(re.search(pattern, address) is not None for address in planned)
        sys.stdout.write(f"not applied: {left_out:3} of {pattern} ({reason})\n")
    complaints = [
        *(
            f"planned and not made: {one}"
            for one in {*wanted} - {a for a, _, _ in made}
        ),
        *judged(made),
    ]
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    if not complaints:
        sys.stdout.write(f"applied: {len(made)} of {len(planned)} resources\n")
    return bool(complaints)


def judged(made: list[tuple[str, str, Values]]) -> Iterator[str]:
    """What is wrong with resources as (address, type, values), read back from AWS."""
    secrets = {
        values["name"].rpartition("/")[2]
        for _, kind, values in made
        if kind == "aws_secretsmanager_secret"
    }
    if not secrets:
        yield "there is no secret"
    for address, kind, values in made:
        if kind == "aws_cloudwatch_log_group" and not (
            values["retention_in_days"] and values["kms_key_id"]
        ):
            yield f"{address}: its log never ends, or is not encrypted"
        if kind == "aws_ecs_task_definition":
            for container in json.loads(values["container_definitions"]):
                plain = {one["name"] for one in container.get("environment", [])}
                if told := plain & secrets:
                    yield f"{address}: {sorted(told)} in plain sight"
        if kind == "aws_iam_role_policy":
            for statement in json.loads(values["policy"])["Statement"]:
                yield from _too_much(address, statement)


def _too_much(address: str, statement: Values) -> Iterator[str]:
    if statement["Effect"] != "Allow":
        return
    actions = statement["Action"]
    actions = [actions] if isinstance(actions, str) else actions
    if any("*" in action for action in actions):
        yield f"{address}: allows {actions}"
    if statement["Resource"] == "*" and actions != ["ecr:GetAuthorizationToken"]:
        yield f"{address}: allows {actions} on everything"


def _resources(module: Values) -> Iterator[tuple[str, str, Values]]:
    for one in module.get("resources", []):
        if one["mode"] == "managed":
            yield one["address"], one["type"], one["values"]
    for child in module.get("child_modules", []):
        yield from _resources(child)


class _Terraform:
    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._environment = {**os.environ, **KEYS, "AWS_ENDPOINT_URL": url}

    def run(self, command: str, *arguments: str) -> None:
        """Tells what it said only if it failed."""
        ran = self._ran(command, "-no-color", "-input=false", GIVEN, *arguments)
        if ran.returncode:
            sys.exit(f"terraform {command} failed:\n{ran.stderr}")

    def shown(self, *arguments: str) -> Any:
        ran = self._ran("show", "-json", *arguments)
        ran.check_returncode()
        return json.loads(ran.stdout)

    def _ran(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own words
            ["terraform", *arguments],  # noqa: S607 - whichever there is
            cwd=self._folder,
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )


@contextmanager
def _emulator() -> Iterator[str]:
    os.environ |= {
        "MOTO_ACM_VALIDATION_WAIT": "1",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
