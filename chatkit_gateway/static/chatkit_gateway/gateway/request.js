import { exchange } from "./exchange.js";

/** @import { GatewayError } from "./error.js" */
/** @import { Answer, ExchangeOptions } from "./exchange.js" */

/**
 * @typedef {object} SessionOptions
 * @property {string} endpoint where client secrets are issued; relative or absolute
 * @property {string} [assistant] alias; the site's default when left out
 * @property {string | (() => string)} csrfToken a function is asked before every request, so that
 *   a login in another tab (which replaces the token) does not break this page
 * @property {(error: GatewayError) => void} [onError] told once per failed request, however many
 *   callers were waiting for it
 */

/** @typedef {SessionOptions & ExchangeOptions} GatewayOptions */

/**
 * @typedef {object} SessionAnswer
 * @property {string} client_secret
 * @property {number} expires_in seconds
 * @property {"hosted" | "self_hosted"} mode
 * @property {string} [url] self-hosted only
 * @property {string} [domain_key] self-hosted only
 */

/**
 * Ask the gateway for a client secret.
 *
 * @param {GatewayOptions} options
 * @param {boolean} refresh whether the caller already had a secret
 * @returns {Promise<SessionAnswer>}
 */
export function requestSession({ endpoint, assistant, csrfToken, ...options }, refresh) {
  const request = () => ({
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": typeof csrfToken === "function" ? csrfToken() : csrfToken,
    },
    body: JSON.stringify({ assistant, refresh }),
  });
  return exchange(endpoint, request, isSessionAnswer, options);
}

/**
 * @param {Answer} answer
 * @returns {answer is SessionAnswer}
 */
function isSessionAnswer(answer) {
  if (typeof answer.client_secret !== "string" || answer.client_secret === "") return false;
  if (typeof answer.expires_in !== "number") return false;
  if (answer.mode === "hosted") return true;
  return answer.mode === "self_hosted" && typeof answer.url === "string";
}
