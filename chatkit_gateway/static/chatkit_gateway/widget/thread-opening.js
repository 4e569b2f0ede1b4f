/**
 * @import { ConversationStore } from "./conversation-store.js"
 * @import { Transport } from "./transport.js"
 */

import { BLANK } from "./conversation-state.js";
import { ConversationError } from "./failures.js";
import { loadEarlier, loadThread } from "./thread-loading.js";

/** Brings threads on show. */
export class ThreadOpening {
  /** Settles when the thread that was asked for is on show, or its failure. */
  done = Promise.resolve();
  #chosen = false;

  /** @param {Transport} transport @param {ConversationStore} store */
  constructor(transport, store) {
    this.#transport = transport;
    this.#store = store;
  }

  #transport;
  #store;

  /**
   * Shows the first thread, in a later microtask, unless the page chooses another before. One that
   * is gone gives way to the start screen without a word.
   *
   * @param {string | null | undefined} initialThread undefined: the one this tab showed last
   */
  start(initialThread) {
    const threadId = initialThread === undefined ? this.#store.memory.recall() : initialThread;
    this.done = Promise.resolve().then(() => {
      if (this.#chosen) return;
      if (threadId !== null) return this.#open(threadId, { quietly: true });
      void this.#connect();
    });
  }

  /** @param {string | null} threadId null: a new thread */
  open(threadId) {
    this.#chosen = true;
    this.done = this.#open(threadId, { quietly: false });
    return this.done;
  }

  /** Reads the thread again, for changes made elsewhere. */
  async refresh() {
    const { threadId, isBusy } = this.#store;
    if (threadId === null || isBusy) return;
    const task = this.#store.begin();
    try {
      const loaded = await loadThread(this.#transport, threadId, task.signal);
      if (this.#store.end(task)) this.#store.set({ ...loaded, failure: null });
    } catch (error) {
      if (this.#store.end(task)) this.#store.fail(error, () => void this.refresh());
    }
  }

  async showEarlier() {
    const { threadId } = this.#store;
    const { earlier } = this.#store.state;
    if (threadId === null || earlier === null) return;
    try {
      const older = await loadEarlier(this.#transport, threadId, earlier);
      if (this.#store.state.earlier !== earlier) return;
      this.#store.set({ ...older, items: [...older.items, ...this.#store.state.items] });
    } catch (error) {
      this.#store.fail(error, () => void this.showEarlier());
    }
  }

  async #connect() {
    try {
      await this.#transport.connect();
      if (!this.#store.isBusy) this.#store.set({ failure: null });
    } catch (error) {
      if (!this.#store.isBusy) this.#store.fail(error, () => void this.#connect());
    }
  }

  /** @param {string | null} threadId @param {{ quietly: boolean }} manner */
  async #open(threadId, { quietly }) {
    const store = this.#store;
    store.abandon();
    store.set({ ...BLANK, phase: threadId === null ? "idle" : "loading" });
    store.enter(threadId);
    if (threadId === null) return;
    const task = store.begin();
    store.emit("chatkit.thread.load.start", { threadId });
    try {
      const loaded = await loadThread(this.#transport, threadId, task.signal);
      if (store.end(task)) store.set({ ...loaded, phase: "idle" });
    } catch (error) {
      if (store.end(task)) this.#giveUp(threadId, error, quietly);
    }
    store.emit("chatkit.thread.load.end", { threadId });
  }

  /** @param {string} threadId @param {unknown} error @param {boolean} quietly */
  #giveUp(threadId, error, quietly) {
    const store = this.#store;
    const lost = error instanceof ConversationError && !error.retryable;
    store.set({ phase: "idle" });
    if (lost) store.enter(null);
    if (lost && quietly) return;
    store.fail(error, () => void (this.done = this.#open(threadId, { quietly })));
  }
}
