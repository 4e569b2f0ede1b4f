"""Signals about client secrets, for other people's code; docs/signals.md shows how to listen.

Sent by `send_robust` with the model `Issuance` as the sender, when what they tell is committed.
What a receiver raises is logged by Django and changes nothing. None carries a client secret. The
gateway listens to none of them.
"""

from django.dispatch import Signal

client_secret_issued = Signal()
"""A client secret was issued and is about to leave. ``issuance``: its row."""

client_secret_refused = Signal()
"""A member was refused one, for a reason that the audit records.

``issuance``: the row, or None where a flood of refusals is only counted; ``code``: of the error
table; ``member_id``; ``assistant``: the alias as it was asked for; ``reference``.
"""

client_secret_revoked = Signal()
"""A client secret was ended early. ``issuance``: its row; ``revocation``: the row that ended it.

Often sent in a thread of its own, since nobody waits for the upstream.
"""
