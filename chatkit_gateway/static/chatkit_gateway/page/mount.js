import { GatewayError } from "../gateway.js";
import { chatKitApiFrom } from "../gateway/api.js";
import { createSessionSource } from "../gateway/source.js";
import { onAppearanceChange, themeOf } from "./appearance.js";
import { currentCsrfToken, readConfig } from "./config.js";
import { NoticeView } from "./notice-view.js";
import { noticeFor } from "./notices.js";
import {
  lateArrival,
  ScriptMissingError,
  translateWidget,
  widgetDefined,
  widgetReady,
} from "../gateway/script.js";

/** @import { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit" */
/** @import { SessionAnswer } from "../gateway/request.js" */

/**
 * Open the chat in its container. The first secret is asked for at once, while the widget's
 * script is still on its way.
 * @param {HTMLElement} container
 */
export function mount(container) {
  void new ChatPage(container).open();
}

class ChatPage {
  #container;
  #config;
  #notices;
  #source;
  /** @type {OpenAIChatKit | null} */
  #widget = null;
  /** @type {ChatKitOptions["api"] | null} */
  #api = null;
  /** @type {unknown} what the notice on show is about */
  #trouble = null;
  #scriptMayBeLost = false;
  /** Which opening counts: an earlier one may still be waiting, and has no say any more. */
  #openings = 0;

  /** @param {HTMLElement} container */
  constructor(container) {
    const config = readConfig(container);
    this.#container = container;
    this.#config = config;
    this.#notices = new NoticeView(container, config.texts);
    this.#source = createSessionSource({
      endpoint: config.endpoint,
      assistant: config.assistant,
      csrfToken: () => currentCsrfToken(config),
      onError: (error) => this.#tell(error),
    });
    onAppearanceChange(() => this.#applyOptions());
    addEventListener("offline", () => this.#interrupt());
    addEventListener("online", () => this.#reconnect());
  }

  async open() {
    if (this.#container.dataset.state === "loading") return;
    const opening = (this.#openings += 1);
    this.#enter("loading");
    this.#trouble = null;
    this.#notices.loading();
    try {
      const [api] = await Promise.all([
        chatKitApiFrom(
          { session: (current) => this.#session(current) },
          { onModeChange: (moved) => this.#move(moved) },
        ),
        widgetDefined(this.#config.scriptUrl, { reload: this.#scriptMayBeLost }),
      ]);
      if (opening !== this.#openings) return;
      this.#api = api;
      await widgetReady(this.#placeWidget());
    } catch (error) {
      if (opening === this.#openings) this.#giveUp(error);
    }
  }

  /** A fresh element: one that has kept silent is not asked twice. */
  #placeWidget() {
    this.#widget?.remove();
    translateWidget(this.#config);
    const widget = /** @type {OpenAIChatKit} */ (document.createElement("openai-chatkit"));
    // The id tells the conversations of one assistant from those of another.
    widget.id = `chatkit-${this.#config.assistant}`;
    widget.lang = this.#config.language;
    widget.addEventListener("chatkit.ready", () => this.#settle());
    widget.addEventListener("chatkit.error", ({ detail }) => this.#giveUp(detail.error));
    this.#container.append(widget);
    this.#widget = widget;
    this.#applyOptions();
    return widget;
  }

  #applyOptions() {
    if (!this.#widget || !this.#api) return;
    const { widget } = this.#config;
    const theme = themeOf(this.#container, widget.theme);
    this.#widget.setOptions({ ...widget, api: this.#api, theme });
  }

  #settle() {
    this.#enter("ready");
    this.#trouble = null;
    this.#notices.clear();
  }

  /**
   * Stop waiting. A chat that has been ready shows its own errors, and a refusal of the gateway
   * has been told already.
   * @param {unknown} error
   */
  #giveUp(error) {
    if (this.#isReady || error instanceof GatewayError) return;
    this.#tell(error);
    if (error instanceof ScriptMissingError) void this.#hopeForScript(error);
  }

  /** @param {ScriptMissingError} error */
  async #hopeForScript(error) {
    this.#scriptMayBeLost = true;
    await lateArrival();
    if (this.#trouble === error) await this.open();
  }

  /** @param {unknown} error */
  #tell(error) {
    this.#trouble = error;
    if (!this.#isReady) this.#enter("stopped");
    this.#notices.show(noticeFor(error, this.#config), {
      retry: () => this.#retry(),
      reload: () => location.reload(),
      dismiss: () => this.#settle(),
    });
  }

  /** The pressed button disappears: leave the keyboard where it was. */
  #retry() {
    this.#container.focus();
    this.#reopen();
  }

  /** A script that is still loading does not say so when it loses one of its modules. */
  #interrupt() {
    this.#scriptMayBeLost = true;
    this.#tell(GatewayError.local("offline"));
  }

  #reconnect() {
    if (this.#troubleCode === "offline" || this.#troubleCode === "network_error") this.#reopen();
  }

  /** A conversation on show is kept: it only needs to be able to get a secret again. */
  #reopen() {
    if (!this.#isReady) return void this.open();
    this.#session().catch(() => {});
  }

  /**
   * @param {string | null} [current]
   * @returns {Promise<SessionAnswer>}
   */
  async #session(current) {
    const answer = await this.#source.session(current);
    const isOver = navigator.onLine && this.#troubleCode !== "mode_changed";
    if (this.#isReady && this.#troubleCode && isOver) this.#settle();
    return answer;
  }

  /** @param {ChatKitOptions["api"]} api */
  #move(api) {
    this.#api = api;
    this.#applyOptions();
    this.#tell(GatewayError.local("mode_changed"));
  }

  get #troubleCode() {
    return this.#trouble instanceof GatewayError ? this.#trouble.code : null;
  }

  get #isReady() {
    return this.#container.dataset.state === "ready";
  }

  /** @param {"loading" | "ready" | "stopped"} state */
  #enter(state) {
    this.#container.dataset.state = state;
  }
}
