import { ConversationError } from "./failures.js";

/**
 * Reads `data:` events of a server-sent event stream, each holding one JSON document.
 *
 * EventSource cannot send a POST, so the few rules that matter are applied here: events end with a
 * blank line, lines with LF or CRLF, a `data` field may span lines, everything else is ignored.
 * An event cut off by the end of the stream is dropped, as the standard says.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<any, void, void>}
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  /** @type {string[]} */
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = /** @type {string} */ (lines.pop());
      for (const line of lines) {
        const field = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (field.startsWith("data:")) {
          data.push(field.slice(5));
        } else if (field === "" && data.length > 0) {
          yield parse(data.join("\n"));
          data = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** @param {string} json */
function parse(json) {
  try {
    const event = JSON.parse(json);
    if (typeof event?.type === "string") return event;
  } catch {
    // Falls through: not JSON is as bad as JSON of another shape.
  }
  throw new ConversationError("unreadable", { retryable: true });
}
