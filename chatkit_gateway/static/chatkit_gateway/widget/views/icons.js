/** Drawn for this project on a grid of 24, in strokes, so that they take the colour of the text. */
const PATHS = {
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  compose: "M12 5H6a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2v-6M10 14l.6-3L18 3.6a1.5 1.5 0 0 1 2.4 2.4L13 13.4z",
  history: "M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.8",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  good: "M7 11v9H4v-9zM7 11l4-7c1.7 0 2.6 1.2 2.3 2.8L12.8 9.5H18a2 2 0 0 1 2 2.3l-1.1 6.5A2 2 0 0 1 16.9 20H7",
  bad: "M17 13V4h3v9zM17 13l-4 7c-1.7 0-2.6-1.2-2.3-2.8l.5-2.7H6a2 2 0 0 1-2-2.3l1.1-6.5A2 2 0 0 1 7.1 4H17",
  reload: "M20 12a8 8 0 1 1-2.6-5.9L20 8.5M20 4v4.5h-4.5",
  rename: "M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19zM14 7l3 3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.2v.1",
  reply: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  sparkle: "M12 3c.8 5.2 3.8 8.2 9 9-5.2.8-8.2 3.8-9 9-.8-5.2-3.8-8.2-9-9 5.2-.8 8.2-3.8 9-9z",
  menu: "M4 7h16M4 12h16M4 17h16",
  sidebar: "M4 5h16v14H4zM10 5v14",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  dots: "M5 12h.1M12 12h.1M19 12h.1",
  share: "M12 15V4M8 8l4-4 4 4M5 12v8h14v-8",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1 1M17.4 17.4l1 1M5.6 18.4l1-1M17.4 6.6l1-1",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  chart: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
  book: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5",
  question: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 1.8M12 16.5v.1",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8v.1",
  lightbulb: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9c.6.5 1 1.2 1 2.1h5c0-.9.4-1.6 1-2.1A6 6 0 0 0 12 3z",
  write: "M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5a7.5 7.5 0 0 1 15 0",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
  calendar: "M4 6h16v14H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * Official names whose drawing here has another name; each begins one or more of theirs.
 *
 * @type {[prefix: string, name: IconName][]}
 */
const OFFICIAL = [
  ["sidebar", "sidebar"],
  ["collapse", "back"],
  ["open-", "forward"],
  ["double-chevron-left", "back"],
  ["double-chevron-right", "forward"],
  ["chevron-left", "back"],
  ["chevron-right", "forward"],
  ["expand", "expand"],
  ["chat-temporary", "compose"],
  ["settings", "settings"],
  ["grid", "menu"],
  ["hamburger", "menu"],
  ["light-mode", "sun"],
  ["dark-mode", "moon"],
  ["analytics", "chart"],
  ["notebook", "book"],
  ["circle-question", "question"],
  ["lifesaver", "question"],
  ["profile", "person"],
  ["user", "person"],
  ["name", "person"],
  ["document", "file"],
  ["page-blank", "file"],
  ["square-text", "file"],
  ["compass", "globe"],
  ["map", "globe"],
  ["clock", "history"],
  ["external-link", "expand"],
];

/** @param {IconName} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * The drawing for an icon that a page's options name, or the nearest there is.
 *
 * @param {string} name
 */
export function namedIcon(name) {
  const plain = name.replace(/^lucide:/, "");
  if (plain in PATHS) return icon(/** @type {IconName} */ (plain));
  const known = [...OFFICIAL, ...Object.keys(PATHS).map((key) => [key, key])];
  const match = known.find(([prefix]) => plain.startsWith(String(prefix)));
  return icon(/** @type {IconName} */ (match?.[1] ?? "sparkle"));
}
