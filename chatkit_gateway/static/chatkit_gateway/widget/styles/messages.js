/** The thread: turns, what the member says, the row of actions, what is still to come. */
export const MESSAGES = `
.scroll-area { position: relative; min-block-size: 0; display: grid; }
.scroller {
  position: relative;
  overflow-y: auto;
  overscroll-behavior: contain;
  scrollbar-width: thin;
  scrollbar-color: var(--line) transparent;
  mask-image: linear-gradient(#000 calc(100% - 14px), transparent);
}
.latest {
  position: absolute;
  inset-block-end: var(--space);
  inset-inline-start: calc(50% - 1.125em);
  border: 1px solid var(--line);
  border-radius: 50%;
  background: var(--surface);
  color: var(--text);
  box-shadow: 0 2px 10px rgb(0 0 0 / 0.15);
}
.messages {
  max-inline-size: calc(var(--column) + var(--space) * 4);
  margin-inline: auto;
  padding-inline: calc(var(--space) * 2);
}
.earlier { display: block; margin: var(--space) auto; }

.turn {
  display: flow-root;
  padding-block-end: calc(var(--space) * 2);
  animation: appear 240ms ease-out;
}
/* The newest question starts at the top, with room for its answer. */
.turn.live { min-block-size: 100cqb; }
.message { margin-block-start: calc(var(--space) * 2); }
.turns > .turn:not(:first-child) .user { margin-block-start: calc(var(--space) * 2); }

.user { display: grid; justify-items: end; gap: calc(var(--space) / 2); }
.bubble {
  max-inline-size: min(85%, 36rem);
  padding: calc(var(--space) * 1.1) calc(var(--space) * 2.1);
  border-radius: var(--radius-bubble);
  background: var(--bubble);
  color: var(--on-bubble);
  overflow-wrap: anywhere;
  white-space: pre-wrap;
}
.bubble b { color: var(--link); font-weight: 600; }
.quote {
  max-inline-size: min(85%, 36rem);
  margin: 0;
  padding-inline-start: var(--space);
  border-inline-start: 3px solid var(--line);
  color: var(--muted);
  font-size: 0.875em;
}
.placeholder { color: var(--muted); font-style: italic; }

.thinking {
  inline-size: fit-content;
  margin-block-start: calc(var(--space) * 2);
  color: var(--muted);
  animation: breathe 1.6s ease-in-out infinite;
}
.actions { display: flex; gap: 2px; margin-block-start: calc(var(--space) / 2); margin-inline-start: -0.5em; }
.actions .icon-button { font-size: 0.875em; }

.sources { margin-block-start: var(--space); font-size: 0.875em; }
.sources h4 { font-size: inherit; color: var(--muted); font-weight: 600; }
.sources ol { display: flex; flex-wrap: wrap; gap: calc(var(--space) / 2); }
.sources li { padding: 0.15em 0.8em; border-radius: var(--radius-control); background: var(--fill); }
.sources a { color: var(--link); }

.notices, .composer, .disclaimer {
  inline-size: 100%;
  max-inline-size: calc(var(--column) + var(--space) * 4);
  margin-inline: auto;
  padding-inline: calc(var(--space) * 2);
}
.notice {
  display: flex;
  align-items: center;
  flex-wrap: wrap;
  gap: var(--space) calc(var(--space) * 1.25);
  margin-block: var(--space);
  padding: calc(var(--space) * 1.25) calc(var(--space) * 1.75);
  border-radius: var(--radius-card);
  background: var(--fill);
  font-size: 0.9375em;
  line-height: 1.45;
}
.notice > :nth-child(2) { flex: 1 1 12em; min-inline-size: 0; }
.notice.danger { background: var(--danger-fill); }
.notice.danger > .icon { color: var(--danger); }
.notice strong { display: block; }

@keyframes appear { from { opacity: 0; transform: translateY(6px); } }
`;
