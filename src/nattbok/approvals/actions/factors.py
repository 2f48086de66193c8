"""Second factors: setting one up, and proving to be oneself with it for one content alone."""

import datetime
import hashlib
import hmac
import math
import secrets

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from nattbok.approvals.models import Attempt, Factor, Proof, RecoveryCode
from nattbok.approvals.rules import factors as rules
from nattbok.approvals.rules.factors import (
    NoFactor,
    Proven,
    Signed,
    TooManyCodes,
    UsedCode,
    WrongCode,
    WrongPassword,
)
from nattbok.base.errors import Refused
from nattbok.clients.models import Person
from nattbok.db import vault

TOTP = "totp"
RECOVERY = "recovery"
KEPT = datetime.timedelta(days=1)


def begin_totp(person: Person, *, password: str = "", code: str = "") -> str:
    """A fresh secret that waits to be confirmed; the secret. What the person has goes on until then.

    The first factor is set up by who knows the password; another one by who has the one before it, or a
    recovery code.
    """
    if _live(person) is None:
        _guarded(person, lambda: _check_password(person, password))
    else:
        prove(person, code, sha256=_enrolment(person))
    secret = rules.new_secret()
    with transaction.atomic():
        Factor.objects.filter(person=person, method=TOTP, confirmed_at__isnull=True).update(
            removed_at=timezone.now()
        )
        Factor.objects.create(
            person=person, method=TOTP, secret=vault.sealed(secret.encode(), purpose=_purpose(person))
        )
    return secret


def confirm_totp(person: Person, code: str) -> list[str]:
    """Begin to use the factor that waits, when `code` is its code of now; ten fresh recovery codes.

    The factor before it, and its recovery codes, end. The codes are shown this once and kept as keyed hashes.
    """
    waiting = _waiting(person)
    if waiting is None:
        raise NoFactor()
    secret = _secret(waiting)

    def check() -> None:
        if rules.step_of(secret, code, at=_seconds()) is None:
            raise WrongCode()

    _guarded(person, check)
    codes = [
        "".join(secrets.choice(rules.LETTERS) for _place in range(rules.RECOVERY_LENGTH))
        for _number in range(rules.RECOVERY_CODES)
    ]
    with transaction.atomic():
        moment = timezone.now()
        Factor.objects.filter(
            person=person, method=TOTP, confirmed_at__isnull=False, removed_at__isnull=True
        ).update(removed_at=moment)
        Factor.objects.filter(pk=waiting.pk).update(confirmed_at=moment)
        # The code that confirmed it is used.
        _keep_proof(waiting, TOTP, f"step:{rules.step_of(secret, code, at=_seconds())}", _enrolment(person))
        RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=waiting, digest=_digest(waiting, one)) for one in codes
        )
    return [rules.in_groups(one) for one in codes]


def enrol_id(person: Person, provider: str, signed: Signed) -> Factor:
    """Tie an electronic id to the person, by what was signed for `enrolment_of(person)`."""
    if signed.sha256 != _enrolment(person):
        raise WrongCode()
    moment = timezone.now()
    with transaction.atomic():
        Factor.objects.filter(person=person, method=provider, removed_at__isnull=True).update(
            removed_at=moment
        )
        return Factor.objects.create(
            person=person, method=provider, subject=signed.subject, confirmed_at=moment
        )


def enrolment_of(person: Person) -> str:
    """What is signed when a factor is set up: SHA-256, hex."""
    return _enrolment(person)


def prove(person: Person, code: str, *, sha256: str) -> Proven:
    """That it is `person` who asks, by a one-time or recovery code, for the content with `sha256` alone.

    The code is spent whatever becomes of what it was given for, and each code is spent once: the database
    holds that for all processes. Committed at once, so call it outside a transaction.
    """
    factor = _live(person)
    if factor is None:
        raise NoFactor()
    found: list[Proven] = []

    def check() -> None:
        if rules.is_recovery_code(code):
            if not RecoveryCode.objects.filter(factor=factor, digest=_digest(factor, rules.plain(code))):
                raise WrongCode()
            method, reference = RECOVERY, f"recovery:{_digest(factor, rules.plain(code))}"
        else:
            step = rules.step_of(_secret(factor), code, at=_seconds())
            if step is None:
                raise WrongCode()
            _refuse_older(factor, step)
            method, reference = TOTP, f"step:{step}"
        found.append(_keep_proof(factor, method, reference, sha256))

    _guarded(person, check)
    return found[0]


