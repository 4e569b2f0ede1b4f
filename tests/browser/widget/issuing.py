"""What a site's own endpoint would do for the widget."""

from __future__ import annotations

import json
import urllib.request

from chatkit_gateway.testkit.emulator import Emulator


def issue_secret(emulator: Emulator) -> str:
    """A client secret of the emulator, always for the same member."""
    body = {
        "user": "member",
        "workflow": {"id": "wf_demo"},
        "rate_limits": {"max_requests_per_1_minute": 1000},
        "chatkit_configuration": {"history": {"enabled": True}},
    }
    request = urllib.request.Request(  # noqa: S310
        f"{emulator.api_url}/chatkit/sessions",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer sk-test",
            "Content-Type": "application/json",
            "OpenAI-Beta": "chatkit_beta=v1",
        },
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        secret: str = json.load(response)["client_secret"]
    return secret
