import { GatewayError } from "./error.js";
import { createSessionSource } from "./source.js";

/** @import { ChatKitOptions } from "@openai/chatkit" */
/** @import { GatewayOptions, SessionAnswer } from "./request.js" */
/** @import { SessionSource } from "./source.js" */

/**
 * Told when the site has moved the assistant between hosted and self-hosted (or to another
 * address) since the last answer: call `setOptions` again with the new `api`. The call that
 * noticed fails with the code `mode_changed`.
 * @typedef {(api: ChatKitOptions["api"]) => void} ModeChangeListener
 */

/**
 * `ChatKitOptions["api"]` for whatever stands behind the assistant: the first answer decides.
 * @param {GatewayOptions & { onModeChange?: ModeChangeListener }} options
 * @returns {Promise<ChatKitOptions["api"]>}
 */
export function createChatKitApi({ onModeChange, ...options }) {
  return chatKitApiFrom(createSessionSource(options), { ...options, onModeChange });
}

/**
 * @param {SessionSource} source
 * @param {{ fetch?: typeof globalThis.fetch, onModeChange?: ModeChangeListener }} [options]
 * @returns {Promise<ChatKitOptions["api"]>}
 */
export async function chatKitApiFrom(source, { fetch = globalThis.fetch, onModeChange } = {}) {
  return build(await source.session());

  /**
   * @param {SessionAnswer} first
   * @returns {ChatKitOptions["api"]}
   */
  function build(first) {
    let wasReported = false;

    /** @param {string | null} [current] */
    async function clientSecret(current) {
      const answer = await source.session(current);
      if (servedAlike(answer, first)) return answer.client_secret;
      if (!wasReported) {
        wasReported = true;
        onModeChange?.(build(answer));
      }
      throw GatewayError.local("mode_changed");
    }

    if (first.mode === "hosted") return { getClientSecret: clientSecret };
    const url = new URL(first.url ?? "", document.baseURI);
    return {
      url: url.href,
      domainKey: first.domain_key ?? "",
      fetch: authorisedFetch(url.origin, clientSecret, fetch),
      uploadStrategy: { type: "two_phase" },
    };
  }
}

/**
 * @param {SessionAnswer} one
 * @param {SessionAnswer} other
 */
function servedAlike(one, other) {
  return one.mode === other.mode && one.url === other.url && one.domain_key === other.domain_key;
}

/**
 * A `fetch` that presents the client secret to `origin` and to nobody else, and never a cookie.
 * Refused with 401 it asks once for a new secret, together with everyone else who was refused.
 *
 * @param {string} origin
 * @param {(current?: string) => Promise<string>} clientSecret
 * @param {typeof globalThis.fetch} fetch
 * @returns {typeof globalThis.fetch}
 */
function authorisedFetch(origin, clientSecret, fetch) {
  return async (input, init) => {
    const request = new Request(input, { ...init, credentials: "omit" });
    if (new URL(request.url).origin !== origin) return fetch(request);

    const again = request.clone();
    const secret = await clientSecret();
    const response = await fetch(withSecret(request, secret));
    if (response.status !== 401) return response;
    return fetch(withSecret(again, await clientSecret(secret)));
  };
}

/**
 * A redirect is refused: the secret is meant for this address.
 * @param {Request} request
 * @param {string} secret
 */
function withSecret(request, secret) {
  const authorised = new Request(request, { redirect: "error" });
  authorised.headers.set("Authorization", `Bearer ${secret}`);
  return authorised;
}
