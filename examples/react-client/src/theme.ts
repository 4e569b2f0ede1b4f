import type { ThemeOption } from "@openai/chatkit-react";

export type Scheme = "light" | "dark";

/** The club's palette for the chat. The page around it has the same colours in styles.css. */
export function clubTheme(scheme: Scheme): ThemeOption {
  const isDark = scheme === "dark";
  return {
    colorScheme: scheme,
    radius: "round",
    color: {
      accent: { primary: isDark ? "#0078d2" : "#005fad", level: 1 },
      surface: isDark
        ? { background: "#0b1a35", foreground: "#ffffff" }
        : { background: "#ffffff", foreground: "#102347" },
    },
    typography: { fontFamily: '"DM Sans", "Segoe UI", system-ui, sans-serif' },
  };
}
