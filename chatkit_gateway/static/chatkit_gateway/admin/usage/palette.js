/**
 * @typedef {object} Palette The colours and the font the page has at this moment.
 * @property {string} ink
 * @property {string} quiet
 * @property {string} line
 * @property {string} ground
 * @property {string} font
 * @property {(key: string) => string} colour of a series
 */

/**
 * @param {Element} element
 * @returns {Palette}
 */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read("--body-fg"),
    quiet: read("--body-quiet-color"),
    line: read("--usage-line"),
    ground: read("--body-bg"),
    font: style.fontFamily,
    colour: (key) => read(`--usage-${key}`),
  };
}
