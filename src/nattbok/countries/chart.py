"""Reads a country's chart, which lies beside its code as a table that an accountant can edit."""

import csv
from importlib.resources import files

from nattbok.countries.country import AccountKind, ChartAccount


def chart(package: str) -> tuple[ChartAccount, ...]:
    """The accounts of `chart.csv` in `package`: semicolons, UTF-8, the fields of ChartAccount as header."""
    text = files(package).joinpath("chart.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";", strict=True)
    return tuple(ChartAccount(**row | {"kind": AccountKind(row["kind"])}) for row in rows)
