"""The account of the benchmarks, and where it is."""

ACCOUNT = "123456789012"
REGION = "eu-central-1"
