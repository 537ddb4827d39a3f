"""The OpenAPI document says what a webhook endpoint is sent, for each event."""

from fastapi import FastAPI

from app.api.openapi import document
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from tests.builders_notices import a_notice


def test_each_event_has_its_webhook(template_app: FastAPI) -> None:
    made = document(template_app)
    assert set(made["webhooks"]) == {event.value for event in NoticeEvent}
    for entry in made["webhooks"].values():
        headers = [one["name"] for one in entry["post"]["parameters"]]
        assert headers == ["webhook-id", "webhook-timestamp", "webhook-signature"]


def test_the_schema_names_what_a_notice_holds(template_app: FastAPI) -> None:
    schemas = document(template_app)["components"]["schemas"]
    notice = a_notice(new_id()).model_dump(mode="json")
    assert set(notice) == set(schemas["Notice"]["properties"])
    for part in ("Named", "NotedAccount", "NotedError"):
        assert part in schemas
