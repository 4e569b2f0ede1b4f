"""gateway.js as any front end may use it: its answers scripted through its own `fetch` option."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.portal_process import PortalProcess

STATIC = Path(__file__).resolve().parents[2] / "chatkit_gateway" / "static" / "chatkit_gateway"
HOSTED = {"client_secret": "ek_1", "expires_in": 600, "mode": "hosted"}
SELF_HOSTED = {
    "client_secret": "ek_1",
    "expires_in": 600,
    "mode": "self_hosted",
    "url": "/chatkit/server",
    "domain_key": "dk",
}

# The site's answers are given in order, the last one for ever; "lost" is a broken connection. Its
# self-hosted server refuses the secrets in `revoked`.
KIT = r"""
async (answers) => {
  const gateway = await import("/static/chatkit_gateway/gateway.js");
  const kit = { ...gateway, calls: [], served: [], errors: [], moves: [], revoked: [] };
  const queue = [...answers];
  async function fetch(input, init) {
    const request = new Request(input, init);
    const { url, credentials, redirect } = request;
    const headers = Object.fromEntries(request.headers);
    const body = await request.text();
    const call = { method: request.method, url, credentials, redirect, headers, body };
    if (!/\/(session|config)/.test(url)) {
      kit.served.push(call);
      const isRevoked = kit.revoked.some((secret) => headers.authorization?.endsWith(secret));
      return new Response(call.body, { status: isRevoked ? 401 : 200 });
    }
    kit.calls.push(call);
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    if (answer === "lost") throw new TypeError("Failed to fetch");
    return new Response(answer.body, answer);
  }
  kit.options = {
    endpoint: "/chatkit/session",
    assistant: "default",
    csrfToken: "token",
    fetch,
    onError: (error) => kit.errors.push(error.code),
    onModeChange: (api) => kit.moves.push(api),
  };
  kit.outcome = (promise) => promise.then(
    (value) => ({ value }),
    (error) => ({ name: error.name, ...error }),
  );
  window.kit = kit;
}
"""
CONFIG = {
    "assistant": "board & co",
    "title": "Board",
    "mode": "hosted",
    "endpoint": "https://portal.example/api/chatkit/session",
    "csrf_token": "token",
    "login_url": "https://portal.example/accounts/login/",
    "script_url": "https://cdn.example/chatkit.js",
    "domain_key": None,
    "widget": {"startScreen": {"greeting": "Good morning"}},
    "texts": {"retry": "Try again"},
    "language": "en-gb",
    "widget_texts": {"send": "Send"},
    "reference": "ref",
}
FETCH_CONFIG = (
    "kit.fetchConfig('https://portal.example/api/chatkit/config',"
    " { assistant: 'board & co', fetch: kit.options.fetch })"
)
PROVIDER = "kit.provider = kit.createClientSecretProvider(kit.options)"
API = "kit.createChatKitApi(kit.options).then((api) => { kit.api = api; })"


class Kit:
    """A page with gateway.js and a scripted site."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start(self, *answers: Any) -> None:
        self.page.evaluate(
            KIT,
            [
                answer
                if answer == "lost"
                else {
                    "status": answer[0],
                    "body": answer[1] if isinstance(answer[1], str) else json.dumps(answer[1]),
                    "headers": answer[2] if len(answer) > 2 else {},
                }
                for answer in answers
            ],
        )

    def run(self, expression: str) -> Any:
        return self.page.evaluate(f"async () => ({expression})")

    def skip(self, seconds: int) -> None:
        self.page.clock.fast_forward(seconds * 1000)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return self.run("kit.calls")


@pytest.fixture
def kit(page: Page, portal: PortalProcess) -> Kit:
    page.clock.install()
    page.goto(f"{portal.url}/accounts/login/")
    return Kit(page)


def secret(number: int, base: dict[str, Any] = HOSTED) -> tuple[int, dict[str, Any]]:
    return 200, {**base, "client_secret": f"ek_{number}"}


def refusal(status: int, code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"detail": "Words.", "code": code, "reference": "ref", **more}


