"""Is the OpenAI SDK there, and does it know ChatKit?"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.backends import hosted
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.errors import Refusal

VERSION = Subject("sdk.version", gettext_lazy("OpenAI SDK"))


def examine(case: Case) -> Iterator[Finding]:
    """Look at the installed package, without importing it."""
    oldest = ".".join(map(str, hosted.OLDEST_SDK))
    try:
        installed = hosted.require_sdk()
    except Refusal as refusal:
        yield VERSION.problem(
            _("Missing, or older than %(oldest)s: %(code)s.")
            % {"oldest": oldest, "code": refusal.problem.code},
            refusal.hint,
        )
        return
    yield VERSION.ok(
        _("openai %(installed)s; ChatKit needs %(oldest)s or newer.")
        % {"installed": installed, "oldest": oldest}
    )
