/**
 * @import { Page, Thread, ThreadItem, ThreadMetadata } from "./protocol.js"
 * @import { Transport } from "./transport.js"
 */

import { ConversationError } from "./failures.js";
import { getThread, listItems } from "./protocol.js";

const PAGE_SIZE = 50;

/**
 * Items in the order of the conversation; `earlier` is the cursor of those before them, if any.
 *
 * @typedef {{ items: ThreadItem[], earlier: string | null }} Stretch
 */

/**
 * The newest stretch of a thread. The thread itself comes with its oldest items only, so a long one
 * needs a second question.
 *
 * @param {Transport} transport
 * @param {string} threadId
 * @param {AbortSignal} signal
 * @returns {Promise<Stretch & { thread: ThreadMetadata }>}
 */
export async function loadThread(transport, threadId, signal) {
  const { items, ...thread } = /** @type {Thread} */ (
    await transport.call(getThread(threadId), signal)
  );
  if (typeof thread.id !== "string") throw new ConversationError("unreadable", { retryable: true });
  const stretch = items?.has_more
    ? await loadEarlier(transport, threadId, null, signal)
    : { items: items?.data ?? [], earlier: null };
  return { thread, ...stretch };
}

/**
 * @param {Transport} transport
 * @param {string} threadId
 * @param {string | null} before a cursor, or null for the newest
 * @param {AbortSignal} [signal]
 * @returns {Promise<Stretch>}
 */
export async function loadEarlier(transport, threadId, before, signal) {
  const page = /** @type {Page<ThreadItem>} */ (
    await transport.call(listItems(threadId, before, PAGE_SIZE), signal)
  );
  return {
    items: page.data.slice().reverse(),
    earlier: page.has_more ? (page.after ?? null) : null,
  };
}
