import { ChatKit } from "@openai/chatkit-react";
import { useRef } from "react";
import { Problem, WORDS } from "./Problem";
import { clubTheme } from "./theme";
import { useClubChatKit } from "./useClubChatKit";
import { useColorScheme } from "./useColorScheme";

export function App() {
  const { scheme, other, change } = useColorScheme();
  const { control, isReady, problem, config, retry } = useClubChatKit(clubTheme(scheme));
  const main = useRef<HTMLElement>(null);
  const words = { ...WORDS, ...config?.texts };

  /** The pressed button disappears: leave the keyboard where it was. */
  function retryHere() {
    main.current?.focus();
    retry();
  }

  return (
    <>
      <header>
        <h1>{config?.title ?? "Pitch assistant"}</h1>
        <button onClick={change}>Change to {other}</button>
      </header>
      <main ref={main} tabIndex={-1}>
        {problem && (
          <Problem error={problem} words={words} reference={config?.reference} onRetry={retryHere} />
        )}
        {!isReady && !problem && <p role="status">{words.loading}</p>}
        {control && <ChatKit control={control} hidden={!isReady} />}
      </main>
    </>
  );
}
