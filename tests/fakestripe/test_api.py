"""Stripe's API as the official library meets it at the fake."""

import threading

import pytest
import stripe
from stripe import StripeClient

from tests.fakestripe.buying import Shop, checkout, customer, library, make_shop
from tests.fakestripe.server import Backstage


@pytest.fixture
def shop(backstage: Backstage) -> Shop:
    return make_shop(backstage)


def test_another_key_is_refused(backstage: Backstage) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        library(backstage, "sk_test_other").v1.customers.list()


def test_another_version_is_refused(backstage: Backstage) -> None:
    old = StripeClient(
        backstage.key,
        base_addresses={"api": backstage.url},
        stripe_version="2020-08-27",
    )
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        old.v1.customers.list()


def test_what_the_fake_does_not_know_is_refused_and_not_passed_over(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.customers.create({"balance": 100})
    assert refused.value.code == "parameter_unknown"
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        shop.stripe.v1.coupons.list()


def test_what_is_not_there_is_missing(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.subscriptions.retrieve("sub_0")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_what_a_parameter_names_and_is_not_there_is_a_bad_request(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.subscriptions.list({"customer": "cus_0"})
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")


def test_lists_are_paged_to_their_end(shop: Shop) -> None:
    made = [customer(shop, card=None) for _ in range(5)]
    found = shop.stripe.v1.customers.list({"limit": 2})
    assert [one.id for one in found.auto_paging_iter()] == made[::-1]


def test_metadata_change_key_by_key(shop: Shop) -> None:
    id = customer(shop, card=None, metadata={"a": "1", "b": "2"})
    changed = shop.stripe.v1.customers.update(id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_a_deleted_customer_is_answered_as_one_and_has_no_subscription(
    shop: Shop,
) -> None:
    id = customer(shop)
    sub = shop.stripe.v1.subscriptions.create(
        {"customer": id, "items": [{"price": shop.team}]}
    )
    shop.stripe.v1.customers.delete(id)
    assert shop.stripe.v1.customers.retrieve(id).deleted
    assert shop.stripe.v1.subscriptions.retrieve(sub.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        checkout(shop, id)


class TestIdempotency:
    def test_the_same_key_makes_one(self, shop: Shop) -> None:
        made = {
            shop.stripe.v1.customers.create(
                {"email": "a@b.example"}, {"idempotency_key": "k"}
            ).id
            for _ in range(3)
        }
        assert len(made) == 1

    def test_other_parameters_under_a_key_are_an_error_of_their_own(
        self, shop: Shop
    ) -> None:
        shop.stripe.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        with pytest.raises(stripe.IdempotencyError) as refused:
            shop.stripe.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})
        assert refused.value.http_status == 400

    def test_two_at_once_under_a_key_are_a_conflict(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        backstage.order_fault(status=200, after=True, seconds=1, path="/v1/customers")
        answers: list[object] = []

        def create() -> None:
            try:
                options: stripe.RequestOptions = {"idempotency_key": "k"}
                answers.append(shop.stripe.v1.customers.create({}, options))
            except stripe.APIError as error:
                answers.append(error)

        both = [threading.Thread(target=create) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        [refused] = [one for one in answers if isinstance(one, stripe.APIError)]
        assert (refused.http_status, len(answers)) == (409, 2)
        assert "in-progress" in str(refused)
        assert len(shop.stripe.v1.customers.list().data) == 1

    def test_a_refusal_before_the_work_is_not_kept(self, shop: Shop) -> None:
        bad = {"email": "a@b.example", "nonsense": "1"}
        with pytest.raises(stripe.InvalidRequestError):
            shop.stripe.v1.customers.create(bad, {"idempotency_key": "k"})  # type: ignore[arg-type] # what is tried
        shop.stripe.v1.customers.create(
            {"email": "a@b.example"}, {"idempotency_key": "k"}
        )

    def test_a_declined_card_is_kept(self, shop: Shop) -> None:
        buyer = customer(shop, "pm_card_chargeCustomerFail")

        def subscribe() -> None:
            shop.stripe.v1.subscriptions.create(
                {
                    "customer": buyer,
                    "items": [{"price": shop.team}],
                    "payment_behavior": "error_if_incomplete",
                },
                {"idempotency_key": "k"},
            )

        with pytest.raises(stripe.CardError):
            subscribe()
        shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": buyer})
        with pytest.raises(stripe.CardError):
            subscribe()


class TestFaults:
    def test_an_answer_that_is_lost_leaves_the_work_done(
        self, shop: Shop, backstage: Backstage
    ) -> None:
        backstage.order_fault(status=None, after=True, path="/v1/customers")
        with pytest.raises(stripe.APIConnectionError):
            shop.stripe.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        again = shop.stripe.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
        assert [one.id for one in shop.stripe.v1.customers.list().data] == [again.id]

    @pytest.mark.parametrize(
        ("status", "raised"),
        [
            (500, stripe.APIError),
            (503, stripe.APIError),
            (429, stripe.RateLimitError),
            (None, stripe.APIConnectionError),
        ],
        ids=["500", "503", "429", "hung up"],
    )
    def test_a_fault_before_the_work_leaves_nothing(
        self,
        shop: Shop,
        backstage: Backstage,
        status: int | None,
        raised: type[Exception],
    ) -> None:
        backstage.order_fault(status=status, path="/v1/customers")
        with pytest.raises(raised):
            shop.stripe.v1.customers.create({})
        assert shop.stripe.v1.customers.list().data == []


@pytest.mark.parametrize(
    "asked",
    [
        {"currency": "eur", "unit_amount": 1.5, "recurring": {"interval": "month"}},
        {"currency": "eur", "unit_amount": -1, "recurring": {"interval": "month"}},
    ],
    ids=["a part of a cent", "less than nothing"],
)
def test_amounts_are_whole_minor_units(shop: Shop, asked: dict[str, object]) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.prices.create({**asked, "product_data": {"name": "X"}})  # type: ignore[typeddict-item] # what is tried
    assert refused.value.param == "unit_amount"
