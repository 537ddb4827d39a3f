"""`python -m app.core.embedded up|down|status`: the servers of this checkout."""

import argparse
import sys
from pathlib import Path

from app.core.embedded.development import Development
from app.core.embedded.process import EmbeddedError

LOCAL = Path(__file__).parents[3] / ".local"


def main() -> None:
    """Do what the command line asks; the exit code is 1 when that could not be."""
    parser = argparse.ArgumentParser(prog="python -m app.core.embedded")
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument("--postgres-port", type=int)
    parser.add_argument("--valkey-port", type=int)
    arguments = parser.parse_args()
    servers = Development(
        LOCAL,
        postgres_port=arguments.postgres_port,
        valkey_port=arguments.valkey_port,
    )
    try:
        said: list[str] = getattr(servers, arguments.action)()
    except (EmbeddedError, OSError) as error:
        sys.exit(str(error))
    sys.stdout.writelines(f"{line}\n" for line in said)


if __name__ == "__main__":
    main()
