/**
 * @import { ChatKitOptions, StartScreenPrompt } from "@openai/chatkit"
 * @import { Strings } from "../strings.js"
 */

import { h } from "./dom.js";
import { namedIcon } from "./icons.js";

/** What a new chat shows: a greeting and things one may ask. */
export class StartScreenView {
  element = h("div", { class: "start" });

  /**
   * @param {Strings} strings
   * @param {(prompt: StartScreenPrompt) => void} onPrompt
   */
  constructor(strings, onPrompt) {
    this.#strings = strings;
    this.#onPrompt = onPrompt;
  }

  #strings;
  #onPrompt;

  /** @param {ChatKitOptions} options */
  configure({ startScreen = {} }) {
    const { greeting, prompts = [] } = startScreen;
    const list = h("ul", { class: "prompts", "aria-label": this.#strings.prompts });
    list.append(...prompts.map((prompt) => h("li", {}, this.#promptButton(prompt))));
    this.element.replaceChildren(
      h("p", { class: "greeting" }, greeting || this.#strings.greeting),
      ...(prompts.length > 0 ? [list] : []),
    );
  }

  /** @param {StartScreenPrompt} prompt */
  #promptButton(prompt) {
    const onClick = () => this.#onPrompt(prompt);
    return h(
      "button",
      { type: "button", class: "prompt", on: { click: onClick } },
      namedIcon(prompt.icon ?? "sparkle"),
      h("span", {}, prompt.label),
    );
  }
}
