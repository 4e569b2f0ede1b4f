import { useLayoutEffect, useState, useSyncExternalStore } from "react";
import type { Scheme } from "./theme";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

function subscribe(onChange: () => void) {
  darkSystem.addEventListener("change", onChange);
  return () => darkSystem.removeEventListener("change", onChange);
}

/** The page's scheme: the system's, until somebody chooses the other one. */
export function useColorScheme(): { scheme: Scheme; other: Scheme; change: () => void } {
  const system: Scheme = useSyncExternalStore(subscribe, () =>
    darkSystem.matches ? "dark" : "light",
  );
  const [choice, setChoice] = useState<Scheme | null>(null);
  const scheme = choice ?? system;
  const other = scheme === "dark" ? "light" : "dark";

  useLayoutEffect(() => {
    document.documentElement.dataset.theme = scheme;
  }, [scheme]);

  return { scheme, other, change: () => setChoice(other === system ? null : other) };
}
