"""The countries there are, found by being there: every package beside this file that has a Country."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import nattbok.countries
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.countries.country import Country


class UnknownCountry(Refused):
    """No package of ours keeps books in this country."""

    message = _("We do not keep books in {country}.")


class NotAnAccount(Refused):
    """By the country's `normal_account`, this is no number of a bank account."""

    message = _("{number} is not a bank account number: its check digit or its length is wrong.")


@cache
def _known() -> dict[str, Country]:
    packages = (
        import_module(f"{nattbok.countries.__name__}.{module.name}")
        for module in iter_modules(nattbok.countries.__path__)
        if module.ispkg
    )
    found = [item for package in packages for item in vars(package).values() if isinstance(item, Country)]
    return {item.code: item for item in sorted(found, key=lambda item: item.code)}


def codes() -> list[str]:
    """The ISO 3166 codes of all countries we keep books in, in order."""
    return list(_known())


def country(code: str) -> Country:
    """The country with this ISO 3166 code, or UnknownCountry."""
    try:
        return _known()[code]
    except KeyError:
        raise UnknownCountry(country=code) from None
