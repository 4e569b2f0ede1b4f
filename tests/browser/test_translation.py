"""A site in other languages: the page and the widget on it speak the visitor's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.utils.translation import override
from playwright.sync_api import Page, expect

from chatkit_gateway import conf
from chatkit_gateway.errors import PROBLEMS
from chatkit_gateway.page_texts import page_texts
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.widget_texts import widget_texts
from tests.browser.conftest import API_KEY, WORKFLOW
from tests.catalogue import compile_catalogue
from tests.portal_process import PortalProcess
from tests.visitor import Visitor

LANGUAGES = {"en-gb": "en_GB", "de": "de", "zh-hans": "zh_Hans", "pt-br": "pt_BR"}
"""Django's codes and the folders of their catalogues."""

SAID = """
() => {
  const said = [];
  const listen = (node) => {
    if (node instanceof Element) {
      if (node.matches("script, noscript, style, code")) return;
      for (const name of ["aria-label", "placeholder", "title", "alt"]) {
        said.push(node.getAttribute(name) ?? "");
      }
    }
    if (node instanceof Text) said.push(node.data);
    for (const child of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) listen(child);
  };
  listen(document.querySelector(".chatkit"));
  return said.map((words) => words.trim()).filter((words) => /\\p{L}/u.test(words));
}
"""
"""Every text of the chat, seen or read out, hidden or not."""


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list):
        if value not in ("", None) and not isinstance(value, bool):
            yield str(value)
        return
    for part in value:
        yield from texts_in(part)


def english() -> set[str]:
    """Every sentence that the assistant page can show."""
    with override("en-gb"):
        return {
            *texts_in([page_texts(), widget_texts("en-gb")]),
            *texts_in([problem.detail for problem in PROBLEMS.values()]),
            *texts_in(conf.gateway().assistants["default"].widget),
        }


@pytest.fixture(scope="module")
def portal(
    tmp_path_factory: pytest.TempPathFactory, chatkit_emulator_server: Emulator
) -> Iterator[PortalProcess]:
    """A portal in whose catalogues every word says which language it is of."""
    catalogues = tmp_path_factory.mktemp("locale")
    for code, locale in LANGUAGES.items():
        words = {text: f"«{code}: {text}»" for text in english()}
        compile_catalogue(catalogues, locale, words)
    with PortalProcess(
        tmp_path_factory.mktemp("portal"),
        settings={
            "LANGUAGE_CODE": "en-gb",
            "LANGUAGES": [[code, code] for code in LANGUAGES],
            "LOCALE_PATHS": [str(catalogues)],
        },
        OPENAI_API_KEY=API_KEY,
        CHATKIT_WORKFLOW_ID=WORKFLOW,
        CHATKIT_EMULATOR_URL=chatkit_emulator_server.url,
    ) as process:
        yield process


@pytest.fixture
def member(page: Page, portal: PortalProcess, emulator: Emulator) -> Page:
    """A browser in which a member is logged in, whatever the login page calls its fields."""
    with Visitor(portal.url) as visitor:
        visitor.log_in("maya", portal.passwords["maya"])
        page.context.add_cookies(
            [
                {"name": cookie.name, "value": cookie.value or "", "url": portal.url}
                for cookie in visitor.http.cookies.jar
            ]
        )
    return page


def visitor_from(browser_locale: str, code: str) -> Any:
    mark = pytest.mark.browser_context_args(locale=browser_locale)
    return pytest.param(code, marks=mark, id=browser_locale)


@pytest.mark.parametrize(
    "code",
    [
        visitor_from("en-US", "en-gb"),
        visitor_from("de-AT", "de"),
        visitor_from("zh-CN", "zh-hans"),
        visitor_from("pt-BR", "pt-br"),
    ],
)
def test_every_word_of_the_chat__is_in_the_visitors_language(
    code: str, member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("server_error", times=1)
    member.goto(f"{portal.url}/assistant/")
    expect(member.locator(".chatkit-notice")).to_be_visible()
    refused = member.evaluate(SAID)
    member.locator(".chatkit-notice button").click()
    expect(member.get_by_role("textbox")).to_have_attribute(
        "placeholder", f"«{code}: Ask about a company, a thesis or a valuation»"
    )
    opened = member.evaluate(SAID)
    assert len(refused) >= 4
    assert len(opened) >= 8
    assert [words for words in refused + opened if not words.startswith(f"«{code}: ")] == []
