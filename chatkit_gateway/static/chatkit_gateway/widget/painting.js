/**
 * A function that does the work in the next frame, once however often it is called before.
 *
 * @param {() => void} work
 */
export function oncePerFrame(work) {
  let requested = false;
  return () => {
    if (requested) return;
    requested = true;
    requestAnimationFrame(() => {
      requested = false;
      work();
    });
  };
}

/** Frames stand still in a tab that nobody looks at; then this is the wait, in milliseconds. */
const UNSEEN_WAIT = 200;

/**
 * Runs in a task after the next frame. That is late enough for listeners which React attaches in
 * its effects to hear what happens then.
 *
 * @param {() => void} work
 */
export function afterNextPaint(work) {
  let done = false;
  const run = () => {
    if (done) return;
    done = true;
    work();
  };
  setTimeout(run, UNSEEN_WAIT);
  requestAnimationFrame(() => setTimeout(run));
}
