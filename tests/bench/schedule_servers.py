"""What the servers of a benchmark have cost so far."""

import asyncpg
import psutil
from redis.asyncio import Redis

from app.core.settings import Settings


async def cpu_of_servers(settings: Settings, connection: asyncpg.Connection) -> float:
    """Seconds of CPU that PostgreSQL, with all its processes, and Valkey used."""
    backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
    postmaster = backend.parent()
    assert postmaster is not None
    of_postmaster = postmaster.cpu_times()
    ended = of_postmaster.children_user + of_postmaster.children_system
    running = [postmaster, *postmaster.children()]
    used = sum(_used(process) for process in running)
    async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        told = await redis.info("cpu")
    valkey = float(told["used_cpu_user"]) + float(told["used_cpu_sys"])
    return ended + used + valkey


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0  # it ended meanwhile: the next look finds it with the postmaster's
    return float(times.user + times.system)
