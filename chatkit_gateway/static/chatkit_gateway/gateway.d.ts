/**
 * The types of `gateway.js`, for front ends in TypeScript. `tests/types/gateway.ts` holds the two
 * together.
 */
import type { ChatKitOptions } from "@openai/chatkit";

/** What `fetchConfig` brings: all that the site's own page would be told. */
export interface AssistantConfig {
  /** Its alias. */
  assistant: string;
  title: string;
  mode: "hosted" | "self_hosted";
  /** Where client secrets are issued. */
  endpoint: string;
  csrfToken: string;
  loginUrl: string;
  /** Address of the widget's script. */
  scriptUrl: string;
  domainKey: string | null;
  /** What the site configured for the widget. */
  widget: Omit<ChatKitOptions, "api">;
  /** The words of the site's own page, in the member's language. */
  texts: Record<string, string>;
  /** The widget's. */
  language: string;
  /** The words of the first-party widget in it; OpenAI's brings its own. */
  widgetTexts: Record<string, unknown>;
  /** What to quote to the people who run the site. */
  reference: string;
}

export interface ExchangeOptions {
  fetch?: typeof globalThis.fetch;
  /** Silent repeats of what may be repeated; 1 when left out. */
  maxRetries?: number;
}

export interface SessionOptions {
  /** Where client secrets are issued; relative or absolute. */
  endpoint: string;
  /** Alias; the site's default when left out. */
  assistant?: string;
  /** A function is asked before every request. */
  csrfToken: string | (() => string);
  /** Told once per failed request, however many callers were waiting for it. */
  onError?: (error: GatewayError) => void;
}

export type GatewayOptions = SessionOptions & ExchangeOptions;

/** Codes of failures that no server answered for. */
export type LocalCode = "offline" | "network_error" | "timeout" | "invalid_answer" | "mode_changed";

export interface Refusal {
  /** The gateway's code, or a `LocalCode`. */
  code: string;
  /** The HTTP status; 0 when no answer arrived. */
  status: number;
  /** Plain words for a member. */
  detail: string;
  /** What to quote to the people who run the site. */
  reference?: string;
  /** The cause, sent to staff only. */
  hint?: string;
  /** Seconds. */
  retryAfter?: number;
  loginUrl?: string;
}

/** A refused or failed request. It never carries a secret. */
export class GatewayError extends Error implements Refusal {
  constructor(refusal: Refusal);
  static local(code: LocalCode, status?: number): GatewayError;
  code: string;
  status: number;
  detail: string;
  reference: string | undefined;
  hint: string | undefined;
  retryAfter: number | undefined;
  loginUrl: string | undefined;
  /** Whether `detail` is this module's English and not the server's words. */
  get isLocal(): boolean;
}

/**
 * Ask the site what its own page would be told. The answer can be handed to `createChatKitApi` and
 * `createClientSecretProvider` as it is. Rejects with a `GatewayError`.
 */
export function fetchConfig(
  address: string,
  options?: { assistant?: string } & ExchangeOptions,
): Promise<AssistantConfig>;

/** `ChatKitOptions["api"]` for whatever stands behind the assistant: the first answer decides. */
export function createChatKitApi(
  options: GatewayOptions & {
    /** The assistant has moved: call `setOptions` again with the new `api`. */
    onModeChange?: (api: ChatKitOptions["api"]) => void;
  },
): Promise<ChatKitOptions["api"]>;

/** `getClientSecret` for a hosted assistant. */
export function createClientSecretProvider(
  options: GatewayOptions,
): (current: string | null) => Promise<string>;

/** The address of the site's login from which it leads back: to this page if nothing is given. */
export function loginAddress(loginUrl: string, back?: string): string;

/** The widget's script is missing, blocked, or has said nothing for 8 seconds. */
export class ScriptMissingError extends Error {}

/** Wait until the script has defined its element; `reload` puts it into the page once more. */
export function widgetDefined(scriptUrl: string, options?: { reload?: boolean }): Promise<void>;

/** Wait for the first word of a widget that has got its options. */
export function widgetReady(widget: HTMLElement): Promise<void>;

/** Give the first-party widget its words; to be called when it is defined, before it is shown. */
export function translateWidget(config: {
  language: string;
  widgetTexts: Record<string, unknown>;
}): void;
