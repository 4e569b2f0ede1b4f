/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { ConversationState } from "../conversation-state.js"
 * @import { ThreadItem } from "../protocol.js"
 * @import { ItemView, MessageContext, MessageStatus } from "./messages.js"
 */

import { UNSENT } from "../conversation-state.js";
import { copyText } from "./answer-actions.js";
import { textButton } from "./controls.js";
import { arrange, h } from "./dom.js";
import { ITEM_VIEWS, PlaceholderView } from "./messages.js";

/** @typedef {{ view: ItemView<any>, item: ThreadItem, settled: boolean }} Entry */

/**
 * The messages, in turns: a question with all that answers it. A frame touches only the items that
 * changed, whatever the length of the thread.
 */
export class MessageListView {
  #turns = h("div", { class: "turns" });
  #thinking = h("p", { class: "thinking" });
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, HTMLElement>} */
  #turnElements = new Map();
  /** @type {HTMLElement | undefined} */
  #unsentTurn;
  /** @type {ChatKitOptions["threadItemActions"]} */
  #actions = {};

  /** @param {MessageContext} context @param {() => void} showEarlier */
  constructor(context, showEarlier) {
    this.#context = context;
    this.#earlier = textButton(context.strings.earlier, showEarlier, "text-button earlier");
    this.element = h("div", { class: "messages" }, this.#earlier, this.#turns);
    this.element.addEventListener("click", (event) => this.#copyCode(event));
  }

  #context;
  #earlier;

  /** @param {ChatKitOptions} options */
  configure({ threadItemActions }) {
    this.#actions = threadItemActions;
    for (const { view, item, settled } of this.#entries.values()) {
      view.update(item, this.#statusOf(settled));
    }
  }

  /** @param {ConversationState} state */
  update(state) {
    const { items, phase, live, progress } = state;
    this.#earlier.hidden = state.earlier === null;
    const waiting = phase === "answering" && (progress || !isAnswer(items.at(-1)));
    this.#thinking.textContent = progress || this.#context.strings.thinking;
    const turns = this.#turnsOf(items, phase === "answering");
    turns.at(-1)?.nodes.push(...(waiting ? [this.#thinking] : []));
    this.#unsentTurn = undefined;
    this.#drop(items, turns);
    turns.forEach(({ element, nodes }, index) => {
      element.classList.toggle("live", live && index === turns.length - 1);
      arrange(element, nodes);
    });
    arrange(this.#turns, turns.map(({ element }) => element));
  }

  /** The turn on its way or last on show. */
  get lastTurn() {
    return /** @type {HTMLElement | null} */ (this.#turns.lastElementChild);
  }

  /** What the last answer says, for those who hear it: without the buttons within. */
  get lastAnswer() {
    const answer = [...(this.lastTurn?.querySelectorAll(".answer") ?? [])].at(-1)?.cloneNode(true);
    if (!(answer instanceof Element)) return "";
    for (const bar of answer.querySelectorAll(".code-bar")) bar.remove();
    return answer.textContent?.trim() ?? "";
  }

  /** @param {readonly ThreadItem[]} items @param {boolean} answering */
  #turnsOf(items, answering) {
    /** @type {{ id: string, element: HTMLElement, nodes: Node[] }[]} */
    const turns = [];
    if (!items.some(({ id }) => id === UNSENT)) this.#unsentTurn = this.#turnElements.get(UNSENT);
    for (const item of items) {
      const settled = !answering || item !== items.at(-1);
      const view = this.#viewOf(item, settled);
      if (!view) continue;
      if (item.type === "user_message" || turns.length === 0) {
        turns.push({ id: item.id, element: this.#turnElement(item.id), nodes: [] });
      }
      turns.at(-1)?.nodes.push(view.element);
    }
    return turns;
  }

  /** @param {ThreadItem} item @param {boolean} settled */
  #viewOf(item, settled) {
    const View = ITEM_VIEWS[item.type];
    if (!View) return null;
    const entry = this.#entries.get(item.id);
    if (entry?.item === item && entry.settled === settled) return entry.view;
    const known = entry?.item.type === item.type ? entry.view : new View(this.#context);
    const view = this.#updated(known, item, settled);
    this.#entries.set(item.id, { view, item, settled });
    return view;
  }

  /**
   * One item that cannot be shown is no reason for the others, or for the composer, to stand still.
   *
   * @param {ItemView<any>} view
   * @param {ThreadItem} item
   * @param {boolean} settled
   */
  #updated(view, item, settled) {
    try {
      view.update(item, this.#statusOf(settled));
      return view;
    } catch (error) {
      reportError(error);
      return new PlaceholderView(this.#context);
    }
  }

  /** @param {boolean} settled @returns {MessageStatus} */
  #statusOf(settled) {
    return { settled, actions: this.#actions };
  }

  /** A message that the server has just taken stays in its turn. @param {string} id */
  #turnElement(id) {
    const known = this.#turnElements.get(id);
    if (known) return known;
    const element = this.#unsentTurn ?? h("section", { class: "turn" });
    this.#unsentTurn = undefined;
    this.#turnElements.set(id, element);
    return element;
  }

  /** @param {readonly ThreadItem[]} items @param {{ id: string }[]} turns */
  #drop(items, turns) {
    keepOnly(this.#entries, new Set(items.map(({ id }) => id)));
    keepOnly(this.#turnElements, new Set(turns.map(({ id }) => id)));
  }

  /**
   * The buttons of code blocks are part of rendered Markdown, so they are heard here.
   *
   * @param {Event} event
   */
  #copyCode(event) {
    const button = /** @type {Element} */ (event.target).closest(".code-copy");
    const code = button?.closest(".code")?.querySelector("pre");
    if (!button || !code) return;
    const { copied } = this.#context.strings;
    void copyText(code.textContent ?? "", () => (button.textContent = copied));
  }
}

/** @param {ThreadItem | undefined} item */
const isAnswer = (item) =>
  item?.type === "assistant_message" && item.content.some(({ text }) => text !== "");

/** @param {Map<string, unknown>} map @param {Set<string>} ids */
function keepOnly(map, ids) {
  for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
}
