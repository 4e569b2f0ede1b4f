import { GatewayError } from "./error.js";
import { requestSession } from "./request.js";

/** @import { GatewayOptions, SessionAnswer } from "./request.js" */

const RENEW_BEFORE_EXPIRY_MS = 15_000;

/**
 * Where the secrets of one assistant come from.
 * @typedef {object} SessionSource
 * @property {(current?: string | null) => Promise<SessionAnswer>} session the newest answer that
 *   is still good; a new one when there is none, or when the newest is the `current` one that
 *   its holder found wanting
 */

/**
 * One request at a time, however many ask; what it brought is shared until shortly before it
 * expires. Lifetimes are measured by the monotonic clock, because a member's clock may be wrong.
 *
 * @param {GatewayOptions} options
 * @returns {SessionSource}
 */
export function createSessionSource(options) {
  /** @type {{ answer: SessionAnswer, goodUntil: number } | null} */
  let newest = null;
  /** @type {Promise<SessionAnswer> | null} */
  let inFlight = null;

  /** @param {boolean} refresh */
  async function renew(refresh) {
    const askedAt = performance.now();
    try {
      const answer = await requestSession(options, refresh);
      newest = { answer, goodUntil: askedAt + usableMs(answer.expires_in) };
      return answer;
    } catch (error) {
      if (error instanceof GatewayError) options.onError?.(error);
      throw error;
    } finally {
      inFlight = null;
    }
  }

  return {
    async session(current = null) {
      if (inFlight) return inFlight;
      if (newest && newest.answer.client_secret !== current && performance.now() < newest.goodUntil) {
        return newest.answer;
      }
      inFlight = renew(newest !== null || Boolean(current));
      return inFlight;
    },
  };
}

/** @param {number} expiresIn */
function usableMs(expiresIn) {
  const lifetime = expiresIn * 1000;
  return lifetime - Math.min(RENEW_BEFORE_EXPIRY_MS, lifetime / 2);
}
