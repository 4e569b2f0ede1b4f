/**
 * @import { ChatKitOptions, StartScreenPrompt } from "@openai/chatkit"
 * @import { Composition } from "../composition.js"
 * @import { ConversationState } from "../conversation-state.js"
 * @import { HistoryState } from "../thread-history.js"
 * @import { Strings } from "../strings.js"
 * @import { HistoryActions } from "./history-panel.js"
 */

import { MarkdownView } from "../markdown.js";
import { ComposerView } from "./composer.js";
import { arrange, h } from "./dom.js";
import { HeaderView } from "./header.js";
import { HistoryPanelView } from "./history-panel.js";
import { MessageListView } from "./message-list.js";
import { NoticesView } from "./notices.js";
import { ScrollingView } from "./scrolling.js";
import { StartScreenView } from "./start-screen.js";

/** Long enough for a screen reader to take it up. */
const ANNOUNCEMENT_MS = 1000;

/**
 * @typedef {{
 *   send: (composition: Composition) => void,
 *   sendPrompt: (prompt: StartScreenPrompt) => void,
 *   stop: () => void,
 *   newChat: () => void,
 *   showHistory: () => void,
 *   showEarlier: () => void,
 *   giveFeedback: (itemId: string, kind: "positive" | "negative") => void,
 *   answerAgain: (itemId: string) => void,
 *   history: HistoryActions,
 * }} Actions
 */

/** All views in their places, and what passes between them. */
export class Shell {
  #body = h("div", { class: "body" });
  #disclaimer = h("div", { class: "disclaimer markdown" });
  #announcer = h("p", { class: "unseen", role: "status" });
  #wasAnswering = false;

  /** @param {Strings} strings @param {Actions} actions */
  constructor(strings, actions) {
    this.strings = strings;
    const { giveFeedback, answerAgain } = actions;
    this.#loading = h("p", { class: "loading" }, strings.loading);
    this.composer = new ComposerView(strings, actions);
    this.#header = new HeaderView(strings, actions);
    this.#start = new StartScreenView(strings, actions.sendPrompt);
    const context = { strings, giveFeedback, answerAgain };
    this.#messages = new MessageListView(context, actions.showEarlier);
    const lastTurn = () => this.#messages.lastTurn;
    this.#scrolling = new ScrollingView(this.#messages.element, strings.latest, lastTurn);
    this.#notices = new NoticesView(strings, () => this.composer.focus());
    this.#history = new HistoryPanelView(strings, actions.history);
    const foot = [this.#notices.element, this.composer.element, this.#disclaimer];
    this.#main = h("div", { class: "main" }, this.#header.element, this.#body, ...foot);
    this.element = h("div", { class: "app", role: "region" }, this.#main, this.#history.element);
    this.element.append(this.#announcer);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.historyIsOpen) actions.history.close();
    });
  }

  #loading;
  #header;
  #start;
  #messages;
  #scrolling;
  #notices;
  #history;
  #main;

  /** @param {ChatKitOptions} options */
  configure(options) {
    this.element.setAttribute("aria-label", options.frameTitle || this.strings.title);
    this.#scrolling.follows = options.thread?.autoScroll ?? false;
    const { disclaimer } = options;
    this.#disclaimer.hidden = !disclaimer;
    this.#disclaimer.classList.toggle("strong", disclaimer?.highContrast ?? false);
    this.#disclaimer.replaceChildren();
    new MarkdownView(this.#disclaimer, this.strings).update(disclaimer?.text ?? "");
    const views = [this.#header, this.#start, this.#messages, this.composer, this.#history];
    for (const view of views) view.configure(options);
  }

  /** @param {ConversationState} state */
  update(state) {
    const { phase, items } = state;
    const started = items.length > 0;
    this.#scrolling.measure();
    this.#header.update(state);
    this.#messages.update(state);
    this.#notices.update({ failure: state.failure, notices: this.#noticesOf(state) });
    this.#body.setAttribute("aria-busy", String(phase !== "idle"));
    const content = started ? this.#scrolling.element : this.#start.element;
    arrange(this.#body, phase === "loading" ? [this.#loading] : [content]);
    this.#scrolling.update(state);
    this.composer.update({
      answering: phase === "answering",
      stoppable: state.stoppable,
      blocked: phase === "loading" || this.#isClosed(state) || this.#isBroken(state),
    });
    this.#announce(phase === "answering");
  }

  /** @param {HistoryState} state @param {string | null} currentId */
  updateHistory(state, currentId) {
    this.#history.update(state, currentId);
  }

  get historyIsOpen() {
    return !this.#history.element.hidden;
  }

  openHistory() {
    this.#main.inert = true;
    this.#history.open();
  }

  closeHistory() {
    this.#main.inert = false;
    this.#history.close();
    const { historyButton } = this.#header;
    if (historyButton.checkVisibility()) historyButton.focus();
    else this.composer.focus();
  }

  /** @param {ConversationState} state */
  #isClosed({ thread }) {
    return thread?.status !== undefined && thread.status.type !== "active";
  }

  /** @param {ConversationState} state */
  #isBroken({ failure }) {
    const code = failure?.error.code;
    return code === "hosted_script_needed" || code === "configuration";
  }

  /** @param {ConversationState} state @returns {ConversationState["notices"]} */
  #noticesOf(state) {
    const status = state.thread?.status;
    if (!this.#isClosed(state) || !status) return state.notices;
    const { threadLocked, threadClosed } = this.strings;
    const words = status.type === "locked" ? threadLocked : threadClosed;
    return [...state.notices, { type: "notice", level: "info", message: status.reason || words }];
  }

  /** Says the whole answer once: token by token nobody could listen. @param {boolean} answering */
  #announce(answering) {
    if (answering === this.#wasAnswering) return;
    this.#wasAnswering = answering;
    const words = answering ? this.strings.answering : this.#messages.lastAnswer;
    this.#announcer.textContent = words;
    if (!answering) setTimeout(() => this.#forget(words), ANNOUNCEMENT_MS);
  }

  /**
   * What was announced should not be met a second time by those who read on.
   *
   * @param {string} words
   */
  #forget(words) {
    if (this.#announcer.textContent === words) this.#announcer.textContent = "";
  }
}
