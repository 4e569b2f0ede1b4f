/** @import { Token, Tokenizer } from "./vendor/marked.js" */

import { Lexer } from "./vendor/marked.js";

/** Quotes, lists, emphasis and links within each other: more than anyone reads, less than hurts. */
const DEEPEST = 24;

/** As many as are rendered unnoticed, although a growing table is rendered again and again. */
const MOST_CELLS = 2000;

/** Reads Markdown of any depth in little time, without exhausting the stack. */
export class BoundedLexer extends Lexer {
  #depth = 0;

  /**
   * @override
   * @param {string} source
   * @param {Token[]} [tokens]
   * @param {boolean} [lastParagraphClipped]
   */
  blockTokens(source, tokens = [], lastParagraphClipped) {
    return this.#within(source, tokens, () =>
      super.blockTokens(source, tokens, lastParagraphClipped),
    );
  }

  /** @override @param {string} source @param {Token[]} [tokens] */
  inlineTokens(source, tokens = []) {
    return this.#within(source, tokens, () => super.inlineTokens(source, tokens));
  }

  /**
   * What lies too deep is plain text.
   *
   * @param {string} source
   * @param {Token[]} tokens
   * @param {() => Token[]} read
   */
  #within(source, tokens, read) {
    if (this.#depth === DEEPEST) {
      tokens.push({ type: "text", raw: source, text: source });
      return tokens;
    }
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }
}

/**
 * A table that is too large is shown as it was written: a few characters a row are enough to ask
 * for millions of cells.
 *
 * @this {Tokenizer}
 * @param {string} source
 * @returns {Token | false} false: marked reads it
 */
export function largeTable(source) {
  const [raw, , delimiters = "", rows = ""] = this.rules.block.table.exec(source) ?? [];
  const cells = delimiters.split("|").length * (rows.split("\n").length + 1);
  return raw !== undefined && cells > MOST_CELLS && { type: "code", raw, text: raw.trimEnd() };
}
