"""How the file service's pages look. Everything that comes from a file or a person is escaped."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from urllib.parse import quote

from nattbok.sandbox.bank.shape import BankDoor, BankFile, Customer, OrderState, OrderView, PaymentView

STATES = {
    OrderState.RECEIVED: "Received",
    OrderState.WAITING: "Waits",
    OrderState.ACCEPTED: "Accepted",
    OrderState.PARTLY: "Partly accepted",
    OrderState.SETTLED: "Settled",
    OrderState.REJECTED: "Rejected",
    OrderState.CANCELLED: "Cancelled",
    OrderState.RETURNED: "Returned",
}
STYLE = b"""
:root { color-scheme: light dark; --ink: #14213d; --paper: #fff; --line: #c9ced8; --soft: #eef1f6;
  --deed: #0b5cad; --bad: #a3123a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf4; --paper: #12161f; --line: #3c4454;
  --soft: #1c2230; --deed: #7db6f5; --bad: #ff8fa8; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { background: var(--soft); border-bottom: 1px solid var(--line); padding: .7rem 1rem; display: flex;
  flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
header strong { font-size: 1.15rem; }
header form { margin-left: auto; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .5rem 0 1rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
a { color: var(--deed); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
td { white-space: nowrap; }
td.sum, th.sum { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
form.line { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
label { display: grid; grid-template-columns: minmax(0, 1fr); gap: .2rem; min-width: 0; max-width: 100%; }
input, select, button { font: inherit; color: inherit; padding: .45rem .7rem; border: 1px solid currentColor;
  border-radius: .3rem; background: var(--paper); max-width: 100%; min-height: 2.75rem; }
button { background: var(--deed); color: var(--paper); border-color: var(--deed); cursor: pointer;
  white-space: nowrap; }
button.quiet { background: transparent; color: var(--deed); }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
.said { border-left: 4px solid var(--deed); background: var(--soft); padding: .6rem 1rem; }
.bad { color: var(--bad); font-weight: 600; }
.none { opacity: .8; }
"""


@dataclass(frozen=True)
class Page:
    """An answer of the file service."""

    status: str
    body: bytes
    kind: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def to(cls, path: str, headers: Iterable[tuple[str, str]] = ()) -> "Page":
        """Go and look there."""
        return cls("303 See Other", b"", headers=[("Location", path), *headers])

    @classmethod
    def said(cls, status: str, sentence: str) -> "Page":
        """One sentence, and the way back."""
        return _written(status, status[4:], f'<p>{escape(sentence)}</p><p><a href="/">Back</a></p>')

    @classmethod
    def style(cls) -> "Page":
        """The style sheet."""
        return cls("200 OK", STYLE, "text/css; charset=utf-8")


def login_page(bank: BankDoor, visit: str) -> Page:
    """Choose whom to be."""
    choices = "".join(
        f'<option value="{escape(customer.id)}">{escape(customer.name)} ({escape(customer.id)})</option>'
        for customer in bank.customers()
    )
    content = (
        "<h1>Log in to the file service</h1>"
        "<p>This is a test bank. No money is real here, so nobody asks for a password.</p>"
        f'<form class="line" method="post" action="/login">{_hidden("secret", visit)}'
        f'<label>Customer <select name="customer">{choices}</select></label>'
        "<button>Log in</button></form>"
    )
    cookie = ("Set-Cookie", f"bank={visit}; Path=/; HttpOnly; SameSite=Strict")
    page = _written("200 OK", "Log in", content)
    return Page(page.status, page.body, headers=[cookie])


def overview_page(bank: BankDoor, customer: Customer, secret: str, said: str) -> Page:
    """Everything of one customer: upload, payment files, return files, accounts, and the day."""
    content = [f"<h1>{escape(customer.name)}</h1>"]
    if said:
        content.append(f'<p class="said" role="status">{escape(said[:300])}</p>')
    content += [
        '<form class="line" method="post" action="/upload" enctype="multipart/form-data">',
        _hidden("secret", secret),
        '<label>Payment file (pain.001) <input type="file" name="file" required></label>',
        "<button>Upload</button></form>",
        "<h2>Payment files</h2>",
        _orders(bank.orders(customer)),
        "<h2>Return files that wait</h2>",
        _files(bank.waiting(customer), secret),
        "<h2>Return files put away</h2>",
        _files(bank.archived(customer)[-20:], ""),
        "<h2>Accounts</h2>",
        _accounts(bank, customer),
        "<h2>The bank's day</h2>",
        f"<p>It is {bank.today} at the bank.</p>",
        f'<form class="line" method="post" action="/advance">{_hidden("secret", secret)}',
        '<label>Bank days <input type="number" name="days" value="1" min="1" max="60"></label>',
        "<button>Advance</button></form>",
    ]
    return _written("200 OK", customer.name, "".join(content), customer, secret)


def order_page(bank: BankDoor, customer: Customer, secret: str, order: OrderView) -> Page:
    """One payment file with its payments, and its approval."""
    rows = "".join(_payment(payment) for payment in order.payments)
    foot = (
        f'<tr><th colspan="5">{len(order.payments)} payments</th>'
        f'<th class="sum">{_amount(order.total)}</th><th></th></tr>'
    )
    heads = ("Payee", "To account", "From account", "Day", "Reference", "*Amount", "State")
    content = [
        f'<p><a href="/">All files</a></p><h1>{escape(order.name)}</h1>',
        f"<p>Number {order.number}, message {escape(order.message_id)}, ",
        f"received {order.received_at:%Y-%m-%d %H:%M}: {_state(order.state)}</p>",
        f'<p class="bad">{escape(order.message)}</p>' if order.message else "",
        f"<p>Approved by {escape(order.approved_by)}.</p>" if order.approved_by else "",
        _table("Payments", heads, rows, foot),
    ]
    if order.waits_for_approval:
        content.append(
            f'<h2>Approve</h2><form class="line" method="post" action="/orders/{order.number}/approve">'
            f"{_hidden('secret', secret)}"
            '<label>Approved by <input name="by" required maxlength="100" autocomplete="name"></label>'
            "<button>Approve all payments</button></form>"
        )
    return _written("200 OK", order.name, "".join(content), customer, secret)


def _orders(orders: list[OrderView]) -> str:
    if not orders:
        return '<p class="none">None yet.</p>'
    rows = "".join(
        f'<tr><td><a href="/orders/{order.number}">{escape(order.name)}</a></td>'
        f"<td>{order.received_at:%Y-%m-%d %H:%M}</td>"
        f'<td class="sum">{len(order.payments)}</td><td class="sum">{_amount(order.total)}</td>'
        f"<td>{_state(order.state)}{', to be approved' if order.waits_for_approval else ''}</td></tr>"
        for order in orders
    )
    return _table("Payment files", ("File", "Received", "*Payments", "*Sum", "State"), rows)


def _files(files: list[BankFile], secret: str) -> str:
    if not files:
        return '<p class="none">None.</p>'
    rows = "".join(
        f'<tr><td><a href="/files/{quote(file.name, safe="")}" download>{escape(file.name)}</a></td>'
        f"<td>{escape(file.kind)}</td>"
        f"<td>{f'{file.made_at:%Y-%m-%d %H:%M}' if file.made_at else ''}</td>"
        f'<td class="sum">{file.size} bytes</td>'
        + (f"<td>{_put_away(file.name, secret)}</td>" if secret else "")
        + "</tr>"
        for file in files
    )
    heads = ("File", "Kind", "Made", "*Size", *(["To do"] if secret else []))
    return _table("Return files", heads, rows)


def _table(label: str, heads: Iterable[str], rows: str, foot: str = "") -> str:
    """A table that can be scrolled by keyboard; heads that begin with a star stand over amounts."""
    head = "".join(
        f'<th class="sum">{escape(one[1:])}</th>' if one.startswith("*") else f"<th>{escape(one)}</th>"
        for one in heads
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}"><table><thead><tr>{head}'
        f"</tr></thead><tbody>{rows}</tbody>{f'<tfoot>{foot}</tfoot>' if foot else ''}</table></div>"
    )


def _put_away(name: str, secret: str) -> str:
    return (
        f'<form method="post" action="/archive">{_hidden("secret", secret)}{_hidden("name", name)}'
        f'<button class="quiet" aria-label="Put away {escape(name)}">Put away</button></form>'
    )


def _accounts(bank: BankDoor, customer: Customer) -> str:
    rows = []
    for account in bank.accounts(customer):
        movements = bank.movements(customer, account.number)
        balance = _amount(movements[-1].balance) if movements else ""
        rows.append(
            f"<tr><td>{escape(account.number)}</td><td>{escape(account.title)}</td>"
            f"<td>{escape(account.currency)}</td>"
            f'<td class="sum">{balance}</td></tr>'
        )
    return _table("Accounts", ("Account", "Name", "Currency", "*Balance"), "".join(rows))


def _payment(payment: PaymentView) -> str:
    day = payment.booked_on or payment.asked_for
    reason = f" ({escape(payment.reason)})" if payment.reason else ""
    return (
        f"<tr><td>{escape(payment.payee)}</td><td>{escape(payment.payee_account)}</td>"
        f"<td>{escape(payment.account)}</td><td>{day}</td>"
        f"<td>{escape(payment.reference or payment.text)}</td>"
        f'<td class="sum">{_amount(payment.amount)} {escape(payment.currency)}</td>'
        f"<td>{_state(payment.state)}{reason}</td></tr>"
    )


def _state(state: OrderState) -> str:
    word = f"{STATES[state]} ({state})"
    return f'<span class="bad">{word}</span>' if state is OrderState.REJECTED else word


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\u00a0")


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _written(
    status: str, title: str, content: str, customer: Customer | None = None, secret: str = ""
) -> Page:
    logout = (
        f'<form method="post" action="/logout">{_hidden("secret", secret)}'
        '<button class="quiet">Log out</button></form>'
        if customer
        else ""
    )
    whole = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} – Test bank</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><header><strong>Test bank</strong><span>File service</span>{logout}</header>"
        f"<main>{content}</main></body></html>"
    )
    return Page(status, whole.encode())
