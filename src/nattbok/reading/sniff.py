"""What a file says that it is, by its first bytes alone: light enough to ask of every file."""

_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
_PDF_HEAD = 1_024  # bytes within which a PDF says that it is one


def is_pdf(data: bytes) -> bool:
    """Whether the bytes say that they are a PDF."""
    return b"%PDF-" in data[:_PDF_HEAD]


def is_picture(data: bytes) -> bool:
    """Whether the bytes begin as a picture of a kind that is read."""
    is_webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    return is_webp or data.startswith(_HEADS) or (data[4:8] == b"ftyp" and data[8:12] in _BRANDS)
