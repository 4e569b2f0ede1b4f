"""pytest fixtures that come with the package; loaded in every test run, so nothing heavy here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .emulator import Emulator


@pytest.fixture(scope="session")
def chatkit_emulator_server() -> Iterator[Emulator]:
    """One emulator for the whole run; tests take `chatkit_emulator`, which is clean."""
    from .emulator import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def chatkit_emulator(chatkit_emulator_server: Emulator) -> Iterator[Emulator]:
    """The emulator of the OpenAI API as new, with no faults, sessions or recorded requests."""
    chatkit_emulator_server.reset()
    yield chatkit_emulator_server
    chatkit_emulator_server.reset()


@pytest.fixture
def chatkit_assistant_settings(chatkit_emulator: Emulator, settings: Any) -> dict[str, Any]:
    """Point the assistant `default` of the site's settings at the emulator; its `OPTIONS`.

    Needs pytest-django. The options that name no key, workflow or address are kept.
    """
    gateway = getattr(settings, "CHATKIT_GATEWAY", {})
    assistants = gateway.get("ASSISTANTS", {})
    default = assistants.get("default", {})
    options: dict[str, Any] = default.get("OPTIONS", {}) | {
        "api_key": "sk-emulated",
        "workflow_id": "wf_emulated",
        "base_url": chatkit_emulator.api_url,
    }
    assistants = assistants | {"default": default | {"OPTIONS": options}}
    settings.CHATKIT_GATEWAY = gateway | {"ASSISTANTS": assistants}
    return options
