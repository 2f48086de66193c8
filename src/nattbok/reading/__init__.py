"""From pictures and PDFs to the fields of an invoice, each with its place on the page and what proves it.

Pure: bytes and what is known of suppliers come in, dataclasses go out. What is learnt comes in as data.
"""
