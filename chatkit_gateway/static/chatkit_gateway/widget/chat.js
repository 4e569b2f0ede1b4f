/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { Composition } from "./composition.js"
 * @import { Emit } from "./events.js"
 * @import { Actions } from "./views/shell.js"
 */

import { plainText, textContent, toInput, toPreview } from "./composition.js";
import { BLANK } from "./conversation-state.js";
import { ConversationError } from "./failures.js";
import { oncePerFrame } from "./painting.js";
import { Session } from "./session.js";
import { stringsFor } from "./strings.js";
import { applyTheme } from "./theme.js";
import { Shell } from "./views/shell.js";

/** Joins what is said (the session) with what is seen (the shell). */
export class Chat {
  #theme = new CSSStyleSheet();
  /** @type {Session | null} */
  #session = null;
  /** @type {Session | null} the one whose first thread was already asked for */
  #startedSession = null;
  /** @type {Shell | null} */
  #shell = null;
  /** @type {string | undefined} */
  #locale;
  /** @type {ChatKitOptions["initialThread"]} */
  #initialThread;
  #drawConversation = oncePerFrame(() => this.#updateConversation());
  #drawHistory = oncePerFrame(() => this.#updateHistory());

  /**
   * @param {ShadowRoot} root
   * @param {Emit} emit
   * @param {() => string} nameOf tells several chats with one server apart
   */
  constructor(root, emit, nameOf) {
    this.#root = root;
    this.#emit = emit;
    this.#nameOf = nameOf;
    root.adoptedStyleSheets.push(this.#theme);
  }

  #root;
  #emit;
  #nameOf;

  /** @param {ChatKitOptions} options */
  configure(options) {
    this.#initialThread = options.initialThread;
    applyTheme(this.#theme, options.theme);
    this.#connectTo(options.api);
    this.#shellFor(options.locale).configure(options);
    this.#updateConversation();
  }

  /** Says that the page's options cannot be used, unless earlier ones are in use. */
  showMisconfigured() {
    if (this.#session) return;
    applyTheme(this.#theme, undefined);
    const error = new ConversationError("configuration");
    this.#shellFor(undefined).update({ ...BLANK, failure: { error, retry: null } });
  }

  /** Opens the first thread, once for each server. */
  start() {
    const session = this.#session;
    if (!session || session === this.#startedSession) return;
    this.#startedSession = session;
    void session.conversation.start(this.#initialThread);
  }

  get conversation() {
    return this.#configured.session.conversation;
  }

  get composer() {
    return this.#configured.shell.composer;
  }

  /** @param {Composition} composition */
  send(composition) {
    return this.conversation.send(toInput(composition), toPreview(composition));
  }

  async showHistory() {
    const { shell, session } = this.#configured;
    if (shell.historyIsOpen) return;
    shell.openHistory();
    this.#emit("chatkit.history.open");
    await session.history.load();
  }

  hideHistory() {
    if (!this.#shell?.historyIsOpen) return;
    this.#shell.closeHistory();
    this.#emit("chatkit.history.close");
  }

  /** Nobody looks any more. */
  leave() {
    this.#session?.conversation.stop();
  }

  get #configured() {
    if (!this.#session || !this.#shell) throw new Error("Call setOptions first.");
    return { session: this.#session, shell: this.#shell };
  }

  /** Options for the same server leave the conversation as it is. @param {ChatKitOptions["api"]} api */
  #connectTo(api) {
    if (this.#session?.transport.leadsTo(api)) {
      this.#session.transport.update(api);
      return;
    }
    this.leave();
    this.#session = new Session(api, {
      hostedUrl: /** @type {any} */ (globalThis).__chatkitHostedConversations ?? null,
      name: this.#nameOf(),
      emit: this.#emit,
      onConversation: this.#drawConversation,
      onHistory: this.#drawHistory,
    });
  }

  /** Another language needs other views; what is being written moves into them. @param {string | undefined} locale */
  #shellFor(locale) {
    if (this.#shell && this.#locale === locale) return this.#shell;
    this.#locale = locale;
    const shell = new Shell(stringsFor(locale), this.#actions);
    if (this.#shell) shell.composer.set(this.#shell.composer.value);
    this.#shell = shell;
    this.#root.replaceChildren(shell.element);
    return shell;
  }

  /** @returns {Actions} */
  get #actions() {
    return {
      send: (composition) => void this.send(composition),
      sendPrompt: ({ prompt }) => {
        const content = typeof prompt === "string" ? textContent(prompt) : prompt;
        const { toolId, modelId } = this.composer.value;
        void this.send({ content, toolId, modelId });
        this.composer.focus();
      },
      stop: () => this.#stop(),
      newChat: () => {
        void this.conversation.open(null);
        this.composer.focus();
      },
      showHistory: () => void this.showHistory(),
      showEarlier: () => void this.conversation.showEarlier(),
      giveFeedback: (itemId, kind) => void this.conversation.giveFeedback(itemId, kind),
      answerAgain: (itemId) => void this.conversation.answerAgain(itemId),
      history: this.#historyActions,
    };
  }

  /** @returns {Actions["history"]} */
  get #historyActions() {
    const history = () => this.#configured.session.history;
    return {
      open: (threadId) => {
        this.hideHistory();
        void this.conversation.open(threadId);
        this.composer.focus();
      },
      rename: (threadId, title) => void this.#rename(threadId, title),
      remove: (threadId) => void this.#remove(threadId),
      more: () => void history().loadMore(),
      reload: () => void history().load(),
      close: () => this.hideHistory(),
    };
  }

  /** A message the server had not taken yet goes back to where it was written. */
  #stop() {
    const unsent = this.conversation.stop();
    if (unsent && plainText(this.composer.value.content) === "") {
      const { content, quoted_text: reply, attachments } = unsent;
      this.composer.set({ content, reply: reply ?? undefined, attachments });
    }
  }

  /** @param {string} threadId @param {string} title */
  async #rename(threadId, title) {
    const { history, conversation } = this.#configured.session;
    if (await history.rename(threadId, title)) conversation.retitle(threadId, title);
  }

  /** @param {string} threadId */
  async #remove(threadId) {
    const { history, conversation } = this.#configured.session;
    const removed = await history.remove(threadId);
    if (removed && conversation.threadId === threadId) await conversation.open(null);
  }

  #updateConversation() {
    const { shell, session } = this.#configured;
    shell.update(session.conversation.state);
  }

  #updateHistory() {
    const { shell, session } = this.#configured;
    shell.updateHistory(session.history.state, session.conversation.threadId);
  }
}
