/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { Composition } from "./composition.js"
 * @import { Emit } from "./events.js"
 */

import { actionsFor } from "./chat-actions.js";
import { toInput, toPreview } from "./composition.js";
import { BLANK } from "./conversation-state.js";
import { reportDeeplinks } from "./deeplinks.js";
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
    reportDeeplinks(root, emit);
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
    session.conversation.start(this.#initialThread);
  }

  get conversation() {
    return this.#configured.session.conversation;
  }

  get history() {
    return this.#configured.session.history;
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

  /**
   * Options for the same server leave the conversation as it is.
   *
   * @param {ChatKitOptions["api"]} api
   */
  #connectTo(api) {
    if (this.#session?.transport.leadsTo(api)) {
      this.#session.transport.update(api);
      return;
    }
    this.leave();
    this.hideHistory();
    this.#session = new Session(api, {
      hostedUrl: /** @type {any} */ (globalThis).__chatkitHostedConversations ?? null,
      name: this.#nameOf(),
      emit: this.#emit,
      onConversation: this.#drawConversation,
      onHistory: this.#drawHistory,
    });
  }

  /**
   * Another language needs other views; what is being written moves into them.
   *
   * @param {string | undefined} given
   */
  #shellFor(given) {
    const locale = given || this.#languageAround();
    if (this.#shell && this.#locale === locale) return this.#shell;
    this.#locale = locale;
    const shell = new Shell(stringsFor(locale), actionsFor(this));
    if (this.#shell) shell.composer.set(this.#shell.composer.value);
    this.#shell = shell;
    this.#root.replaceChildren(shell.element);
    return shell;
  }

  /** What the element says of itself, then the page, then the browser. */
  #languageAround() {
    const marked = /** @type {HTMLElement | null} */ (this.#root.host.closest("[lang]"));
    return marked?.lang || document.documentElement.lang || navigator.language;
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
