"""What the demo's office has set up for all its clients: posting templates by key, and rules for coding."""

from collections.abc import Sequence

from nattbok.clients.models import Office, Person
from nattbok.db.scope import scope
from nattbok.documents.actions import office_rules
from nattbok.documents.actions.office_rules import OfficeRuleDraft
from nattbok.ledger.actions.templates import write_office_template
from nattbok.ledger.rules.templates import Template, TemplateLine

TEMPLATES = {
    "NO": (
        Template(
            "leie",
            "Husleie, tre måneder",
            (TemplateLine("6300", vat_code="1", text="Husleie {quarter}", months=3),),
        ),
        Template(
            "fors", "Forsikring, ett år", (TemplateLine("7500", text="Forsikring fra {month}", months=12),)
        ),
    ),
    "SE": (
        Template(
            "hyra",
            "Lokalhyra, tre månader",
            (TemplateLine("5010", vat_code="I25", text="Lokalhyra {quarter}", months=3),),
        ),
        Template(
            "fors", "Försäkring, ett år", (TemplateLine("6310", text="Försäkring från {month}", months=12),)
        ),
    ),
}
RULES = (
    OfficeRuleDraft("Domener", "NO", {"texts": "årsavgift domene"}, {"account": "6553"}),
    OfficeRuleDraft("Domäner", "SE", {"texts": "årsavgift domän"}, {"account": "5420"}),
)


def write(office: Office, person: Person, loaded: Sequence) -> None:
    """Keep them as the person's, for the countries that the office's clients are in."""
    with scope([one.client for one in loaded]):
        for country, templates in TEMPLATES.items():
            for template in templates:
                write_office_template(office, template, country_code=country, by=f"person:{person.pk}")
        for rule in RULES:
            office_rules.write(office, rule, person=person)
