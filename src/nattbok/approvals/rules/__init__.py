"""What an approval is of, who may give it, and how somebody proves to be who they are."""

from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.approvals.rules.factors import Proven
from nattbok.approvals.rules.policy import LIGHT, STRONG, Asked, Light, May, Policy, needed, refusal

__all__ = [
    "LIGHT",
    "STRONG",
    "Asked",
    "Light",
    "May",
    "Policy",
    "Proven",
    "canonical",
    "fingerprint",
    "needed",
    "refusal",
]
