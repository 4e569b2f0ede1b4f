interface ImportMetaEnv {
  /** Where the portal is; empty when a proxy puts it on this page's own origin. */
  readonly VITE_PORTAL_URL?: string;
  /** Address of the widget's script; OpenAI's when it is not set. */
  readonly VITE_CHATKIT_SCRIPT_URL: string;
}
