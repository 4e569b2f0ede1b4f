"""The site's ``SECRET_KEY`` changes, and its digests stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from chatkit_gateway.digests import chain
from chatkit_gateway.models import Digest, Issuance
from tests.sealed_audit import (
    SEALED_AT,
    change,
    issuance,
    run,
    seal,
    sealed_in_five_digests,
    verify,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NEW_KEY = "a new key " * 5
UNKNOWN_KEY = (
    "Digests 1 to 5 were changed, or signed with a key that this site does not have. Was "
    "SECRET_KEY changed, and the old one taken from SECRET_KEY_FALLBACKS before chatkit_digest had "
    "sealed with the new one?"
)


@pytest.fixture(autouse=True)
def _sealed() -> Iterator[None]:
    with sealed_in_five_digests():
        yield


def test_with_the_old_one_kept(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    issuance(13).save()
    seal()

    assert verify() == (0, [])


def test_with_the_old_one_kept_until_digests_are_signed_with_the_new(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    issuance(13).save()
    seal()
    settings.SECRET_KEY_FALLBACKS = []

    assert verify() == (0, [])
    run("UPDATE {issuance} SET username = 'otto' WHERE id = 8")
    assert verify() == (
        1,
        [
            "issuance 8 (reference ref8, 2026-11-24 03:08:00+00:00) was changed after digest 2 "
            "had sealed it."
        ],
    )


@pytest.mark.parametrize("number", [1, 2, 4])
def test_digests_of_the_old_one_cannot_be_changed(number: int, settings: Any) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [old]
    issuance(13).save()
    seal()
    settings.SECRET_KEY_FALLBACKS = []
    # Somebody has the old key.
    digest = Digest.objects.get(number=number)
    digest.count = 4
    forged = chain.signature(digest, old)
    run(
        change("digest", "count = 4", number),
        change("digest", f"signature = '{forged}'", number),
    )

    [finding] = [line for line in verify()[1] if line.startswith(f"Digest {number} (")]

    assert finding.endswith(f"was changed: digest {number + 1} knows it differently.")


def test_without_the_old_one(settings: Any) -> None:
    settings.SECRET_KEY = NEW_KEY

    assert verify() == (1, [UNKNOWN_KEY])


def test_without_the_old_one_nothing_is_added(settings: Any) -> None:
    settings.SECRET_KEY = NEW_KEY
    issuance(13).save()

    for command in ("chatkit_digest", "chatkit_prune"):
        with (
            time_machine.travel(SEALED_AT.replace(year=2030), tick=False),
            pytest.raises(CommandError, match="Digest 5, the newest, was changed, or"),
        ):
            call_command(command)

    assert Digest.objects.count() == 5
    assert Issuance.objects.count() == 12


def test_without_the_old_one_the_newest_can_be_trusted(settings: Any) -> None:
    settings.SECRET_KEY = NEW_KEY
    issuance(13).save()

    call_command("chatkit_digest", "--trust-newest")

    assert verify() == (0, [])
