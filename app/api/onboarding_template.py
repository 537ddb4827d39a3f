"""Prints the CloudFormation template that an operator publishes for all customers, as
small as it can be: `python -m app.api.onboarding_template > cloudrota.json`."""

import json
import sys

from app.services import onboarding


def main() -> int:
    text = json.dumps(onboarding.template(), separators=(",", ":"))
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
