"""The environment the portal is configured by, and where each value came from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import environ


class _File(environ.Env):
    """Holds what a file says, apart from the process's own environment."""

    ENVIRON: dict[str, str] = {}


class Environment(environ.Env):
    """The process's environment before the ``.env`` file; an empty value counts as missing.

    Nothing is written into ``os.environ``: what the file says is for the portal's settings alone,
    and no library picks up a key from it behind their back.
    """

    def __init__(self, process: Mapping[str, str], file: str) -> None:
        super().__init__()
        self.escape_proxy = True
        self.process = _without_empty(process)
        self.file = _without_empty(_read(file))
        self.ENVIRON = {
            # A key may begin with "$": unescaped, that would be the name of another variable.
            name: value.replace("$", r"\$")
            for name, value in {**self.file, **self.process}.items()
        }

    def origins(self, options: Mapping[str, str]) -> dict[str, str]:
        """Return where the value of each option (option: variable) came from, if it is set.

        The words are those of ``CHATKIT_GATEWAY["ORIGINS"]``: "environment", ".env",
        "environment shadows .env" (two different values).
        """
        return {
            option: self._origin(variable)
            for option, variable in options.items()
            if variable in self.ENVIRON
        }

    def _origin(self, variable: str) -> str:
        if variable not in self.process:
            return ".env"
        if self.file.get(variable, self.process[variable]) != self.process[variable]:
            return "environment shadows .env"
        return "environment"


def load(base: Path) -> Environment:
    """Return the environment, with ``base / ".env"`` or the file ``DJANGO_ENV_FILE`` names.

    An empty ``DJANGO_ENV_FILE`` turns the file off, which the tests do.
    """
    return Environment(os.environ, os.environ.get("DJANGO_ENV_FILE", str(base / ".env")))


def _read(file: str) -> dict[str, str]:
    _File.ENVIRON = {}
    if file and Path(file).is_file():
        _File.read_env(file)
    return _File.ENVIRON


def _without_empty(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value != ""}
