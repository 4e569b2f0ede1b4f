/**
 * @import { ErrorEvent, Request, StreamEvent } from "./protocol.js"
 * @import { Transport } from "./transport.js"
 */

import { ConversationError, failureOf, isAbort } from "./failures.js";

/**
 * Listens to one answer and says at its end what was wrong with it, if anything.
 *
 * @param {Transport} transport
 * @param {Request} request
 * @param {{
 *   signal: AbortSignal,
 *   expectsAnswer: boolean,
 *   onStart: () => void,
 *   onEvent: (event: StreamEvent) => void,
 *   onEnd: () => void,
 * }} listener `onEnd` follows every `onStart`; `expectsAnswer`: silence is a failure
 * @returns {Promise<ConversationError | null>} null also when it was stopped
 */
export async function listen(transport, request, listener) {
  const watch = new Completeness();
  let started = false;
  try {
    for await (const event of transport.stream(request, listener.signal)) {
      if (listener.signal.aborted) return null;
      if (!started) listener.onStart();
      started = true;
      watch.see(event);
      listener.onEvent(event);
    }
    return watch.verdict(listener.expectsAnswer);
  } catch (error) {
    return isAbort(error) || listener.signal.aborted ? null : failureOf(error);
  } finally {
    if (started) listener.onEnd();
  }
}

/**
 * A stream has no end marker: a connection lost behind a proxy looks like a good end, but for an
 * item that is left open.
 */
class Completeness {
  /** @type {Set<string>} */
  #open = new Set();
  #answered = false;
  /** @type {ConversationError | null} */
  #reported = null;

  /** @param {StreamEvent} event */
  see(event) {
    switch (event.type) {
      case "thread.item.added":
        this.#open.add(event.item.id);
        this.#answered = true;
        break;
      case "thread.item.done":
      case "thread.item.replaced":
        this.#open.delete(event.item.id);
        this.#answered ||= event.item.type !== "user_message";
        break;
      case "thread.item.removed":
        this.#open.delete(event.item_id);
        break;
      case "notice":
      case "client_effect":
        this.#answered = true;
        break;
      case "error":
        this.#reported = failureOfEvent(event);
    }
  }

  /** @param {boolean} expectsAnswer */
  verdict(expectsAnswer) {
    if (this.#reported) return this.#reported;
    if (this.#open.size > 0) return new ConversationError("cut_off", { retryable: true });
    if (this.#answered || !expectsAnswer) return null;
    return new ConversationError("no_answer", { retryable: true });
  }
}

/** @param {ErrorEvent} event */
const failureOfEvent = ({ message, allow_retry: retryable = false }) =>
  message
    ? new ConversationError("custom", { retryable, words: message })
    : new ConversationError("stream", { retryable });
