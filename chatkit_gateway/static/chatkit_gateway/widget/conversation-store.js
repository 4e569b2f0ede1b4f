/**
 * @import { ConversationState } from "./conversation-state.js"
 * @import { Emit } from "./events.js"
 * @import { ThreadMemory } from "./thread-memory.js"
 */

import { BLANK } from "./conversation-state.js";
import { failureOf } from "./failures.js";

/** What is on show, and the one thing that is under way: opening a thread, or an answer. */
export class ConversationStore {
  /** @type {ConversationState} */
  state = BLANK;
  /** @type {string | null} */
  threadId = null;
  /** @type {AbortController | null} */
  #task = null;

  /**
   * @param {ThreadMemory} memory
   * @param {Emit} emit
   * @param {() => void} onChange
   */
  constructor(memory, emit, onChange) {
    this.memory = memory;
    this.emit = emit;
    this.#onChange = onChange;
  }

  #onChange;

  /** @param {Partial<ConversationState>} change */
  set(change) {
    this.state = { ...this.state, ...change };
    this.#onChange();
  }

  /** @param {unknown} error @param {(() => void) | null} retry */
  fail(error, retry) {
    const failure = failureOf(error);
    this.set({ failure: { error: failure, retry: failure.retryable ? retry : null } });
    this.emit("chatkit.error", { error: failure });
  }

  /** Makes this the thread on show, also after a reload. @param {string | null} threadId */
  enter(threadId) {
    this.memory.remember(threadId);
    if (threadId === this.threadId) return;
    this.threadId = threadId;
    this.emit("chatkit.thread.change", { threadId });
  }

  get isBusy() {
    return this.#task !== null;
  }

  /** Begins something new; what was under way is given up. */
  begin() {
    this.abandon();
    this.#task = new AbortController();
    return this.#task;
  }

  /** @param {AbortController} task @returns {boolean} false if it was given up before */
  end(task) {
    if (this.#task !== task) return false;
    this.#task = null;
    return true;
  }

  abandon() {
    this.#task?.abort();
    this.#task = null;
  }
}