def test_provider__asked_by_many_at_once__one_request(kit: Kit) -> None:
    kit.start(secret(1))
    kit.run(PROVIDER)
    secrets = kit.run("Promise.all([1, 2, 3, 4, 5].map(() => kit.provider(null)))")
    assert secrets == ["ek_1"] * 5
    [call] = kit.calls
    assert call["body"] == '{"assistant":"default","refresh":false}'
    assert call["headers"]["x-csrftoken"] == "token"
    assert call["headers"]["accept"] == call["headers"]["content-type"] == "application/json"
    assert call["credentials"] == "same-origin"


def test_provider__current_secret_given__refreshes_and_never_sends_it(kit: Kit) -> None:
    kit.start(secret(1), secret(2))
    kit.run(PROVIDER)
    assert kit.run("kit.provider(null)") == "ek_1"
    assert kit.run("kit.provider('ek_1')") == "ek_2"
    assert kit.calls[1]["body"] == '{"assistant":"default","refresh":true}'
    assert "ek_" not in str(kit.calls)


def test_provider__older_secret_given__hands_out_the_newest(kit: Kit) -> None:
    kit.start(secret(1), secret(2))
    kit.run(PROVIDER)
    kit.run("kit.provider(null)")
    kit.run("kit.provider('ek_1')")
    assert kit.run("kit.provider('ek_1')") == "ek_2"
    assert len(kit.calls) == 2


def test_provider__renews_15_seconds_before_expiry(kit: Kit) -> None:
    kit.start(secret(1), secret(2))
    kit.run(PROVIDER)
    kit.run("kit.provider(null)")
    kit.skip(580)
    assert kit.run("kit.provider(null)") == "ek_1"
    kit.skip(6)
    assert kit.run("kit.provider(null)") == "ek_2"


@pytest.mark.parametrize(
    "passing",
    [
        "lost",
        refusal(503, "gateway_busy", retry_after=1),
        refusal(429, "quota_exceeded", retry_after=1),
        (503, {"detail": "Words.", "code": "gateway_busy"}, {"Retry-After": "1"}),
    ],
    ids=["lost", "busy", "quota", "header-only"],
)
def test_provider__passing_failure__repeated_once(kit: Kit, passing: Any) -> None:
    kit.start(passing, secret(1))
    kit.run(PROVIDER)
    assert kit.run("kit.provider(null)") == "ek_1"
    assert len(kit.calls) == 2
    assert kit.run("kit.errors") == []


def test_provider__passing_failure_that_stays__not_repeated_twice(kit: Kit) -> None:
    kit.start("lost")
    kit.run(PROVIDER)
    assert kit.run("kit.outcome(kit.provider(null))")["code"] == "network_error"
    assert len(kit.calls) == 2


@pytest.mark.parametrize(
    "final",
    [
        refusal(400, "invalid_request"),
        refusal(401, "not_authenticated"),
        refusal(403, "not_a_member"),
        refusal(404, "unknown_assistant"),
        refusal(429, "quota_exceeded", retry_after=900),
        refusal(502, "upstream_unavailable"),
        refusal(503, "issuance_paused"),
    ],
    ids=lambda final: final[1]["code"],
)
def test_provider__final_refusal__not_repeated(kit: Kit, final: Any) -> None:
    kit.start(final)
    kit.run(PROVIDER)
    assert kit.run("kit.outcome(kit.provider(null))")["code"] == final[1]["code"]
    assert len(kit.calls) == 1


def test_error__carries_what_the_site_said(kit: Kit) -> None:
    kit.start(
        refusal(429, "quota_exceeded", retry_after=900, hint="For staff.", login_url="https://x/")
    )
    kit.run(PROVIDER)
    assert kit.run("kit.outcome(kit.provider(null))") == {
        "name": "GatewayError",
        "code": "quota_exceeded",
        "status": 429,
        "detail": "Words.",
        "reference": "ref",
        "hint": "For staff.",
        "retryAfter": 900,
        "loginUrl": "https://x/",
    }


def test_error__told_once_however_many_waited(kit: Kit) -> None:
    kit.start(refusal(403, "not_a_member"))
    kit.run(PROVIDER)
    kit.run("Promise.all([1, 2, 3].map(() => kit.outcome(kit.provider(null))))")
    assert kit.run("kit.errors") == ["not_a_member"]


