/** The element itself, its bar, its start screen, and what all controls share. */
export const FRAME = `
:host {
  display: block;
  inline-size: 100%;
  block-size: 100%;
  min-block-size: 320px;
  contain: content;
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
h2, h3, h4, p, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
button, textarea, input { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; text-align: start; }

.app {
  position: relative;
  block-size: 100%;
  min-block-size: inherit;
  overflow: hidden;
  background: var(--surface);
  color: var(--text);
  font: 400 var(--font-size) / 1.6 var(--font);
  -webkit-font-smoothing: antialiased;
  container: chat / inline-size;
  --space: calc(8px * var(--density));
  --column: 46rem;
  --quick: 140ms ease-out;
}
.main {
  display: grid;
  grid-template-rows: auto minmax(0, 1fr) auto auto auto;
  block-size: 100%;
  min-block-size: inherit;
}
.main > * { grid-column: 1; min-inline-size: 0; }

.icon {
  inline-size: 1.25em;
  block-size: 1.25em;
  flex: none;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.7;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.icon-stop { fill: currentColor; }
.unseen {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }

.icon-button {
  display: inline-grid;
  place-items: center;
  inline-size: 2.25em;
  block-size: 2.25em;
  flex: none;
  border-radius: var(--radius-control);
  color: var(--muted);
  transition: background var(--quick), color var(--quick);
}
.icon-button:hover { background: var(--fill); color: var(--text); }
.icon-button:disabled { opacity: 0.4; cursor: default; background: none; }
.icon-button[aria-pressed="true"] { color: var(--link); background: var(--fill); }

.text-button {
  flex: none;
  padding: 0.3em 0.9em;
  border: 1px solid var(--outline);
  border-radius: var(--radius-control);
  font-weight: 550;
  font-size: 0.875em;
  transition: background var(--quick);
}
.text-button:hover { background: var(--fill); }
.text-button.danger { color: var(--danger); border-color: currentColor; }

.header {
  display: flex;
  align-items: center;
  gap: calc(var(--space) / 2);
  padding: var(--space) calc(var(--space) * 1.5);
}
.title {
  flex: 1;
  min-inline-size: 0;
  overflow: hidden;
  padding-inline-start: var(--space);
  font-size: 1em;
  font-weight: 600;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.title[hidden] { display: block !important; visibility: hidden; }

.body { position: relative; overflow: hidden; display: grid; min-block-size: 0; container-type: size; }
.loading {
  place-self: center;
  color: var(--muted);
  animation: breathe 1.6s ease-in-out infinite;
}

.start {
  align-self: stretch;
  display: flex;
  flex-direction: column;
  gap: calc(var(--space) * 3);
  inline-size: 100%;
  max-inline-size: calc(var(--column) + var(--space) * 4);
  margin-inline: auto;
  padding: calc(var(--space) * 2);
  overflow-y: auto;
}
.greeting {
  margin-block-start: auto;
  font-size: clamp(1.35em, 5cqi, 1.85em);
  font-weight: 650;
  line-height: 1.25;
  letter-spacing: -0.015em;
  text-align: center;
  text-wrap: balance;
}
.start .greeting:last-child { margin-block-end: auto; }
.prompts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
  gap: var(--space);
  margin-block-end: auto;
}
.prompt {
  display: flex;
  align-items: center;
  gap: calc(var(--space) * 1.25);
  inline-size: 100%;
  block-size: 100%;
  padding: calc(var(--space) * 1.5) calc(var(--space) * 2);
  border: 1px solid var(--line);
  border-radius: var(--radius-card);
  background: var(--raised);
  line-height: 1.4;
  transition: background var(--quick), border-color var(--quick);
}
.prompt .icon { color: var(--link); }
.prompt:hover { background: var(--fill); border-color: var(--outline); }

@keyframes breathe { 50% { opacity: 0.45; } }
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .icon-button, .send-button, .prompt, .bubble { border: 1px solid; }
}
`;
