"""Sweden."""

from nattbok.countries.country import Country
from nattbok.countries.se import accounts, calendar, expenses, identity, references, vat

SWEDEN = Country(
    code="SE",
    language="sv",
    currency="SEK",
    chart=accounts.CHART,
    accounts=accounts.ACCOUNTS,
    vat_codes=vat.VAT_CODES,
    expenses=expenses.EXPENSES,
    entertainment=expenses.ENTERTAINMENT,
    no_vat_code=expenses.NO_VAT_CODE,
    paid_from=expenses.PAID_FROM,
    goods_rates=vat.GOODS_RATES,
    purchase_vat_code=vat.purchase_vat_code,
    references=references.Ocr(),
    is_bank_day=calendar.BANK_DAYS.is_bank_day,
    next_bank_day=calendar.BANK_DAYS.next_bank_day,
    is_org_number=identity.is_org_number,
    normal_org_number=identity.normal_org_number,
    normal_account=identity.normal_account,
    same_account=identity.same_account,
    org_scheme="0007",
    retention_years=7,  # bokföringslagen 7 kap. 2 §
)
