/**
 * @import { ConversationState } from "./conversation-state.js"
 * @import { Request, StreamEvent, UserMessageInput, UserMessageItem } from "./protocol.js"
 * @import { Emit } from "./events.js"
 * @import { ThreadMemory } from "./thread-memory.js"
 * @import { Transport } from "./transport.js"
 */

import { listen } from "./answer.js";
import {
  BLANK,
  UNSENT,
  changesBy,
  lastQuestion,
  unsentMessage,
  withoutUnsent,
} from "./conversation-state.js";
import { ConversationError, failureOf } from "./failures.js";
import { addUserMessage, customAction, giveFeedback, retryAfterItem } from "./protocol.js";
import { loadEarlier, loadThread } from "./thread-loading.js";

/** The thread on show and what is happening in it. Knows no DOM: views read `state`. */
export class Conversation {
  /** @type {ConversationState} */
  state = BLANK;
  /** @type {string | null} */
  threadId = null;
  /** @type {AbortController | null} what is under way: an answer or a load */
  #task = null;
  #opening = Promise.resolve();

  /**
   * @param {Transport} transport
   * @param {ThreadMemory} memory
   * @param {Emit} emit
   * @param {() => void} onChange
   */
  constructor(transport, memory, emit, onChange) {
    this.#transport = transport;
    this.#memory = memory;
    this.#emit = emit;
    this.#onChange = onChange;
  }

  #transport;
  #memory;
  #emit;
  #onChange;

