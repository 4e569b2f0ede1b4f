/**
 * The ChatKit protocol as this element speaks it: what is asked, and the shapes that come back.
 * Names in snake_case are the wire's.
 *
 * @import { Attachment, UserMessageContent } from "@openai/chatkit"
 */

/**
 * @template T
 * @typedef {{ data: T[], has_more?: boolean, after?: string | null }} Page
 */

/** @typedef {{ type: "active" | "locked" | "closed", reason?: string | null }} ThreadStatus */

/**
 * @typedef {{
 *   id: string,
 *   title?: string | null,
 *   created_at: string,
 *   status?: ThreadStatus,
 * }} ThreadMetadata
 */

/** @typedef {ThreadMetadata & { items: Page<ThreadItem> }} Thread */

/**
 * @typedef {{ type: "url", title: string, url: string }
 *   | { type: "file", title: string, filename: string }
 *   | { type: "entity", title: string, id: string }} Source
 */

/** @typedef {{ type: "annotation", source: Source, index?: number | null }} Annotation */

/** @typedef {{ type: "output_text", text: string, annotations?: Annotation[] }} AssistantContent */

/** @typedef {{ id: string, thread_id: string, created_at: string }} ItemBase */

/**
 * @typedef {ItemBase & {
 *   type: "user_message",
 *   content: UserMessageContent[],
 *   attachments?: Attachment[],
 *   quoted_text?: string | null,
 * }} UserMessageItem
 */

/**
 * @typedef {ItemBase & {
 *   type: "assistant_message",
 *   content: AssistantContent[],
 * }} AssistantMessageItem
 */

/**
 * Kinds that are kept in the thread and not drawn yet.
 *
 * @typedef {ItemBase & {
 *   type: "client_tool_call" | "widget" | "generated_image" | "structured_input" | "task"
 *     | "workflow" | "end_of_turn",
 * }} OtherItem
 */

/** @typedef {UserMessageItem | AssistantMessageItem | OtherItem} ThreadItem */

/**
 * @typedef {{
 *   type: "assistant_message.content_part.added" | "assistant_message.content_part.done",
 *   content_index: number,
 *   content: AssistantContent,
 * } | {
 *   type: "assistant_message.content_part.text_delta",
 *   content_index: number,
 *   delta: string,
 * } | {
 *   type: "assistant_message.content_part.annotation_added",
 *   content_index: number,
 *   annotation: Annotation,
 * }} ItemUpdate
 */

/**
 * @typedef {{
 *   type: "thread.item.added" | "thread.item.done" | "thread.item.replaced",
 *   item: ThreadItem,
 * } | { type: "thread.item.updated", item_id: string, update: ItemUpdate }
 *   | { type: "thread.item.removed", item_id: string }} ItemEvent
 */

/**
 * @typedef {{
 *   type: "error",
 *   code: string,
 *   message?: string | null,
 *   allow_retry?: boolean,
 * }} ErrorEvent
 */

/**
 * @typedef {{
 *   type: "notice",
 *   level: "info" | "warning" | "danger",
 *   message: string,
 *   title?: string | null,
 * }} NoticeEvent
 */

/**
 * @typedef {ItemEvent | ErrorEvent | NoticeEvent
 *   | { type: "thread.created" | "thread.updated", thread: Thread }
 *   | { type: "stream_options", stream_options: { allow_cancel: boolean } }
 *   | { type: "progress_update", text: string }
 *   | { type: "client_effect", name: string, data?: Record<string, unknown> }} StreamEvent
 */

/**
 * @typedef {{
 *   content: UserMessageContent[],
 *   attachments: string[],
 *   quoted_text?: string,
 *   inference_options: { tool_choice?: { id: string }, model?: string },
 * }} UserMessageInput
 */

/** @typedef {{ type: string, params: Record<string, unknown> }} Request */

/**
 * A new thread when there is none yet.
 *
 * @param {string | null} threadId
 * @param {UserMessageInput} input
 * @returns {Request}
 */
export const addUserMessage = (threadId, input) =>
  threadId === null
    ? { type: "threads.create", params: { input } }
    : { type: "threads.add_user_message", params: { thread_id: threadId, input } };

/**
 * Answers a member's message again; what followed it is deleted.
 *
 * @param {string} threadId
 * @param {string} itemId
 * @returns {Request}
 */
export const retryAfterItem = (threadId, itemId) => ({
  type: "threads.retry_after_item",
  params: { thread_id: threadId, item_id: itemId },
});

/**
 * @param {string} threadId
 * @param {{ type: string, payload?: Record<string, unknown> }} action
 * @param {string} [itemId]
 * @returns {Request}
 */
export const customAction = (threadId, action, itemId) => ({
  type: "threads.custom_action",
  params: { thread_id: threadId, action, ...(itemId === undefined ? {} : { item_id: itemId }) },
});

/** @param {string} threadId @returns {Request} */
export const getThread = (threadId) => ({
  type: "threads.get_by_id",
  params: { thread_id: threadId },
});

/** Newest first. @param {string | null} after @param {number} limit @returns {Request} */
export const listThreads = (after, limit) => ({
  type: "threads.list",
  params: { limit, order: "desc", ...(after === null ? {} : { after }) },
});

/**
 * Newest first.
 *
 * @param {string} threadId
 * @param {string | null} after
 * @param {number} limit
 * @returns {Request}
 */
export const listItems = (threadId, after, limit) => ({
  type: "items.list",
  params: { thread_id: threadId, limit, order: "desc", ...(after === null ? {} : { after }) },
});

/** @param {string} threadId @param {string} title @returns {Request} */
export const renameThread = (threadId, title) => ({
  type: "threads.update",
  params: { thread_id: threadId, title },
});

/** @param {string} threadId @returns {Request} */
export const deleteThread = (threadId) => ({
  type: "threads.delete",
  params: { thread_id: threadId },
});

/**
 * @param {string} threadId
 * @param {string[]} itemIds
 * @param {"positive" | "negative"} kind
 * @returns {Request}
 */
export const giveFeedback = (threadId, itemIds, kind) => ({
  type: "items.feedback",
  params: { thread_id: threadId, item_ids: itemIds, kind },
});
