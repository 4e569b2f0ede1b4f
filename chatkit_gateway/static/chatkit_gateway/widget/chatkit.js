/**
 * The address pages load, with `<script async src="…/chatkit.js">`. A classic script, as OpenAI's
 * own is, so that the same tag loads either; the modules are found relative to this file.
 */
(() => {
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  void import(new URL("element.js", src).href);
})();
