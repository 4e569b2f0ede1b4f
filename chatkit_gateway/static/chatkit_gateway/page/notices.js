import { GatewayError } from "../gateway.js";
import { ScriptMissingError } from "../gateway/script.js";

/** @import { PageConfig } from "./config.js" */

/** @typedef {"log_in" | "retry" | "reload" | "dismiss"} Action */

/**
 * @typedef {object} Notice
 * @property {"calm" | "problem"} tone calm: nothing is broken, and nobody is interrupted
 * @property {string} title
 * @property {string} detail
 * @property {Action[]} actions
 * @property {string} [loginUrl]
 * @property {string} [reference]
 * @property {string} [hint]
 * @property {number} [retryAfter] seconds from now
 */

/**
 * @typedef {object} Kind
 * @property {Notice["tone"]} tone
 * @property {Action[]} actions
 */

/** @satisfies {Record<string, Kind>} */
const KINDS = {
  login: { tone: "calm", actions: ["log_in", "retry"] },
  quota: { tone: "calm", actions: ["retry"] },
  paused: { tone: "calm", actions: ["retry"] },
  not_a_member: { tone: "calm", actions: [] },
  outdated: { tone: "calm", actions: ["reload"] },
  offline: { tone: "calm", actions: [] },
  moved: { tone: "calm", actions: ["reload", "dismiss"] },
  upstream: { tone: "problem", actions: ["retry"] },
  busy: { tone: "problem", actions: ["retry"] },
  configuration: { tone: "problem", actions: ["retry"] },
  script: { tone: "problem", actions: ["retry"] },
  problem: { tone: "problem", actions: ["retry"] },
};

/** @typedef {keyof typeof KINDS} KindName */

/** @type {Record<string, KindName>} */
const KIND_OF_CODE = {
  not_authenticated: "login",
  not_a_member: "not_a_member",
  csrf_failed: "outdated",
  quota_exceeded: "quota",
  issuance_paused: "paused",
  unknown_assistant: "configuration",
  invalid_quotas: "configuration",
  missing_api_key: "configuration",
  missing_workflow_id: "configuration",
  sdk_missing: "configuration",
  sdk_too_old: "configuration",
  upstream_rejected_key: "configuration",
  workflow_not_found: "configuration",
  upstream_rejected_request: "configuration",
  upstream_rate_limited: "busy",
  upstream_unavailable: "upstream",
  upstream_invalid_response: "upstream",
  upstream_timeout: "upstream",
  upstream_paused: "upstream",
  gateway_busy: "busy",
  audit_unavailable: "upstream",
  offline: "offline",
  mode_changed: "moved",
};

/**
 * What to tell the member about a failure. The server's words are shown as they are, but for those
 * that say when the quota opens again: the countdown says so too, and stays true.
 * @param {unknown} error
 * @param {PageConfig} config
 * @returns {Notice}
 */
export function noticeFor(error, config) {
  const { texts, reference } = config;
  if (error instanceof ScriptMissingError) {
    return { ...notice("script", texts), detail: texts.script, reference };
  }
  if (!(error instanceof GatewayError)) {
    return { ...notice("problem", texts), detail: texts.problem, reference };
  }
  const isCounted = error.code === "quota_exceeded" && error.retryAfter;
  return {
    ...notice(KIND_OF_CODE[error.code] ?? "problem", texts),
    detail: error.isLocal || isCounted ? texts[error.code] : error.detail,
    loginUrl: config.loginUrl || error.loginUrl,
    reference: error.reference ?? reference,
    hint: error.hint,
    retryAfter: error.retryAfter,
  };
}

/**
 * @param {KindName} kind
 * @param {Record<string, string>} texts
 */
function notice(kind, texts) {
  return { ...KINDS[kind], title: texts[`title_${kind}`] };
}
