import { ANSWERS } from "./answers.js";
import { COMPOSER } from "./composer.js";
import { FRAME } from "./frame.js";
import { MESSAGES } from "./messages.js";
import { PANEL } from "./panel.js";

/** @param {string} css */
function sheetOf(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** Shared by all elements of a page. Constructed sheets need no leave in a content policy. */
export const SHEETS = [FRAME, MESSAGES, ANSWERS, COMPOSER, PANEL].map(sheetOf);
