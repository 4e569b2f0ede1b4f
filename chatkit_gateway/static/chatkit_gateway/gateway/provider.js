import { createSessionSource } from "./source.js";

/** @import { GatewayOptions } from "./request.js" */

/**
 * `getClientSecret` for a hosted assistant. The current secret is never sent back; having one
 * only says that this is a refresh.
 *
 * @param {GatewayOptions} options
 * @returns {(current: string | null) => Promise<string>}
 */
export function createClientSecretProvider(options) {
  const source = createSessionSource(options);
  return async (current) => (await source.session(current)).client_secret;
}
