/**
 * @import { ColorScheme, FontObject, ThemeOption } from "@openai/chatkit"
 * @import { Rgb } from "./colours.js"
 */

import { BLACK, WHITE, contrast, mix, parseColour, readableOn, toCss } from "./colours.js";

const SYSTEM_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SYSTEM_MONO = 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace';

const RADII = {
  pill: { control: "999px", field: "28px", card: "16px", bubble: "22px" },
  round: { control: "12px", field: "18px", card: "14px", bubble: "18px" },
  soft: { control: "8px", field: "10px", card: "8px", bubble: "10px" },
  sharp: { control: "0", field: "0", card: "0", bubble: "0" },
};

const DENSITIES = { compact: "0.8", normal: "1", spacious: "1.25" };

/** How much of the accent colours what the member says, per level. */
const TINTS = [0, 0.08, 0.15, 0.24];

/**
 * Sets the custom properties that the style sheets are written with. Values go in one by one, by
 * name: one that is not CSS is dropped by the browser and cannot break out of its place.
 *
 * @param {CSSStyleSheet} sheet
 * @param {ColorScheme | ThemeOption} [theme]
 */
export function applyTheme(sheet, theme = {}) {
  const option = typeof theme === "string" ? { colorScheme: theme } : theme;
  loadFonts(option.typography?.fontSources);
  sheet.replaceSync(":host {}");
  const { style } = /** @type {CSSStyleRule} */ (sheet.cssRules[0]);
  for (const [name, value] of Object.entries(propertiesOf(option))) style.setProperty(name, value);
}

/** @param {ThemeOption} theme @returns {Record<string, string>} */
function propertiesOf({ radius = "pill", density = "normal", typography, ...theme }) {
  const { control, field, card, bubble } = RADII[radius];
  return {
    ...colourProperties(theme),
    "--radius-control": control,
    "--radius-field": field,
    "--radius-card": card,
    "--radius-bubble": bubble,
    "--density": DENSITIES[density],
    "--font": typography?.fontFamily || SYSTEM_FONT,
    "--font-mono": typography?.fontFamilyMono || SYSTEM_MONO,
    "--font-size": `${typography?.baseSize ?? 16}px`,
  };
}

/** @param {ThemeOption} theme @returns {Record<string, string>} */
function colourProperties({ colorScheme = "light", color }) {
  const dark = colorScheme === "dark";
  const grey = greys(dark, color?.grayscale);
  const surface = parseColour(color?.surface?.background, grey.surface);
  const text = readableOn(parseColour(color?.surface?.foreground, grey.text), [surface], 7);
  const accent = parseColour(color?.accent?.primary, text);
  const fill = mix(surface, text, dark ? 0.09 : 0.05);
  const bubble = mix(fill, accent, TINTS[color?.accent?.level ?? 0] ?? 0);
  const danger = readableOn(dark ? [255, 120, 120] : [180, 30, 40], [surface, fill], 4.5);
  return {
    "color-scheme": colorScheme,
    "--surface": toCss(surface),
    "--raised": toCss(dark ? mix(surface, text, 0.05) : surface),
    "--text": toCss(text),
    "--muted": toCss(readableOn(mix(surface, text, 0.55), [surface, fill], 4.5)),
    "--fill": toCss(fill),
    "--fill-strong": toCss(mix(surface, text, dark ? 0.15 : 0.1)),
    "--line": toCss(mix(surface, text, 0.14)),
    "--outline": toCss(readableOn(mix(surface, text, 0.4), [surface], 3)),
    "--accent": toCss(accent),
    "--on-accent": toCss(contrast(accent, WHITE) >= 3 ? WHITE : BLACK),
    "--link": toCss(readableOn(accent, [surface, bubble, fill], 4.5)),
    "--focus": toCss(readableOn(accent, [surface, fill], 3)),
    "--bubble": toCss(bubble),
    "--on-bubble": toCss(readableOn(text, [bubble], 4.5)),
    "--danger": toCss(danger),
    "--danger-fill": toCss(mix(surface, danger, 0.08)),
  };
}

/**
 * @param {boolean} dark
 * @param {NonNullable<ThemeOption["color"]>["grayscale"]} grayscale
 * @returns {{ surface: Rgb, text: Rgb }}
 */
function greys(dark, { hue, tint, shade = 0 } = { hue: 0, tint: 0 }) {
  const saturation = tint * 4;
  const [surface, text] = dark ? [12 + shade, 94] : [100 - Math.max(0, shade), 8];
  return {
    surface: parseColour(`hsl(${hue} ${saturation}% ${surface}%)`, dark ? [31, 31, 31] : WHITE),
    text: parseColour(`hsl(${hue} ${saturation}% ${text}%)`, dark ? [240, 240, 240] : BLACK),
  };
}

/** @type {Set<string>} */
const requestedFonts = new Set();

/**
 * Fonts declared inside a shadow tree have no effect, so they are added to the page, each once.
 *
 * @param {FontObject[]} [sources]
 */
function loadFonts(sources = []) {
  for (const source of sources) {
    const key = JSON.stringify(source);
    if (requestedFonts.has(key)) continue;
    requestedFonts.add(key);
    const { family, src, weight = "normal", style = "normal", display = "swap" } = source;
    const range = source.unicodeRange === undefined ? {} : { unicodeRange: source.unicodeRange };
    const descriptors = { weight: String(weight), style, display, ...range };
    document.fonts.add(new FontFace(family, `url(${JSON.stringify(src)})`, descriptors));
  }
}
