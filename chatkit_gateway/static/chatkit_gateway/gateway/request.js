import { GatewayError } from "./error.js";

const TIMEOUT_MS = 20_000;
const LONGEST_SILENT_WAIT_S = 5;
const RECONNECT_DELAY_MS = 500;

/**
 * @typedef {object} GatewayOptions
 * @property {string} endpoint where client secrets are issued; relative or absolute
 * @property {string} [assistant] alias; the site's default when left out
 * @property {string | (() => string)} csrfToken a function is asked before every request, so that
 *   a login in another tab (which replaces the token) does not break this page
 * @property {(error: GatewayError) => void} [onError] told once per failed request, however many
 *   callers were waiting for it
 * @property {typeof globalThis.fetch} [fetch]
 * @property {number} [maxRetries] silent repeats of what may be repeated; 1 when left out
 */

/**
 * @typedef {object} SessionAnswer
 * @property {string} client_secret
 * @property {number} expires_in seconds
 * @property {"hosted" | "self_hosted"} mode
 * @property {string} [url] self-hosted only
 * @property {string} [domain_key] self-hosted only
 */

/**
 * Ask the gateway for a client secret. Repeats a lost connection, and a 429 or 503 that promises
 * to be over within seconds; every other refusal is final.
 *
 * @param {GatewayOptions} options
 * @param {boolean} refresh whether the caller already had a secret
 * @returns {Promise<SessionAnswer>}
 */
export async function requestSession(options, refresh) {
  for (let retriesLeft = options.maxRetries ?? 1; ; retriesLeft -= 1) {
    try {
      return await attempt(options, refresh);
    } catch (error) {
      const delay = error instanceof GatewayError ? retryDelay(error) : null;
      if (delay === null || retriesLeft <= 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

/**
 * @param {GatewayOptions} options
 * @param {boolean} refresh
 */
async function attempt({ endpoint, assistant, csrfToken, fetch = globalThis.fetch }, refresh) {
  const url = new URL(endpoint, document.baseURI);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": typeof csrfToken === "function" ? csrfToken() : csrfToken,
      },
      body: JSON.stringify({ assistant, refresh }),
      credentials: url.origin === location.origin ? "same-origin" : "include",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return await readAnswer(response);
  } catch (error) {
    throw error instanceof GatewayError ? error : lostConnection(error);
  }
}

/** @param {Response} response */
async function readAnswer(response) {
  const text = await response.text();
  const answer = parseObject(text);
  if (response.ok && isSessionAnswer(answer)) return answer;
  if (response.ok || typeof answer?.code !== "string") {
    throw GatewayError.local("invalid_answer", response.status);
  }
  throw new GatewayError({
    code: answer.code,
    status: response.status,
    detail: String(answer.detail ?? ""),
    reference: answer.reference,
    hint: answer.hint,
    retryAfter: seconds(answer.retry_after ?? response.headers.get("Retry-After")),
    loginUrl: answer.login_url,
  });
}

/**
 * @param {string} text
 * @returns {Record<string, any> | null}
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
 * @param {Record<string, any> | null} answer
 * @returns {answer is SessionAnswer}
 */
function isSessionAnswer(answer) {
  if (typeof answer?.client_secret !== "string" || answer.client_secret === "") return false;
  if (typeof answer.expires_in !== "number") return false;
  if (answer.mode === "hosted") return true;
  return answer.mode === "self_hosted" && typeof answer.url === "string";
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
