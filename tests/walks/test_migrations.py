"""Migrations: one head, down and up again, and the models say the same."""

import asyncio

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.core.bootstrap import bootstrap
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from tests.conftest import ROOT
from tests.walks.python import modules

NAME = "cloudrota_migrations"


@pytest.fixture
def config(template_settings: Settings, postgres_server: PostgresServer) -> Config:
    """Alembic's, on an empty database."""
    settings = with_database(template_settings, NAME)
    asyncio.run(bootstrap(postgres_server.superuser_url, settings))
    config = Config(ROOT / "alembic.ini")
    assert settings.database_owner_url is not None
    config.attributes["url"] = settings.database_owner_url.get_secret_value()
    return config


def with_database(settings: Settings, name: str) -> Settings:
    urls = {
        field: type(value)(value.get_secret_value().rpartition("/")[0] + f"/{name}")
        for field, value in settings
        if field.startswith("database_") and field.endswith("url")
    }
    return settings.model_copy(update=urls)


def test_there_is_one_head(config: Config) -> None:
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_up_down_up_ends_where_the_models_are(config: Config) -> None:
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    command.check(config)


def test_every_migration_waits_for_locks_only_shortly() -> None:
    for path in modules():
        if path.parts[:2] == ("alembic", "versions"):
            text = (ROOT / path).read_text()
            assert text.count("SET LOCAL lock_timeout") == 2, path
