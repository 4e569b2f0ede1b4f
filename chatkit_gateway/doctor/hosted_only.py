"""Which assistants run at OpenAI: what is examined about those concerns no other."""

from __future__ import annotations

from chatkit_gateway.backends import contract
from chatkit_gateway.backends.hosted import HostedBackend
from chatkit_gateway.conf import Assistant


def hosted_backend(assistant: Assistant) -> HostedBackend | None:
    """Return the backend if it is the gateway's hosted one, or made from it."""
    try:
        backend = contract.load(assistant)
    except ImportError:
        return None  # A system check names the path.
    return backend if isinstance(backend, HostedBackend) else None
