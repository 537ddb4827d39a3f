"""`python -m tests.demo.migrate`: the operator's three commands in one process, since
starting an interpreter three times would take longer than all they do."""

import runpy

from alembic import command
from alembic.config import Config

from tests.demo.places import ROOT


def main() -> None:
    """Make the database and its logins, its tables, and their partitions."""
    runpy.run_module("app.core.bootstrap", run_name="__main__")
    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    runpy.run_module("app.core.partitions", run_name="__main__")


if __name__ == "__main__":
    main()
