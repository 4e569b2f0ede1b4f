"""The words Django translates for the widget are those that the widget has itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from chatkit_gateway.widget_texts import widget_texts

STRINGS = (
    Path(__file__).resolve().parents[1] / "chatkit_gateway/static/chatkit_gateway/widget/strings.js"
)


def test_the_same_words_on_both_sides() -> None:
    script = STRINGS.read_text() + "\nconsole.log(JSON.stringify([ENGLISH, ENGLISH_FAILURES]));"
    answer = subprocess.run(
        ["node", "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    labels, failures = json.loads(answer.stdout)
    assert widget_texts() == {**labels, "failures": failures}
