/**
 * What `setOptions` accepts: exactly the official options. Anything else is refused, because a
 * misspelt option that is quietly ignored is found by a member and not by the developer.
 *
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { Check } from "./checks.js"
 */

import {
  boolean,
  eitherBy,
  func,
  list,
  nullable,
  number,
  oneOf,
  orObject,
  record,
  shape,
  string,
  text,
} from "./checks.js";

const api = eitherBy({
  getClientSecret: shape({ getClientSecret: func }),
  url: shape(
    { url: text, domainKey: string },
    {
      fetch: func,
      uploadStrategy: shape({ type: oneOf("two_phase", "direct") }, { uploadUrl: text }),
    },
  ),
});

const colorScheme = oneOf("light", "dark");

const font = shape(
  { family: text, src: text },
  {
    weight: (value, path) => (typeof value === "number" ? number : string)(value, path),
    style: oneOf("normal", "italic", "oblique"),
    display: oneOf("auto", "block", "swap", "fallback", "optional"),
    unicodeRange: string,
  },
);

const colour = shape(
  {},
  {
    grayscale: shape({ hue: number, tint: number }, { shade: number }),
    accent: shape({ primary: text, level: oneOf(0, 1, 2, 3) }),
    surface: shape({ background: text, foreground: text }),
  },
);

const theme = shape(
  {},
  {
    colorScheme,
    typography: shape(
      {},
      {
        baseSize: oneOf(14, 15, 16, 17, 18),
        fontSources: list(font),
        fontFamily: string,
        fontFamilyMono: string,
      },
    ),
    radius: oneOf("pill", "round", "soft", "sharp"),
    density: oneOf("compact", "normal", "spacious"),
    color: colour,
  },
);

const headerAction = shape({ icon: text, onClick: func });

const content = list(
  shape(
    { type: oneOf("input_text", "input_tag"), text: string },
    { id: string, group: string, data: record(() => undefined), interactive: boolean },
  ),
);

const prompt = shape({ label: text, prompt: orObject(text, content) }, { icon: text });

const tool = shape(
  { id: text, label: text, icon: text },
  { shortLabel: string, placeholderOverride: string, pinned: boolean, persistent: boolean },
);

const model = shape(
  { id: text, label: text },
  { description: string, disabled: boolean, default: boolean },
);

const composer = shape(
  {},
  {
    placeholder: string,
    attachments: shape(
      { enabled: boolean },
      { maxSize: orObject(number, record(number)), maxCount: number, accept: record(list(string)) },
    ),
    tools: list(tool),
    models: list(model),
    dictation: shape({ enabled: boolean }),
  },
);

/** @satisfies {Record<Exclude<keyof ChatKitOptions, "api">, Check>} */
const OPTIONAL = {
  locale: text,
  theme: orObject(colorScheme, theme),
  frameTitle: text,
  initialThread: nullable(text),
  onClientTool: func,
  header: shape(
    {},
    {
      enabled: boolean,
      title: shape({}, { enabled: boolean, text: string }),
      leftAction: headerAction,
      rightAction: headerAction,
    },
  ),
  history: shape({}, { enabled: boolean, showDelete: boolean, showRename: boolean }),
  startScreen: shape({}, { greeting: string, prompts: list(prompt) }),
  threadItemActions: shape({}, { feedback: boolean, retry: boolean }),
  composer,
  disclaimer: shape({ text: string }, { highContrast: boolean }),
  entities: shape(
    {},
    { onTagSearch: func, showComposerMenu: boolean, onClick: func, onRequestPreview: func },
  ),
  commands: shape({ enabled: boolean }, { onSearch: func, onSelect: func }),
  widgets: shape({}, { onAction: func }),
  thread: shape({}, { autoScroll: boolean }),
};

const options = shape({ api }, OPTIONAL);

/**
 * @param {unknown} value
 * @returns {asserts value is ChatKitOptions}
 * @throws {import("./checks.js").InvalidFrameParamsError}
 */
export function assertOptions(value) {
  options(value, "options");
}
