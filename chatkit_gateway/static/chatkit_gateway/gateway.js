/**
 * Everything a page needs to put ChatKit behind a Django login: no dependencies, no build step.
 *
 *     import { createChatKitApi, fetchConfig } from "/static/chatkit_gateway/gateway.js";
 *     const config = await fetchConfig("/chatkit/config");
 *     element.setOptions({ ...config.widget, api: await createChatKitApi(config) });
 */
export { createChatKitApi } from "./gateway/api.js";
export { fetchConfig, loginAddress } from "./gateway/config.js";
export { GatewayError } from "./gateway/error.js";
export { createClientSecretProvider } from "./gateway/provider.js";
export {
  ScriptMissingError,
  translateWidget,
  widgetDefined,
  widgetReady,
} from "./gateway/script.js";
