"""The portal's settings, with the limits out of the way of the load."""

from pitchguard_site.settings import *  # noqa: F403
from pitchguard_site.settings import CHATKIT_GATEWAY, LOGGING

CHATKIT_GATEWAY["QUOTAS"] = {"hour": 10_000_000, "day": 10_000_000}
CHATKIT_GATEWAY["UPSTREAM"] = {"in_flight": 1000}
LOGGING["root"]["level"] = "WARNING"
for _logger in LOGGING["loggers"].values():
    _logger["level"] = "WARNING"
ROOT_URLCONF = "benchmarks.urls"
