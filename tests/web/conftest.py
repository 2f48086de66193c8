"""The pages are tested in the reader's language, so the catalogs must be made."""

from nattbok.site.catalogs import compile_all

compile_all()
