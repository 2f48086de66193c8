"""What was sent to the bank, as the matching takes it."""

from nattbok.bank.rules.shape import SentPayment
from nattbok.clients.models import Client


def sent_payments(client: Client) -> list[SentPayment]:
    """The payments that the bank has or had and whose execution is not in the books."""
    return []
