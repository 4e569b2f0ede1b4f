"""The portal's own settings with what one test lays over them: see `PortalProcess`."""

import json
import os

from pitchguard_site.settings import *  # noqa: F403

_changes = json.loads(os.environ["TEST_PORTAL_SETTINGS"])
CHATKIT_GATEWAY |= _changes.pop("CHATKIT_GATEWAY", {})  # noqa: F405
globals().update(_changes)
