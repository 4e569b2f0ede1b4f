import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

const OPENAI_SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";
const GATEWAY = new URL("../../chatkit_gateway/static/chatkit_gateway/", import.meta.url).pathname;

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, ".", "");

  // Objects, not just addresses: those would make Vite change the Host header, and Django would
  // refuse every POST, whose Origin would then be another than its own.
  const portal = { target: env.PORTAL_URL || "http://127.0.0.1:8000" };
  const proxy = { "/api/chatkit": portal, "/accounts": portal, "/static": portal };

  return {
    plugins: [react()],
    resolve: { alias: { "chatkit-gateway": `${GATEWAY}gateway.js` } },
    define: {
      "import.meta.env.VITE_CHATKIT_SCRIPT_URL": JSON.stringify(
        env.VITE_CHATKIT_SCRIPT_URL || OPENAI_SCRIPT,
      ),
    },
    server: { proxy, fs: { allow: [".", GATEWAY] } },
    preview: { proxy },
  };
});
