/**
 * @import { ChatKitOptions, HostedApiConfig } from "@openai/chatkit"
 * @import { Request } from "./protocol.js"
 */

import { readEvents } from "./event-stream.js";
import { ConversationError, failureOfStatus, failureOnTheWay, isAbort } from "./failures.js";

/**
 * Brings requests to the server, in hosted mode with the client secret, which lives only in a
 * private field here. In self-hosted mode authorisation is the business of the page's own `fetch`;
 * the domain key is for OpenAI's frame to show to OpenAI, so it is sent nowhere.
 */
export class Transport {
  /** @type {string | null} */
  #secret = null;
  /** @type {Promise<string> | null} */
  #pendingSecret = null;

  /**
   * @param {ChatKitOptions["api"]} api
   * @param {string | null} hostedUrl where hosted conversations are served, if anywhere
   */
  constructor(api, hostedUrl) {
    this.#api = api;
    this.endpoint = "url" in api ? new URL(api.url, document.baseURI).href : hostedUrl;
  }

  /** @type {ChatKitOptions["api"]} */
  #api;

  /**
   * Whether `api` leads to the same server in the same way. Then its functions may replace the
   * present ones in mid-conversation, as React's re-rendering does.
   *
   * @param {ChatKitOptions["api"]} api
   */
  leadsTo(api) {
    return "url" in api
      ? "url" in this.#api && new URL(api.url, document.baseURI).href === this.endpoint
      : !("url" in this.#api);
  }

  /** @param {ChatKitOptions["api"]} api one that `leadsTo` the same server */
  update(api) {
    this.#api = api;
  }

  /** Gets the first client secret ahead of need, so that the first answer does not wait for it. */
  async connect() {
    this.#requireEndpoint();
    if ("getClientSecret" in this.#api && this.#secret === null) {
      await this.#renewSecret(this.#api, null);
    }
  }

  /** @param {Request} request @param {AbortSignal} [signal] @returns {Promise<any>} */
  async call(request, signal) {
    const response = await this.#send(request, "application/json", signal);
    try {
      return await response.json();
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ConversationError("unreadable", { retryable: true });
    }
  }

  /**
   * @param {Request} request
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<any, void, void>}
   */
  async *stream(request, signal) {
    const response = await this.#send(request, "text/event-stream", signal);
    try {
      if (response.body) yield* readEvents(response.body);
    } catch (error) {
      if (isAbort(error) || error instanceof ConversationError) throw error;
      throw failureOnTheWay(error, "cut_off");
    }
  }

  /** @param {Request} request @param {string} accept @param {AbortSignal} [signal] */
  async #send(request, accept, signal) {
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: accept },
      body: JSON.stringify(request),
      signal: signal ?? null,
    };
    const response = await ("url" in this.#api
      ? this.#fetch(this.#api.fetch ?? fetch, init)
      : this.#fetchHosted(this.#api, init));
    if (!response.ok) throw failureOfStatus(response.status);
    return response;
  }

  /**
   * A secret that the server no longer takes is renewed once and the request repeated once.
   *
   * @param {HostedApiConfig} api
   * @param {RequestInit} init
   */
  async #fetchHosted(api, init) {
    this.#requireEndpoint();
    const secret = this.#secret ?? (await this.#renewSecret(api, null));
    init.signal?.throwIfAborted();
    const response = await this.#fetch(fetch, authorised(init, secret));
    if (response.status !== 401) return response;
    const renewed = await this.#renewSecret(api, secret);
    init.signal?.throwIfAborted();
    return this.#fetch(fetch, authorised(init, renewed));
  }

  /** @param {typeof fetch} send @param {RequestInit} init */
  async #fetch(send, init) {
    const endpoint = this.#requireEndpoint();
    try {
      return await send(endpoint, init);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw failureOnTheWay(error, "unreachable");
    }
  }

  #requireEndpoint() {
    if (this.endpoint === null) throw new ConversationError("hosted_script_needed");
    return this.endpoint;
  }

  /**
   * Asks the page for a secret, once however many requests need one, and not at all when another
   * request has meanwhile replaced the refused one.
   *
   * @param {HostedApiConfig} api
   * @param {string | null} refused
   */
  #renewSecret(api, refused) {
    if (this.#secret !== null && this.#secret !== refused) return Promise.resolve(this.#secret);
    this.#pendingSecret ??= askForSecret(api, refused)
      .then((secret) => (this.#secret = secret))
      .finally(() => (this.#pendingSecret = null));
    return this.#pendingSecret;
  }
}

/** @param {HostedApiConfig} api @param {string | null} current */
async function askForSecret(api, current) {
  let secret;
  try {
    secret = await api.getClientSecret(current);
  } catch (error) {
    throw failureOnTheWay(error, "session");
  }
  if (typeof secret !== "string" || secret === "") {
    throw new ConversationError("session", { retryable: true });
  }
  return secret;
}

/** @param {RequestInit} init @param {string} secret @returns {RequestInit} */
const authorised = (init, secret) => ({
  ...init,
  credentials: "omit",
  headers: { ...init.headers, Authorization: `Bearer ${secret}` },
});
