/** Rendered Markdown. */
export const ANSWERS = `
.markdown { overflow-wrap: anywhere; }
.markdown > :first-child { margin-block-start: 0; }
.markdown > :last-child { margin-block-end: 0; }
.markdown :is(p, ul, ol, blockquote, .code, .table) { margin-block: 0.75em; margin-inline: 0; }
.markdown :is(h1, h2, h3, h4, h5, h6) {
  margin-block: 1.25em 0.4em;
  font-weight: 650;
  line-height: 1.3;
  letter-spacing: -0.01em;
}
.markdown h1 { font-size: 1.4em; }
.markdown h2 { font-size: 1.25em; }
.markdown h3 { font-size: 1.1em; }
.markdown :is(h4, h5, h6) { font-size: 1em; }
.markdown :is(ul, ol) { padding-inline-start: 1.5em; }
.markdown ul { list-style: disc; }
.markdown ol { list-style: decimal; }
.markdown li { margin-block: 0.25em; }
.markdown li::marker { color: var(--muted); }
.markdown .plain { white-space: pre-wrap; }
.markdown a { color: var(--link); text-decoration: underline; text-underline-offset: 0.15em; }
.markdown a:hover { text-decoration-thickness: 2px; }
.markdown blockquote {
  padding-inline-start: 1em;
  border-inline-start: 3px solid var(--line);
  color: var(--muted);
}
.markdown hr { margin-block: 1.5em; border: 0; border-block-start: 1px solid var(--line); }
.markdown img { max-inline-size: 100%; block-size: auto; border-radius: var(--radius-card); }

.markdown code { font: 0.875em / 1.6 var(--font-mono); }
.markdown :not(pre) > code { padding: 0.15em 0.4em; border-radius: 5px; background: var(--fill); }
.code { overflow: hidden; border-radius: min(var(--radius-card), 14px); background: var(--fill); }
.code-bar {
  display: flex;
  align-items: center;
  justify-content: space-between;
  padding: 0.5em 0.75em 0 1.25em;
  color: var(--muted);
  font-size: 0.8125em;
}
.code-copy { padding: 0.1em 0.5em; border-radius: var(--radius-control); }
.code-copy:hover { background: var(--fill-strong); color: var(--text); }
.code pre { margin: 0; padding: 0.5em 1em 0.9em; overflow-x: auto; }
.code pre:focus-visible, .table:focus-visible { outline-offset: -2px; }

.table { overflow-x: auto; border: 1px solid var(--line); border-radius: min(var(--radius-card), 14px); }
.table table { inline-size: 100%; border-collapse: collapse; font-size: 0.9375em; }
.table :is(th, td) { padding: 0.5em 0.9em; text-align: start; overflow-wrap: normal; }
.table th { background: var(--fill); font-weight: 600; }
.table td { border-block-start: 1px solid var(--line); }

.growing .markdown:last-child > :last-child:not(.code, .table, ul, ol)::after,
.growing .markdown:last-child > :is(ul, ol):last-child > li:last-child::after {
  content: "";
  display: inline-block;
  inline-size: 0.55em;
  block-size: 0.55em;
  margin-inline-start: 0.35em;
  border-radius: 50%;
  background: var(--text);
  animation: breathe 1s ease-in-out infinite;
}
`;
