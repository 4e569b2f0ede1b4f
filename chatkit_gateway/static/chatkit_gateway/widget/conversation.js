/**
 * @import { Request, StreamEvent, UserMessageInput, UserMessageItem } from "./protocol.js"
 * @import { ConversationStore } from "./conversation-store.js"
 * @import { Transport } from "./transport.js"
 */

import { listen } from "./answer.js";
import {
  UNSENT,
  changesBy,
  lastQuestion,
  unsentMessage,
  withoutUnsent,
} from "./conversation-state.js";
import { ConversationError } from "./failures.js";
import { addUserMessage, customAction, giveFeedback, retryAfterItem } from "./protocol.js";
import { ThreadOpening } from "./thread-opening.js";

/** What a member does in a thread. Knows no DOM: views read `state`. */
export class Conversation {
  /** @param {Transport} transport @param {ConversationStore} store */
  constructor(transport, store) {
    this.#transport = transport;
    this.#store = store;
    this.#opening = new ThreadOpening(transport, store);
  }

  #transport;
  #store;
  #opening;

  get state() {
    return this.#store.state;
  }

  get threadId() {
    return this.#store.threadId;
  }

  /**
   * The first thread; undefined: the one this tab showed last.
   *
   * @param {string | null | undefined} threadId
   */
  start(threadId) {
    this.#opening.start(threadId);
  }

  /** @param {string | null} threadId null: a new thread */
  open(threadId) {
    return this.#opening.open(threadId);
  }

  /** Reads the thread again, for changes made elsewhere. */
  refresh() {
    return this.#opening.refresh();
  }

  showEarlier() {
    return this.#opening.showEarlier();
  }

  /**
   * Resolves when the server has the message, or the failure is shown; the answer follows. A thread
   * that is being opened is waited for.
   *
   * @param {UserMessageInput} input
   * @param {UserMessageItem} preview how it looks until the server has it
   */
  async send(input, preview) {
    await this.#opening.done;
    this.#refuseIfBusy();
    const items = [...withoutUnsent(this.state.items), { ...preview, id: UNSENT }];
    this.#store.set({ items, live: true });
    await this.#ask(addUserMessage(this.threadId, input), () => void this.send(input, preview));
  }

  /** Asks again what an answer was given to. @param {string} answerId */
  async answerAgain(answerId) {
    const { items } = this.state;
    const before = items.slice(0, items.findIndex(({ id }) => id === answerId));
    const question = lastQuestion(before);
    if (question) await this.#retryAfter(question.id);
  }

  /**
   * @param {{ type: string, payload?: Record<string, unknown> }} action
   * @param {string} [itemId]
   */
  async act(action, itemId) {
    await this.#opening.done;
    this.#refuseIfBusy();
    if (this.threadId === null) throw new ConversationError("not_found");
    const request = customAction(this.threadId, action, itemId);
    await this.#ask(request, () => void this.act(action, itemId), { expectsAnswer: false });
  }

  /** @param {string} itemId @param {"positive" | "negative"} kind */
  async giveFeedback(itemId, kind) {
    if (this.threadId === null) return;
    try {
      await this.#transport.call(giveFeedback(this.threadId, [itemId], kind));
    } catch (error) {
      this.#store.fail(error, () => void this.giveFeedback(itemId, kind));
    }
  }

  /** Takes note of a title given elsewhere. @param {string} threadId @param {string} title */
  retitle(threadId, title) {
    const { thread } = this.state;
    if (thread?.id === threadId) this.#store.set({ thread: { ...thread, title } });
  }

  /**
   * Ends the answer where it is; other work goes on.
   *
   * @returns {UserMessageItem | null} the message, if the server had not taken it yet
   */
  stop() {
    if (this.state.phase !== "answering") return null;
    const { items } = this.state;
    this.#store.abandon();
    this.#store.set({ items: withoutUnsent(items), phase: "idle", progress: null });
    return unsentMessage(items);
  }

  #refuseIfBusy() {
    if (this.state.phase !== "idle") throw new ConversationError("busy");
  }

  /** What followed the message goes. @param {string} itemId */
  async #retryAfter(itemId) {
    if (this.state.phase !== "idle" || this.threadId === null) return;
    const { items } = this.state;
    const kept = items.slice(0, items.findIndex(({ id }) => id === itemId) + 1);
    this.#store.set({ items: kept, live: true });
    await this.#ask(retryAfterItem(this.threadId, itemId), null);
  }

  /**
   * @param {Request} request
   * @param {(() => void) | null} again repeats the whole request, if the server never took it
   * @param {{ expectsAnswer?: boolean }} [options]
   */
  #ask(request, again, { expectsAnswer = true } = {}) {
    const store = this.#store;
    const task = store.begin();
    store.set({ phase: "answering", stoppable: true, progress: null, notices: [], failure: null });
    return new Promise((/** @type {(value: void) => void} */ accepted) => {
      const heard = listen(this.#transport, request, {
        signal: task.signal,
        expectsAnswer,
        onStart: () => {
          accepted();
          store.emit("chatkit.response.start");
        },
        onEvent: (event) => this.#apply(event),
        onEnd: () => store.emit("chatkit.response.end"),
      });
      void heard.then((failure) => {
        if (store.end(task)) this.#finish(failure, again, expectsAnswer);
        accepted();
      });
    });
  }

  /**
   * @param {ConversationError | null} failure
   * @param {(() => void) | null} again
   * @param {boolean} expectsAnswer
   */
  #finish(failure, again, expectsAnswer) {
    this.#store.set({ phase: "idle", progress: null });
    if (!failure) return;
    const { items } = this.state;
    const question = expectsAnswer && !unsentMessage(items) ? lastQuestion(items) : null;
    this.#store.fail(failure, question ? () => void this.#retryAfter(question.id) : again);
  }

  /** @param {StreamEvent} event */
  #apply(event) {
    this.#store.set(changesBy(this.state, event));
    if (event.type === "thread.created") this.#store.enter(event.thread.id);
    if (event.type === "client_effect") {
      this.#store.emit("chatkit.effect", { name: event.name, data: event.data ?? {} });
    }
  }
}
