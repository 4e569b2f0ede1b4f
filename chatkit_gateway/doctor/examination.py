"""The examinations in their order, and how one is carried out: nothing raises, time is bounded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.connections import release_connections
from chatkit_gateway.doctor import (
    configuration,
    credentials,
    installation,
    network,
    sdk,
    session,
    widget,
    workflow,
)
from chatkit_gateway.doctor.case import Case, OutOfTime
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.site import examination as site

if TYPE_CHECKING:
    from chatkit_gateway.conf import Assistant
    from chatkit_gateway.errors import Words

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the deployment checklist. ``id`` begins the ids of its findings."""

    id: str
    title: Words
    examine: Callable[[Case], Iterator[Finding]] | None = None
    of_assistant: Callable[[Case, Assistant], Iterator[Finding]] | None = None
    """In place of ``examine`` where each assistant is looked at by itself."""
    needs: tuple[str, ...] = ()
    """Ids, or beginnings of ids; a problem there keeps this from being examined."""


_READABLE = "settings.readable"
AREAS = (
    Area("settings", gettext_lazy("Settings"), configuration.examine),
    Area("installation", gettext_lazy("Installation"), installation.examine),
    Area("sdk", gettext_lazy("SDK"), sdk.examine),
    Area(
        "credentials",
        gettext_lazy("Credentials"),
        of_assistant=credentials.examine,
        needs=(_READABLE,),
    ),
    Area("workflow", gettext_lazy("Workflow"), of_assistant=workflow.examine, needs=(_READABLE,)),
    Area(
        "network",
        gettext_lazy("Network"),
        of_assistant=network.examine,
        needs=(_READABLE, "sdk.", "credentials.base_url"),
    ),
    Area(
        "session",
        gettext_lazy("Session"),
        of_assistant=session.examine,
        needs=(_READABLE, "sdk.", "credentials.", "workflow.id", "network."),
    ),
    Area("widget", gettext_lazy("Widget"), of_assistant=widget.examine, needs=(_READABLE, "sdk.")),
    Area("site", gettext_lazy("Site"), site.examine, needs=(_READABLE, "sdk.")),
)


def examine(case: Case) -> Iterator[tuple[Area, list[Finding]]]:
    """Carry out one area after the other and yield what it found. Does not raise.

    No database connection of this thread is held while the network is asked.
    """
    for area in AREAS:
        release_connections()
        found = list(_area(area, case))
        case.findings += found
        yield area, found


def _area(area: Area, case: Case) -> Iterator[Finding]:
    if problems := case.problems("", *area.needs):
        yield _hindered(area, problems)
    elif area.examine is not None:
        yield from _one(area, area.examine, case)
    elif area.of_assistant is not None:
        for assistant in case.assistants():
            if problems := case.problems(assistant.alias, *area.needs):
                yield replace(_hindered(area, problems), assistant=assistant.alias)
                continue
            for finding in _one(area, area.of_assistant, case, assistant):
                yield replace(finding, assistant=assistant.alias)


def _one(
    area: Area, examination: Callable[..., Iterator[Finding]], *arguments: object
) -> Iterator[Finding]:
    subject = Subject(f"{area.id}.examination", area.title)
    try:
        yield from examination(*arguments)
    except OutOfTime:
        yield subject.warning(
            _("Not examined, or not to its end: the time for all of it was used up."),
            _("Repair what took so long, then run the doctor again."),
        )
    except Exception as error:
        # Of its message nothing: it may quote what no report may hold.
        logger.error("the examination of %s broke: %s", area.id, type(error).__name__)
        yield subject.problem(
            _("The examination itself broke (%(type)s).") % {"type": type(error).__name__},
            _("Please tell the makers of the gateway, with the version and this line."),
        )


def _hindered(area: Area, problems: list[Finding]) -> Finding:
    titles = ", ".join(str(problem.title) for problem in problems)
    return Subject(f"{area.id}.examination", area.title).info(
        _("Not examined, because of: %(problems)s.") % {"problems": titles},
        _("Repair that first."),
    )
