"""Fixtures for every suite: people, the portal over real HTTP, and the emulator it talks to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from chatkit_gateway import capacity
from chatkit_gateway.testkit.emulator import Emulator
from tests.background_work import finish_background_work
from tests.visitor import PASSWORD, Visitor

pytest_plugins = ["chatkit_gateway.testkit.plugin"]

API_KEY = "sk-test-key-that-must-never-show-QK0e"
WORKFLOW = "wf_0123456789abcdef"


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Change CHATKIT_GATEWAY: keyword arguments are its keys, ``options`` the assistant's."""

    def change(options: dict[str, Any] | None = None, **keys: Any) -> None:
        gateway = {**settings.CHATKIT_GATEWAY, **keys}
        default = dict(gateway["ASSISTANTS"]["default"])
        default["OPTIONS"] = {**default["OPTIONS"], **(options or {})}
        gateway["ASSISTANTS"] = {**gateway["ASSISTANTS"], "default": default}
        settings.CHATKIT_GATEWAY = gateway

    return change


@pytest.fixture
def emulator(chatkit_emulator: Emulator, configure: Callable[..., None]) -> Iterator[Emulator]:
    """The OpenAI API that the portal is configured for, without memory of the test before."""
    configure(
        options={
            "api_key": API_KEY,
            "workflow_id": WORKFLOW,
            "base_url": chatkit_emulator.api_url,
        }
    )
    capacity.reset()
    yield chatkit_emulator
    capacity.reset()


def create_user(username: str, *, member: bool = False, **fields: Any) -> User:
    """Create an account with the password of all test accounts, in the members' group or not."""
    user = User.objects.create_user(username, f"{username}@example.org", PASSWORD, **fields)
    if member:
        user.groups.add(Group.objects.get(name="Club members"))
    return user


@pytest.fixture
def member(db: None) -> User:
    """A club member."""
    return create_user("maria", member=True)


@pytest.fixture
def staff(db: None) -> User:
    """A club member who is also staff."""
    return create_user("stefan", member=True, is_staff=True)


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody who can log in but is no member."""
    return create_user("otto")


@pytest.fixture
def superuser(db: None) -> User:
    """An admin."""
    return User.objects.create_superuser("ada", "ada@example.org", PASSWORD)


@pytest.fixture
def visit(live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens a browser's worth of cookies, logged in as a user if given."""
    with ExitStack() as stack:

        def open_visitor(user: User | None = None) -> Visitor:
            visitor = stack.enter_context(Visitor(live_server.url))
            return visitor.log_in(user.get_username()) if user else visitor

        yield open_visitor
        # What a logout set off must not write into the next test's database.
        finish_background_work()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests marked ``postgresql`` to the run on PostgreSQL."""
    if connection.vendor == "postgresql":
        return
    left_out = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
