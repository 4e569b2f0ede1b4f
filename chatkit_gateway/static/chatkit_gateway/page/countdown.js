/**
 * Say when a wait is over, in words that stay true: "in 12 minutes (14:05)".
 *
 * @param {number} seconds
 * @param {Record<string, string>} texts
 * @param {(words: string) => void} say
 * @returns {() => void} stops the countdown
 */
export function countDown(seconds, texts, say) {
  const end = performance.now() + seconds * 1000;
  const language = pageLanguage();
  const time = clockTime(seconds, language);

  function tick() {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) {
      clearInterval(timer);
      say(texts.back_now);
    } else {
      const when = relativeTime(left, language);
      say(texts.back_at.replace("{when}", when).replace("{time}", time));
    }
  }

  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}

/** The browser's own where the page's is none that a browser knows, such as "ca@valencia". */
function pageLanguage() {
  try {
    return Intl.getCanonicalLocales(document.documentElement.lang)[0];
  } catch {
    return undefined;
  }
}

/**
 * @param {number} seconds
 * @param {string | undefined} language
 */
function relativeTime(seconds, language) {
  const format = new Intl.RelativeTimeFormat(language);
  if (seconds < 60) return format.format(seconds, "second");
  if (seconds < 2 * 3600) return format.format(Math.ceil(seconds / 60), "minute");
  // The time beside it is exact, so the nearest hour will do.
  return format.format(Math.round(seconds / 3600), "hour");
}

/**
 * The local time then, with the weekday when that is not today.
 * @param {number} seconds
 * @param {string | undefined} language
 */
function clockTime(seconds, language) {
  const then = new Date(Date.now() + seconds * 1000);
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString(language, {
    ...(!isToday && { weekday: "long" }),
    hour: "2-digit",
    minute: "2-digit",
  });
}
