/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { ThreadMetadata } from "../protocol.js"
 * @import { HistoryState } from "../thread-history.js"
 * @import { Strings } from "../strings.js"
 */

import { iconButton, textButton } from "./controls.js";
import { arrange, h } from "./dom.js";
import { ThreadRow } from "./thread-row.js";

/**
 * @typedef {{
 *   open: (threadId: string) => void,
 *   rename: (threadId: string, title: string) => void,
 *   remove: (threadId: string) => void,
 *   more: () => void,
 *   reload: () => void,
 *   close: () => void,
 * }} HistoryActions
 */

/** The member's previous chats, in a panel over the present one. */
export class HistoryPanelView {
  #list = h("ul", { class: "threads" });
  #status = h("p", { class: "panel-status", role: "status" });
  /** @type {Map<string, ThreadRow>} */
  #rows = new Map();
  /** @type {{ rename: boolean, remove: boolean }} */
  #allowed = { rename: true, remove: true };

  /** @param {Strings} strings @param {HistoryActions} actions */
  constructor(strings, actions) {
    this.#strings = strings;
    this.#actions = actions;
    this.#more = textButton(strings.more, actions.more);
    this.#retry = textButton(strings.tryAgain, actions.reload);
    this.#close = iconButton("close", strings.close, actions.close);
    this.element = h(
      "div",
      { class: "panel", role: "dialog", "aria-label": strings.history, hidden: true },
      h("div", { class: "panel-bar" }, h("h2", { class: "title" }, strings.history), this.#close),
      h("div", { class: "panel-body" }, this.#list, this.#status, this.#retry, this.#more),
    );
  }

  #strings;
  #actions;
  #more;
  #retry;
  #close;

  /** @param {ChatKitOptions} options */
  configure({ history = {} }) {
    this.#allowed = {
      rename: history.showRename !== false,
      remove: history.showDelete !== false,
    };
    this.#rows.clear();
  }

  open() {
    this.element.hidden = false;
    this.#close.focus();
  }

  close() {
    this.element.hidden = true;
  }

  /** @param {HistoryState} state @param {string | null} currentId */
  update({ threads, after, loading, failure }, currentId) {
    const hadFocus = this.element.matches(":focus-within");
    arrange(
      this.#list,
      threads.map((thread) => this.#rowOf(thread, currentId).element),
    );
    const quiet = threads.length > 0 ? "" : this.#strings.noChats;
    const words = failure ? failure.words || this.#strings.failures[failure.code] : quiet;
    this.#status.textContent = loading ? this.#strings.loading : words;
    this.#retry.hidden = loading || !failure;
    this.#more.hidden = loading || after === null;
    if (hadFocus && !this.#hasVisibleFocus) this.#close.focus();
  }

  /** What the member was on may be gone. Without the focus, the panel would not hear Escape. */
  get #hasVisibleFocus() {
    return this.element.querySelector(":focus")?.checkVisibility() ?? false;
  }

  /** @param {ThreadMetadata} thread @param {string | null} currentId */
  #rowOf(thread, currentId) {
    const row =
      this.#rows.get(thread.id) ?? new ThreadRow(this.#strings, this.#actions, this.#allowed);
    this.#rows.set(thread.id, row);
    row.update(thread, thread.id === currentId);
    return row;
  }
}
