"""Proof of the billing: random histories at a fake of Stripe, attacks, and races for
the last place of a plan. `make prove-billing` runs it and tells its figures."""
