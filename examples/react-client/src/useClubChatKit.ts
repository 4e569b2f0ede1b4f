import { useChatKit, type ChatKitOptions, type ThemeOption } from "@openai/chatkit-react";
import {
  createChatKitApi,
  fetchConfig,
  GatewayError,
  ScriptMissingError,
  translateWidget,
  widgetDefined,
  type AssistantConfig,
} from "chatkit-gateway";
import { useEffect, useState } from "react";

const { VITE_PORTAL_URL = "", VITE_CHATKIT_SCRIPT_URL } = import.meta.env;
const CONFIG_URL = `${VITE_PORTAL_URL}/api/chatkit/config`;
const PATIENCE_MS = 8_000;
/** Until the chat is on show, nobody calls this. */
const NOT_OPEN: ChatKitOptions["api"] = { getClientSecret: () => Promise.reject(new Error()) };

/**
 * `useChatKit` for an assistant of the portal. `control` is null until the member has been let in;
 * `problem` says why not, or what keeps an open chat from going on. To switch between assistants, make
 * the assistant the `key` of the component that calls this.
 */
export function useClubChatKit(theme: ThemeOption, assistant = "default") {
  const [attempt, setAttempt] = useState(0);
  const [config, setConfig] = useState<AssistantConfig | null>(null);
  const [api, setApi] = useState<ChatKitOptions["api"] | null>(null);
  const [isReady, setReady] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const thread = useThreadMemory(assistant);

  useEffect(() => {
    let isCurrent = true;
    const tell = (error: Error) => isCurrent && setProblem(error);
    const move = (moved: ChatKitOptions["api"]) => {
      setApi(moved);
      tell(GatewayError.local("mode_changed"));
    };

    // Asked at once, to hear of a failure; told below, after what matters more.
    const script = widgetDefined(VITE_CHATKIT_SCRIPT_URL, { reload: attempt > 0 });
    script.catch(() => {});

    async function open() {
      const config = await fetchConfig(CONFIG_URL, { assistant });
      // StrictMode runs effects twice: the first run ends here, before it costs anything.
      if (!isCurrent) return;
      setConfig(config);
      const [api] = await Promise.all([
        createChatKitApi({ ...config, onError: tell, onModeChange: move }),
        script,
      ]);
      if (!isCurrent) return;
      translateWidget(config);
      setApi(api);
    }

    open().catch(tell);
    return () => {
      isCurrent = false;
    };
  }, [assistant, attempt]);

  // A widget whose frame is blocked keeps silent: somebody has to say so.
  useEffect(() => {
    if (!api || isReady) return;
    const timer = setTimeout(() => setProblem(new ScriptMissingError()), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [api, isReady]);

  const { control } = useChatKit({
    ...config?.widget,
    api: api ?? NOT_OPEN,
    theme,
    initialThread: thread.first,
    onThreadChange: ({ threadId }) => thread.remember(threadId),
    onReady: () => {
      setReady(true);
      setProblem(null);
    },
    onResponseStart: () => setProblem(null),
  });

  function retry() {
    setProblem(null);
    // A chat on show stays: it only needs to be able to get a secret again.
    if (!isReady) setApi(null);
    setAttempt(attempt + 1);
  }

  return { control: api && control, isReady, problem, config, retry };
}

/** Remembers which thread this tab shows, so that a reload or a login leads back to it. */
function useThreadMemory(assistant: string) {
  const key = `club-thread-${assistant}`;
  const [first] = useState(() => sessionStorage.getItem(key));

  function remember(threadId: string | null) {
    if (threadId) sessionStorage.setItem(key, threadId);
    else sessionStorage.removeItem(key);
  }

  return { first, remember };
}
