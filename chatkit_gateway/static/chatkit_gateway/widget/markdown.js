/** @import { TokensList } from "./vendor/marked.js" */

import { BoundedLexer, largeTable } from "./bounded-lexer.js";
import { Marked } from "./vendor/marked.js";
import createPurifier from "./vendor/purify.js";

/** The only images shown are those that travel inside the message: nothing is loaded for one. */
const EMBEDDED_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  tokenizer: { table: largeTable },
  renderer: {
    html: ({ text }) => escaped(text),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    image: ({ href, text }) =>
      EMBEDDED_IMAGE.test(href)
        ? `<img src="${escaped(href)}" alt="${escaped(text)}">`
        : `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
});

const purifier = createPurifier(window);

const PURIFIER_OPTIONS = {
  ALLOWED_TAGS: (
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre strong table tbody td th " +
    "thead tr ul"
  ).split(" "),
  ALLOWED_ATTR: ["align", "alt", "class", "href", "src", "start", "title"],
  /** Besides, the sanitiser lets images be `data:`. */
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|chatkit-link):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

/** @param {string} text */
const escaped = (text) =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * Markdown that grows. Only blocks whose source changed are built again, which while streaming is
 * the last one: text that is being read keeps its selection, its focus and its place.
 */
export class MarkdownView {
  /** @type {{ raw: string, nodes: ChildNode[] }[]} */
  #blocks = [];
  #links = 0;

  /**
   * @param {HTMLElement} container
   * @param {{ code: string, copyCode: string, table: string }} strings
   */
  constructor(container, strings) {
    this.#container = container;
    this.#strings = strings;
  }

  #container;
  #strings;

  /** What cannot be rendered is shown as it was written. @param {string} source */
  update(source) {
    try {
      this.#render(source);
    } catch (error) {
      reportError(error);
      const plain = element("p", "plain");
      plain.textContent = source;
      this.#container.replaceChildren(plain);
      this.#blocks = [{ raw: source, nodes: [plain] }];
    }
  }

  /** @param {string} source */
  #render(source) {
    const tokens = new BoundedLexer(marked.defaults).lex(source);
    const same = this.#countUnchanged(tokens);
    for (const { nodes } of this.#blocks.splice(same)) nodes.forEach((node) => node.remove());
    for (const token of tokens.slice(same)) {
      const fragment = purifier.sanitize(marked.parser([token]), PURIFIER_OPTIONS);
      finish(fragment, this.#strings);
      this.#blocks.push({ raw: token.raw, nodes: [...fragment.childNodes] });
      this.#container.append(fragment);
    }
  }

  /** A new link definition may change what any block means. @param {TokensList} tokens */
  #countUnchanged(tokens) {
    const links = Object.keys(tokens.links).length;
    const relinked = links !== this.#links;
    this.#links = links;
    if (relinked) return 0;
    const changed = tokens.findIndex((token, index) => token.raw !== this.#blocks[index]?.raw);
    return changed === -1 ? tokens.length : changed;
  }
}

/**
 * What a sanitised block still needs: links that leave safely, and wide things that scroll by
 * themselves and can be reached by keyboard.
 *
 * @param {DocumentFragment} fragment
 * @param {{ code: string, copyCode: string, table: string }} strings
 */
function finish(fragment, strings) {
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  for (const code of fragment.querySelectorAll("pre")) frameCode(code, strings);
  for (const table of fragment.querySelectorAll("table")) {
    const scroller = element("div", "table");
    makeScrollable(scroller, strings.table);
    table.replaceWith(scroller);
    scroller.append(table);
  }
}

/** @param {HTMLPreElement} pre @param {{ code: string, copyCode: string }} strings */
function frameCode(pre, strings) {
  const language = /language-([\w+#-]+)/.exec(pre.firstElementChild?.className ?? "")?.[1];
  const frame = element("div", "code");
  const bar = element("div", "code-bar");
  const name = element("span", "code-language");
  name.textContent = language ?? strings.code;
  const copy = element("button", "code-copy");
  copy.setAttribute("type", "button");
  copy.textContent = strings.copyCode;
  bar.append(name, copy);
  makeScrollable(pre, language ?? strings.code);
  pre.replaceWith(frame);
  frame.append(bar, pre);
}

/** @param {HTMLElement} node @param {string} label */
function makeScrollable(node, label) {
  node.tabIndex = 0;
  node.setAttribute("role", "region");
  node.setAttribute("aria-label", label);
}

/** @param {string} tag @param {string} className */
function element(tag, className) {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}
