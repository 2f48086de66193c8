"""Every text that is marked for people has its Norwegian and its Swedish."""

import pytest

from nattbok.site import catalogs


@pytest.mark.parametrize("language", ["nb", "sv"])
def test_every_marked_text_is_translated(language):
    assert catalogs.missing(language) == []


def test_the_marked_texts_are_found_in_code_and_templates():
    places = {text: place for place, text in catalogs.marked()}
    assert places["The check digit of the account {stated} is wrong."].startswith("formats/")
    assert places["Skip to the content"] == "web/templates/base.html"
    assert places["Night"].startswith("web/templates/")


def test_a_translation_with_other_names_than_its_text_counts_as_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogs, "LOCALE", tmp_path)
    monkeypatch.setattr(catalogs, "marked", lambda: iter([("a.py", "{count} of {total}"), ("a.py", "Whole")]))
    catalogs.extract()
    catalog = catalogs.read("nb")
    catalog.get("{count} of {total}").string = "{antall} av {total}"
    catalog.get("Whole").string = "Hel"
    catalogs.write("nb", catalog)
    assert catalogs.missing("nb") == ["{count} of {total}"]
    catalogs.compile_all()
    made = catalogs.po("nb").with_suffix(".mo")
    assert made.exists()
    before = made.stat().st_mtime_ns
    catalogs.compile_all()  # nothing is older, so nothing is made again
    assert made.stat().st_mtime_ns == before
