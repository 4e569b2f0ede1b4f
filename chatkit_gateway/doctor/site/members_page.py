"""The assistant's page as a member gets it: is the widget there, and may it load?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.templatetags.static import static
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.backends import contract
from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.site import csp, endpoint, logins
from chatkit_gateway.doctor.site.visits import visit
from chatkit_gateway.doctor.wire import Answer

MEMBER = Subject("site.member", gettext_lazy("Page with a login"))
POLICY = Subject("site.policy", gettext_lazy("Content-Security-Policy"))
ISOLATION = Subject("site.isolation", gettext_lazy("Cross-origin isolation"))

_MARK = b"data-chatkit="
"""What every page with the widget has (templates/chatkit_gateway/widget.html)."""


def examine(case: Case, page: str) -> Iterator[Finding]:
    """Open the page with a login that is ended at once; without a member, say what was not seen."""
    if case.member is None:
        yield MEMBER.info(
            _("Not seen, and with it the page's policy: it needs a login."),
            _("Name a member whose eyes to use: chatkit_doctor --url … --member USERNAME."),
        )
        return
    if not logins.may_be_shown_to(page):
        yield MEMBER.warning(
            _("Not seen: a login is only sent to a host in ALLOWED_HOSTS, and by HTTPS."),
            _("Name the host in ALLOWED_HOSTS; '*' is not enough for this."),
        )
        return
    try:
        with logins.login_of(case.member) as cookie:
            seen = visit(case, page, cookie)
    except LookupError:
        yield MEMBER.warning(
            _("Not seen: no authentication backend of this site lets the account in."),
            _("Name an account that is active and can log in."),
        )
        return
    if not isinstance(seen.result, Answer):
        yield MEMBER.problem(
            _("It is not answered: %(reason)s.") % {"reason": seen.result.reason},
            _("Strangers are answered, members are not: the reason is in the site's log."),
        )
        return
    yield from _seen(case, seen.url, seen.result)


def _seen(case: Case, page: str, answer: Answer) -> Iterator[Finding]:
    if answer.status != 200 or _MARK not in answer.body:
        yield _refused(page, answer)
        return
    scripts = {conf.script_url(contract.load(one).mode) for one in case.assistants()}
    on_page = [script for script in sorted(scripts) if escape(script).encode() in answer.body]
    if not on_page:
        yield MEMBER.warning(
            _("The page loads another widget script than these settings name."),
            _("The running site has other settings than this command: restart it, or see its env."),
        )
        return
    yield MEMBER.ok(_("A member gets the page, and the widget is on it."))
    for script in on_page:
        yield _policy(answer, page, script)
    yield _isolation(answer)


def _refused(page: str, answer: Answer) -> Finding:
    """Return why there is no widget to look at."""
    if answer.status == 403:
        return MEMBER.warning(
            _("The account may not use the assistant (403)."),
            _("Name another, or give it the permission 'Can use the ChatKit assistant'."),
        )
    if answer.status != 200:
        return MEMBER.problem(
            _("It answers %(status)d.") % {"status": answer.status},
            _("The reason is in the site's log."),
        )
    if urlsplit(page).path == conf.login_path():
        return MEMBER.problem(
            _("The site does not know the login that was made for this visit."),
            _(
                "The site at this address has another database, SECRET_KEY or session engine than "
                "this command sees, or a proxy drops cookies."
            ),
        )
    return MEMBER.warning(
        _("There is no assistant on this page."),
        _("Give --url the address of the page with the widget, such as …/assistant/."),
    )


def _policy(answer: Answer, page: str, script: str) -> Finding:
    policies = csp.parse(answer.every("Content-Security-Policy"))
    if not policies:
        return POLICY.ok(_("The page has none, so it blocks nothing."))
    script = urljoin(page, script)
    needed = [
        ("script-src", script),
        ("script-src", urljoin(page, static("chatkit_gateway/page.js"))),
        ("connect-src", urljoin(page, endpoint.path() or "/")),
    ]
    if urlsplit(script).netloc == urlsplit(conf.OPENAI_SCRIPT).netloc:
        # OpenAI's script puts the chat in a frame of its own origin.
        needed.append(("frame-src", script))
    blocked = [
        f"{directive} {showing.origin(url)}"
        for directive, url in needed
        if not csp.allows(policies, directive, url, page)
    ]
    if not blocked:
        return POLICY.ok(_("It lets the widget in."))
    return POLICY.problem(
        _("It blocks what the widget needs, so the page stays blank: %(blocked)s.")
        % {"blocked": "; ".join(dict.fromkeys(blocked))},
        _(
            "Allow exactly that on this page. With 'strict-dynamic' addresses do not count: leave "
            "it out here."
        ),
    )


def _isolation(answer: Answer) -> Finding:
    if "require-corp" in answer.header("Cross-Origin-Embedder-Policy"):
        return ISOLATION.problem(
            _("Cross-Origin-Embedder-Policy: require-corp, under which the chat's frame fails."),
            _("Leave that header out on this page."),
        )
    return ISOLATION.ok(_("None, which is what a chat in a frame needs."))
