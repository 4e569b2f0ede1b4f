import { GatewayError } from "./error.js";

const TIMEOUT_MS = 20_000;
const LONGEST_SILENT_WAIT_S = 5;
const RECONNECT_DELAY_MS = 500;

/** @typedef {Record<string, any>} Answer */

/**
 * @typedef {object} ExchangeOptions
 * @property {typeof globalThis.fetch} [fetch]
 * @property {number} [maxRetries] silent repeats of what may be repeated; 1 when left out
 */

/**
 * Ask the gateway, with the member's cookies. Repeats a lost connection, and a 429 or 503 that
 * promises to be over within seconds; every other refusal is final.
 *
 * @template {Answer} Expected
 * @param {string} address relative or absolute
 * @param {() => RequestInit} request made anew for every attempt
 * @param {(answer: Answer) => answer is Expected} isExpected
 * @param {ExchangeOptions} options
 * @returns {Promise<Expected>} rejects with a {@link GatewayError} and nothing else
 */
export async function exchange(address, request, isExpected, { fetch, maxRetries = 1 }) {
  for (let retriesLeft = maxRetries; ; retriesLeft -= 1) {
    try {
      return await attempt(address, request(), isExpected, fetch);
    } catch (error) {
      const delay = error instanceof GatewayError ? retryDelay(error) : null;
      if (delay === null || retriesLeft <= 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

/**
 * @template {Answer} Expected
 * @param {string} address
 * @param {RequestInit} request
 * @param {(answer: Answer) => answer is Expected} isExpected
 * @param {typeof globalThis.fetch} [fetch]
 * @returns {Promise<Expected>}
 */
async function attempt(address, request, isExpected, fetch = globalThis.fetch) {
  const url = new URL(address, document.baseURI);
  try {
    const response = await fetch(url, {
      ...request,
      credentials: url.origin === location.origin ? "same-origin" : "include",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = parseObject(await response.text());
    if (response.ok && answer && isExpected(answer)) return answer;
    throw refusal(response, answer);
  } catch (error) {
    throw error instanceof GatewayError ? error : lostConnection(error);
  }
}

/**
 * @param {string} text
 * @returns {Answer | null}
 */
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {Response} response
 * @param {Answer | null} answer
 */
function refusal(response, answer) {
  if (response.ok || typeof answer?.code !== "string") {
    return GatewayError.local("invalid_answer", response.status);
  }
  return new GatewayError({
    code: answer.code,
    status: response.status,
    detail: String(answer.detail ?? ""),
    reference: answer.reference,
    hint: answer.hint,
    retryAfter: seconds(answer.retry_after ?? response.headers.get("Retry-After")),
    loginUrl: answer.login_url,
  });
}

/** @param {unknown} error */
function lostConnection(error) {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return GatewayError.local("timeout");
  }
  return GatewayError.local(navigator.onLine ? "network_error" : "offline");
}

/**
 * Milliseconds to wait before trying again, or null when trying again is not ours to decide.
 * @param {GatewayError} error
 */
function retryDelay({ code, status, retryAfter }) {
  if (code === "network_error") return RECONNECT_DELAY_MS;
  const isPassing = retryAfter !== undefined && retryAfter <= LONGEST_SILENT_WAIT_S;
  return isPassing && (status === 429 || status === 503) ? retryAfter * 1000 : null;
}

/** @param {unknown} value */
function seconds(value) {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && number >= 0 ? number : undefined;
}
