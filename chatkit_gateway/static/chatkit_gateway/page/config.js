/** @import { ChatKitOptions } from "@openai/chatkit" */

/**
 * What the template tag hands to the page. It holds no secret, key or workflow id.
 * @typedef {object} PageConfig
 * @property {string} assistant
 * @property {string} title
 * @property {string} endpoint
 * @property {string} csrfToken
 * @property {string | null} csrfCookieName null when the site keeps its token elsewhere
 * @property {string} scriptUrl
 * @property {string} loginUrl leads back to this page
 * @property {string} [reference] of the request that rendered the page
 * @property {Omit<ChatKitOptions, "api">} widget
 * @property {string} language the widget's
 * @property {Record<string, unknown>} widgetTexts see `chatkit_gateway/widget_texts.py`
 * @property {Record<string, string>} texts see `chatkit_gateway/page_texts.py`
 */

/**
 * @param {HTMLElement} container
 * @returns {PageConfig}
 */
export function readConfig(container) {
  const element = document.getElementById(container.dataset.chatkit ?? "");
  return JSON.parse(element?.textContent ?? "");
}

/**
 * The CSRF token as it is now: a login in another tab replaces the one this page came with.
 * @param {PageConfig} config
 */
export function currentCsrfToken({ csrfCookieName, csrfToken }) {
  const prefix = `${csrfCookieName}=`;
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(prefix));
  return csrfCookieName && cookie ? decodeURIComponent(cookie.slice(prefix.length)) : csrfToken;
}
