/** @import { ChatKitOptions, ColorScheme, ThemeOption } from "@openai/chatkit" */

const DEFAULT_ACCENT_LEVEL = 1;

/**
 * The widget's theme as the page looks now. `data-theme` on `<html>` wins, then the scheme the
 * site gave the widget, then the system's. Colours and font come from the container's custom
 * properties, so that a site sets them where it sets its own; what is absent stays the widget's.
 *
 * @param {HTMLElement} container
 * @param {ChatKitOptions["theme"]} given
 * @returns {ThemeOption}
 */
export function themeOf(container, given) {
  const base = typeof given === "string" ? { colorScheme: given } : (given ?? {});
  const accent = colourOf(container, "--chatkit-accent");
  const background = colourOf(container, "--chatkit-surface");
  const foreground = colourOf(container, "--chatkit-foreground");
  const fontFamily = getComputedStyle(container).getPropertyValue("--chatkit-font-family").trim();

  const color = { ...base.color };
  if (accent) {
    color.accent = { level: DEFAULT_ACCENT_LEVEL, ...base.color?.accent, primary: accent };
  }
  if (background && foreground) color.surface = { background, foreground };
  return {
    ...base,
    colorScheme: pageScheme() ?? base.colorScheme ?? systemScheme(),
    ...(fontFamily && { typography: { ...base.typography, fontFamily } }),
    ...(Object.keys(color).length > 0 && { color }),
  };
}

/**
 * Call back whenever the page's or the system's scheme changes.
 * @param {() => void} listener
 */
export function onAppearanceChange(listener) {
  new MutationObserver(listener).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  darkSystem().addEventListener("change", listener);
}

/**
 * The colour a custom property has in the present scheme, or "" when it is not set. The browser
 * resolves it, because the widget may live in a frame that knows no `light-dark()` or `var()`.
 *
 * @param {HTMLElement} container
 * @param {string} property
 */
function colourOf(container, property) {
  if (getComputedStyle(container).getPropertyValue(property).trim() === "") return "";
  const probe = container.appendChild(document.createElement("span"));
  probe.style.color = `var(${property})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return asHex(color);
}

/** @param {string} colour */
function asHex(colour) {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
  if (!channels) return colour;
  return `#${channels.slice(1).map((n) => Number(n).toString(16).padStart(2, "0")).join("")}`;
}

/** @returns {ColorScheme | undefined} */
function pageScheme() {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : undefined;
}

/** @returns {ColorScheme} */
function systemScheme() {
  return darkSystem().matches ? "dark" : "light";
}

function darkSystem() {
  return matchMedia("(prefers-color-scheme: dark)");
}
