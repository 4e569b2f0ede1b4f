import { exchange } from "./exchange.js";

/** @import { ChatKitOptions } from "@openai/chatkit" */
/** @import { Answer, ExchangeOptions } from "./exchange.js" */

/**
 * What the site tells about an assistant. It holds no secret, key or workflow id.
 * @typedef {object} AssistantConfig
 * @property {string} assistant alias
 * @property {string} title
 * @property {"hosted" | "self_hosted"} mode
 * @property {string} endpoint where client secrets are issued
 * @property {string} csrfToken
 * @property {string} loginUrl
 * @property {string} scriptUrl of the widget's script
 * @property {string | null} domainKey
 * @property {Omit<ChatKitOptions, "api">} widget
 * @property {Record<string, string>} texts see `chatkit_gateway/page_texts.py`
 * @property {string} language the widget's
 * @property {Record<string, unknown>} widgetTexts see `chatkit_gateway/widget_texts.py`
 * @property {string} reference of the request that brought this
 */

/**
 * Ask the site what its own page would be told, as a front end somewhere else has to. The answer
 * can be handed to `createChatKitApi` and `createClientSecretProvider` as it is.
 *
 * @param {string} address of the endpoint, such as `/api/chatkit/config`; relative or absolute
 * @param {{ assistant?: string } & ExchangeOptions} [options] assistant: the site's default when
 *   left out
 * @returns {Promise<AssistantConfig>}
 */
export async function fetchConfig(address, { assistant, ...options } = {}) {
  const url = new URL(address, document.baseURI);
  if (assistant !== undefined) url.searchParams.set("assistant", assistant);
  const request = () => ({ headers: { Accept: "application/json" } });
  return configFrom(await exchange(url.href, request, isConfig, options));
}

/**
 * @param {Answer} answer
 * @returns {AssistantConfig}
 */
export function configFrom(answer) {
  return {
    assistant: answer.assistant,
    title: answer.title,
    mode: answer.mode,
    endpoint: answer.endpoint,
    csrfToken: answer.csrf_token,
    loginUrl: answer.login_url,
    scriptUrl: answer.script_url,
    domainKey: answer.domain_key,
    widget: answer.widget,
    texts: answer.texts,
    language: answer.language,
    widgetTexts: answer.widget_texts,
    reference: answer.reference,
  };
}

/**
 * The address of the site's login from which it leads back here.
 * @param {string} loginUrl
 * @param {string} [back] absolute; the present page when left out
 */
export function loginAddress(loginUrl, back = location.href) {
  const url = new URL(loginUrl, document.baseURI);
  url.searchParams.set("next", back);
  return url.href;
}

/**
 * @param {Answer} answer
 * @returns {answer is Answer}
 */
function isConfig(answer) {
  return typeof answer.endpoint === "string" && typeof answer.csrf_token === "string";
}
