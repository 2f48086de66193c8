"""Why a payment file cannot be written. `payment` names the payment by its end-to-end id, or the batch."""

from nattbok.base.errors import Refused
from nattbok.base.words import _


class PaymentFileEmpty(Refused):
    """A file or batch without payments says nothing that a bank could do."""

    message = _("The payment file has no payments ({payment}).")


class PaymentTwice(Refused):
    """What comes back from the bank is known by these ids alone."""

    message = _("Two payments or batches have the id {payment}.")


class PaymentIdNotWritable(Refused):
    """Ids come back as they were sent only in plain letters and up to 35 of them."""

    message = _("“{id}” cannot be an id in a payment file: 1 to 35 plain letters and digits are.")


class PaymentTooLong(Refused):
    """Nothing is cut, since what is cut is not what was approved."""

    message = _("Payment {payment}: “{text}” is longer than the {most} letters the bank takes ({field}).")


class PaymentLettersUnknown(Refused):
    """Letters that banks do not take and that are like none they do."""

    message = _("Payment {payment}: the bank does not take the letters {letters} ({field}).")


class PaymentFieldMissing(Refused):
    """What the bank demands is not there."""

    message = _("Payment {payment}: {field} is missing, and the bank demands it.")


class PaymentAmountNotWritable(Refused):
    """Amounts are never rounded when they are written."""

    message = _("Payment {payment}: {amount} {currency} is not an amount that can be paid.")


class PaymentAccountNotWritable(Refused):
    """An account number that has not the form of its kind."""

    message = _("Payment {payment}: “{account}” is not an account number of the kind {kind}.")


class PaymentCodeNotWritable(Refused):
    """A BIC, country, currency or other code that has not the form of one."""

    message = _("Payment {payment}: “{code}” cannot stand as {field}.")


class PaymentReferenceNotWritable(Refused):
    """A reference that has not the form of the payee's country."""

    message = _("Payment {payment}: “{reference}” is not a reference (KID, OCR) that can be written.")


class ReferenceWithCreditNote(Refused):
    """The bank refuses it; the payee could not place it."""

    message = _("Payment {payment}: a KID or OCR number may not be combined with a credit note.")


class ReferenceWithMore(Refused):
    """Either structured or unstructured, not both."""

    message = _(
        "Payment {payment}: give one of the reference (KID, OCR), the invoices and the text, not several."
    )


class InvoicesDoNotSum(Refused):
    """Invoices less credit notes are what is paid, to the øre."""

    message = _(
        "Payment {payment}: the invoices less the credit notes are {sum}, and {amount} is to be paid."
    )


class GiroPaysGiroOnly(Refused):
    """Swedish bankgiro payments are drawn on the own bankgiro, all others on the account: two batches."""

    message = _("Payment {payment}: only payments to a bankgiro can be drawn on a bankgiro.")
