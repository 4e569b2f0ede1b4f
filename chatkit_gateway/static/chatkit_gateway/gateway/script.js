const TAG = "openai-chatkit";
const PATIENCE_MS = 8_000;

/** The widget's script is missing, blocked, or has said nothing for 8 seconds. */
export class ScriptMissingError extends Error {}

/**
 * Wait until the page's widget script has defined its element.
 * @param {string} scriptUrl
 * @param {{ reload?: boolean }} [options] reload: put the script into the page once more
 */
export async function widgetDefined(scriptUrl, { reload = false } = {}) {
  if (customElements.get(TAG)) return;
  const script = reload ? addScript(scriptUrl) : findScript(scriptUrl);
  await inTime(customElements.whenDefined(TAG), failureOf(script));
}

/** Resolves when a script that was given up on arrives after all; never if it has arrived before. */
export async function lateArrival() {
  await (customElements.get(TAG) ? new Promise(() => {}) : customElements.whenDefined(TAG));
}

/**
 * Wait for the first word of a widget that has got its options.
 * @param {HTMLElement} widget
 */
export async function widgetReady(widget) {
  const ready = new Promise((resolve) => {
    widget.addEventListener("chatkit.ready", resolve, { once: true });
  });
  await inTime(ready);
}

/**
 * @param {Promise<unknown>} event
 * @param {Promise<never>} [failure]
 */
async function inTime(event, failure) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new ScriptMissingError()), PATIENCE_MS);
  });
  try {
    await Promise.race([event, silence, ...(failure ? [failure] : [])]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Rejects as soon as the browser reports that the script cannot be loaded.
 * @param {HTMLScriptElement | undefined} script
 * @returns {Promise<never>}
 */
function failureOf(script) {
  return new Promise((_, reject) => {
    script?.addEventListener("error", () => reject(new ScriptMissingError()), { once: true });
  });
}

/** @param {string} url */
function findScript(url) {
  const address = new URL(url, document.baseURI).href;
  return [...document.scripts].find((script) => script.src === address);
}

/** @param {string} url */
function addScript(url) {
  findScript(url)?.remove();
  const script = document.createElement("script");
  script.src = url;
  script.async = true;
  document.head.append(script);
  return script;
}

/**
 * Give the first-party widget its words in the page's language; OpenAI's brings its own.
 * @param {{ language: string, widgetTexts: Record<string, unknown> }} config
 */
export function translateWidget({ language, widgetTexts }) {
  /** @type {any} */
  const element = customElements.get(TAG);
  element?.addTranslation?.(language, widgetTexts);
}
