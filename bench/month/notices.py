"""How each fault of the bank's is noticed: by which question on the desk, in which words; or, where it is
rightly healed without a person, by which act on the trail."""

import re
from collections import defaultdict
from dataclasses import dataclass

from bench.month.world import Played
from nattbok.sandbox.bank.shape import Fault


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of question, or of act, and what its words have in them. An act's words are its evidence."""

    kind: str
    words: str = ""  # a pattern
    is_act: bool = False


def _asked(kind: str, words: str = "") -> Notice:
    return Notice(kind, words)


def _act(kind: str, words: str = "") -> Notice:
    return Notice(kind, words, is_act=True)


REJECTED, NOT_SENT, SILENT = "bank.payment_rejected", "bank.file_not_sent", "bank.connection_silent"
FETCHED, UPLOADED, READ = "bank.files_fetched", "bank.files_uploaded", "bank.receipt_read"
LATE, NO_RECEIPT, HELD = "bank.statement_late", "bank.receipt_late", "bank.statement_held"
REPEATS = r"'repeats': [1-9]"
_AGAIN = (_act(FETCHED, REPEATS), _act(UPLOADED, REPEATS))
_SENDING = (_asked(NOT_SENT), _act("outbox.file_found"))
# Asked about while the line on the account has not come; then the line is the proof, and says so itself.
_SILENCE = (
    _asked(NO_RECEIPT, "has not answered"),
    _act("bank.payments_executed", r"'without_receipt': [1-9]"),
)
# Fault → any of these is enough.
NOTICES: dict[Fault, tuple[Notice, ...]] = {
    Fault.RECEIPT_LATE: _SILENCE,
    Fault.RECEIPT_TWICE: _AGAIN,
    Fault.RECEIPTS_OUT_OF_ORDER: (_act(READ, r"'older': [1-9]"),),
    Fault.RECEIPTS_ONLY_NEGATIVE: _SILENCE,
    Fault.RECEIPT_UNKNOWN_REASON: (_asked(REJECTED, "ZZ99-UNKNOWN"),),
    Fault.NO_RECEIPT: _SILENCE,
    Fault.REJECT_AC04: (_asked(REJECTED, "account is closed"),),
    Fault.REJECT_AM04: (_asked(REJECTED, "too little money"),),
    Fault.REJECT_AG08: (_asked(REJECTED, "has no right to"),),
    Fault.REJECT_DU01: (_asked(REJECTED, "had this file before"),),
    Fault.RETURN_AFTER_SETTLED: (_asked("bank.returned", "came back: AC04"),),
    Fault.LINE_MISSING: (_asked(HELD, "balance"),),
    Fault.STATEMENT_LATE: (_asked(LATE, "ought to be here"),),
    Fault.SEQUENCE_GAP: (_asked("bank.statement_gap", "are missing"),),
    Fault.FILE_TWICE: _AGAIN,
    Fault.NEW_MESSAGE_ID: (_act("bank.received", r"'new': 0"),),
    Fault.DETAILS_NEVER_COME: (_asked("bank.details_missing", "no file has told which"),),
    Fault.DETAILS_DO_NOT_SUM: (_asked(HELD, "The details come to"),),
    Fault.FOREIGN_ACCOUNT: (_asked("bank.not_our_account", "not an account of this client"),),
    Fault.LATIN_1: (_asked("bank.file_refused", "UTF-8|utf-8|encod"),),
    Fault.HUGE_FILE: (_asked("bank.file_not_taken", "at most"), _asked("page", "at most")),
    Fault.CLOCK_SKEW: (_act("bank.clock_differs"),),
    Fault.NO_ANSWER: (_asked(SILENT, "did not answer"),),
    Fault.DISCONNECT_IN_UPLOAD: _SENDING,
    Fault.HOST_KEY_CHANGED: (_asked("bank.host_key_changed", "not the one that was agreed"),),
    Fault.RENAME_FAILS: _SENDING,
    Fault.FILE_GROWING: (_asked(LATE, "ought to be here"), _asked(NO_RECEIPT), _act("bank.file_growing")),
    Fault.DISK_FULL: (_asked(NOT_SENT, "no room"),),
    Fault.KEY_REVOKED: (_asked(SILENT, "not known there, or has been revoked"),),
    Fault.MAINTENANCE: (_asked(SILENT, "closed for"),),
}

# Ways over which a fault is nothing to tell of. A person who looks in the net bank once a day finds there, as
# always, the receipt that came a day late; one that does not come after that is asked about over these too.
NOTHING_TO_TELL: dict[Fault, tuple[str, ...]] = {Fault.RECEIPT_LATE: ("file",)}


def is_told(played: Played, fault: Fault) -> bool:
    """Whether the fault was noticed, or is nothing to tell of."""
    return played.form in NOTHING_TO_TELL.get(fault, ()) or bool(noticed(played, fault))


def noticed(played: Played, fault: Fault) -> str:
    """Where it was told: "desk" in a morning, "settled" when asked and answered by itself, "trail", or ""."""
    from nattbok.desk.models import Question
    from nattbok.trail.models import Act

    client = played.client
    asked = {
        (one.kind, one.reason.format_map(defaultdict(str, one.values)))
        for one in Question.objects.filter(client=client)
    }
    acts = {
        (kind, str(said)) for kind, said in Act.objects.filter(client=client).values_list("kind", "evidence")
    }
    for one in NOTICES[fault]:
        places = {"trail": acts} if one.is_act else {"desk": played.morning, "settled": asked}
        for place, said in places.items():
            if any(kind == one.kind and re.search(one.words, words) for kind, words in said):
                return f"{place}: {one.kind}"
    return ""
