import { countDown } from "./countdown.js";

/** @import { Action, Notice } from "./notices.js" */

/**
 * Shows one notice at a time, in the container's live regions: calm ones wait their turn in
 * `role=status`, problems are announced at once by `role=alert`.
 */
export class NoticeView {
  #status;
  #alert;
  #texts;
  /** Ends the countdown of the notice on show. */
  #stop = () => {};

  /**
   * @param {HTMLElement} container
   * @param {Record<string, string>} texts
   */
  constructor(container, texts) {
    this.#status = region(container, "status");
    this.#alert = region(container, "alert");
    this.#texts = texts;
  }

  clear() {
    this.#stop();
    this.#status.replaceChildren();
    this.#alert.replaceChildren();
  }

  loading() {
    this.clear();
    this.#status.append(element("p", "chatkit-loading", this.#texts.loading));
  }

  /**
   * @param {Notice} notice
   * @param {Partial<Record<Action, () => void>>} handlers
   */
  show(notice, handlers) {
    this.clear();
    const box = element("div", "chatkit-notice");
    box.dataset.tone = notice.tone;
    box.append(
      element("p", "chatkit-notice-title", notice.title),
      element("p", "chatkit-notice-detail", notice.detail),
    );
    if (notice.retryAfter) box.append(this.#countdown(notice.retryAfter));
    if (notice.actions.length > 0) box.append(this.#actions(notice, handlers));
    box.append(...this.#smallPrint(notice));
    (notice.tone === "calm" ? this.#status : this.#alert).append(box);
  }

  /** @param {number} seconds */
  #countdown(seconds) {
    const line = element("p", "chatkit-notice-when");
    line.setAttribute("aria-live", "off");
    this.#stop = countDown(seconds, this.#texts, (words) => {
      line.textContent = words;
    });
    return line;
  }

  /**
   * @param {Notice} notice
   * @param {Partial<Record<Action, () => void>>} handlers
   */
  #actions({ actions, loginUrl }, handlers) {
    const row = element("div", "chatkit-notice-actions");
    for (const action of actions) {
      const label = this.#texts[action];
      row.append(
        action === "log_in" ? link(label, loginUrl ?? "") : button(label, handlers[action]),
      );
    }
    return row;
  }

  /** @param {Notice} notice */
  #smallPrint({ hint, reference }) {
    const lines = [];
    if (hint) lines.push(element("p", "chatkit-notice-hint", `${this.#texts.hint} ${hint}`));
    if (reference) {
      const line = element("p", "chatkit-notice-reference", `${this.#texts.reference} `);
      line.append(element("code", "", reference));
      lines.push(line);
    }
    return lines;
  }
}

/**
 * @param {HTMLElement} container
 * @param {string} role
 */
function region(container, role) {
  const found = container.querySelector(`[role="${role}"]`);
  if (!found) throw new Error(`The chat container has no role="${role}" region.`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {string} [text]
 */
function element(tag, className, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

/**
 * @param {string} label
 * @param {string} href
 */
function link(label, href) {
  const node = element("a", "chatkit-button", label);
  node.href = href;
  return node;
}

/**
 * @param {string} label
 * @param {(() => void) | undefined} onClick
 */
function button(label, onClick) {
  const node = element("button", "chatkit-button", label);
  node.type = "button";
  if (onClick) node.addEventListener("click", onClick);
  return node;
}
