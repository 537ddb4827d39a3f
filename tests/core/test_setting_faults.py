"""What is wrong with a setting is said at start, by the name of its variable."""

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.core.setting_faults import faults
from app.core.settings import Settings
from tests.core.test_settings import VARIABLES

# What each kind of setting never is.
_WRONG = {
    **dict.fromkeys(("cors_origins", "evidence_retired_keys"), '["x"]'),
    "credential_keys": "{}}",
    "credential_kms_keys": "[",
    "credential_active_key": "nobody",
    "stripe_webhook_secrets": "[",
    "public_url": "http://cloudrota.example",
    "stripe_api_url": "http://127.0.0.1",
    "aws_emulator_url": "http://127.0.0.1",
    "heartbeat_url": "http://cloudrota.example",
    **dict.fromkeys(("database_ca_file", "redis_ca_file"), __file__),
    "otel_exporter_otlp_certificate": "/nowhere.pem",
    **dict.fromkeys(("secret_key", "metrics_token", "evidence_signing_key"), "x"),
    "stripe_api_key": "nothing",
    "redis_url": "redis://h",
    "database_behind_pooler": "perhaps",
    **dict.fromkeys(("environment", "worker_kind", "log_level"), "moon"),
    **{
        f"database_{part}url": "postgresql+asyncpg://u:canary@h/d"
        for part in ("", "worker_", "system_", "owner_")
    },
}
# Any text is one of these: what it leads to is seen when it is used.
_TEXTS = {
    *("artifact_bucket", "artifact_prefix"),
    *("artifact_bucket_region", "artifact_kms_key_id", "artifact_directory"),
    *("smtp_url", "mail_from", "default_plan", "platform_principal_arn"),
    *("platform_access_key_id", "platform_secret_access_key", "metrics_host"),
    *("aws_container_credentials_relative_uri", "aws_onboarding_template_url"),
}


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - _TEXTS))
def test_a_wrong_setting_is_refused_at_start_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wrong = _WRONG.get(name, "no number")
    for variable, value in {**VARIABLES, name.upper(): wrong}.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises((ValidationError, SettingsError)) as refused:
        Settings(_env_file=None)
    assert isinstance(refused.value, ValidationError | SettingsError)
    said = " ".join(faults(refused.value)).upper()
    assert name.upper() in said
    assert "CANARY" not in said
