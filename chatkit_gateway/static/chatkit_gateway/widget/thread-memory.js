/**
 * Remembers the thread a tab was showing, so that it survives a reload. Only its id, and only for
 * the tab's life: another member who logs in later meets an id the server does not give them.
 */
export class ThreadMemory {
  /** @param {string} place what tells this chat from others on the same site */
  constructor(place) {
    this.#key = `chatkit.thread:${place}`;
  }

  #key;

  /** @returns {string | null} */
  recall() {
    try {
      return sessionStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  /** @param {string | null} threadId */
  remember(threadId) {
    try {
      if (threadId === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, threadId);
    } catch {
      // Storage is switched off or full; then a reload shows the start screen.
    }
  }
}
