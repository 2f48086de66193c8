"""What is set for a supplier, and for how a client's bills are coded."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents.models import CodingPractice, SupplierSetting
from nattbok.documents.queries import deciding
from nattbok.documents.queries.suppliers import may_approve
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.coding import CodedLine, Setting, Unclear
from nattbok.documents.rules.decision import known, sellers
from nattbok.documents.rules.likeness import Seen
from nattbok.documents.rules.parts import Terms
from nattbok.documents.rules.shares import Share
from nattbok.ledger.models import Books
from nattbok.ledger.queries.templates import templates
from nattbok.ledger.rules.spreading import check_months
from nattbok.trail.actions import act
from nattbok.trail.rules import means

SET = means("documents.supplier_set", _("How bills from {supplier} are coded was set"))
DEDUCTS = means("documents.deducts_vat", _("It was set that the client deducts VAT on what it buys"))
DEDUCTS_NOT = means(
    "documents.deducts_no_vat", _("It was set that the client does not deduct VAT on what it buys")
)

CHANNELS = ("", "einvoice", "mail", "paper")


class NotASupplier(Refused):
    """A setting is of one of the client's suppliers."""

    message = _("There is no such supplier.")


class SettingAccount(Refused):
    """What is set can be posted to."""

    message = _("Account {account} is not in the chart, is no longer in use, or is not one for costs.")


class SettingVatCode(Refused):
    """A VAT code that is set is one for purchases."""

    message = _("There is no VAT code {code} for purchases.")


class SettingTemplate(Refused):
    """A template that is set is there."""

    message = _("There is no template {key} in these books.")


class SeveralCodings(Refused):
    """A supplier's bills go one way."""

    message = _("Set an account or a split key, or a template; a template has its own accounts.")


class BadLimit(Refused):
    """A limit is an amount."""

    message = _("The limit is an amount of zero or more, in whole øre.")


class NotTheirApprover(Refused):
    """Who approves may enter the books."""

    message = _("The approver must be somebody who may enter this client’s books.")


class NoSuchChannel(Refused):
    """Bills come in known ways."""

    message = _("“{written}” is not a way that bills come.")


class NothingBefore(Refused):
    """To post like last time, there must have been one."""

    message = _("No bill from this supplier is posted that this one could be like.")


@dataclass(frozen=True, slots=True)
class SupplierDraft:
    """What a person sets for a supplier; blank is not set."""

    account: str = ""
    vat_code: str = ""
    limit: Decimal | None = None
    may_post: bool = True
    dimensions: Mapping[str, str] | None = None
    shares: Sequence[Share] = ()
    template: str = ""
    months: int = 0
    approver: int | None = None  # a person's id
    charges_vat: bool | None = None
    channel: str = ""


@transaction.atomic
def set_supplier(client: Client, supplier: int, *, by: str, **values: object) -> int:
    """Say how a supplier's bills are coded, and how much of them the robot may post; the version.

    `values` are the fields of SupplierDraft; what is left out is blank. Each time is a version, kept in the
    act. Set again to the same, nothing is changed.
    """
    Books.objects.select_for_update().get(client=client)  # versions are counted one at a time
    chosen = {each.id: each for each in deciding.suppliers(client)}.get(supplier)
    if chosen is None:
        raise NotASupplier()
    draft = SupplierDraft(**values)  # type: ignore[arg-type]
    _check(client, draft)
    kept = _kept(draft)
    row = SupplierSetting.objects.filter(client=client, supplier_id=supplier).first()
    if row is not None and all(getattr(row, name) == value for name, value in kept.items()):
        return row.version
    version = row.version + 1 if row else 1
    SupplierSetting.objects.update_or_create(
        client=client, supplier_id=supplier, defaults=kept | {"version": version}
    )
    told = kept | {"limit": None if draft.limit is None else str(draft.limit)}
    act(client, SET, by, supplier=chosen.name, supplier_id=supplier, version=version, setting=told)
    return version


def _kept(draft: SupplierDraft) -> dict:
    values = asdict(draft)
    approver = values.pop("approver")
    return values | {
        "approver_id": approver,
        "shares": split_keys.written(draft.shares),
        "dimensions": {k: v for k, v in (draft.dimensions or {}).items() if v} or None,
        "months": draft.months if draft.months > 1 else 0,
    }


def _check(client: Client, draft: SupplierDraft) -> None:
    usable = deciding.accounts(client)
    for account in (draft.account, *(each.account for each in draft.shares)):
        if account and account not in usable:
            raise SettingAccount(account=account[:20])
    for number, each in enumerate(draft.shares, 1):
        if not (each.account or draft.account):
            raise split_keys.ShareWithoutAccount(number=number)
    code = country(client.country).vat_codes.get(draft.vat_code)
    if draft.vat_code and (code is None or code.direction is VatDirection.OUTPUT):
        raise SettingVatCode(code=draft.vat_code[:20])
    if draft.template:
        if draft.account or draft.shares:
            raise SeveralCodings()
        if draft.template not in templates(client):
            raise SettingTemplate(key=draft.template[:20])
    if draft.months > 1:
        check_months(draft.months)
    limit = draft.limit
    if limit is not None and (not limit.is_finite() or limit < 0 or limit != round(limit, 2)):
        raise BadLimit()
    if draft.channel not in CHANNELS:
        raise NoSuchChannel(written=draft.channel[:20])
    if draft.approver is not None and draft.approver not in dict(may_approve(client)):
        raise NotTheirApprover()


@transaction.atomic
def set_practice(client: Client, *, deducts_vat: bool, by: str) -> None:
    """Say whether the client may deduct VAT on what it buys: one that is not registered may not."""
    Books.objects.select_for_update().get(client=client)
    if deducts_vat == deciding.deducts_vat(client):
        return
    CodingPractice.objects.update_or_create(client=client, defaults={"deducts_vat": deducts_vat})
    act(client, DEDUCTS if deducts_vat else DEDUCTS_NOT, by)


def like_last_time(client: Client, document_id: int) -> tuple[CodedLine, ...]:
    """The document's lines coded as the last bill of its supplier was posted; nothing is written.

    They come to the document's own VAT groups. Raises NothingBefore.
    """
    found = deciding.with_entry(client).select_related("file").get(pk=document_id)
    bill = deciding.bill_of(client, found)
    books = deciding.books(client, [bill], today=bill.issued_on or found.received_at.date())
    suppliers = sellers(bill, books.suppliers, books.chosen)
    history = books.history.get(suppliers[0].id, ()) if len(suppliers) == 1 else ()
    if not history:
        raise NothingBefore()
    last = max(history, key=lambda past: past.entry)
    before = replace(known(books, suppliers[0]), history=[last], seen=Seen(), rules=())
    stated = books.terms.get(bill.document, Terms())
    coded = codings.code(
        bill, supplier=suppliers[0], setting=Setting(), known=before, parts=stated.parts,
        from_month=stated.from_month,
    )  # fmt: skip
    lines = coded
    if isinstance(coded, Unclear):
        lines = coded.proposals[0] if coded.proposals else ()
    if not lines:
        raise NothingBefore()
    return tuple(lines)
