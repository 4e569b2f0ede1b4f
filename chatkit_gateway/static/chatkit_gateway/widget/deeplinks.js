/** @import { Emit } from "./events.js" */

/**
 * Links of the form `chatkit-link://name?key=value` lead nowhere: the page is told of them.
 *
 * @param {ShadowRoot} root
 * @param {Emit} emit
 */
export function reportDeeplinks(root, emit) {
  root.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[href^="chatkit-link:" i]');
    if (!link) return;
    event.preventDefault();
    const { host, pathname, searchParams } = new URL(link.getAttribute("href") ?? "");
    emit("chatkit.deeplink", {
      name: host + pathname.replace(/\/$/, ""),
      data: Object.fromEntries(searchParams),
    });
  });
}
