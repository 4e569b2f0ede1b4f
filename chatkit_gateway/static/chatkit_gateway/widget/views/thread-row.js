/**
 * @import { ThreadMetadata } from "../protocol.js"
 * @import { Strings } from "../strings.js"
 * @import { HistoryActions } from "./history-panel.js"
 */

import { iconButton, textButton } from "./controls.js";
import { h } from "./dom.js";

/** One previous chat: to open, and in its place the forms to rename it or to confirm its end. */
export class ThreadRow {
  element = h("li", { class: "thread-row" });
  /** @type {ThreadMetadata | null} */
  #thread = null;
  #current = false;

  /**
   * @param {Strings} strings
   * @param {HistoryActions} actions
   * @param {{ rename: boolean, remove: boolean }} allowed
   */
  constructor(strings, actions, allowed) {
    this.#strings = strings;
    this.#actions = actions;
    this.#allowed = allowed;
  }

  #strings;
  #actions;
  #allowed;

  /** @param {ThreadMetadata} thread @param {boolean} current */
  update(thread, current) {
    if (this.#thread === thread && this.#current === current) return;
    this.#thread = thread;
    this.#current = current;
    const hadFocus = this.element.matches(":focus-within");
    this.#showRow(thread);
    if (hadFocus) this.#focus();
  }

  /** @param {ThreadMetadata} thread */
  #showRow(thread) {
    const { rename, delete: remove } = this.#strings;
    const title = this.#titleOf(thread);
    const open = h(
      "button",
      {
        type: "button",
        class: "thread-open",
        "aria-current": this.#current ? "true" : undefined,
        on: { click: () => this.#actions.open(thread.id) },
      },
      h("span", { class: "thread-title" }, title),
      h("time", { datetime: thread.created_at }, this.#dateOf(thread)),
    );
    const toRename = iconButton("rename", `${rename}: ${title}`, () => this.#askForName(thread));
    const toRemove = iconButton("trash", `${remove}: ${title}`, () => this.#askForDelete(thread));
    this.element.replaceChildren(
      open,
      ...(this.#allowed.rename ? [toRename] : []),
      ...(this.#allowed.remove ? [toRemove] : []),
    );
  }

  /** @param {ThreadMetadata} thread */
  #askForName(thread) {
    const { renameTo, save, cancel } = this.#strings;
    const input = h("input", { class: "rename", "aria-label": renameTo, maxlength: 200 });
    input.value = thread.title ?? "";
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const title = input.value.trim();
      if (title && title !== thread.title) this.#actions.rename(thread.id, title);
      this.#backToRow(thread);
    };
    const form = h(
      "form",
      { class: "thread-form", on: { submit } },
      input,
      h("button", { class: "text-button" }, save),
      textButton(cancel, () => this.#backToRow(thread)),
    );
    this.#showForm(form, thread);
    input.select();
  }

  /** @param {ThreadMetadata} thread */
  #askForDelete(thread) {
    const { confirmDelete, delete: remove, cancel } = this.#strings;
    const form = h(
      "div",
      { class: "thread-form", role: "group", "aria-label": this.#titleOf(thread) },
      h("span", { class: "question" }, confirmDelete),
      textButton(remove, () => this.#actions.remove(thread.id), "text-button danger"),
      textButton(cancel, () => this.#backToRow(thread)),
    );
    this.#showForm(form, thread);
    form.querySelector("button")?.focus();
  }

  /**
   * Escape leaves the form, and only the form.
   *
   * @param {HTMLElement} form
   * @param {ThreadMetadata} thread
   */
  #showForm(form, thread) {
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#backToRow(thread);
    });
    this.element.replaceChildren(form);
  }

  /** @param {ThreadMetadata} thread */
  #backToRow(thread) {
    this.#showRow(this.#thread ?? thread);
    this.#focus();
  }

  #focus() {
    this.element.querySelector("button")?.focus();
  }

  /** @param {ThreadMetadata} thread */
  #titleOf(thread) {
    return thread.title || this.#strings.newChat;
  }

  /** @param {ThreadMetadata} thread */
  #dateOf({ created_at: createdAt }) {
    const date = new Date(createdAt);
    return Number.isNaN(date.getTime())
      ? ""
      : date.toLocaleDateString(this.#strings.locale, { dateStyle: "medium" });
  }
}
