"""The words of the first-party widget, translated when a page is rendered.

The widget carries the same English ones itself (``widget/strings.js``), for pages that are not
rendered here; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, get_supported_language_variant, override
from django.utils.translation import gettext as _


def widget_texts(language: str) -> dict[str, Any]:
    """Return the labels by key, and under ``failures`` the sentences by failure code.

    In the page's language where the site does not speak the one that is asked for.
    """
    try:
        spoken: str | None = get_supported_language_variant(language)
    except LookupError:
        spoken = get_language()
    with override(spoken):
        return {**_labels(), "failures": _failures()}


def _labels() -> dict[str, str]:
    return {
        "title": _("Chat"),
        "greeting": _("What can I help with today?"),
        "placeholder": _("Message the AI"),
        "send": _("Send"),
        "stop": _("Stop answering"),
        "newChat": _("New chat"),
        "history": _("Previous chats"),
        "close": _("Close"),
        "prompts": _("Suggestions"),
        "conversation": _("Conversation"),
        "you": _("You said"),
        "assistant": _("Assistant"),
        "answering": _("The assistant is answering."),
        "thinking": _("Thinking"),
        "loading": _("Loading"),
        "latest": _("Go to the latest message"),
        "earlier": _("Show earlier messages"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "copyCode": _("Copy code"),
        "code": _("Code"),
        "table": _("Table"),
        "good": _("Good answer"),
        "bad": _("Poor answer"),
        "answerAgain": _("Answer again"),
        "sources": _("Sources"),
        "tryAgain": _("Try again"),
        "replyingTo": _("Replying to"),
        "remove": _("Remove"),
        "notShown": _("This part of the answer cannot be shown here yet."),
        "noChats": _("Nothing here yet. Your chats will be listed in this place."),
        "more": _("Show more"),
        "rename": _("Rename"),
        "renameTo": _("New name"),
        "save": _("Save"),
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "confirmDelete": _("Delete for good?"),
        "threadLocked": _("This chat takes no messages at the moment."),
        "threadClosed": _("This chat has ended. You can start a new one."),
    }


def _failures() -> dict[str, str]:
    return {
        "offline": _("You seem to be offline. Check your connection and try again."),
        "unreachable": _(
            "The assistant could not be reached. Check your connection and try again."
        ),
        "cut_off": _("The connection was lost before the answer was complete."),
        "unreadable": _("The assistant sent something that could not be understood."),
        "no_answer": _("No answer came."),
        "session": _("The assistant could not be opened. Try again in a moment."),
        "unauthorised": _(
            "Your access has ended. Try again, or reload the page if that does not help."
        ),
        "rate_limited": _("That was a lot at once. Wait a minute, then try again."),
        "not_found": _("This chat is no longer there."),
        "refused": _("The assistant did not accept this. Reload the page and try again."),
        "unavailable": _("The assistant has a problem at the moment. Try again in a little while."),
        "stream": _("Something went wrong while answering."),
        "custom": _("Something went wrong while answering."),
        "busy": _("An answer is still on its way."),
        "hosted_script_needed": _(
            "This assistant is hosted by OpenAI and needs OpenAI's own chat "
            "script, which this page does not load."
        ),
        "configuration": _(
            "This assistant is not set up correctly. Please tell whoever looks after this site."
        ),
    }
