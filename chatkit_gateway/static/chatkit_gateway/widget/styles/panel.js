/** The panel with previous chats: all of a narrow element, the side of a wide one. */
export const PANEL = `
.panel {
  position: absolute;
  inset: 0;
  z-index: 1;
  display: grid;
  grid-template-rows: auto minmax(0, 1fr);
  background: var(--surface);
  animation: appear 160ms ease-out;
}
@container chat (min-width: 640px) {
  .panel {
    inset-inline-start: auto;
    inline-size: 22rem;
    border-inline-start: 1px solid var(--line);
    box-shadow: -12px 0 40px rgb(0 0 0 / 0.16);
  }
  .main[inert] { opacity: 0.5; transition: opacity var(--quick); }
}
.panel-bar { display: flex; align-items: center; padding: var(--space) calc(var(--space) * 1.5); }
.panel-body { overflow-y: auto; padding: 0 var(--space) calc(var(--space) * 2); scrollbar-width: thin; }
.panel-body > .text-button { display: block; margin: var(--space) auto; }
.panel-status { padding: var(--space) calc(var(--space) * 1.5); color: var(--muted); }
.panel-status:empty { display: none; }

.thread-row {
  display: flex;
  align-items: center;
  gap: 2px;
  padding-inline-end: calc(var(--space) / 2);
  border-radius: min(var(--radius-card), 12px);
  transition: background var(--quick);
}
.thread-row:hover, .thread-row:focus-within { background: var(--fill); }
.thread-row:has([aria-current]) { background: var(--fill); font-weight: 550; }
.thread-open {
  flex: 1;
  min-inline-size: 0;
  display: grid;
  padding: var(--space) calc(var(--space) * 1.5);
  border-radius: inherit;
  line-height: 1.4;
}
.thread-title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.thread-row time { color: var(--muted); font-size: 0.8125em; font-weight: 400; }
.thread-row .icon-button { font-size: 0.9em; }
.thread-row .icon-button:hover { background: var(--fill-strong); }
.thread-form {
  flex: 1;
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: calc(var(--space) * 0.75);
  padding: var(--space) calc(var(--space) * 1.25);
}
.thread-form .question { flex: 1; }
.rename {
  flex: 1 1 100%;
  min-inline-size: 0;
  padding: 0.35em 0.75em;
  border: 1px solid var(--outline);
  border-radius: min(var(--radius-control), 10px);
  background: var(--surface);
}
`;
