"""`python -m tests.fakestripe [--port N] [--webhook URL --secret whsec_…]
[--prices FILE]`: a process of its own, until it is ended.

The file says what is sold: {"price_…": {"name": "Team", "amount": 4900}}, each a month
in euro cents.
"""

import argparse
import json
from pathlib import Path

import uvicorn

from app.core.embedded.process import LOOPBACK, free_port
from tests.fakestripe import shapes
from tests.fakestripe.api_sessions import endpoint
from tests.fakestripe.app import create_app
from tests.fakestripe.books import Books
from tests.fakestripe.server import KEY


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakestripe")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--webhook", help="where every event is sent to")
    parser.add_argument("--secret", help="that events are signed with")
    parser.add_argument("--prices", type=Path, help="a file that says what is sold")
    arguments = parser.parse_args()
    port = arguments.port or free_port()
    app = create_app(f"http://{LOOPBACK}:{port}", KEY)
    if arguments.webhook:
        made = endpoint(app.state.books, arguments.webhook, ["*"])
        app.state.post.secrets[made["id"]] = arguments.secret
    if arguments.prices:
        sell(app.state.books, arguments.prices)
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", lifespan="off")


def sell(books: Books, prices: Path) -> None:
    """What the file says, under the ids that it says."""
    for id, one in json.loads(prices.read_text()).items():
        product = books.add(shapes.product(books, name=one["name"]))
        month = {"interval": "month"}
        price = shapes.price(books, month, one["amount"], currency="eur", id=id)
        books.add({**price, "product": product["id"]})


if __name__ == "__main__":
    main()
