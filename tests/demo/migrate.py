"""`python -m tests.demo.migrate`: the operator's two commands in one process, since
starting an interpreter twice would take longer than all they do."""

from app.cli.installing import bootstrap, migrate


def main() -> None:
    """Make the database and its logins, its tables, and their partitions."""
    bootstrap()
    migrate()


if __name__ == "__main__":
    main()
