"""Who asks in a benchmark: a member, and an admin."""

from __future__ import annotations

import subprocess
import sys

from tests.visitor import PASSWORD

_SCRIPT = f"""
from django.contrib.auth.models import Group, User
for name in ("member", "admin"):
    user, _ = User.objects.get_or_create(username=name)
    user.is_staff = user.is_superuser = name == "admin"
    user.set_password("{PASSWORD}")
    user.save()
User.objects.get(username="member").groups.add(Group.objects.get(name="Club members"))
"""


def prepare_database(environment: dict[str, str]) -> None:
    """Lay the tables and create the accounts `member` and `admin`, with the tests' password."""
    manage(environment, "migrate", "-v", "0")
    manage(environment, "shell", "-v", "0", "-c", _SCRIPT)


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run one of the portal's commands."""
    subprocess.run([sys.executable, "manage.py", *arguments], check=True, env=environment)
