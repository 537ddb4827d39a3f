"""What a person would write: the same account listed by boto3 alone, in a process of
its own (`python -m tests.bench.bare URL THREADS`), which tells its cost as JSON."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

from tests.bench.cloud_place import REGION


def main(url: str, threads: int) -> None:
    began, before = time.perf_counter(), _cpu()
    config = Config(max_pool_connections=max(threads, 10))
    session = boto3.Session("AKIAOFTHEBENCHMARKS0", "secret", region_name=REGION)
    functions, tables = (
        session.client(name, endpoint_url=url, config=config)
        for name in ("lambda", "dynamodb")
    )
    with ThreadPoolExecutor(threads) as pool:
        names = [
            name
            for page in tables.get_paginator("list_tables").paginate()
            for name in page["TableNames"]
        ]
        described = pool.map(lambda name: tables.describe_table(TableName=name), names)
        listed = functions.get_paginator("list_functions").paginate()
        found = sum(len(page["Functions"]) for page in listed)
        found += sum(1 for _ in described)
    cost = {
        "resources": found,
        "wall": time.perf_counter() - began,
        "cpu": _cpu() - before,
        "mib": _most_mib(),
    }
    sys.stdout.write(json.dumps(cost))


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def _most_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
