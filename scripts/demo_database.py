"""Brings the demo's database up to date and prints its accounts.

Two management commands in one process, since starting one takes longer than running it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "pitchguard_site.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("demo_accounts", passwords=Path(sys.argv[1]))
