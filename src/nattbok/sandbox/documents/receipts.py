"""Receipts of small purchases, as employees photograph them."""

from datetime import date
from random import Random

from nattbok.sandbox.documents import pdf, pictures


def receipt(shop: str, paid: str, on: date) -> bytes:
    """A photo of a receipt for `paid` kroner."""
    texts = [
        pdf.Text(60, 60, shop, 16, is_bold=True),
        pdf.Text(60, 90, "KVITTERING", 14),
        pdf.Text(60, 120, f"{on:%d.%m.%Y} 12:41"),
        pdf.Text(60, 150, "Totalt NOK", 13, is_bold=True),
        pdf.Text(240, 150, paid.replace(".", ","), 13, is_bold=True, is_right=True),
    ]
    page = pictures.drawn(pdf.write([texts]), dpi=110)[0]
    return pictures.jpeg(pictures.photographed(page, Random(f"{shop}{on}")))
