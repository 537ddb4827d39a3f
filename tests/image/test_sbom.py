"""The bill of materials is CycloneDX, names all that is pinned, and stays the same."""

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.image import sbom

DOCUMENTS = sbom.documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_cyclonedx(name: str) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(DOCUMENTS[name]) is None
    broken = DOCUMENTS[name].replace('"library"', '"book"')
    assert validator.validate_str(broken) is not None


def test_the_same_files_give_the_same_bytes() -> None:
    assert sbom.documents() == DOCUMENTS


def test_another_component_gives_another_serial_number() -> None:
    one, two = (
        json.loads(sbom.document("x", sbom.python_components(text)))["serialNumber"]
        for text in ("a==1 --hash=sha256:00", "a==2 --hash=sha256:00")
    )
    assert one != two


def test_every_pinned_package_is_in_it() -> None:
    components = json.loads(DOCUMENTS["python.cdx.json"])["components"]
    pinned = re.findall(
        r"^([\w.-]+)(?:\[.*?])?==([^ \\]+)", sbom.REQUIREMENTS.read_text(), re.MULTILINE
    )
    assert [(each["name"], each["version"]) for each in components] == pinned
    assert all(each["hashes"] for each in components)


def test_every_locked_package_is_in_it_with_what_it_is_for() -> None:
    components = json.loads(DOCUMENTS["console.cdx.json"])["components"]
    scopes = {each["name"]: each["scope"] for each in components}
    assert scopes["react"] == scopes["@mui/material"] == "required"
    assert scopes["vite"] == scopes["typescript"] == "excluded"
    lock = json.loads(sbom.LOCK.read_text("utf-8"))["packages"]
    assert set(scopes) == {path.rpartition("node_modules/")[2] for path in lock if path}


def test_a_package_at_two_places_is_required_if_one_of_them_is() -> None:
    lock = {
        "packages": {
            "": {},
            "node_modules/a": {"version": "1", "integrity": "sha512-AAAA"},
            "node_modules/b/node_modules/a": {"version": "1", "dev": True},
            "node_modules/@c/d": {"version": "2", "dev": True},
        }
    }
    found = sbom.console_components(lock)
    assert [(each["purl"], each["scope"]) for each in found] == [
        ("pkg:npm/%40c/d@2", "excluded"),
        ("pkg:npm/a@1", "required"),
    ]
    assert found[1]["hashes"] == [{"alg": "SHA-512", "content": "000000"}]
