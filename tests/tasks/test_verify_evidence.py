"""The command that verifies evidence: in a process without settings, servers or
anything but the file, the key and perhaps a head that was kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.tasks import verify_evidence
from tests.services.decisions.bundles import KEY, OURS, TENANT, chain, honest, signed
from tests.walks.python import ROOT


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    file = tmp_path / "evidence.jsonl"
    file.write_bytes(signed(honest()))
    return file


def verify(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """By somebody who has set nothing."""
    return subprocess.run(  # noqa: S603 — our own command
        [sys.executable, "-m", "app.cli", "verify-evidence", *map(str, arguments)],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_says_what_is_proven(bundle: Path) -> None:
    done = verify(bundle, "--key", KEY)
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert (
        first == f"Signed by the key {KEY}, which you gave; no byte was changed since."
    )
    assert last.startswith("Not proven by this file")


def test_refuses_with_an_exit_code(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes().replace(b"request-0", b"request-1"))
    done = verify(bundle, "--key", KEY)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("REFUSED. It is not what was signed")


def test_takes_the_keys_as_they_were_listed_and_a_kept_head(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, heads = tmp_path / "keys.json", tmp_path / "heads.json"
    keys.write_text(json.dumps({"keys": [{"public_key": OURS.public_key.hex()}]}))
    head = chain()[-1]
    kept = {"organization_id": str(TENANT), "seq": 9, "day": head["day"]}
    heads.write_text(json.dumps(kept | {"hash": head["hash"]}) + "\n")
    assert verify_evidence.verify(bundle, str(keys), heads) == 0
    assert "number 9 is in it as it left" in capsys.readouterr().out
    heads.write_text(json.dumps(kept | {"hash": "00" * 32}))
    assert verify_evidence.verify(bundle, str(keys), heads) == 1
    assert "written anew" in capsys.readouterr().err


@pytest.mark.parametrize(
    "listed", ["{}", "[]", '{"keys": [1]}', '{"keys": [{"public_key": "x"}]}', "{"]
)
def test_a_list_of_keys_that_is_none_is_named(
    listed: str, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(listed)
    assert verify_evidence.verify(bundle, str(keys)) == 2
    assert "Cannot be read" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_evidence.verify(tmp_path / "none", KEY) == 2
    assert "none" in capsys.readouterr().err


def test_of_a_file_without_an_end_no_more_is_read_than_a_bundle_may_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert verify_evidence.verify(Path("/dev/zero"), KEY) == 1
    assert "larger than" in capsys.readouterr().err
