import { GatewayError, loginAddress, ScriptMissingError } from "chatkit-gateway";

/** Our own words, for when the portal's, in the member's language, have not arrived. */
export const WORDS = {
  loading: "Opening the assistant…",
  script:
    "The chat window could not be loaded. A content blocker, a firewall or a slow connection may be" +
    " holding it back.",
  problem: "The chat ran into a problem. Trying again often helps.",
  reference: "Reference:",
  hint: "For staff:",
  log_in: "Log in",
  retry: "Try again",
};

interface Props {
  error: Error;
  words: typeof WORDS & Record<string, string>;
  /** What to quote when the error brings no reference of its own. */
  reference?: string;
  onRetry: () => void;
}

/** What is wrong, in calm sentences, and what can be done about it. */
export function Problem({ error, words, reference, onRetry }: Props) {
  const refusal = error instanceof GatewayError ? error : null;
  const quote = refusal?.reference ?? reference;

  function whatIsWrong() {
    if (refusal) return (refusal.isLocal && words[refusal.code]) || refusal.detail;
    return error instanceof ScriptMissingError ? words.script : words.problem;
  }

  return (
    <section className="problem" role="alert">
      <p>{whatIsWrong()}</p>
      <p className="actions">
        {refusal?.loginUrl && <a href={loginAddress(refusal.loginUrl)}>{words.log_in}</a>}
        <button onClick={onRetry}>{words.retry}</button>
      </p>
      {refusal?.hint && (
        <p className="small">
          {words.hint} {refusal.hint}
        </p>
      )}
      {quote && (
        <p className="small">
          {words.reference} <code>{quote}</code>
        </p>
      )}
    </section>
  );
}