@pytest.mark.parametrize(
    "garbage",
    [(200, "<html>"), (200, "null"), (200, {}), (200, {**HOSTED, "mode": "x"}), (502, "Bad")],
    ids=str,
)
def test_error__answer_that_is_not_the_gateways(kit: Kit, garbage: Any) -> None:
    kit.start(garbage)
    kit.run(PROVIDER)
    assert kit.run("kit.outcome(kit.provider(null))")["code"] == "invalid_answer"


def test_error__offline(kit: Kit) -> None:
    kit.start("lost")
    kit.run(PROVIDER)
    kit.page.context.set_offline(True)
    assert kit.run("kit.outcome(kit.provider(null))")["code"] == "offline"
    assert len(kit.calls) == 1


def test_csrf_token__function_asked_before_every_request(kit: Kit) -> None:
    kit.start(secret(1), secret(2))
    kit.run(
        "kit.provider = kit.createClientSecretProvider("
        "{ ...kit.options, csrfToken: () => `token-${kit.calls.length}` })"
    )
    kit.run("kit.provider(null)")
    kit.run("kit.provider('ek_1')")
    assert [call["headers"]["x-csrftoken"] for call in kit.calls] == ["token-0", "token-1"]


def test_endpoint_of_another_origin__gets_cookies(kit: Kit) -> None:
    kit.start(secret(1))
    kit.run(
        "kit.createClientSecretProvider("
        "{ ...kit.options, endpoint: 'https://portal.example/chatkit/session' })(null)"
    )
    assert kit.calls[0]["credentials"] == "include"


def test_api__hosted__starts_with_the_first_answer(kit: Kit) -> None:
    kit.start(secret(1))
    kit.run(API)
    assert kit.run("Object.keys(kit.api)") == ["getClientSecret"]
    assert kit.run("Promise.all([kit.api.getClientSecret(null), kit.api.getClientSecret(null)])")
    assert len(kit.calls) == 1


def test_api__self_hosted__authorises_its_own_server_only(kit: Kit, portal: PortalProcess) -> None:
    kit.start((200, SELF_HOSTED))
    kit.run(API)
    assert kit.run("({ ...kit.api, fetch: typeof kit.api.fetch })") == {
        "url": f"{portal.url}/chatkit/server",
        "domainKey": "dk",
        "fetch": "function",
        "uploadStrategy": {"type": "two_phase"},
    }
    kit.run("kit.api.fetch(kit.api.url, { method: 'POST', body: 'x' })")
    kit.run("kit.api.fetch('https://elsewhere.example/file', { credentials: 'include' })")
    own, foreign = kit.run("kit.served")
    assert own["headers"]["authorization"] == "Bearer ek_1"
    assert own["credentials"] == foreign["credentials"] == "omit"
    assert own["redirect"] == "error"
    assert "authorization" not in foreign["headers"]


def test_api__self_hosted__revoked_secret__one_renewal_for_all(kit: Kit) -> None:
    kit.start((200, SELF_HOSTED), secret(2, SELF_HOSTED))
    kit.run(API)
    kit.run("kit.revoked.push('ek_1')")
    answers = kit.run(
        "Promise.all([1, 2, 3, 4, 5].map(async (n) => {"
        " const answer = await kit.api.fetch(kit.api.url, { method: 'POST', body: `${n}` });"
        " return [answer.status, await answer.text()]; }))"
    )
    assert answers == [[200, str(n)] for n in range(1, 6)]
    assert len(kit.calls) == 2


def test_api__self_hosted__refused_for_good__exactly_two_calls(kit: Kit) -> None:
    kit.start((200, SELF_HOSTED), secret(2, SELF_HOSTED))
    kit.run(API)
    kit.run("kit.revoked.push('ek_1', 'ek_2')")
    assert kit.run("kit.api.fetch(kit.api.url).then((answer) => answer.status)") == 401
    assert len(kit.run("kit.served")) == 2


def test_api__self_hosted__renews_before_expiry(kit: Kit) -> None:
    kit.start((200, SELF_HOSTED), secret(2, SELF_HOSTED))
    kit.run(API)
    kit.skip(586)
    kit.run("kit.api.fetch(kit.api.url)")
    [served] = kit.run("kit.served")
    assert served["headers"]["authorization"] == "Bearer ek_2"


