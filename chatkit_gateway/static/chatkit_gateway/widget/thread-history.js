/**
 * @import { Page, ThreadMetadata } from "./protocol.js"
 * @import { Transport } from "./transport.js"
 */

import { ConversationError, failureOf } from "./failures.js";
import { deleteThread, listThreads, renameThread } from "./protocol.js";

const PAGE_SIZE = 20;

/**
 * @typedef {{
 *   threads: readonly ThreadMetadata[],
 *   after: string | null,
 *   loading: boolean,
 *   failure: ConversationError | null,
 * }} HistoryState `after`: the cursor of older threads, if any
 */

/** The member's threads, newest first. Knows no DOM. */
export class ThreadHistory {
  /** @type {HistoryState} */
  state = { threads: [], after: null, loading: false, failure: null };

  /** @param {Transport} transport @param {() => void} onChange */
  constructor(transport, onChange) {
    this.#transport = transport;
    this.#onChange = onChange;
  }

  #transport;
  #onChange;

  load() {
    return this.#loadPage(null);
  }

  async loadMore() {
    if (this.state.after !== null) await this.#loadPage(this.state.after);
  }

  /**
   * @param {string} threadId
   * @param {string} title
   * @returns {Promise<boolean>} whether it worked
   */
  rename(threadId, title) {
    return this.#attempt(async () => {
      await this.#transport.call(renameThread(threadId, title));
      const threads = this.state.threads.map((thread) =>
        thread.id === threadId ? { ...thread, title } : thread,
      );
      this.#set({ threads });
    });
  }

  /** @param {string} threadId @returns {Promise<boolean>} whether it is gone */
  remove(threadId) {
    return this.#attempt(async () => {
      await this.#transport.call(deleteThread(threadId));
      this.#set({ threads: this.state.threads.filter(({ id }) => id !== threadId) });
    });
  }

  /** @param {string | null} after */
  async #loadPage(after) {
    this.#set({ loading: true });
    await this.#attempt(async () => {
      const page = /** @type {Page<ThreadMetadata>} */ (
        await this.#transport.call(listThreads(after, PAGE_SIZE))
      );
      const known = after === null ? [] : this.state.threads;
      this.#set({
        threads: [...known, ...page.data],
        after: page.has_more ? (page.after ?? null) : null,
      });
    });
    this.#set({ loading: false });
  }

  /** @param {() => Promise<void>} work @returns {Promise<boolean>} whether it worked */
  async #attempt(work) {
    this.#set({ failure: null });
    try {
      await work();
      return true;
    } catch (error) {
      this.#set({ failure: failureOf(error) });
      return false;
    }
  }

  /** @param {Partial<HistoryState>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.#onChange();
  }
}
