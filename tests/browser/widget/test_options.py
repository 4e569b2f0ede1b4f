"""What `setOptions` takes and refuses, and the look it gives."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Error, expect

from tests.browser.widget.conftest import Chat

SELF_HOSTED = {"url": "/own/chatkit", "domainKey": "key"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api": None}, "api: expected an object"),
        ({"api": {}}, "api: expected an object with getClientSecret or url"),
        ({"api": {"url": "/own"}}, "api.domainKey: expected a value"),
        ({"api": {"getClientSecret": "ek_1"}}, "api.getClientSecret: expected a function"),
        ({"api": SELF_HOSTED | {"token": "x"}}, "api.token: expected nothing"),
        ({"composer": {"placeholder": 3}}, "composer.placeholder: expected a string"),
        ({"theme": "sepia"}, "theme: expected one of light, dark"),
        ({"greeting": "Hi"}, "greeting: expected nothing"),
    ],
)
def test_wrong_options__are_refused_by_name(
    chat: Chat, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(Error, match=words) as refusal:
        chat.open(**options)
    assert "InvalidFrameParamsError" in str(refusal.value)
    expect(chat.alert).to_contain_text("not set up correctly")


def test_wrong_options__leave_the_present_ones(chat: Chat) -> None:
    chat.open(composer={"placeholder": "Ask away"})
    with pytest.raises(Error, match="InvalidFrameParamsError"):
        chat.configure(nonsense=True)
    chat.ask("What is a pitch?")
    chat.expect_answer()
    expect(chat.composer).to_have_attribute("placeholder", "Ask away")


def test_options__of_later_storeys_are_accepted(chat: Chat) -> None:
    chat.open(
        locale="de",
        composer={
            "attachments": {"enabled": True, "maxSize": {"image/*": 10}, "maxCount": 2},
            "tools": [{"id": "search", "label": "Search", "icon": "search", "pinned": True}],
            "models": [{"id": "m1", "label": "Small", "default": True}],
            "dictation": {"enabled": True},
        },
        commands={"enabled": True},
        entities={"showComposerMenu": True},
        widgets={},
        header={"title": {"text": "Pitches"}},
    )
    chat.page.evaluate("chat.element.setComposerValue({ selectedToolId: 'search' })")
    chat.ask("What is a pitch?")
    chat.expect_answer()
    [request] = chat.emulator.wait_for_request(1, path="/v1/chatkit/conversation")
    options = request.json["params"]["input"]["inference_options"]
    assert options == {"tool_choice": {"id": "search"}, "model": "m1"}
    assert chat.events("tool.change") == [{"toolId": "search"}]
    expect(chat.page.get_by_role("heading", name="Pitches")).to_be_visible()


def test_options__are_replaced_and_not_merged(chat: Chat) -> None:
    chat.open(disclaimer={"text": "Check **everything**."}, composer={"placeholder": "Ask away"})
    expect(chat.page.get_by_text("everything", exact=True)).to_be_visible()
    chat.configure()
    expect(chat.page.get_by_text("everything", exact=True)).to_be_hidden()
    expect(chat.composer).to_have_attribute("placeholder", "Message the AI")


def test_theme__sets_scheme_colours_and_shape(chat: Chat) -> None:
    chat.open(
        theme={
            "colorScheme": "dark",
            "radius": "sharp",
            "density": "compact",
            "typography": {"baseSize": 18, "fontFamily": "Georgia, serif"},
            "color": {
                "accent": {"primary": "#0078d2", "level": 2},
                "surface": {"background": "#050b16", "foreground": "#fff"},
            },
        }
    )
    style = chat.page.evaluate(
        """() => {
          const { backgroundColor, color, fontSize, fontFamily } =
            getComputedStyle(chat.element.shadowRoot.querySelector(".app"));
          return { backgroundColor, color, fontSize, fontFamily };
        }"""
    )
    assert style == {
        "backgroundColor": "rgb(5, 11, 22)",
        "color": "rgb(255, 255, 255)",
        "fontSize": "18px",
        "fontFamily": "Georgia, serif",
    }


def test_translation__is_used_for_its_language(chat: Chat) -> None:
    chat.open()
    chat.page.evaluate(
        "chat.element.constructor.addTranslation('de', { greeting: 'Wie kann ich helfen?' })"
    )
    chat.configure(locale="de-DE")
    expect(chat.page.get_by_text("Wie kann ich helfen?")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ("en-gb", "en-GB"),
        ("zh-hans", "zh-hans"),
        ("zh-Hans", "zh-Hans-CN"),
        ("de", "de-AT-1996"),
        ("ca@valencia", "ca@valencia"),
        ("ca", "ca@valencia"),
    ],
)
def test_translation__is_found_as_django_writes_its_language(
    chat: Chat, known: str, wanted: str
) -> None:
    translate(chat, known, "Known")
    translate(chat, f"{wanted}-x-other", "Another form of it")
    translate(chat, wanted[:1], "No language")
    chat.configure(locale=wanted)
    expect(chat.page.get_by_text("Known")).to_be_visible()


def test_translation__of_the_form_goes_before_that_of_the_language(chat: Chat) -> None:
    translate(chat, "pt-br", "do Brasil")
    translate(chat, "pt", "de Portugal")
    chat.configure(locale="pt-BR")
    expect(chat.page.get_by_text("do Brasil")).to_be_visible()


@pytest.mark.parametrize("place", ["element", "element.parentElement", "document.documentElement"])
def test_translation__goes_by_the_nearest_language(chat: Chat, place: str) -> None:
    translate(chat, "de", "Wie kann ich helfen?")
    chat.page.evaluate(
        f"""() => {{
          document.documentElement.lang = "";
          const element = document.querySelector("openai-chatkit");
          {place}.lang = "de";
        }}"""
    )
    chat.configure()
    expect(chat.page.get_by_text("Wie kann ich helfen?")).to_be_visible()


def translate(chat: Chat, locale: str, greeting: str) -> None:
    """Give the widget, which need not be configured yet, its greeting in a language."""
    if chat.page.url == "about:blank":
        chat.page.goto(f"{chat.emulator.url}/page")
    chat.page.evaluate(
        """async ([locale, greeting]) => {
          const widget = await customElements.whenDefined("openai-chatkit");
          widget.addTranslation(locale, { greeting });
        }""",
        [locale, greeting],
    )
