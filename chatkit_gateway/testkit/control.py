"""The emulator steered over HTTP, by tests that run in another process or another language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from aiohttp import web

from .api_errors import ApiError
from .faults import SCENARIOS, Connection, Fault, resolve
from .incoming import json_body
from .schema import anything, array, integer, mapping, number, one_of, record, string
from .server import CONTROL

if TYPE_CHECKING:
    from .emulator import Emulator

_RULES = array(record({"fault": anything}, {"times": integer(1), "path": string()}))
_FAULT = record(
    {},
    {
        "summary": string(empty=True),
        "status": integer(200, 599),
        "message": string(empty=True),
        "code": string(),
        "headers": mapping(string(empty=True)),
        "body": string(empty=True),
        "fields": mapping(anything),
        "without": array(string()),
        "delay": number,
        "connection": one_of(*get_args(Connection)),
        "interval": number,
    },
)


class Control:
    """Handlers for `/_emulator/...`; whoever reaches the port may use them."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        return [
            web.get(CONTROL + "faults", self._list_faults),
            web.put(CONTROL + "faults", self._replace_faults),
            web.delete(CONTROL + "faults", self._lift_faults),
            web.get(CONTROL + "requests", self._list_requests),
            web.post(CONTROL + "release", self._release),
            web.post(CONTROL + "reset", self._reset),
        ]

    async def _list_faults(self, _request: web.Request) -> web.Response:
        scenarios = {name: fault.summary for name, fault in SCENARIOS.items()}
        return web.json_response({"rules": self._emulator.faults, "scenarios": scenarios})

    async def _replace_faults(self, request: web.Request) -> web.Response:
        rules = await json_body(request)
        _RULES("", rules)
        faults = [(_fault(rule["fault"]), rule) for rule in rules]
        self._emulator.clear_faults()
        for fault, rule in faults:
            options = {name: rule[name] for name in ("times", "path") if rule.get(name)}
            self._emulator.fail(fault, **options)
        return await self._list_faults(request)

    async def _lift_faults(self, _request: web.Request) -> web.Response:
        self._emulator.clear_faults()
        return web.Response(status=204)

    async def _list_requests(self, _request: web.Request) -> web.Response:
        requests = [request.as_json() for request in self._emulator.requests]
        return web.json_response({"requests": requests})

    async def _release(self, _request: web.Request) -> web.Response:
        self._emulator.release()
        return web.Response(status=204)

    async def _reset(self, _request: web.Request) -> web.Response:
        self._emulator.reset()
        return web.Response(status=204)


def _fault(given: Any) -> Fault:
    if isinstance(given, dict):
        _FAULT("fault", given)
        return Fault(**(given | {"without": tuple(given.get("without") or ())}))
    try:
        return resolve(given)
    except (TypeError, ValueError) as error:
        raise ApiError(400, str(error), param="fault") from None
