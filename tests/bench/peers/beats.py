"""The schedulers of Celery that the beat is measured beside, on the same servers. Run
by their own Python, without the product: `celery -A beats beat -S …` is one of them,
and `python beats.py NAME NUMBER` stores so many entries for it that are all due."""

import os
import sys
from datetime import UTC, datetime, timedelta

from celery import Celery
from celery.schedules import schedule
from redbeat import RedBeatSchedulerEntry
from sqlalchemy import insert
from sqlalchemy_celery_beat.models import IntervalSchedule, Period, PeriodicTask
from sqlalchemy_celery_beat.session import SessionManager

TASK = "bench.nothing"

app = Celery("beats", broker=os.environ["PEER_BROKER_URL"])
app.conf.update(
    task_default_queue=os.environ["PEER_QUEUE"],
    task_ignore_result=True,
    result_expires=None,  # else an entry more: the backend's own cleaning
    beat_max_loop_interval=1,
    redbeat_redis_url=os.environ["PEER_BROKER_URL"],
    redbeat_redis_options={},
    beat_dburi=os.environ["PEER_DATABASE_URL"],
    beat_schema=os.environ["PEER_SCHEMA"],
)
# The cheapest schedule that both have; none is due again within the benchmark.
DAILY = timedelta(days=1)


def fill_redbeat(number: int, last_run_at: datetime) -> None:
    for n in range(number):
        RedBeatSchedulerEntry(
            f"entry-{n}", TASK, schedule(DAILY), app=app, last_run_at=last_run_at
        ).save()


def fill_sqlalchemy(number: int, last_run_at: datetime) -> None:
    manager, schema = SessionManager(), app.conf.beat_schema
    engine, session = manager.create_session(app.conf.beat_dburi, schema=schema)
    manager.prepare_models(engine, schema=schema)
    with session() as opened, opened.begin():
        daily = IntervalSchedule(every=DAILY.days, period=Period.DAYS)
        opened.add(daily)
        opened.flush()
        entries = [
            {
                "name": f"entry-{n}",
                "task": TASK,
                "discriminator": daily.discriminator,
                "schedule_id": daily.id,
                "last_run_at": last_run_at,
            }
            for n in range(number)
        ]
        opened.execute(insert(PeriodicTask), entries)


FILL = {"redbeat": fill_redbeat, "sqlalchemy-celery-beat": fill_sqlalchemy}

if __name__ == "__main__":
    FILL[sys.argv[1]](int(sys.argv[2]), datetime.now(UTC) - 2 * DAILY)
