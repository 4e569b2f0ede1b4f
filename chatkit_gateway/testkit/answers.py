"""What the emulator says in place of a model."""

from __future__ import annotations

import re

_TITLE_LENGTH = 48


def offline_demo(question: str) -> str:
    """An answer that nobody takes for a model's, with every kind of formatting a chat shows."""
    words = question.split()
    quoted = "\n".join(f"> {line}" for line in question.splitlines()) or "> (an empty message)"
    longest = max(words, key=len, default="-")
    return f"""\
**Offline demo.** No model was asked; this answer was made by the emulator of the OpenAI API.

{quoted}

## What can be said without a model

- Your message has **{len(words)} words** and {len(question)} characters.
- Its longest word is *{_plain(longest)}*.
- It reached the conversation with a short-lived client secret, as it would reach OpenAI.

### How to get a real answer

1. Set `OPENAI_API_KEY` and `CHATKIT_WORKFLOW_ID`.
2. Start the site again.

```python
message = "{_plain(" ".join(words)[:40])}"
print(len(message.split()), "words")
```

More about it is in [OpenAI's guide to ChatKit](https://platform.openai.com/docs/guides/chatkit).
"""


def title(question: str) -> str:
    """A short title for a conversation that begins with this message."""
    text = " ".join(question.split())
    if len(text) <= _TITLE_LENGTH:
        return text or "Untitled"
    return text[:_TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def pieces(answer: str) -> list[str]:
    """An answer cut the way a model streams it: about a word at a time."""
    return re.findall(r"\s*\S+|\s+$", answer)


def _plain(text: str) -> str:
    """Text that cannot end the formatting around it."""
    return re.sub(r"[^\w\s.,:;!?'-]", "", text)
