"""Runs localstripe on loopback, keeping nothing on disk. Started by `second_judge.py`
with the interpreter of the emulators' environment; nothing of ours is imported."""

import sys

from aiohttp import web
from localstripe import resources, server

# It would write to one file in /tmp whoever runs it, and listen to the whole network.
resources.Store.dump_to_disk = lambda _: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
