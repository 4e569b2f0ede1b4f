/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { Composition } from "../composition.js"
 * @import { Strings } from "../strings.js"
 */

import { isEmpty, plainText, textContent } from "../composition.js";
import { iconButton } from "./controls.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Where a message is written, and stopped once it is on its way. */
export class ComposerView {
  /** @type {Composition} what was set besides the words that can be edited */
  #draft = { content: [] };
  #answering = false;
  #stoppable = true;
  #blocked = false;
  /** @type {NonNullable<ChatKitOptions["composer"]>} */
  #options = {};

  /**
   * @param {Strings} strings
   * @param {{ send: (composition: Composition) => void, stop: () => void }} actions
   */
  constructor(strings, actions) {
    this.#strings = strings;
    this.#actions = actions;
    this.#chips = h("div", { class: "chips", hidden: true });
    this.#input = h("textarea", {
      class: "input",
      rows: 1,
      enterkeyhint: "send",
      on: { input: () => this.#onInput(), keydown: (event) => this.#onKey(event) },
    });
    this.#button = iconButton("send", strings.send, () => this.#press(), "send-button");
    const field = h("div", { class: "field" }, this.#chips, this.#input, this.#button);
    field.addEventListener("click", ({ target }) => target === field && this.focus());
    this.element = h("div", { class: "composer" }, field);
  }

  #strings;
  #actions;
  #chips;
  #input;
  #button;

  /** @param {ChatKitOptions} options */
  configure({ composer = {} }) {
    this.#options = composer;
    this.#draft.modelId ??= composer.models?.find((model) => model.default)?.id;
    this.#show();
  }

  /** @param {{ answering: boolean, stoppable: boolean, blocked: boolean }} status */
  update({ answering, stoppable, blocked }) {
    this.#answering = answering;
    this.#stoppable = stoppable;
    this.#blocked = blocked;
    this.#show();
  }

  /** @returns {Composition} */
  get value() {
    const { content } = this.#draft;
    const text = this.#input.value;
    return { ...this.#draft, content: text === plainText(content) ? content : textContent(text) };
  }

  /** Changes what is given and leaves the rest. @param {Partial<Composition>} change */
  set(change) {
    this.#draft = { ...this.value, ...change };
    this.#input.value = plainText(this.#draft.content);
    this.#show();
    this.#fit();
  }

  focus() {
    this.#input.focus();
  }

  get #tool() {
    return this.#options.tools?.find(({ id }) => id === this.#draft.toolId);
  }

  #onInput() {
    this.#show();
    this.#fit();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.#answering) this.#press();
  }

  #press() {
    if (this.#answering) {
      this.#actions.stop();
    } else if (!this.#blocked && !isEmpty(this.value)) {
      const composition = this.value;
      const toolId = this.#tool?.persistent ? composition.toolId : null;
      this.set({ content: [], reply: undefined, attachments: undefined, toolId });
      this.#actions.send(composition);
    }
    this.focus();
  }

  #show() {
    const placeholder = this.#options.placeholder || this.#strings.placeholder;
    this.#input.placeholder = this.#tool?.placeholderOverride ?? placeholder;
    this.#input.setAttribute("aria-label", placeholder);
    this.#input.disabled = this.#blocked;
    this.#chips.replaceChildren(...this.#chipList());
    this.#chips.hidden = this.#chips.childElementCount === 0;
    const label = this.#answering ? this.#strings.stop : this.#strings.send;
    const idle = this.#blocked || isEmpty(this.value);
    this.#button.setAttribute("aria-disabled", String(this.#answering ? !this.#stoppable : idle));
    if (this.#button.title === label) return;
    this.#button.title = label;
    this.#button.setAttribute("aria-label", label);
    this.#button.replaceChildren(icon(this.#answering ? "stop" : "send"));
  }

  #chipList() {
    const { reply, attachments = [] } = this.#draft;
    const quote = reply
      ? [this.#chip("reply", `${this.#strings.replyingTo}: ${reply}`, { reply: undefined })]
      : [];
    const files = attachments.map((file) =>
      this.#chip("file", file.name, { attachments: attachments.filter((other) => other !== file) }),
    );
    return [...quote, ...files];
  }

  /**
   * @param {"reply" | "file"} drawing
   * @param {string} label
   * @param {Partial<Composition>} without
   */
  #chip(drawing, label, without) {
    const remove = () => {
      this.set(without);
      this.focus();
    };
    const name = `${this.#strings.remove}: ${label}`;
    const button = iconButton("close", name, remove, "chip-remove");
    return h("span", { class: "chip" }, icon(drawing), h("span", {}, label), button);
  }

  /** Grows with the text, up to the height its style allows. */
  #fit() {
    this.#input.style.setProperty("height", "auto");
    this.#input.style.setProperty("height", `${this.#input.scrollHeight}px`);
  }
}

