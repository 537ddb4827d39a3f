"""The drill of a restore: `python -m tests.drill`."""
