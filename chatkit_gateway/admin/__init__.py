"""The admin: the audit to look at, never to change; pauses to make and to end."""

from chatkit_gateway.admin.digests import DigestAdmin
from chatkit_gateway.admin.issuances import IssuanceAdmin
from chatkit_gateway.admin.pauses import PauseAdmin

__all__ = ["DigestAdmin", "IssuanceAdmin", "PauseAdmin"]
