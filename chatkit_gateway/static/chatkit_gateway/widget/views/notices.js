/**
 * @import { ConversationState } from "../conversation-state.js"
 * @import { NoticeEvent } from "../protocol.js"
 * @import { Strings } from "../strings.js"
 */

import { MarkdownView } from "../markdown.js";
import { textButton } from "./controls.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** What the member should know beside the conversation: failures, and notices of the server. */
export class NoticesView {
  #failures = h("div", { role: "alert" });
  #notices = h("div", { role: "status" });
  element = h("div", { class: "notices" }, this.#failures, this.#notices);
  /** @type {ConversationState["failure"]} */
  #failure = null;
  /** @type {ConversationState["notices"]} */
  #shown = [];

  /** @param {Strings} strings @param {() => void} onRetry called before trying again */
  constructor(strings, onRetry) {
    this.#strings = strings;
    this.#onRetry = onRetry;
  }

  #strings;
  #onRetry;

  /** @param {Pick<ConversationState, "failure" | "notices">} state */
  update({ failure, notices }) {
    if (failure !== this.#failure) {
      this.#failure = failure;
      this.#failures.replaceChildren(...(failure ? [this.#failureBox(failure)] : []));
    }
    const same = notices.every(({ message }, index) => message === this.#shown[index]?.message);
    if (!same || notices.length !== this.#shown.length) {
      this.#shown = notices;
      this.#notices.replaceChildren(...notices.map((notice) => this.#noticeBox(notice)));
    }
  }

  /** @param {NonNullable<ConversationState["failure"]>} failure */
  #failureBox({ error, retry }) {
    const words = error.words || this.#strings.failures[error.code];
    const tryAgain = () => {
      this.#onRetry();
      retry?.();
    };
    return h(
      "div",
      { class: "notice danger" },
      icon("warning"),
      h("p", {}, words),
      ...(retry ? [textButton(this.#strings.tryAgain, tryAgain)] : []),
    );
  }

  /** @param {NoticeEvent} notice */
  #noticeBox({ level, title, message }) {
    const text = h("div", { class: "markdown" });
    new MarkdownView(text, this.#strings).update(message);
    const heading = title ? [h("strong", {}, title)] : [];
    const drawing = icon(level === "info" ? "info" : "warning");
    return h("div", { class: `notice ${level}` }, drawing, h("div", {}, ...heading, text));
  }
}
