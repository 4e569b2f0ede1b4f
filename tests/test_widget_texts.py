"""The words Django translates for the widget are those that the widget has itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from chatkit_gateway.widget_texts import widget_texts
from tests.catalogue import compile_catalogue

STRINGS = (
    Path(__file__).resolve().parents[1] / "chatkit_gateway/static/chatkit_gateway/widget/strings.js"
)


def test_the_same_words_on_both_sides() -> None:
    script = STRINGS.read_text() + "\nconsole.log(JSON.stringify([ENGLISH, ENGLISH_FAILURES]));"
    answer = subprocess.run(
        ["node", "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    labels, failures = json.loads(answer.stdout)
    assert widget_texts("en") == {**labels, "failures": failures}


@pytest.mark.parametrize(
    ("asked", "word"),
    [("de", "Senden"), ("de-AT", "Senden"), ("zh-CN", "发送"), ("zh-Hans", "发送"), ("en", "Send")],
)
def test_a_locale_of_its_own__is_followed(
    asked: str, word: str, settings: Any, tmp_path: Path
) -> None:
    compile_catalogue(tmp_path, "de", {"Send": "Senden"})
    compile_catalogue(tmp_path, "zh_Hans", {"Send": "发送"})
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]
    settings.LOCALE_PATHS = [tmp_path]
    assert widget_texts(asked)["send"] == word


def test_a_locale_the_site_does_not_speak__gets_the_pages_words(
    settings: Any, tmp_path: Path
) -> None:
    compile_catalogue(tmp_path, "de", {"Send": "Senden"})
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    settings.LOCALE_PATHS = [tmp_path]
    with override("de"):
        assert widget_texts("fi")["send"] == "Senden"
