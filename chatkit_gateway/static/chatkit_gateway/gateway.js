/**
 * Everything a page needs to put ChatKit behind a Django login: no dependencies, no build step.
 *
 *     import { createChatKitApi } from "/static/chatkit_gateway/gateway.js";
 *     element.setOptions({ api: await createChatKitApi({ endpoint, assistant, csrfToken }) });
 */
export { createChatKitApi } from "./gateway/api.js";
export { GatewayError } from "./gateway/error.js";
export { createClientSecretProvider } from "./gateway/provider.js";
