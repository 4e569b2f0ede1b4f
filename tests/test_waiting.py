"""Waits in words: in a fitting unit, and never too short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from chatkit_gateway.waiting import until_open_again
from tests.catalogue import compile_catalogue


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (2, "2 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (1500, "25 minutes"),
        (1501, "26 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (7201, "3 hours"),
        (86_400, "24 hours"),
    ],
)
def test_words(seconds: int, words: str) -> None:
    assert until_open_again(seconds) == f"You can open it again in {words}."


def test_plural_of_the_language(settings: Any, tmp_path: Path) -> None:
    both = "You can open it again in %(count)d minute.\0You can open it again in %(count)d minutes."
    german = "In %(count)d Minute wieder.\0In %(count)d Minuten wieder."
    compile_catalogue(tmp_path, "de", {both: german})
    settings.LOCALE_PATHS = [tmp_path]
    with override("de"):
        assert until_open_again(60) == "In 1 Minute wieder."
        assert until_open_again(120) == "In 2 Minuten wieder."
