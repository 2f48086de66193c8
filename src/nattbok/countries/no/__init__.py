"""Norway."""

from nattbok.countries.country import Country
from nattbok.countries.no import accounts, calendar, expenses, identity, references, vat

NORWAY = Country(
    code="NO",
    language="nb",
    currency="NOK",
    chart=accounts.CHART,
    accounts=accounts.ACCOUNTS,
    vat_codes=vat.VAT_CODES,
    expenses=expenses.EXPENSES,
    entertainment=expenses.ENTERTAINMENT,
    no_vat_code=expenses.NO_VAT_CODE,
    paid_from=expenses.PAID_FROM,
    goods_rates=vat.GOODS_RATES,
    purchase_vat_code=vat.purchase_vat_code,
    references=references.Kid(),
    is_bank_day=calendar.BANK_DAYS.is_bank_day,
    next_bank_day=calendar.BANK_DAYS.next_bank_day,
    is_org_number=identity.is_org_number,
    normal_org_number=identity.normal_org_number,
    normal_account=identity.normal_account,
    same_account=identity.same_account,
    org_scheme="0192",
    retention_years=5,  # bokføringsloven § 13
)
