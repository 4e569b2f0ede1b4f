/** @import { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit" */

import { Chat } from "./chat.js";
import { textContent } from "./composition.js";
import { emitter } from "./events.js";
import { assertOptions } from "./options.js";
import { afterNextPaint } from "./painting.js";
import { addTranslation } from "./strings.js";
import { SHEETS } from "./styles/sheets.js";

/**
 * Our own `<openai-chatkit>`, with the interface, options and events of OpenAI's.
 *
 * @implements {OpenAIChatKit}
 */
export class ChatKitElement extends HTMLElement {
  #emit = emitter(this);
  #chat;
  #isConfigured = false;
  #isReady = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [...SHEETS];
    this.#chat = new Chat(root, this.#emit, () => this.id);
  }

  /** Adds or overrides words of the interface; takes effect for elements configured later. */
  static addTranslation = addTranslation;

  connectedCallback() {
    this.#startSoon();
  }

  disconnectedCallback() {
    // Moving an element disconnects it as well, and should not cut off an answer.
    queueMicrotask(() => {
      if (!this.isConnected) this.#chat.leave();
    });
  }

  /**
   * Replaces all options. Refused ones leave the present ones in use.
   *
   * @param {ChatKitOptions} options
   * @throws {import("./checks.js").InvalidFrameParamsError}
   */
  setOptions(options) {
    try {
      assertOptions(options);
    } catch (error) {
      this.#chat.showMisconfigured();
      afterNextPaint(() => this.#emit("chatkit.error", { error: /** @type {Error} */ (error) }));
      throw error;
    }
    this.#chat.configure(options);
    this.#isConfigured = true;
    this.#startSoon();
  }

  async focusComposer() {
    this.#chat.composer.focus();
  }

  /** @param {string | null} threadId */
  async setThreadId(threadId) {
    await this.#chat.conversation.open(threadId);
  }

  /** @type {OpenAIChatKit["sendUserMessage"]} */
  async sendUserMessage(params) {
    const { text, content = textContent(text), reply, attachments, toolChoice, model } = params;
    if (params.newThread) await this.#chat.conversation.open(null);
    await this.#chat.send({ content, reply, attachments, toolId: toolChoice?.id, modelId: model });
  }

  /** @type {OpenAIChatKit["setComposerValue"]} */
  async setComposerValue({ text, content, files, selectedToolId, selectedModelId, ...rest }) {
    const { composer } = this.#chat;
    const { toolId = null } = composer.value;
    composer.set({
      ...rest,
      ...(text === undefined ? {} : { content: textContent(text) }),
      ...(content === undefined ? {} : { content }),
      ...(selectedToolId === undefined ? {} : { toolId: selectedToolId }),
      ...(selectedModelId === undefined ? {} : { modelId: selectedModelId }),
    });
    if (selectedToolId !== undefined && selectedToolId !== toolId) {
      this.#emit("chatkit.tool.change", { toolId: selectedToolId });
    }
    if (files?.length) {
      this.#emit("chatkit.log", { name: "composer.files.ignored", data: { count: files.length } });
    }
  }

  async showHistory() {
    await this.#chat.showHistory();
  }

  async hideHistory() {
    this.#chat.hideHistory();
  }

  async fetchUpdates() {
    await this.#chat.conversation.refresh();
  }

  /** @type {OpenAIChatKit["sendCustomAction"]} */
  async sendCustomAction(action, itemId) {
    await this.#chat.conversation.act(action, itemId);
  }

  /** The first thread and `chatkit.ready` come late enough for React's listeners. */
  #startSoon() {
    if (!this.#isConfigured || !this.isConnected) return;
    afterNextPaint(() => {
      if (!this.isConnected) return;
      this.#chat.start();
      if (this.#isReady) return;
      this.#isReady = true;
      this.#emit("chatkit.ready");
    });
  }
}

if (!customElements.get("openai-chatkit")) customElements.define("openai-chatkit", ChatKitElement);
