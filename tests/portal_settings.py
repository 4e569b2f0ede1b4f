"""The portal's own settings with what one test lays over them: see `PortalProcess`."""

import json
import os
from typing import Any

from pitchguard_site.settings import *  # noqa: F403


def _laid_over(own: Any, change: Any) -> Any:
    if isinstance(own, dict) and isinstance(change, dict):
        return own | {key: _laid_over(own.get(key), value) for key, value in change.items()}
    return change


globals().update(_laid_over(globals(), json.loads(os.environ["TEST_PORTAL_SETTINGS"])))
