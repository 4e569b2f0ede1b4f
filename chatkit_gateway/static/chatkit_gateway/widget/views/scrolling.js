/** @import { ConversationState } from "../conversation-state.js" */

import { iconButton } from "./controls.js";
import { h } from "./dom.js";

/** How far from the end still counts as reading the end, in pixels. */
const NEAR = 80;

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Decides what of a thread is in view: the end of an opened thread, the top of a new turn. While an
 * answer grows the view follows only if the page wants that and the member is reading the end.
 */
export class ScrollingView {
  /** @type {ConversationState | null} */
  #previous = null;
  #following = false;
  follows = false;

  /**
   * @param {HTMLElement} content
   * @param {string} latestLabel
   * @param {() => HTMLElement | null} lastTurn
   */
  constructor(content, latestLabel, lastTurn) {
    this.#lastTurn = lastTurn;
    const toEnd = () => this.#to(this.#scroller.scrollHeight);
    this.#latest = iconButton("down", latestLabel, toEnd, "icon-button latest");
    this.#scroller = h("div", { class: "scroller" }, content);
    this.element = h("div", { class: "scroll-area" }, this.#scroller, this.#latest);
    this.#scroller.addEventListener("scroll", () => this.#showLatest(), { passive: true });
  }

  #lastTurn;
  #latest;
  #scroller;

  /** To be called before the messages are drawn. */
  measure() {
    this.#following = this.follows && this.#distance() < NEAR;
  }

  /** To be called after the messages are drawn. @param {ConversationState} state */
  update(state) {
    const before = this.#previous;
    this.#previous = state;
    const asked = state.phase === "answering" && before?.phase !== "answering";
    // Loading itself may pass between two frames, and never be drawn.
    const opened = state.phase === "idle" && state.thread?.id !== before?.thread?.id;
    if (asked) this.#to(this.#lastTurn()?.offsetTop ?? 0);
    else if (opened) this.#to(this.#scroller.scrollHeight, "instant");
    else if (this.#following && state.phase === "answering") {
      this.#to(this.#scroller.scrollHeight, "instant");
    }
    this.#showLatest();
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** @param {number} top @param {ScrollBehavior} [behavior] */
  #to(top, behavior = STILL.matches ? "instant" : "smooth") {
    this.#scroller.scrollTo({ top, behavior });
  }

  #showLatest() {
    this.#latest.hidden = this.#distance() < NEAR;
  }
}
