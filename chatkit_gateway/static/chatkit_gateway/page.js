/** Brings every `{% chatkit_widget %}` of the page to life. */
import { mount } from "./page/mount.js";

for (const container of document.querySelectorAll("[data-chatkit]")) {
  if (container instanceof HTMLElement) mount(container);
}
