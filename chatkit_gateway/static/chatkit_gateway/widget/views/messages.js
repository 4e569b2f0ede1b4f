/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { AssistantMessageItem, Source, ThreadItem, UserMessageItem } from "../protocol.js"
 * @import { Strings } from "../strings.js"
 */

import { MarkdownView } from "../markdown.js";
import { AnswerActions } from "./answer-actions.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * What a message needs of its surroundings.
 *
 * @typedef {{
 *   strings: Strings,
 *   giveFeedback: (itemId: string, kind: "positive" | "negative") => void,
 *   answerAgain: (itemId: string) => void,
 * }} MessageContext
 */

/**
 * `settled`: nothing more is coming for it.
 *
 * @typedef {{ settled: boolean, actions: ChatKitOptions["threadItemActions"] }} MessageStatus
 */

/**
 * @template {ThreadItem} T
 * @typedef {{ element: HTMLElement, update(item: T, status: MessageStatus): void }} ItemView
 */

/** @implements {ItemView<UserMessageItem>} */
class UserMessageView {
  /** @param {MessageContext} context */
  constructor({ strings }) {
    this.#label = h("h3", { class: "unseen" }, strings.you);
    this.element = h("article", { class: "message user" });
  }

  #label;

  /** @param {UserMessageItem} item */
  update({ content, attachments = [], quoted_text: quote }) {
    const files = attachments.map(({ name }) => h("span", { class: "chip" }, icon("file"), name));
    const text = content.map(({ type, text }) => (type === "input_tag" ? h("b", {}, text) : text));
    this.element.replaceChildren(
      this.#label,
      ...(quote ? [h("blockquote", { class: "quote" }, quote)] : []),
      ...files,
      h("div", { class: "bubble" }, ...text),
    );
  }
}

/** @implements {ItemView<AssistantMessageItem>} */
class AssistantMessageView {
  #parts = h("div", { class: "answer" });
  /** @type {MarkdownView[]} */
  #texts = [];
  #sources = h("div", { class: "sources" });

  /** @param {MessageContext} context */
  constructor(context) {
    const { strings } = context;
    this.#strings = strings;
    this.#actions = new AnswerActions(context);
    this.element = h(
      "article",
      { class: "message assistant" },
      h("h3", { class: "unseen" }, strings.assistant),
      this.#parts,
      this.#sources,
      this.#actions.element,
    );
  }

  #strings;
  #actions;

  /** @param {AssistantMessageItem} item @param {MessageStatus} status */
  update(item, status) {
    item.content.forEach((part, index) => this.#text(index).update(part.text));
    const annotations = item.content.flatMap((part) => part.annotations ?? []);
    this.#showSources(annotations.map(({ source }) => source));
    this.element.classList.toggle("growing", !status.settled);
    this.#actions.update(item, status);
  }

  /** @param {number} index */
  #text(index) {
    for (let next = this.#texts.length; next <= index; next++) {
      const container = h("div", { class: "markdown" });
      this.#texts[next] = new MarkdownView(container, this.#strings);
      this.#parts.append(container);
    }
    return /** @type {MarkdownView} */ (this.#texts[index]);
  }

  /** @param {Source[]} sources */
  #showSources(sources) {
    const seen = new Map(sources.map((source) => [addressOf(source) ?? source.title, source]));
    this.#sources.hidden = seen.size === 0;
    this.#sources.replaceChildren(
      h("h4", {}, this.#strings.sources),
      h("ol", {}, ...[...seen.values()].map((source) => h("li", {}, sourceLink(source)))),
    );
  }
}

/** @param {Source} source */
const addressOf = (source) =>
  source.type === "url" && /^https?:/i.test(source.url) ? source.url : null;

/** @param {Source} source */
function sourceLink(source) {
  const address = addressOf(source);
  const label = source.title || (source.type === "file" ? source.filename : address) || "";
  if (address === null) return h("span", {}, label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** Stands in for what asks for the member's attention and cannot be shown. */
export class PlaceholderView {
  /** @param {MessageContext} context */
  constructor({ strings }) {
    this.element = h("p", { class: "message placeholder" }, strings.notShown);
  }

  update() {}
}

/**
 * One view per kind of item. Kinds that are not listed (tasks, workflows, client tool calls, the
 * end of a turn) need nothing from the member and are not shown.
 *
 * @type {Partial<Record<ThreadItem["type"], new (context: MessageContext) => ItemView<any>>>}
 */
export const ITEM_VIEWS = {
  user_message: UserMessageView,
  assistant_message: AssistantMessageView,
  widget: PlaceholderView,
  structured_input: PlaceholderView,
  generated_image: PlaceholderView,
};
