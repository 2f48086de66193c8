"""Whose rules a client's e-invoices are held to: ours, or the publishers' own as well.

Ours are always asked: they need nothing but the package. The publishers' own need the extra `official` and a
store that an administrator has filled (`nattbok rules add`); what either of them finds holds the document.
"""

import atexit
import os
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import NattbokError, Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.db import server
from nattbok.documents.models import AnswerSetting
from nattbok.formats import xml
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking import official, store
from nattbok.formats.invoice.peppol_bis3 import envelope
from nattbok.formats.invoice.shape import Invoice
from nattbok.trail.actions import act
from nattbok.trail.rules import means

OWN, OFFICIAL = "own", "official"
ENGINES = {OWN: _("Nattbok's own engine"), OFFICIAL: _("Nattbok's own engine and the official rules")}
CHOSEN = means("documents.engine_chosen", _("E-invoices are held to the rules by: {engine}"))

_NOT_KEPT = _("The official rules are asked for, and none are kept for {day}.")
_lock = threading.Lock()
_engines: dict[str, official.Official] = {}


class NoOfficialRules(Refused):
    """What cannot be asked is not chosen."""

    message = _(
        "The official rules cannot be asked here: the extra package “official” must be installed, and rules "
        "in force be added with “nattbok rules add”."
    )


class NoSuchEngine(Refused):
    """There are two."""

    message = _("There is no engine “{engine}”.")


def folder() -> Path:
    """Where this installation keeps the official rules."""
    return Path(server.home()) / "rules"


def engine_of(client: Client) -> str:
    """The client's own choice, else the installation's (NATTBOK_RULE_ENGINE), else ours."""
    own = AnswerSetting.objects.filter(client=client).values_list("engine", flat=True).first()
    chosen = own or os.environ.get("NATTBOK_RULE_ENGINE", OWN)
    return chosen if chosen in ENGINES else OWN


def is_official_possible(on: date) -> bool:
    """Whether the official rules can be asked of a document of that day."""
    return official.is_installed() and store.in_force(folder(), on) is not None


@transaction.atomic
def set_engine(client: Client, engine: str, *, by: str) -> None:
    """Choose for the client. Raises NoSuchEngine and NoOfficialRules."""
    if engine not in ENGINES:
        raise NoSuchEngine(engine=engine[:20])
    if engine == OFFICIAL and not is_official_possible(timezone.localdate()):
        raise NoOfficialRules()
    row = AnswerSetting.objects.select_for_update().filter(client=client).first()
    row = row or AnswerSetting(client=client, since_at=timezone.now())
    if row.engine != engine:
        row.engine = engine
        row.save()
        act(client, CHOSEN, by, engine=engine)


def held(data: bytes, invoice: Invoice) -> Invoice:
    """The e-invoice with what the official rules find as well; what both find is said once."""
    known = {finding.code for finding in invoice.findings}
    more = [finding for finding in _found(data, invoice.issue_date) if finding.code not in known]
    return replace(invoice, findings=(*invoice.findings, *more)) if more else invoice


def _found(data: bytes, issued_on: date | None) -> list[Finding]:
    on = issued_on or timezone.localdate()
    rules = store.in_force(folder(), on)
    if rules is None:
        return [Finding(Severity.HOLD, "rules_not_kept", "", _NOT_KEPT, {"day": on.isoformat()})]
    try:
        root, _path = envelope.document(xml.parse(data))
        with _lock:
            engine = _engines.get(rules.version)
            if engine is None:
                engine = _engines[rules.version] = official.Official(rules)
            return engine.check(root)
    except NattbokError as trouble:
        return [Finding(Severity.HOLD, "rules_not_asked", "", trouble.message, trouble.values)]


@atexit.register
def _close() -> None:
    for engine in _engines.values():
        engine.close()
