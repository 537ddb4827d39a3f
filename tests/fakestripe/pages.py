"""The hosted pages as a browser shows them: plain forms, labelled as the fake's."""

from html import escape
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tests.fakestripe import checkout, life
from tests.fakestripe.api_sales import books_of
from tests.fakestripe.books import Books, Json
from tests.fakestripe.refusals import Refused

router = APIRouter()

LABEL = "Test checkout: this is a fake of Stripe, and no money moves here."
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}}
.label{{background:#ffe08a;color:#000;padding:.5rem 1rem;font-weight:bold}}
label{{display:block;margin:.5rem 0}} [role=alert]{{color:#a00}}</style></head>
<body><p class="label">{label}</p><h1>{title}</h1>{body}</body></html>"""


def _page(title: str, body: str, code: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, label=LABEL, body=body), code)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def money(amount: int, currency: str) -> str:
    """As minor units and a currency; how many make a whole one is not the fake's
    business."""
    return f"{amount} {escape(currency.upper())} (minor units)"


@router.get("/pay/{id}")
async def show_checkout(request: Request, id: str) -> Response:
    """The page that the session's URL leads to."""
    books = books_of(request)
    life.catch_up(books)
    session = books.get("checkout.session", id)
    return _checkout_page(books, session)


def _checkout_page(books: Books, session: Json, error: str = "") -> Response:
    if session["status"] != "open":
        return _page("This checkout is over", f"<p>It is {session['status']}.</p>", 410)
    rows = "".join(
        f"<li>{escape(books.objects[price['product']]['name'])}: "
        f"{money(price['unit_amount'] * one.quantity, price['currency'])} "
        f"per {price['recurring']['interval']}</li>"
        for one in books.checkouts[session["id"]].line_items
        if (price := books.objects[one.price])
    )
    trial = books.checkouts[session["id"]].subscription_data.trial_period_days
    free = f"<p>The first {trial} days are free.</p>" if trial else ""
    required = "required" if checkout.needs_card(books, session) else ""
    back = session["cancel_url"]
    leave = f'<p><a href="{escape(back)}">Back without paying</a></p>' if back else ""
    alert = f'<p role="alert">{escape(error)}</p>' if error else ""
    email = (
        ""
        if session["customer"]
        else '<label>Email <input name="email" type="email" required></label>'
    )
    return _page(
        "Subscribe",
        f"""<ul>{rows}</ul>{free}{alert}
<form method="post">{email}
<label>Card number <input name="card" inputmode="numeric" {required}
 placeholder="4242 4242 4242 4242"></label>
<label>Country <input name="country" maxlength="2" placeholder="DE"></label>
<button type="submit">Subscribe</button></form>{leave}""",
        402 if error else 200,
    )


@router.post("/pay/{id}")
async def pay(request: Request, id: str) -> Response:
    """Complete the session and go where it says."""
    books = books_of(request)
    life.catch_up(books)
    session, form = books.get("checkout.session", id), await _form(request)
    try:
        checkout.complete(
            books,
            session,
            number=form.get("card", ""),
            country=form.get("country", ""),
            email=form.get("email", ""),
        )
    except Refused as refused:
        return _checkout_page(books, session, str(refused))
    goal = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return RedirectResponse(goal, status.HTTP_303_SEE_OTHER)


@router.get("/portal/{id}")
async def show_portal(request: Request, id: str) -> Response:
    books = books_of(request)
    life.catch_up(books)
    return _portal_page(books, books.get("billing_portal.session", id))


def _portal_page(books: Books, session: Json, error: str = "") -> Response:
    customer = books.get("customer", session["customer"])
    alert = f'<p role="alert">{escape(error)}</p>' if error else ""
    subs = "".join(
        _of_subscription(books, sub) for sub in checkout.living(books, customer)
    )
    bills = "".join(
        f"<li>{escape(str(made['number']))}: "
        f"{money(made['amount_due'], made['currency'])}, {made['status']}"
        + (
            _button("pay", "Pay", invoice=made["id"])
            if made["status"] == "open"
            else ""
        )
        + "</li>"
        for made in books.every("invoice", customer=customer["id"])
    )
    back = session["return_url"]
    leave = f'<p><a href="{escape(back)}">Return</a></p>' if back else ""
    return _page(
        "Your subscription",
        f"""{alert}{subs or "<p>There is none.</p>"}
<h2>Card</h2><form method="post"><input type="hidden" name="act" value="card">
<label>Card number <input name="card" required></label><button>Change</button></form>
<h2>Invoices</h2><ul>{bills}</ul>{leave}""",
        402 if error else 200,
    )


def _of_subscription(books: Books, sub: Json) -> str:
    price = sub["items"]["data"][0]["price"]
    others = "".join(
        _button(
            "plan", f"Change to {_name(books, one)}", sub=sub["id"], price=one["id"]
        )
        for one in books.every("price", active=True)
        if one["id"] != price["id"] and one["currency"] == sub["currency"]
    )
    ends = sub["cancel_at_period_end"]
    turn = (
        _button("resume", "Do not cancel", sub=sub["id"])
        if ends
        else _button("cancel", "Cancel at the end of the period", sub=sub["id"])
    )
    state = f"{sub['status']}{', ends with its period' if ends else ''}"
    return f"<section><h2>{_name(books, price)}: {state}</h2>{others}{turn}</section>"


def _name(books: Books, price: Json) -> str:
    name = escape(books.objects[price["product"]]["name"])
    return f"{name}, each {price['recurring']['interval']}"


def _button(act: str, text: str, **hidden: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"act": act, **hidden}.items()
    )
    return f'<form method="post">{fields}<button type="submit">{text}</button></form>'


@router.post("/portal/{id}")
async def use_portal(request: Request, id: str) -> Response:
    """Do what a button says."""
    books = books_of(request)
    life.catch_up(books)
    session, form = books.get("billing_portal.session", id), await _form(request)
    customer = books.get("customer", session["customer"])
    try:
        _act(books, customer, form)
    except Refused as refused:
        return _portal_page(books, session, str(refused))
    return RedirectResponse(request.url.path, status.HTTP_303_SEE_OTHER)


def _act(books: Books, customer: Json, form: dict[str, str]) -> None:
    match form:
        case {"act": "card", "card": number}:
            checkout.change_card(books, customer, number)
        case {"act": "plan", "sub": sub, "price": price}:
            checkout.change_plan(books, customer, sub, price)
        case {"act": "cancel" | "resume" as act, "sub": sub}:
            checkout.cancel_later(books, customer, sub, is_so=act == "cancel")
        case {"act": "pay", "invoice": invoice}:
            checkout.pay_open(books, customer, invoice)
        case _:
            raise Refused(400, "The page has no such button.")
