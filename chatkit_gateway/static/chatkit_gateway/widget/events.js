/** @import { ChatKitEvents } from "@openai/chatkit" */

/**
 * Every event of the official element; a new one in its types fails the type check here.
 *
 * @satisfies {Record<keyof ChatKitEvents, 1>}
 */
const EVENTS = {
  "chatkit.ready": 1,
  "chatkit.error": 1,
  "chatkit.effect": 1,
  "chatkit.deeplink": 1,
  "chatkit.response.start": 1,
  "chatkit.response.end": 1,
  "chatkit.history.open": 1,
  "chatkit.history.close": 1,
  "chatkit.thread.change": 1,
  "chatkit.thread.load.start": 1,
  "chatkit.thread.load.end": 1,
  "chatkit.tool.change": 1,
  "chatkit.log": 1,
};

/**
 * @template {keyof ChatKitEvents} K
 * @typedef {ChatKitEvents[K] extends CustomEvent<infer D> ? (D extends void ? [] : [detail: D]) : never} Detail
 */

/** @typedef {<K extends keyof typeof EVENTS>(type: K, ...detail: Detail<K>) => void} Emit */

/** @param {EventTarget} target @returns {Emit} */
export const emitter = (target) => (type, ...detail) => {
  target.dispatchEvent(new CustomEvent(type, { detail: detail[0] }));
};
