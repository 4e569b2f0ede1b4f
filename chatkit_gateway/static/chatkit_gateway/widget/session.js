/**
 * @import { ChatKitOptions } from "@openai/chatkit"
 * @import { Emit } from "./events.js"
 */

import { ConversationStore } from "./conversation-store.js";
import { Conversation } from "./conversation.js";
import { ThreadHistory } from "./thread-history.js";
import { ThreadMemory } from "./thread-memory.js";
import { Transport } from "./transport.js";

/** Everything that belongs to one server: leaving it for another leaves all of this behind. */
export class Session {
  /**
   * @param {ChatKitOptions["api"]} api
   * @param {{
   *   hostedUrl: string | null,
   *   name: string,
   *   emit: Emit,
   *   onConversation: () => void,
   *   onHistory: () => void,
   * }} surroundings `name` tells several chats with one server apart
   */
  constructor(api, { hostedUrl, name, emit, onConversation, onHistory }) {
    this.transport = new Transport(api, hostedUrl);
    const memory = new ThreadMemory(`${this.transport.endpoint}#${name}`);
    const store = new ConversationStore(memory, emit, onConversation);
    this.conversation = new Conversation(this.transport, store);
    this.history = new ThreadHistory(this.transport, onHistory);
  }
}
