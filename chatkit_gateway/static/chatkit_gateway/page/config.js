import { configFrom } from "../gateway/config.js";

/** @import { AssistantConfig } from "../gateway/config.js" */

/**
 * What the template tag hands to the page; `loginUrl` leads back to it.
 * @typedef {AssistantConfig & { csrfCookieName: string | null }} PageConfig null when the site
 *   keeps its token elsewhere than in a cookie
 */

/**
 * @param {HTMLElement} container
 * @returns {PageConfig}
 */
export function readConfig(container) {
  const element = document.getElementById(container.dataset.chatkit ?? "");
  const answer = JSON.parse(element?.textContent ?? "");
  return { ...configFrom(answer), csrfCookieName: answer.csrf_cookie_name };
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
