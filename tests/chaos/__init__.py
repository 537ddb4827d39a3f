"""The chaos harness: faults at seeded moments against the real processes, and a judge
that shares no code with the product."""