  /**
   * Shows the first thread, or the start screen when it is gone.
   *
   * @param {string | null | undefined} initialThread undefined: the one this tab showed last
   */
  async start(initialThread) {
    const threadId = initialThread === undefined ? this.#memory.recall() : initialThread;
    if (threadId !== null) return this.open(threadId, { gone: "start" });
    try {
      await this.#transport.connect();
    } catch (error) {
      if (this.#task === null) this.#fail(error, () => void this.start(null));
    }
  }

  /**
   * @param {string | null} threadId null: a new thread
   * @param {{ gone?: "say" | "start" }} [options] what to do when the server has no such thread
   */
  open(threadId, options) {
    this.#opening = this.#open(threadId, options);
    return this.#opening;
  }

  /** @param {string | null} threadId @param {{ gone?: "say" | "start" }} [options] */
  async #open(threadId, { gone = "say" } = {}) {
    this.#abandon();
    this.#set({ ...BLANK, phase: threadId === null ? "idle" : "loading" });
    this.#enter(threadId);
    if (threadId === null) return;
    const task = (this.#task = new AbortController());
    this.#emit("chatkit.thread.load.start", { threadId });
    try {
      const loaded = await loadThread(this.#transport, threadId, task.signal);
      if (this.#task === task) this.#set({ ...loaded, phase: "idle" });
    } catch (error) {
      if (this.#task !== task) return;
      this.#set({ phase: "idle" });
      const lost = error instanceof ConversationError && !error.retryable;
      if (lost) this.#enter(null);
      if (!lost || gone === "say") this.#fail(error, () => void this.open(threadId, { gone }));
    } finally {
      if (this.#task === task) this.#task = null;
      this.#emit("chatkit.thread.load.end", { threadId });
    }
  }

  /** Reads the thread again, for changes made elsewhere. */
  async refresh() {
    const { threadId } = this;
    if (threadId === null || this.state.phase !== "idle") return;
    const task = (this.#task = new AbortController());
    try {
      const loaded = await loadThread(this.#transport, threadId, task.signal);
      if (this.#task === task) this.#set(loaded);
    } catch (error) {
      if (this.#task === task) this.#fail(error, () => void this.refresh());
    } finally {
      if (this.#task === task) this.#task = null;
    }
  }

  async showEarlier() {
    const { threadId } = this;
    const { earlier } = this.state;
    if (threadId === null || earlier === null) return;
    try {
      const older = await loadEarlier(this.#transport, threadId, earlier);
      if (this.state.earlier !== earlier) return;
      this.#set({ ...older, items: [...older.items, ...this.state.items] });
    } catch (error) {
      this.#fail(error, () => void this.showEarlier());
    }
  }

  /**
   * Resolves when the server has the message, or the failure is shown; the answer follows. A thread
   * that is being opened is waited for.
   *
   * @param {UserMessageInput} input
   * @param {UserMessageItem} preview how it looks until the server has it
   */
  async send(input, preview) {
    await this.#opening;
    if (this.state.phase !== "idle") throw new ConversationError("busy");
    this.#set({ items: [...withoutUnsent(this.state.items), { ...preview, id: UNSENT }], live: true });
    await this.#ask(addUserMessage(this.threadId, input), () => void this.send(input, preview));
  }

  /** Takes note of a title given elsewhere. @param {string} threadId @param {string} title */
  retitle(threadId, title) {
    const { thread } = this.state;
    if (thread?.id === threadId) this.#set({ thread: { ...thread, title } });
  }

  /** Asks again what an answer was given to. @param {string} answerId */
  async answerAgain(answerId) {
    const { items } = this.state;
    const before = items.slice(0, items.findIndex(({ id }) => id === answerId));
    const question = lastQuestion(before);
    if (question) await this.#retryAfter(question.id);
  }

  /** What followed the message goes. @param {string} itemId */
  async #retryAfter(itemId) {
    if (this.state.phase !== "idle" || this.threadId === null) return;
    const { items } = this.state;
    const kept = items.slice(0, items.findIndex(({ id }) => id === itemId) + 1);
    this.#set({ items: kept, live: true });
    await this.#ask(retryAfterItem(this.threadId, itemId), null);
  }

  /** @param {{ type: string, payload?: Record<string, unknown> }} action @param {string} [itemId] */
  async act(action, itemId) {
    if (this.state.phase !== "idle" || this.threadId === null) {
      throw new ConversationError("busy");
    }
    const request = customAction(this.threadId, action, itemId);
    await this.#ask(request, () => void this.act(action, itemId), { expectsAnswer: false });
  }

  /** @param {string} itemId @param {"positive" | "negative"} kind */
  async giveFeedback(itemId, kind) {
    if (this.threadId === null) return;
    try {
      await this.#transport.call(giveFeedback(this.threadId, [itemId], kind));
    } catch (error) {
      this.#fail(error, () => void this.giveFeedback(itemId, kind));
    }
  }

  /**
   * Ends the answer where it is; other work goes on.
   *
   * @returns {UserMessageItem | null} the message, if the server had not taken it yet
   */
  stop() {
    if (this.state.phase !== "answering") return null;
    const { items } = this.state;
    this.#abandon();
    this.#set({ items: withoutUnsent(items), phase: "idle", progress: null });
    return unsentMessage(items);
  }

  /**
   * @param {Request} request
   * @param {(() => void) | null} again repeats the whole request, if the server never took it
   * @param {{ expectsAnswer?: boolean }} [options]
   */
  #ask(request, again, { expectsAnswer = true } = {}) {
    const task = (this.#task = new AbortController());
    this.#set({ phase: "answering", stoppable: true, progress: null, notices: [], failure: null });
    return new Promise((/** @type {(value: void) => void} */ accepted) => {
      const heard = listen(this.#transport, request, {
        signal: task.signal,
        expectsAnswer,
        onStart: () => {
          accepted();
          this.#emit("chatkit.response.start");
        },
        onEvent: (event) => this.#apply(event),
        onEnd: () => this.#emit("chatkit.response.end"),
      });
      void heard.then((failure) => {
        if (this.#task === task) this.#finish(failure, again, expectsAnswer);
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
    this.#task = null;
    this.#set({ phase: "idle", progress: null });
    if (!failure) return;
    const { items } = this.state;
    const question = expectsAnswer && !unsentMessage(items) ? lastQuestion(items) : null;
    this.#fail(failure, question ? () => void this.#retryAfter(question.id) : again);
  }

  /** @param {StreamEvent} event */
  #apply(event) {
    this.#set(changesBy(this.state, event));
    if (event.type === "thread.created") this.#enter(event.thread.id);
    if (event.type === "client_effect") {
      this.#emit("chatkit.effect", { name: event.name, data: event.data ?? {} });
    }
  }

  /** @param {unknown} error @param {(() => void) | null} retry */
  #fail(error, retry) {
    const failure = failureOf(error);
    this.#set({ failure: { error: failure, retry: failure.retryable ? retry : null } });
    this.#emit("chatkit.error", { error: failure });
  }

  /** @param {string | null} threadId */
  #enter(threadId) {
    this.#memory.remember(threadId);
    if (threadId === this.threadId) return;
    this.threadId = threadId;
    this.#emit("chatkit.thread.change", { threadId });
  }

  #abandon() {
    const task = this.#task;
    this.#task = null;
    task?.abort();
  }

  /** @param {Partial<ConversationState>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.#onChange();
  }
}
