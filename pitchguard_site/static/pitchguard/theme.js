/**
 * Light, dark, or as the system has it. Loaded in <head> and blocking, so that no page flashes in
 * the wrong colours. The choice is kept under the key and the values of Django's admin: one choice
 * for both.
 */
(() => {
  const KEY = "theme";
  const CHOICES = ["auto", "light", "dark"];
  const root = document.documentElement;

  function remembered() {
    try {
      const choice = localStorage.getItem(KEY) ?? "";
      return CHOICES.includes(choice) ? choice : "auto";
    } catch {
      return "auto";
    }
  }

  /** @param {string} choice */
  function remember(choice) {
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage may be forbidden: then the choice holds for this page.
    }
  }

  /** @param {string} choice */
  function apply(choice) {
    if (choice === "auto") delete root.dataset.theme;
    else root.dataset.theme = choice;
  }

  /** @param {HTMLButtonElement} button */
  function wire(button) {
    /** @param {string} choice */
    function show(choice) {
      apply(choice);
      button.dataset.choice = choice;
      button.setAttribute("aria-label", button.getAttribute(`data-label-${choice}`) ?? "");
      button.title = button.ariaLabel ?? "";
    }

    button.addEventListener("click", () => {
      const current = CHOICES.indexOf(button.dataset.choice ?? "auto");
      const next = CHOICES[(current + 1) % CHOICES.length];
      remember(next);
      show(next);
    });
    addEventListener("storage", (event) => {
      if (event.key === KEY) show(remembered());
    });
    show(remembered());
    button.hidden = false;
  }

  apply(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-toggle]");
    if (button instanceof HTMLButtonElement) wire(button);
  });
})();
