/**
 * What can go wrong in a conversation. `strings.js` has the words for each code.
 *
 * @typedef {"offline" | "unreachable" | "cut_off" | "unreadable" | "no_answer" | "session" | "unauthorised"
 *   | "rate_limited" | "not_found" | "refused" | "unavailable" | "stream" | "custom" | "busy"
 *   | "hosted_script_needed" | "configuration"} FailureCode
 */

/**
 * Carries no address, header or body: it may be logged and shown as it is. `cause` is the page's
 * own error, when the page's `getClientSecret` or `fetch` threw it.
 */
export class ConversationError extends Error {
  name = "ConversationError";

  /**
   * @param {FailureCode} code
   * @param {{ retryable?: boolean, status?: number, words?: string | null, cause?: unknown }} [details]
   *   `words`: what the server wants the member to read.
   */
  constructor(code, { retryable = false, status, words = null, cause } = {}) {
    super(status === undefined ? code : `${code} (HTTP ${status})`, { cause });
    this.code = code;
    this.retryable = retryable;
    this.status = status;
    this.words = words;
  }
}

/** @param {number} status @returns {ConversationError} */
export function failureOfStatus(status) {
  if (status === 401) return new ConversationError("unauthorised", { status, retryable: true });
  if (status === 404) return new ConversationError("not_found", { status });
  if (status === 429) return new ConversationError("rate_limited", { status, retryable: true });
  if (status >= 500) return new ConversationError("unavailable", { status, retryable: true });
  return new ConversationError("refused", { status });
}

/**
 * What an exception of the network, or of the page's part in it, means.
 *
 * @param {unknown} error
 * @param {FailureCode} whileOnline when the browser believes to be online
 */
export const failureOnTheWay = (error, whileOnline) =>
  new ConversationError(navigator.onLine ? whileOnline : "offline", {
    retryable: true,
    cause: error,
  });

/**
 * Anything that is not a failure yet came from an answer of an unexpected shape.
 *
 * @param {unknown} error
 * @returns {ConversationError}
 */
export const failureOf = (error) =>
  error instanceof ConversationError
    ? error
    : new ConversationError("unreadable", { retryable: true, cause: error });

/** Stopped on purpose. @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";
