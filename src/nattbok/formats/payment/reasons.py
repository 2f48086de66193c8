"""Why a bank rejects, returns or keeps waiting, in plain words, and what to do about it.

Source: ISO 20022, External Code Sets, ExternalStatusReason1Code and ExternalReturnReason1Code; which of them
Nordic banks use: the Norwegian banks' common guide for pain.002.
"""

from typing import NamedTuple

from nattbok.base.words import _


class Explained(NamedTuple):
    """A reason code in plain words, both sentences marked for translation."""

    meaning: str
    advice: str


_ACCOUNT = _(
    "Check the payee's account number with the payee, and have a change confirmed before paying again."
)
_DUPLICATE = _("Do not send it again. Look in the bank for the first one, and whether it was paid.")
_DEBTOR_ACCOUNT = _("Check the account that pays, and its agreement with the bank.")
_DATE = _("Choose a bank day from today on, and approve the payment anew.")
_RIGHTS = _(
    "Ask the bank, or the client's administrator there, to give the right, and send the payment again."
)
_PAYEE = _("Complete the payee's name and address, and send the payment again.")
_BANK = _("Ask the bank what it means before anything is sent again.")
_REFERENCE = _("Check the reference against the invoice, correct it, and approve the payment anew.")
_LIMIT = _("Split the payment with the bank's consent, or have the limit raised.")
_FUNDS = _(
    "See to it that there is money on the account, and send the payment again if the bank has not kept it."
)
_FORMAT = _("Report it: the file was not as the bank wants it. Nothing of it is paid.")

REASONS: dict[str, Explained] = {
    "AC01": Explained(_("The account number is wrong."), _ACCOUNT),
    "AC02": Explained(_("The number of the account that pays is wrong."), _DEBTOR_ACCOUNT),
    "AC03": Explained(_("The payee's account number is wrong."), _ACCOUNT),
    "AC04": Explained(_("The payee's account is closed."), _ACCOUNT),
    "AC05": Explained(_("The account that pays is closed."), _DEBTOR_ACCOUNT),
    "AC06": Explained(_("The account is blocked."), _ACCOUNT),
    "AC07": Explained(_("The payee's account is closed."), _ACCOUNT),
    "AC13": Explained(_("The account that pays is of a kind that cannot."), _DEBTOR_ACCOUNT),
    "AC14": Explained(_("The payee's account is of a kind that cannot be paid to."), _ACCOUNT),
    "AG01": Explained(_("This kind of payment is not allowed on the account."), _DEBTOR_ACCOUNT),
    "AG02": Explained(_("The bank does not know this kind of payment."), _FORMAT),
    "AG03": Explained(_("The account has no agreement for this kind of payment."), _DEBTOR_ACCOUNT),
    "AG08": Explained(_("Who approved has no right to pay from the account."), _RIGHTS),
    "AG09": Explained(_("The payment never reached the payee's bank."), _BANK),
    "AM01": Explained(_("The amount is zero."), _FORMAT),
    "AM02": Explained(_("The amount is over what may be paid at once."), _LIMIT),
    "AM03": Explained(_("The currency cannot be paid from or to this account."), _BANK),
    "AM04": Explained(_("There is too little money on the account."), _FUNDS),
    "AM05": Explained(_("The bank has had this payment before."), _DUPLICATE),
    "AM09": Explained(_("The amount is not what was agreed."), _BANK),
    "AM10": Explained(_("The sum of the file is not that of its payments."), _FORMAT),
    "AM14": Explained(_("The amount is over the limit agreed with the bank."), _LIMIT),
    "AM18": Explained(_("The number of payments is not what the file says."), _FORMAT),
    "BE01": Explained(_("The name does not belong to the account."), _ACCOUNT),
    "BE04": Explained(_("The payee's address is missing or wrong."), _PAYEE),
    "BE06": Explained(_("The payee's bank does not know the payee."), _ACCOUNT),
    "BE07": Explained(_("The payer's address is missing or wrong."), _BANK),
    "BE09": Explained(_("The payee's country is missing or wrong."), _PAYEE),
    "BE22": Explained(_("The payee's name is missing."), _PAYEE),
    "CH03": Explained(_("The day of payment is too far ahead."), _DATE),
    "CH20": Explained(_("The amount has more decimals than the currency has."), _FORMAT),
    "CNOR": Explained(_("The payee's bank cannot be reached by this kind of payment."), _ACCOUNT),
    "CURR": Explained(_("The currency is wrong."), _BANK),
    "CUST": Explained(_("The payment was stopped at the customer's own request."), _BANK),
    "DNOR": Explained(_("The paying bank cannot be reached by this kind of payment."), _DEBTOR_ACCOUNT),
    "DS0H": Explained(_("Who approved has no right to pay from the account."), _RIGHTS),
    "DT01": Explained(_("The day of payment is not one that the bank can pay on."), _DATE),
    "DT04": Explained(_("The day of payment is too far ahead."), _DATE),
    "DT06": Explained(
        _("The bank moved the day of payment."), _("Nothing needs to be done; see the new day.")
    ),
    "DU01": Explained(_("The bank has had this payment file before."), _DUPLICATE),
    "DU02": Explained(_("The bank has had this batch of payments before."), _DUPLICATE),
    "DU03": Explained(_("The bank has had this payment before."), _DUPLICATE),
    "DU04": Explained(_("The bank has had a payment with this id before."), _DUPLICATE),
    "DU05": Explained(_("The bank has had a payment with this id before."), _DUPLICATE),
    "DUPL": Explained(_("The bank has had this payment before."), _DUPLICATE),
    "ED05": Explained(_("The settlement between the banks failed."), _BANK),
    "FF01": Explained(_("The file is not as the bank wants it."), _FORMAT),
    "FOCR": Explained(_("The payment came back because it was asked to be stopped."), _BANK),
    "MD07": Explained(_("The payee has died."), _("Ask the payee's estate where to pay.")),
    "MS02": Explained(_("The payee does not want the payment; why is not said."), _BANK),
    "MS03": Explained(_("The bank gives no reason."), _BANK),
    "NARR": Explained(_("The reason is what the bank has written."), _BANK),
    "NOAS": Explained(_("The payee did not answer."), _BANK),
    "RC01": Explained(_("The BIC or the clearing number of the payee's bank is wrong."), _ACCOUNT),
    "RC04": Explained(_("The payee's bank is wrong or cannot be reached."), _ACCOUNT),
    "RC07": Explained(_("The BIC of the payee's bank is wrong."), _ACCOUNT),
    "RF01": Explained(_("The id of the payment has been used before."), _DUPLICATE),
    "RR01": Explained(_("The payer's account or id is missing, which the authorities demand."), _BANK),
    "RR02": Explained(_("The payer's name or address is missing, which the authorities demand."), _BANK),
    "RR03": Explained(_("The payee's name or address is missing, which the authorities demand."), _PAYEE),
    "RR04": Explained(_("The bank may not carry the payment out, for a reason in the law."), _BANK),
    "RR07": Explained(_("The text or the reference of the payment is wrong."), _REFERENCE),
    "RR09": Explained(_("The reference (KID, OCR) is wrong."), _REFERENCE),
    "RR12": Explained(_("The payee's organisation number is missing or wrong."), _PAYEE),
    "TM01": Explained(_("The file came after the bank's cut-off."), _DATE),
}
UNKNOWN = Explained(_("The bank gives a reason that is not known here."), _BANK)


def explained(code: str) -> Explained:
    """What the code means and what to do; `UNKNOWN` for what ISO has not, or for the bank's own codes."""
    return REASONS.get(code, UNKNOWN)