def prove_by_id(person: Person, provider: str, signed: Signed, *, sha256: str) -> Proven:
    """As `prove`, by an electronic id's signing: of this content, by this person, used once."""
    factor = Factor.objects.filter(
        person=person, method=provider, subject=signed.subject, removed_at__isnull=True
    ).first()
    if factor is None or not factor.confirmed_at:
        raise NoFactor()
    if signed.sha256 != sha256:
        raise WrongCode()
    with transaction.atomic(durable=True):
        return _keep_proof(factor, provider, f"signed:{signed.reference}"[:200], sha256)


def _refuse_older(factor: Factor, step: int) -> None:
    """A step not after the last one used is refused: a code seen over the shoulder is worth nothing."""
    used = Proof.objects.filter(factor=factor, method=TOTP).values_list("reference", flat=True)
    if any(int(reference.partition(":")[2]) >= step for reference in used.order_by("-pk")[:1]):
        raise UsedCode()


def _keep_proof(factor: Factor, method: str, reference: str, sha256: str) -> Proven:
    try:
        with transaction.atomic():
            proof = Proof.objects.create(
                person_id=factor.person_id,
                factor=factor,
                method=method,
                reference=reference,
                sha256=sha256,
                at=timezone.now(),
            )
    except IntegrityError as again:
        raise UsedCode() from again
    return Proven(proof.pk, factor.person_id, method, sha256)


def _guarded(person: Person, check) -> None:
    """Run `check`; what it refuses is counted, and after a few refusals the next must wait.

    Tries of one person come one by one. A try that comes too early is not counted, so nobody is kept out
    for good by somebody else's guessing.
    """
    trouble: Refused | None = None
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"factor {person.pk}"])
        _slow_down(person)
        try:
            with transaction.atomic():
                check()
        except Refused as refused:
            trouble = refused
        Attempt.objects.create(person=person, succeeded=trouble is None)
    if trouble is not None:
        raise trouble


def _slow_down(person: Person) -> None:
    moment = timezone.now()
    mine = Attempt.objects.filter(person=person)
    mine.filter(at__lt=moment - KEPT).delete()
    good = mine.filter(succeeded=True).order_by("-at").values_list("at", flat=True).first()
    failures = mine.filter(succeeded=False)
    if good:
        failures = failures.filter(at__gt=good)
    last = failures.order_by("-at").values_list("at", flat=True).first()
    if last is None:
        return
    until = last + datetime.timedelta(seconds=rules.wait(failures.count()))
    if until > moment:
        raise TooManyCodes(minutes=math.ceil((until - moment).total_seconds() / 60))


def _live(person: Person) -> Factor | None:
    return Factor.objects.filter(
        person=person, method=TOTP, confirmed_at__isnull=False, removed_at__isnull=True
    ).first()


def _waiting(person: Person) -> Factor | None:
    return (
        Factor.objects.filter(person=person, method=TOTP, confirmed_at__isnull=True, removed_at__isnull=True)
        .order_by("-pk")
        .first()
    )


def waiting_secret(person: Person) -> str:
    """The secret of the factor that waits to be confirmed; "" when none does."""
    waiting = _waiting(person)
    return _secret(waiting) if waiting else ""


def _check_password(person: Person, password: str) -> None:
    if not person.check_password(password):
        raise WrongPassword()


def _secret(factor: Factor) -> str:
    return vault.opened(factor.secret, purpose=f"totp:{factor.person_id}").decode()


def _purpose(person: Person) -> str:
    return f"totp:{person.pk}"


def _enrolment(person: Person) -> str:
    return hashlib.sha256(f"factor of person {person.pk}".encode()).hexdigest()


def _digest(factor: Factor, code: str) -> str:
    key = f"recovery {factor.pk} {settings.SECRET_KEY}".encode()
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def _seconds() -> int:
    return int(timezone.now().timestamp())
