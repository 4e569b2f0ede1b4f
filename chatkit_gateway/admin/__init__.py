"""The admin: the audit to look at, never to change; secrets to revoke; pauses to make and end."""

from chatkit_gateway.admin.digests import DigestAdmin
from chatkit_gateway.admin.exports import ExportAdmin
from chatkit_gateway.admin.issuances import IssuanceAdmin
from chatkit_gateway.admin.pauses import PauseAdmin
from chatkit_gateway.admin.revocations import RevocationAdmin

__all__ = ["DigestAdmin", "ExportAdmin", "IssuanceAdmin", "PauseAdmin", "RevocationAdmin"]
