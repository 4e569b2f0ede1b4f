/**
 * @import { ChatKitOptions, HeaderOption } from "@openai/chatkit"
 * @import { ConversationState } from "../conversation-state.js"
 * @import { Strings } from "../strings.js"
 */

import { iconButton } from "./controls.js";
import { arrange, h } from "./dom.js";
import { namedIcon } from "./icons.js";

/** The bar on top: the page's own buttons, the title, previous chats, a new chat. */
export class HeaderView {
  element = h("header", { class: "header" });
  #title = h("h2", { class: "title" });

  /**
   * @param {Strings} strings
   * @param {{ newChat: () => void, showHistory: () => void }} actions
   */
  constructor(strings, actions) {
    this.#strings = strings;
    this.historyButton = iconButton("history", strings.history, actions.showHistory);
    this.newChatButton = iconButton("compose", strings.newChat, actions.newChat);
  }

  #strings;
  /** @type {HeaderOption["title"]} */
  #titleOption;

  /** @param {ChatKitOptions} options */
  configure({ header = {}, history = {} }) {
    this.element.hidden = header.enabled === false;
    this.#titleOption = header.title;
    this.#title.hidden = header.title?.enabled === false;
    arrange(this.element, [
      ...actionButton(header.leftAction),
      this.#title,
      ...(history.enabled === false ? [] : [this.historyButton]),
      this.newChatButton,
      ...actionButton(header.rightAction),
    ]);
  }

  /** @param {ConversationState} state */
  update({ thread, items, phase }) {
    this.#title.textContent = this.#titleOption?.text || thread?.title || this.#strings.title;
    this.newChatButton.disabled = items.length === 0 && phase === "idle";
  }
}

/** @param {HeaderOption["leftAction"]} action */
const actionButton = (action) =>
  action ? [iconButton(namedIcon(action.icon), nameOf(action.icon), action.onClick)] : [];

/** The options give such a button no words: those of its icon must do. @param {string} iconName */
function nameOf(iconName) {
  const words = iconName.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
