"""Reading a receipt while its person waits: in a process apart, lent to one at a time, ended when idle."""

from django.utils import timezone

from nattbok.clients.models import Client, Person
from nattbok.expenses.actions.gathering import keep_reading
from nattbok.expenses.models import ExpenseReceipt
from nattbok.expenses.rules import shape
from nattbok.files import queries as files
from nattbok.reading.lent import Lent
from nattbok.reading.process import Reader

PATIENCE = 20.0  # seconds for a page
IDLE = 300.0  # seconds after which the engines' memory is given back
WAIT = 15.0  # seconds for somebody else's receipt
ILLEGIBLE = "is_illegible"


_eyes = Lent(IDLE, Reader(patience=PATIENCE))


def read_receipt(client: Client, claim: int, receipt: int, person: Person, *, by: str) -> bool:
    """Read a receipt's picture and fill in what its person has not; whether it was read now.

    Outside any transaction, since it takes seconds. Read once it is not read again. What is read is only ever
    a proposal: the person looks at it before the claim is handed in.
    """
    one = (
        ExpenseReceipt.objects.filter(
            client=client, claim=claim, pk=receipt, claim__person=person, is_removed=False
        )
        .select_related("file")
        .first()
    )
    if one is None:
        raise shape.NotYourClaim()
    if one.file is None or one.reading:
        return False
    try:
        data = files.data(one.file)
    except (OSError, files.Damaged):
        return False
    with _eyes.lent(WAIT) as reader:
        if reader is None:
            return False
        found = reader.read(data, country=client.country, on=timezone.localdate())
    kept: dict[str, object] = {
        name: {
            "value": value.value,
            "confidence": round(value.confidence, 3),
            "proof": value.proof.value,
            "source": value.source,
            "is_proven": value.is_proven,
        }
        for name, value in found.fields.items()
    }
    kept[ILLEGIBLE] = {"value": "1" if found.is_illegible else "", "engine": found.engine}
    keep_reading(client, claim, receipt, person, kept, by=by)
    return True
