/** @import { IconName } from "./icons.js" */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * A button that shows only an icon; its label is read out and shown as a tooltip.
 *
 * @param {IconName | SVGElement} drawing
 * @param {string} label
 * @param {() => void} onClick
 * @param {string} [className]
 */
export function iconButton(drawing, label, onClick, className = "icon-button") {
  const attributes = { type: "button", class: className, "aria-label": label, title: label };
  const image = typeof drawing === "string" ? icon(drawing) : drawing;
  return h("button", { ...attributes, on: { click: onClick } }, image);
}

/**
 * @param {string} label
 * @param {() => void} onClick
 * @param {string} [className]
 */
export const textButton = (label, onClick, className = "text-button") =>
  h("button", { type: "button", class: className, on: { click: onClick } }, label);
