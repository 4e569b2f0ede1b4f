"""The hosted workflow: its id and version, what members keep of it, and until when it lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chatkit_gateway import conf, errors
from chatkit_gateway.backends import hosted_options
from chatkit_gateway.conf import Assistant
from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.credentials import is_shadowed, origin
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.hosted_only import hosted_backend

ID = Subject("workflow.id", gettext_lazy("Workflow id"))
VERSION = Subject("workflow.version", gettext_lazy("Workflow version"))
HISTORY = Subject("workflow.history", gettext_lazy("History"))
PSEUDONYM = Subject("workflow.pseudonym", gettext_lazy("Members' pseudonyms"))
END = Subject("workflow.end", gettext_lazy("End of hosted workflows"))


def examine(case: Case, assistant: Assistant) -> Iterator[Finding]:
    """Look at the options of a hosted assistant."""
    if hosted_backend(assistant) is None:
        return
    options = assistant.options
    yield _id(options.get("workflow_id"))
    yield _version(options.get("workflow_version"))
    yield _history(options.get("history"))
    yield _pseudonym()
    yield _end(case.now.date())


def _id(workflow_id: Any) -> Finding:
    if not workflow_id:
        return ID.problem(
            _("There is none; members are answered 503."), str(errors.MISSING_WORKFLOW_ID.hint)
        )
    shown = showing.foreign(str(workflow_id))
    if not hosted_options.WORKFLOW_ID.fullmatch(str(workflow_id)):
        return ID.problem(
            _("'%(id)s' is malformed.") % {"id": shown},
            _("A workflow id is 'wf_' and letters, digits, '_' or '-': copy it from OpenAI."),
        )
    found = _("%(id)s, %(origin)s.") % {"id": shown, "origin": origin("workflow_id")}
    if is_shadowed("workflow_id"):
        return ID.warning(
            found,
            _(
                "If the id in .env is the right one, unset CHATKIT_WORKFLOW_ID in the shell or "
                "service that starts the site."
            ),
        )
    return ID.ok(found)


def _version(version: str | None) -> Finding:
    if version == "latest":
        return VERSION.problem(
            _("'latest', which is no version: OpenAI refuses it or shows an error in the chat."),
            _("Leave workflow_version (CHATKIT_WORKFLOW_VERSION) out to get the deployed one."),
        )
    if version:
        return VERSION.info(
            _("Pinned to %(version)s.") % {"version": showing.foreign(version)},
            _("Members do not get what is deployed later, until this is changed or left out."),
        )
    return VERSION.ok(_("The deployed one."))


def _history(history: Any) -> Finding:
    enabled = history.get("enabled") if isinstance(history, Mapping) else history
    if enabled is None:
        return HISTORY.info(_("Left to OpenAI's default."), _("Set history to True to be sure."))
    if not enabled:
        return HISTORY.info(
            _("Off: members do not find their conversations again after a reload."),
            _("Set the option history to True, unless that is what you want."),
        )
    return HISTORY.ok(_("On: members find their earlier conversations in the list."))


def _pseudonym() -> Finding:
    gateway = conf.gateway()
    if gateway.pseudonym:
        return PSEUDONYM.info(
            _("Made by PSEUDONYM, a callable of this site."),
            _("What it returns for a member must never change: their history goes with it."),
        )
    if gateway.identity_key is None:
        return PSEUDONYM.info(
            _(
                "Keyed by SECRET_KEY. If that was changed lately, this is why history was lost: "
                "every member is a stranger at OpenAI since."
            ),
            _(
                "Before members come, set IDENTITY_KEY (CHATKIT_IDENTITY_KEY) to a long random "
                "value. With members, set it to the present SECRET_KEY before that changes."
            ),
        )
    return PSEUDONYM.ok(_("Keyed by IDENTITY_KEY, which must never change."))


def _end(today: date) -> Finding:
    ends = hosted_options.AGENT_BUILDER_ENDS
    days = (ends - today).days
    way_out = _(
        "The way out is a self-hosted assistant: ChatKit itself stays, with a server of one's own. "
        "Take the workflow's code out of Agent Builder while it is there."
    )
    if days < 0:
        return END.warning(
            _("OpenAI ended them on %(date)s with Agent Builder.") % {"date": ends.isoformat()},
            way_out,
        )
    found = ngettext(
        "OpenAI ends them on %(date)s with Agent Builder: %(days)d day left.",
        "OpenAI ends them on %(date)s with Agent Builder: %(days)d days left.",
        days,
    )
    return END.info(found % {"date": ends.isoformat(), "days": days}, way_out)
