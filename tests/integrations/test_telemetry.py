"""What is sent to the collector of traces, and that nobody waits for it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry.trace import Span
from prometheus_client import REGISTRY
from pydantic import SecretStr, ValidationError

from app.core import tracing
from app.core.clock import monotonic
from app.core.ids import new_id
from app.core.settings import Settings
from app.integrations import collector, telemetry
from tests.collector import TraceReceiver, receiving

SECRET = "a-secret-canary"


@pytest.fixture
def receiver() -> Iterator[TraceReceiver]:
    with receiving() as receiver:
        yield receiver


def configured(endpoint: str | None, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        **{
            "environment": "test",
            "public_url": "https://cloudrota.example",
            "secret_key": SecretStr("0123456789abcdef" * 4),
            "redis_url": SecretStr("rediss://127.0.0.1:1"),
            "otel_exporter_otlp_endpoint": endpoint,
            **more,
        },
    )


@contextmanager
def traced(endpoint: str | None, **more: Any) -> Iterator[None]:
    traces = telemetry.start(configured(endpoint, **more), "test")
    try:
        yield
    finally:
        telemetry.stop(traces)


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("cloudrota_spans_total", {"outcome": outcome}) or 0


def test_only_what_is_named_leaves_and_only_in_its_shape(
    receiver: TraceReceiver,
) -> None:
    with traced(receiver.url), tracing.span("one.span") as span:
        _say_everything(span)
    (sent,) = receiver.spans
    assert sent.attributes == {"rpc.service": "ec2", "http.response.status_code": 200}
    assert not sent.raw.events
    assert sent.raw.status.message == ""
    assert SECRET.encode() not in b"".join(receiver.bodies)


def _say_everything(span: Span) -> None:
    span.set_attributes(
        {
            "rpc.service": "ec2",
            "http.response.status_code": 200,
            "rpc.method": f"Describe {SECRET}",
            "cloud.region": True,
            "cloudrota.attempt": SECRET,
            "cloudrota.execution_id": SECRET,
            "url.query": f"q={SECRET}",
            "db.statement": f"SELECT '{SECRET}'",
            "rpc.system": (SECRET, SECRET),
        }
    )
    span.add_event("exception", {"exception.message": SECRET})
    span.record_exception(ValueError(SECRET))
    span.set_status(2, SECRET)  # type: ignore[arg-type]  # whatever is given
    span.update_name("one.span")


def test_a_name_of_another_shape_is_none(receiver: TraceReceiver) -> None:
    with traced(receiver.url), tracing.span(f"<{SECRET}>"):
        pass
    assert [span.name for span in receiver.spans] == ["nameless"]


def test_an_error_is_told_by_its_class_alone(receiver: TraceReceiver) -> None:
    with (
        traced(receiver.url),
        pytest.raises(KeyError),
        tracing.span("one.span"),
        tracing.step("a.step"),
    ):
        raise KeyError(SECRET)
    assert {span.attributes["error.type"] for span in receiver.spans} == {"KeyError"}
    assert {span.status for span in receiver.spans} == {2}
    assert SECRET.encode() not in b"".join(receiver.bodies)


def test_the_collector_is_told_what_the_operator_says(receiver: TraceReceiver) -> None:
    given = SecretStr("authorization=Bearer%20abc, x-team=rota")
    with (
        traced(f"{receiver.url}/", otel_exporter_otlp_headers=given),
        tracing.span("one.span"),
    ):
        pass
    (headers,) = receiver.headers
    assert (headers["authorization"], headers["x-team"]) == ("Bearer abc", "rota")
    assert [span.process for span in receiver.spans] == ["test"]


def test_a_share_of_the_traces_is_kept_each_whole(receiver: TraceReceiver) -> None:
    ids = [new_id() for _ in range(400)]
    for _ in range(2):  # another process decides alike
        with traced(receiver.url, otel_traces_sampler_arg=0.25):
            tracing.record("a.record", ids)
            for id in ids:
                with tracing.span("a.run", of=id), tracing.step("a.step"):
                    pass
    kept = {span.trace_id for span in receiver.spans}
    assert 50 < len(kept) < 150
    assert len(receiver.spans) == 2 * 3 * len(kept)


def test_what_a_process_does_by_itself_is_no_trace(receiver: TraceReceiver) -> None:
    with traced(receiver.url), tracing.step("a.poll"):
        pass
    assert receiver.spans == []


@pytest.mark.parametrize("answer", [503, 400, 302, None])
def test_a_collector_that_takes_nothing_costs_spans_and_no_time(
    receiver: TraceReceiver, answer: int | None
) -> None:
    receiver.answers = answer or 200
    url = receiver.url if answer is not None else "http://127.0.0.1:9"
    lost = counted("not_taken")
    with traced(url):
        began = monotonic()
        for _ in range(600):
            with tracing.span("one.span"):
                pass
        assert monotonic() - began < 2
        ending = monotonic()
    assert monotonic() - ending < 2 * collector.TIMEOUT_SECONDS + 2
    assert counted("not_taken") - lost == 600
    assert receiver.spans == []


def test_what_finds_no_room_is_counted_and_gone(
    receiver: TraceReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "MOST_WAITING", 1024)
    receiver.may_answer.clear()  # it hangs
    gone, sent = counted("no_room"), counted("sent")
    with traced(receiver.url):
        began = monotonic()
        for _ in range(4000):
            with tracing.span("one.span"):
                pass
        assert monotonic() - began < 4
        assert counted("no_room") - gone >= 4000 - 1024 - 2 * collector.AT_ONCE
        receiver.may_answer.set()
    assert counted("sent") - sent + counted("no_room") - gone == 4000


def test_a_line_of_the_log_names_the_trace_that_is_kept(
    receiver: TraceReceiver,
) -> None:
    id = new_id()
    assert tracing.name_trace(None, "info", {}) == {}
    with traced(receiver.url):
        assert tracing.name_trace(None, "info", {}) == {}
        with tracing.span("one.span", of=id):
            line = tracing.name_trace(None, "info", {})
    assert line["trace_id"] == id.hex
    assert line["span_id"] == receiver.spans[0].span_id
    with traced(receiver.url, otel_traces_sampler_arg=0), tracing.span("one.span"):
        assert tracing.name_trace(None, "info", {}) == {}


def test_without_a_collector_nothing_is_made_or_imported() -> None:
    assert telemetry.start(configured(None), "test") is None
    with tracing.span("one.span") as span:
        assert not span.is_recording()
    script = (
        "import sys, app.main, app.tasks.worker\n"
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk.trace',"
        " 'opentelemetry.exporter', 'opentelemetry.proto', 'google.protobuf'))])"
    )
    told = subprocess.run(  # noqa: S603 — ours
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert told.stdout == "[]\n"


@pytest.mark.parametrize(
    ("endpoint", "more"),
    [
        ("http://collector.example:4318", {}),
        ("https://u:p@collector.example", {}),
        ("https://collector.example?x=1", {}),
        ("collector.example:4318", {}),
        ("https://collector.example", {"otel_exporter_otlp_headers": SecretStr("x")}),
    ],
)
def test_refuses_a_collector_that_others_could_hear(
    endpoint: str, more: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match="OTEL_EXPORTER_OTLP"):
        configured(endpoint, environment="production", **more)


def test_takes_one_beside_it_without_encryption() -> None:
    one = "http://127.0.0.1:4318"
    given = configured(one, environment="production")
    assert given.otel_exporter_otlp_endpoint == one
