/**
 * Holds gateway.d.ts and the JavaScript it describes together: `npm run typecheck` fails when one
 * is changed without the other. Assigning them to each other would let the name of an option that may
 * be left out differ, so their types have to be the same.
 */
import * as declared from "../../chatkit_gateway/static/chatkit_gateway/gateway.js";
import { createChatKitApi } from "../../chatkit_gateway/static/chatkit_gateway/gateway/api.js";
import { fetchConfig, loginAddress } from "../../chatkit_gateway/static/chatkit_gateway/gateway/config.js";
import { GatewayError } from "../../chatkit_gateway/static/chatkit_gateway/gateway/error.js";
import { createClientSecretProvider } from "../../chatkit_gateway/static/chatkit_gateway/gateway/provider.js";
import {
  ScriptMissingError,
  translateWidget,
  widgetDefined,
  widgetReady,
} from "../../chatkit_gateway/static/chatkit_gateway/gateway/script.js";

const written = {
  createChatKitApi,
  createClientSecretProvider,
  fetchConfig,
  GatewayError,
  loginAddress,
  ScriptMissingError,
  translateWidget,
  widgetDefined,
  widgetReady,
};

type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
type Names = keyof typeof written | keyof typeof declared;

/** Says of every name whether it is the same in both; one that either lacks is never so. */
type Comparison = {
  [Name in Names]: Name extends keyof typeof written & keyof typeof declared
    ? Same<(typeof written)[Name], (typeof declared)[Name]>
    : false;
};

const comparison: Comparison = {
  createChatKitApi: true,
  createClientSecretProvider: true,
  fetchConfig: true,
  GatewayError: true,
  loginAddress: true,
  ScriptMissingError: true,
  translateWidget: true,
  widgetDefined: true,
  widgetReady: true,
};
export default comparison;
