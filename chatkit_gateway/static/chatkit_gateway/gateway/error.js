/** What went wrong on this side of the network, for pages that bring no words of their own. */
const LOCAL_WORDS = {
  offline: "You seem to be offline.",
  network_error: "The site could not be reached.",
  timeout: "The site did not answer in time.",
  invalid_answer: "The site answered in a way this page does not understand.",
  mode_changed: "The assistant has moved to another service.",
};

/** @typedef {keyof typeof LOCAL_WORDS} LocalCode */

/**
 * The members of an error answer that reach the page.
 * @typedef {object} Refusal
 * @property {string} code the gateway's code, or a {@link LocalCode}
 * @property {number} status the HTTP status; 0 when no answer arrived
 * @property {string} detail plain words for a member
 * @property {string} [reference] what to quote to the people who run the site
 * @property {string} [hint] the cause, sent to staff only
 * @property {number} [retryAfter] seconds
 * @property {string} [loginUrl]
 */

/** A refused or failed request for a client secret. It never carries a secret. */
export class GatewayError extends Error {
  /** @param {Refusal} refusal */
  constructor({ code, status, detail, reference, hint, retryAfter, loginUrl }) {
    super(detail);
    this.name = "GatewayError";
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.reference = reference;
    this.hint = hint;
    this.retryAfter = retryAfter;
    this.loginUrl = loginUrl;
  }

  /**
   * A failure that no gateway answered for.
   * @param {LocalCode} code
   * @param {number} [status]
   */
  static local(code, status = 0) {
    return new GatewayError({ code, status, detail: LOCAL_WORDS[code] });
  }

  /** Whether `detail` is this module's English and not the server's words. */
  get isLocal() {
    return Object.hasOwn(LOCAL_WORDS, this.code);
  }
}
