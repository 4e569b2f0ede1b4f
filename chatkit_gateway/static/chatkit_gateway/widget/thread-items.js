/**
 * How events change the items of a thread. Pure: an item that changed is a new object, an item that
 * did not is the same one, which is how the views know what to draw again.
 *
 * @import { AssistantContent, AssistantMessageItem, ItemEvent, ItemUpdate, ThreadItem } from "./protocol.js"
 */

/**
 * @param {readonly ThreadItem[]} items
 * @param {ItemEvent} event
 * @returns {readonly ThreadItem[]}
 */
export function applyItemEvent(items, event) {
  switch (event.type) {
    case "thread.item.added":
    case "thread.item.done":
    case "thread.item.replaced":
      return upsert(items, event.item);
    case "thread.item.removed":
      return items.filter((item) => item.id !== event.item_id);
    case "thread.item.updated":
      return items.map((item) =>
        item.id === event.item_id && item.type === "assistant_message"
          ? updateMessage(item, event.update)
          : item,
      );
  }
}

/** @param {readonly ThreadItem[]} items @param {ThreadItem} item */
function upsert(items, item) {
  const known = items.some(({ id }) => id === item.id);
  return known ? items.map((each) => (each.id === item.id ? item : each)) : [...items, item];
}

/**
 * @param {AssistantMessageItem} item
 * @param {ItemUpdate} update
 * @returns {AssistantMessageItem}
 */
function updateMessage(item, update) {
  switch (update.type) {
    case "assistant_message.content_part.added":
    case "assistant_message.content_part.done":
      return withPart(item, update.content_index, () => update.content);
    case "assistant_message.content_part.text_delta":
      return withPart(item, update.content_index, (part) => ({
        ...part,
        text: part.text + update.delta,
      }));
    case "assistant_message.content_part.annotation_added":
      return withPart(item, update.content_index, (part) => ({
        ...part,
        annotations: [...(part.annotations ?? []), update.annotation],
      }));
    default:
      return item;
  }
}

/**
 * @param {AssistantMessageItem} item
 * @param {number} index
 * @param {(part: AssistantContent) => AssistantContent} change
 * @returns {AssistantMessageItem}
 */
function withPart(item, index, change) {
  const content = [...item.content];
  content[index] = change(content[index] ?? { type: "output_text", text: "" });
  return { ...item, content };
}
