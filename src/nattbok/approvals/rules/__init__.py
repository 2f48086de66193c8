"""What an approval is of, who may give it, and how somebody proves to be who they are."""

from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.approvals.rules.factors import Proven
from nattbok.approvals.rules.policy import Asked, May, Policy, needed, refusal

__all__ = ["Asked", "May", "Policy", "Proven", "canonical", "fingerprint", "needed", "refusal"]
