/** Where a message is written, and the small print below. */
export const COMPOSER = `
.composer { padding-block: calc(var(--space) / 2) calc(var(--space) * 1.25); }
.field {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  align-items: end;
  gap: calc(var(--space) / 2) var(--space);
  padding: calc(var(--space) * 0.9);
  border: 1px solid var(--outline);
  border-radius: var(--radius-field);
  background: var(--raised);
  box-shadow: 0 2px 12px rgb(0 0 0 / 0.05);
  cursor: text;
  transition: border-color var(--quick), box-shadow var(--quick);
}
.field:focus-within { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); }
.input {
  inline-size: 100%;
  max-block-size: 12em;
  min-block-size: 2.25em;
  padding: 0.325em 0 0.325em calc(var(--space) * 1.25);
  border: 0;
  background: none;
  line-height: 1.6;
  resize: none;
  outline: none;
  scrollbar-width: thin;
}
.input::placeholder { color: var(--muted); opacity: 1; }
.send-button {
  display: inline-grid;
  place-items: center;
  inline-size: 2.25em;
  block-size: 2.25em;
  border-radius: var(--radius-control);
  background: var(--accent);
  color: var(--on-accent);
  transition: opacity var(--quick), background var(--quick), color var(--quick);
}
.send-button .icon { stroke-width: 2.1; }
.send-button:hover { opacity: 0.88; }
.send-button[aria-disabled="true"] {
  background: var(--fill-strong);
  color: var(--muted);
  cursor: default;
}
.chips { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: calc(var(--space) / 2); }
.chip {
  display: inline-flex;
  align-items: center;
  gap: 0.4em;
  max-inline-size: 100%;
  padding: 0.2em 0.7em;
  border-radius: var(--radius-control);
  background: var(--fill);
  font-size: 0.875em;
}
.chip > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip-remove { display: inline-grid; place-items: center; min-inline-size: 24px; min-block-size: 24px; }
.disclaimer {
  padding-block-end: calc(var(--space) * 1.5);
  color: var(--muted);
  font-size: 0.8125em;
  line-height: 1.45;
  text-align: center;
  text-wrap: balance;
}
.disclaimer.strong { color: var(--text); }
`;
