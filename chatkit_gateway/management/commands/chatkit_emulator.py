"""`manage.py chatkit_emulator`: the OpenAI API for a demo or for tests, on this machine."""

from __future__ import annotations

import errno
import signal
import threading
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Serve the emulator until SIGINT or SIGTERM."""

    help = "Runs an emulator of the OpenAI API for demos and tests; it needs no internet."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8787, help="0 takes any free port")

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        """Start, print the address, wait to be stopped."""
        try:
            from chatkit_gateway.testkit import Emulator

            emulator = Emulator(host=host, port=port)
        except ModuleNotFoundError as error:
            if error.name != "aiohttp":
                raise
            raise CommandError(
                _("The emulator needs aiohttp: pip install 'django-chatkit-gateway[testkit]'.")
            ) from None
        try:
            emulator.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = _("Port %(port)s is taken: choose another with --port.")
            else:
                message = _("The emulator cannot listen on %(host)s: %(reason)s.")
            details = {"host": host, "port": port, "reason": error.strerror}
            raise CommandError(message % details) from None
        stopped = threading.Event()
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stopped.set())
            self.stdout.write(f"OpenAI emulator: {emulator.url}")
            self.stdout.flush()
            stopped.wait()
        finally:
            emulator.stop()
