"""What Django needs: the database, its tables, and the files that pages load."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from django.apps import apps
from django.contrib.staticfiles import finders
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.models import Issuance

Result = TypeVar("Result")

DATABASE = Subject("installation.database", gettext_lazy("Database"))
MIGRATIONS = Subject("installation.migrations", gettext_lazy("Migrations"))
STATIC = Subject("installation.static", gettext_lazy("Static files, found"))

_FILE = "chatkit_gateway/page.js"


def examine(case: Case) -> Iterator[Finding]:
    """Look at the database that the audit is written to, and for the gateway's files."""
    yield from _database(case.budget.step())
    yield _static()


def _database(seconds: float) -> Iterator[Finding]:
    started = time.monotonic()
    try:
        vendor, unapplied = _within(seconds, _unapplied)
    except TimeoutError:
        yield DATABASE.problem(
            _("It does not answer within %(seconds).0f seconds.") % {"seconds": seconds},
            _("Look at HOST and PORT in DATABASES (DATABASE_URL), and at the way there."),
        )
        return
    except Exception as error:
        yield DATABASE.problem(
            _("It cannot be used (%(type)s).") % {"type": type(error).__name__},
            _("Look at DATABASES (DATABASE_URL); manage.py dbshell shows what it says itself."),
        )
        return
    milliseconds = round((time.monotonic() - started) * 1000)
    yield DATABASE.ok(
        _("%(vendor)s answers in %(ms)d ms.") % {"vendor": vendor, "ms": milliseconds}
    )
    yield _migrations(unapplied)


def _unapplied() -> tuple[str, list[str]]:
    """Return the database's kind, and the apps with migrations that it has not had yet."""
    connection = connections[router.db_for_write(Issuance)]
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return connection.display_name, [migration.app_label for migration, _backwards in plan]


def _migrations(unapplied: list[str]) -> Finding:
    if not unapplied:
        return MIGRATIONS.ok(_("All are applied."))
    found = ngettext(
        "%(count)d is not applied, in: %(apps)s.",
        "%(count)d are not applied, in: %(apps)s.",
        len(unapplied),
    ) % {"count": len(unapplied), "apps": ", ".join(sorted(set(unapplied)))}
    return MIGRATIONS.problem(found, _("Run manage.py migrate, then restart the site."))


def _within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what the call returns; raises TimeoutError when it has not by then.

    A database that is connected to and keeps silent cannot be interrupted: it is left to a thread
    of its own, with a connection of its own.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    return outcome.result(timeout=seconds)


def _static() -> Finding:
    if not apps.is_installed("django.contrib.staticfiles"):
        return STATIC.warning(
            _("django.contrib.staticfiles is not installed."),
            _("Add it to INSTALLED_APPS, or serve the gateway's static folder yourself."),
        )
    if finders.find(_FILE) is None:
        return STATIC.problem(
            _("%(file)s is not found.") % {"file": _FILE},
            _("AppDirectoriesFinder must be among STATICFILES_FINDERS."),
        )
    try:
        url = static(_FILE)
    except ValueError:
        return STATIC.problem(
            _("The storage's manifest does not know %(file)s: pages fail with an error 500.")
            % {"file": _FILE},
            _("Run manage.py collectstatic, then restart the site."),
        )
    return STATIC.ok(_("Found, to be served as %(url)s.") % {"url": url})
