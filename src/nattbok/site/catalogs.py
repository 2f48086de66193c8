"""The catalogs of translations: gathering what is marked, and making what Django reads.

    python -m nattbok.site.catalogs extract    bring the catalogs up to date with the marked texts
    python -m nattbok.site.catalogs            make the .mo files (also done by itself at start)

Texts are English. In Python `_()`, `gettext()` and `gettext_lazy()` mark them; in templates `{% translate %}`
and `{% say %}`. A text with a value in it has its {name}, in every language.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
LANGUAGES = ("nb", "sv", "en")
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None}
NAMES = re.compile(r"\{(\w+)\}")

_TEMPLATE_TAG = re.compile(
    r"""\{%\s*(?:translate|say)\s+(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)')"""
)


def po(language: str) -> Path:
    """The catalog that people write in."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def marked() -> Iterator[tuple[str, str]]:
    """Every marked text, with the file it stands in, relative to the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            for _line, text, _comments, _context in extract_from_file("python", path, KEYWORDS):
                if isinstance(text, str) and text:
                    yield path.relative_to(PACKAGE).as_posix(), text
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        for found in _TEMPLATE_TAG.finditer(path.read_text()):
            text = found["double"] if found["double"] is not None else found["single"]
            yield path.relative_to(PACKAGE).as_posix(), re.sub(r"\\(.)", r"\1", text)


def template() -> Catalog:
    """All marked texts, untranslated, in the order of the files they stand in."""
    catalog = Catalog(project="nattbok", charset="utf-8")
    for place, text in marked():
        catalog.add(text, locations=[(place, 0)])
    return catalog


def read(language: str) -> Catalog:
    """A language's catalog as it is kept; an empty one when there is none yet."""
    path = po(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalog: Catalog) -> None:
    """Keep a catalog, without dates and line numbers, so that a diff shows texts alone."""
    path = po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.project, catalog.version, catalog.msgid_bugs_address = "nattbok", "1", ""
    catalog.fuzzy = False
    catalog.header_comment = f"# Nattbok: {language}. Made by `python -m nattbok.site.catalogs extract`."
    with path.open("wb") as file:
        write_po(
            file, catalog, width=110, include_lineno=False, ignore_obsolete=True, omit_header=False,
            sort_output=False,
        )  # fmt: skip
    # What the library writes into the header by itself changes with the clock.
    text = path.read_text()
    text = re.sub(
        r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To).*\n',
        "",
        text,
        flags=re.M,
    )
    path.write_text(text)


def extract() -> None:
    """Add to each catalog what is newly marked, and take out what no longer is. Nothing is guessed."""
    found = template()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(found, no_fuzzy_matching=True)
        write(language, catalog)


def missing(language: str) -> list[str]:
    """The marked texts that have no translation, or one with other {names} than the text has."""
    catalog = read(language)
    lacking = []
    for text in dict.fromkeys(text for _place, text in marked()):
        message = catalog.get(text)
        translated = message.string if message and not message.fuzzy else ""
        if not translated or set(NAMES.findall(translated)) != set(NAMES.findall(text)):
            lacking.append(text)
    return lacking


def compile_all() -> None:
    """Make every .mo that is missing or older than its .po. Safe in many processes at once."""
    for language in LANGUAGES:
        source = po(language)
        made = source.with_suffix(".mo")
        if not source.exists() or (made.exists() and made.stat().st_mtime >= source.stat().st_mtime):
            continue
        beside = made.with_suffix(f".{os.getpid()}")
        # An installation that its user may not write in was given its .mo files when it was made.
        with suppress(PermissionError):
            with beside.open("wb") as file:
                write_mo(file, read(language))
            beside.replace(made)


def main() -> None:
    """The two commands above."""
    match sys.argv[1:]:
        case ["extract"]:
            extract()
            for language in ("nb", "sv"):
                lacking = missing(language)
                print(f"{language}: {len(lacking)} to translate")
                for text in lacking:
                    print(f"  {text}")
        case []:
            compile_all()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