def test_api__moved_to_self_hosting__reported_once_with_the_new_api(kit: Kit) -> None:
    kit.start(secret(1), secret(2, SELF_HOSTED))
    kit.run(API)
    first, second = kit.run(
        "[await kit.outcome(kit.api.getClientSecret('ek_1')),"
        " await kit.outcome(kit.api.getClientSecret(null))]"
    )
    assert first["code"] == second["code"] == "mode_changed"
    assert kit.run("kit.moves.map((api) => Object.keys(api).sort())") == [
        ["domainKey", "fetch", "uploadStrategy", "url"]
    ]
    kit.run("kit.moves[0].fetch(kit.moves[0].url)")
    assert kit.run("kit.served[0].headers.authorization") == "Bearer ek_2"


def test_config__can_be_handed_on_as_it_is(kit: Kit) -> None:
    kit.start((200, CONFIG), secret(1))
    assert kit.run(FETCH_CONFIG) == {
        "assistant": "board & co",
        "title": "Board",
        "mode": "hosted",
        "endpoint": "https://portal.example/api/chatkit/session",
        "csrfToken": "token",
        "loginUrl": "https://portal.example/accounts/login/",
        "scriptUrl": "https://cdn.example/chatkit.js",
        "domainKey": None,
        "widget": {"startScreen": {"greeting": "Good morning"}},
        "texts": {"retry": "Try again"},
        "language": "en-gb",
        "widgetTexts": {"send": "Send"},
        "reference": "ref",
    }
    [asked] = kit.calls
    assert asked["url"] == "https://portal.example/api/chatkit/config?assistant=board+%26+co"
    assert (asked["method"], asked["credentials"]) == ("GET", "include")
    # Anything more would make the browser ask for permission first.
    assert asked["headers"] == {"accept": "application/json"}
    kit.start((200, CONFIG), secret(1))
    kit.run(
        f"{FETCH_CONFIG}.then((config) =>"
        " kit.createClientSecretProvider({ ...config, fetch: kit.options.fetch })(null))"
    )
    assert kit.calls[1]["url"] == CONFIG["endpoint"]
    assert kit.calls[1]["headers"]["x-csrftoken"] == "token"


def test_config__without_an_assistant__the_default(kit: Kit, portal: PortalProcess) -> None:
    kit.start((200, CONFIG))
    kit.run("kit.fetchConfig('/chatkit/config', { fetch: kit.options.fetch })")
    assert kit.calls[0]["url"] == f"{portal.url}/chatkit/config"
    assert kit.calls[0]["credentials"] == "same-origin"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([refusal(401, "not_authenticated", login_url="https://x/")], "not_authenticated"),
        ([(200, "<html>")], "invalid_answer"),
        ([(200, {"endpoint": "x"})], "invalid_answer"),
        (["lost", "lost"], "network_error"),
    ],
    ids=["refused", "a page", "half", "lost"],
)
def test_config__refused(kit: Kit, answers: list[Any], code: str) -> None:
    kit.start(*answers)
    error = kit.run(f"kit.outcome({FETCH_CONFIG})")
    assert (error["name"], error["code"]) == ("GatewayError", code)
    assert len(kit.calls) == len(answers)


def test_login_address__leads_back(kit: Kit, portal: PortalProcess) -> None:
    kit.start(secret(1))
    here = "http%3A%2F%2F127.0.0.1%3A" + portal.url.rpartition(":")[2] + "%2Faccounts%2Flogin%2F"
    assert kit.run("kit.loginAddress('https://portal.example/login/?hd=club')") == (
        f"https://portal.example/login/?hd=club&next={here}"
    )
    assert kit.run("kit.loginAddress('/login/', 'https://app.example/?a=b')") == (
        f"{portal.url}/login/?next=https%3A%2F%2Fapp.example%2F%3Fa%3Db"
    )


def test_declared_types__name_every_export_and_no_other(kit: Kit) -> None:
    declared = (STATIC / "gateway.d.ts").read_text(encoding="utf-8")
    names = re.findall(r"^export (?:function|class) (\w+)", declared, re.MULTILINE)
    exported = kit.run("Object.keys(await import('/static/chatkit_gateway/gateway.js'))")
    assert sorted(exported) == sorted(names)
