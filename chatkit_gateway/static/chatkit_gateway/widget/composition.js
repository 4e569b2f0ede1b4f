/**
 * @import { Attachment, UserMessageContent } from "@openai/chatkit"
 * @import { UserMessageInput, UserMessageItem } from "./protocol.js"
 */

/**
 * What is about to be said.
 *
 * @typedef {{
 *   content: UserMessageContent[],
 *   reply?: string | undefined,
 *   attachments?: Attachment[] | undefined,
 *   toolId?: string | null | undefined,
 *   modelId?: string | null | undefined,
 * }} Composition
 */

/** @param {string} [text] @returns {UserMessageContent[]} */
export const textContent = (text = "") => (text === "" ? [] : [{ type: "input_text", text }]);

/** @param {readonly UserMessageContent[]} content */
export const plainText = (content) => content.map(({ text }) => text).join("");

/** @param {Composition} composition */
export const isEmpty = ({ content, attachments = [] }) =>
  plainText(content).trim() === "" && attachments.length === 0;

/** @param {Composition} composition @returns {UserMessageInput} */
export const toInput = ({ content, reply, attachments = [], toolId, modelId }) => ({
  content: content.map((part) =>
    part.type === "input_tag" ? { ...part, data: part.data ?? {} } : part,
  ),
  attachments: attachments.map(({ id }) => id),
  ...(reply ? { quoted_text: reply } : {}),
  inference_options: {
    ...(toolId ? { tool_choice: { id: toolId } } : {}),
    ...(modelId ? { model: modelId } : {}),
  },
});

/**
 * How it looks before the server has it.
 *
 * @param {Composition} composition
 * @returns {UserMessageItem}
 */
export const toPreview = ({ content, reply = "", attachments = [] }) => ({
  type: "user_message",
  id: "",
  thread_id: "",
  created_at: new Date().toISOString(),
  content,
  attachments,
  quoted_text: reply,
});
