"""`python -m app.cli`, which `./cloudrota` is short for."""

from app.cli.commands import app
from app.cli.ground import keep_answers_alone

if __name__ == "__main__":
    keep_answers_alone()
    app(prog_name="cloudrota")
