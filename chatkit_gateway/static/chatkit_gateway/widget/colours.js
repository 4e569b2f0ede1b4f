/**
 * Just enough colour arithmetic to keep any theme readable (WCAG 2.1 contrast).
 *
 * @typedef {readonly [red: number, green: number, blue: number]} Rgb
 */

/**
 * Reads the colours that the types name (hex, rgb, hsl, keywords) with the browser's own parser.
 *
 * @param {string | undefined} css
 * @param {Rgb} fallback for anything that is not an opaque colour of the sRGB space
 * @returns {Rgb}
 */
export function parseColour(css, fallback) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context || !css || !CSS.supports("color", css)) return fallback;
  context.fillStyle = css;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(String(context.fillStyle));
  if (!hex) return fallback;
  const [red = 0, green = 0, blue = 0] = hex.slice(1).map((pair) => parseInt(pair, 16));
  return [red, green, blue];
}

/** @param {Rgb} colour */
export const toCss = (colour) => `rgb(${colour.map(Math.round).join(" ")})`;

/** @param {Rgb} from @param {Rgb} to @param {number} share @returns {Rgb} */
export const mix = (from, to, share) => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** @param {Rgb} colour */
function luminance(colour) {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * Number(red) + 0.7152 * Number(green) + 0.0722 * Number(blue);
}

/** @param {Rgb} one @param {Rgb} other */
export function contrast(one, other) {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @type {Rgb} */
export const BLACK = [0, 0, 0];
/** @type {Rgb} */
export const WHITE = [255, 255, 255];

/** Black or white, whichever is read better. @param {Rgb} background */
const inkOn = (background) =>
  contrast(background, WHITE) >= contrast(background, BLACK) ? WHITE : BLACK;

/**
 * The colour, moved towards black or white only as far as it must be to be read on all backgrounds.
 *
 * @param {Rgb} colour
 * @param {readonly Rgb[]} backgrounds
 * @param {number} ratio
 */
export function readableOn(colour, backgrounds, ratio) {
  const [first = WHITE] = backgrounds;
  const ink = inkOn(first);
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(colour, ink, share);
    if (backgrounds.every((each) => contrast(candidate, each) >= ratio)) return candidate;
  }
  return ink;
}
