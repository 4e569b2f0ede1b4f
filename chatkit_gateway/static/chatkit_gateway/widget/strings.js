/** @import { FailureCode } from "./failures.js" */

/** How dates are written where no words have been found for the language. */
const DEFAULT_LOCALE = "en-GB";

const ENGLISH = {
  title: "Chat",
  greeting: "What can I help with today?",
  placeholder: "Message the AI",
  send: "Send",
  stop: "Stop answering",
  newChat: "New chat",
  history: "Previous chats",
  close: "Close",
  prompts: "Suggestions",
  conversation: "Conversation",
  you: "You said",
  assistant: "Assistant",
  answering: "The assistant is answering.",
  thinking: "Thinking",
  loading: "Loading",
  latest: "Go to the latest message",
  earlier: "Show earlier messages",
  copy: "Copy",
  copied: "Copied",
  copyCode: "Copy code",
  code: "Code",
  table: "Table",
  good: "Good answer",
  bad: "Poor answer",
  answerAgain: "Answer again",
  sources: "Sources",
  tryAgain: "Try again",
  replyingTo: "Replying to",
  remove: "Remove",
  notShown: "This part of the answer cannot be shown here yet.",
  noChats: "Nothing here yet. Your chats will be listed in this place.",
  more: "Show more",
  rename: "Rename",
  renameTo: "New name",
  save: "Save",
  cancel: "Cancel",
  delete: "Delete",
  confirmDelete: "Delete for good?",
  threadLocked: "This chat takes no messages at the moment.",
  threadClosed: "This chat has ended. You can start a new one.",
};

/** @type {Record<FailureCode, string>} */
const ENGLISH_FAILURES = {
  offline: "You seem to be offline. Check your connection and try again.",
  unreachable: "The assistant could not be reached. Check your connection and try again.",
  cut_off: "The connection was lost before the answer was complete.",
  unreadable: "The assistant sent something that could not be understood.",
  no_answer: "No answer came.",
  session: "The assistant could not be opened. Try again in a moment.",
  unauthorised: "Your access has ended. Try again, or reload the page if that does not help.",
  rate_limited: "That was a lot at once. Wait a minute, then try again.",
  not_found: "This chat is no longer there.",
  refused: "The assistant did not accept this. Reload the page and try again.",
  unavailable: "The assistant has a problem at the moment. Try again in a little while.",
  stream: "Something went wrong while answering.",
  custom: "Something went wrong while answering.",
  busy: "An answer is still on its way.",
  hosted_script_needed:
    "This assistant is hosted by OpenAI and needs OpenAI's " +
    "own chat script, which this page does not load.",
  configuration:
    "This assistant is not set up correctly. Please tell whoever looks after this site.",
};

/** @typedef {typeof ENGLISH & { locale: string, failures: Record<FailureCode, string> }} Strings */

/**
 * @typedef {Partial<typeof ENGLISH> & {
 *   failures?: Partial<Record<FailureCode, string>>,
 * }} Translation
 */

/** @type {Map<string, Translation>} */
const translations = new Map();

/**
 * Adds or overrides words: for a language ("de"), a regional form ("fr-CA"), or English itself.
 *
 * @param {string} locale
 * @param {Translation} translation
 */
export function addTranslation(locale, translation) {
  const key = locale.toLowerCase();
  translations.set(key, { ...translations.get(key), ...translation });
}

/**
 * The words for a locale, from those of its language to its own; what they leave out is English.
 *
 * @param {string} locale as browsers or as Django write it: "zh-Hans-CN", "zh-hans", "ca@valencia"
 * @returns {Strings}
 */
export function stringsFor(locale) {
  const found = formsOf(locale.toLowerCase()).flatMap((form) => translations.get(form) ?? []);
  const valid = canonical(locale);
  return Object.assign({}, ENGLISH, ...found, {
    failures: Object.assign({}, ENGLISH_FAILURES, ...found.map(({ failures }) => failures)),
    locale: found.length > 0 || valid.startsWith("en-") ? valid : DEFAULT_LOCALE,
  });
}

/**
 * "zh-hans-cn" is also "zh-hans" and "zh".
 *
 * @param {string} locale
 */
function formsOf(locale) {
  return [...locale.matchAll(/[-@]|$/g)].map(({ index }) => locale.slice(0, index));
}

/** @param {string} locale */
function canonical(locale) {
  try {
    return Intl.getCanonicalLocales(locale.split("@")[0])[0] ?? DEFAULT_LOCALE;
  } catch {
    return DEFAULT_LOCALE;
  }
}
