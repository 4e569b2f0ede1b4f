"""What is kept: the audit and its digests, the quota windows and the pauses."""

from chatkit_gateway.models.append_only import AppendOnlyError, AppendOnlyModel, AppendOnlyQuerySet
from chatkit_gateway.models.digest import Digest
from chatkit_gateway.models.export import Export
from chatkit_gateway.models.issuance import Issuance, IssuanceQuerySet
from chatkit_gateway.models.pause import Pause
from chatkit_gateway.models.quota_window import QuotaWindow
from chatkit_gateway.models.revocation import Cause, Revocation

__all__ = [
    "AppendOnlyError",
    "AppendOnlyModel",
    "AppendOnlyQuerySet",
    "Cause",
    "Digest",
    "Export",
    "Issuance",
    "IssuanceQuerySet",
    "Pause",
    "QuotaWindow",
    "Revocation",
]
