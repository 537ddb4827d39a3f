"""A stateful fake of Stripe, for tests and the demo: no money moves here.

It speaks Stripe's REST API of one version over HTTP, so that the official library is
its client, and lives through trials, renewals, failed payments and cancellations on
clocks that tests move. `test_shapes.py` holds every answer and event to the library's
own types. It was never compared with Stripe itself.
"""
