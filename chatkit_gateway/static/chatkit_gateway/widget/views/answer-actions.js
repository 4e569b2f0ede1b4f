/**
 * @import { AssistantMessageItem } from "../protocol.js"
 * @import { MessageContext, MessageStatus } from "./messages.js"
 */

import { iconButton } from "./controls.js";
import { arrange, h } from "./dom.js";
import { icon } from "./icons.js";

const CONFIRMATION_MS = 2000;

/** The row under a finished answer: copy, and what `threadItemActions` adds. */
export class AnswerActions {
  element = h("div", { class: "actions" });
  /** @type {AssistantMessageItem | null} */
  #item = null;

  /** @param {MessageContext} context */
  constructor(context) {
    const { strings } = context;
    this.#copy = iconButton("copy", strings.copy, () => {
      const source = this.#item?.content.map(({ text }) => text).join("\n\n") ?? "";
      void copyText(source, () => confirmCopied(this.#copy, strings));
    });
    this.#again = iconButton("reload", strings.answerAgain, () => {
      if (this.#item) context.answerAgain(this.#item.id);
    });
    this.#votes = /** @type {const} */ (["positive", "negative"]).map((kind) => {
      const [drawing, label] =
        kind === "positive"
          ? /** @type {const} */ (["good", strings.good])
          : /** @type {const} */ (["bad", strings.bad]);
      const button = iconButton(drawing, label, () => {
        for (const vote of this.#votes) vote.setAttribute("aria-pressed", String(vote === button));
        if (this.#item) context.giveFeedback(this.#item.id, kind);
      });
      button.setAttribute("aria-pressed", "false");
      return button;
    });
  }

  #copy;
  #again;
  /** @type {HTMLButtonElement[]} */
  #votes;

  /** @param {AssistantMessageItem} item @param {MessageStatus} status */
  update(item, { settled, actions = {} }) {
    this.#item = item;
    this.element.hidden = !settled;
    arrange(this.element, [
      this.#copy,
      ...(actions.feedback ? this.#votes : []),
      ...(actions.retry ? [this.#again] : []),
    ]);
  }
}

/**
 * Copies, and confirms only when it worked: a page may be denied the clipboard.
 *
 * @param {string} text
 * @param {() => void} onCopied
 */
export async function copyText(text, onCopied) {
  try {
    await navigator.clipboard.writeText(text);
    onCopied();
  } catch {
    // The text can still be selected by hand.
  }
}

/** @param {HTMLElement} button @param {{ copy: string, copied: string }} strings */
function confirmCopied(button, { copy, copied }) {
  const show = (/** @type {"check" | "copy"} */ drawing, /** @type {string} */ label) => {
    button.replaceChildren(icon(drawing));
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  show("check", copied);
  setTimeout(() => show("copy", copy), CONFIRMATION_MS);
}
