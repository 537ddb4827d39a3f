"""Storms of failures, routers and senders that are killed, receivers in bad moods:
nothing may be lost, and what comes twice has the same id (`make storm`)."""
