/**
 * @import { Chat } from "./chat.js"
 * @import { Actions } from "./views/shell.js"
 */

import { plainText, textContent } from "./composition.js";

/**
 * What the views may have done.
 *
 * @param {Chat} chat
 * @returns {Actions}
 */
export const actionsFor = (chat) => ({
  send: (composition) => void chat.send(composition),
  sendPrompt: ({ prompt }) => {
    if (chat.conversation.state.phase !== "idle") return;
    const content = typeof prompt === "string" ? textContent(prompt) : prompt;
    const { toolId, modelId } = chat.composer.value;
    void chat.send({ content, toolId, modelId });
    chat.composer.focus();
  },
  stop: () => stop(chat),
  newChat: () => {
    void chat.conversation.open(null);
    chat.composer.focus();
  },
  showHistory: () => void chat.showHistory(),
  showEarlier: () => void chat.conversation.showEarlier(),
  giveFeedback: (itemId, kind) => void chat.conversation.giveFeedback(itemId, kind),
  answerAgain: (itemId) => {
    void chat.conversation.answerAgain(itemId);
    chat.composer.focus();
  },
  history: {
    open: (threadId) => {
      chat.hideHistory();
      void chat.conversation.open(threadId);
    },
    rename: (threadId, title) => void rename(chat, threadId, title),
    remove: (threadId) => void remove(chat, threadId),
    more: () => void chat.history.loadMore(),
    reload: () => void chat.history.load(),
    close: () => chat.hideHistory(),
  },
});

/** A message the server had not taken yet goes back to where it was written. @param {Chat} chat */
function stop({ conversation, composer }) {
  const unsent = conversation.stop();
  if (!unsent || plainText(composer.value.content) !== "") return;
  const { content, quoted_text: reply, attachments } = unsent;
  composer.set({ content, reply: reply ?? undefined, attachments });
}

/** @param {Chat} chat @param {string} threadId @param {string} title */
async function rename({ history, conversation }, threadId, title) {
  if (await history.rename(threadId, title)) conversation.retitle(threadId, title);
}

/** @param {Chat} chat @param {string} threadId */
async function remove({ history, conversation }, threadId) {
  const removed = await history.remove(threadId);
  if (removed && conversation.threadId === threadId) await conversation.open(null);
}
