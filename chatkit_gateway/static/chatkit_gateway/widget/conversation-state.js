/**
 * @import { NoticeEvent, StreamEvent, ThreadItem, ThreadMetadata, UserMessageItem } from "./protocol.js"
 * @import { ConversationError } from "./failures.js"
 */

import { applyItemEvent } from "./thread-items.js";

/** The id of a message on its way, until the server gives it its own. */
export const UNSENT = "unsent";

/**
 * What the views show. `earlier`: the cursor of items before these. `live`: something was asked
 * since the thread was opened. `progress`: the server's own words about what it is doing.
 *
 * @typedef {{
 *   thread: ThreadMetadata | null,
 *   items: readonly ThreadItem[],
 *   earlier: string | null,
 *   phase: "idle" | "loading" | "answering",
 *   live: boolean,
 *   stoppable: boolean,
 *   progress: string | null,
 *   notices: readonly NoticeEvent[],
 *   failure: { error: ConversationError, retry: (() => void) | null } | null,
 * }} ConversationState
 */

/** @type {ConversationState} */
export const BLANK = {
  thread: null,
  items: [],
  earlier: null,
  phase: "idle",
  live: false,
  stoppable: true,
  progress: null,
  notices: [],
  failure: null,
};

/**
 * What an event changes.
 *
 * @param {ConversationState} state
 * @param {StreamEvent} event
 * @returns {Partial<ConversationState>}
 */
export function changesBy(state, event) {
  switch (event.type) {
    case "thread.created":
    case "thread.updated": {
      const { items: _, ...thread } = event.thread;
      return { thread };
    }
    case "stream_options":
      return { stoppable: event.stream_options.allow_cancel };
    case "progress_update":
      return { progress: event.text };
    case "notice":
      return { notices: [...state.notices, event] };
    case "thread.item.added":
    case "thread.item.updated":
    case "thread.item.removed":
    case "thread.item.replaced":
      return { items: applyItemEvent(state.items, event) };
    case "thread.item.done": {
      const items = event.item.type === "user_message" ? withoutUnsent(state.items) : state.items;
      return { items: applyItemEvent(items, event) };
    }
    default:
      return {};
  }
}

/** @param {readonly ThreadItem[]} items */
export const withoutUnsent = (items) => items.filter(({ id }) => id !== UNSENT);

/** @param {readonly ThreadItem[]} items @returns {UserMessageItem | null} */
export function unsentMessage(items) {
  const item = items.find(({ id }) => id === UNSENT);
  return item?.type === "user_message" ? item : null;
}

/** The last thing the member said that the server has. @param {readonly ThreadItem[]} items */
export const lastQuestion = (items) =>
  items.filter(({ type, id }) => type === "user_message" && id !== UNSENT).at(-1) ?? null;
