"""The words the chat page shows on its own account, translated when a page is rendered.

Refusals that come from the endpoint bring their own words (see ``errors``); these are the
headings above them, the buttons beside them, and what the page says when no answer arrived.
``{when}`` and ``{time}`` are filled in by the browser, in the member's language and time zone.
"""

from django.utils.translation import gettext as _


def page_texts() -> dict[str, str]:
    """Return every sentence ``page.js`` needs, by key."""
    return _headings() | _explanations() | _actions()


def _headings() -> dict[str, str]:
    return {
        "title_login": _("Please log in again"),
        "title_quota": _("You have reached your limit for now"),
        "title_upstream": _("The assistant cannot be reached"),
        "title_busy": _("The assistant is busy"),
        "title_paused": _("The assistant is paused"),
        "title_not_a_member": _("You cannot use this assistant yet"),
        "title_outdated": _("This page is out of date"),
        "title_configuration": _("The assistant is not ready"),
        "title_script": _("The chat did not load"),
        "title_offline": _("You are offline"),
        "title_moved": _("The assistant has moved"),
        "title_problem": _("Something went wrong"),
    }


def _explanations() -> dict[str, str]:
    return {
        "loading": _("Opening the assistant…"),
        "offline": _("We will carry on as soon as your connection is back."),
        "network_error": _("We could not reach this site. Check your connection and try again."),
        "timeout": _("This site took too long to answer. Please try again."),
        "invalid_answer": _("This site answered in a way we did not understand. Please try again."),
        "quota_exceeded": _("You have opened the assistant very often."),
        "mode_changed": _(
            "It now runs on another service, so a new conversation begins here."
            " Conversations from before may not be listed."
        ),
        "script": _(
            "The chat window could not be loaded. A content blocker, a firewall or a slow"
            " connection may be holding it back."
        ),
        "problem": _("The chat ran into a problem. Trying again often helps."),
        "back_at": _("You can try again {when} ({time})."),
        "back_now": _("You can try again now."),
        "reference": _("Reference:"),
        "hint": _("For staff:"),
    }


def _actions() -> dict[str, str]:
    return {
        "log_in": _("Log in"),
        "retry": _("Try again"),
        "reload": _("Reload the page"),
        "dismiss": _("OK"),
    }
