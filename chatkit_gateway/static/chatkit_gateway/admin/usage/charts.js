import { fillOf } from "./patterns.js";

/** @import { Palette } from "./palette.js" */

/**
 * @typedef {object} Series
 * @property {string} key how it is painted
 * @property {string} label
 * @property {(number | null)[]} values null where there is nothing to show
 *
 * @typedef {object} ChartData What the page says of one chart.
 * @property {"bars" | "lines" | "ranking"} kind
 * @property {string[]} labels
 * @property {string[]} [ticks] what the axis shows in their place, "" for nothing
 * @property {string} [measure]
 * @property {Series[]} series
 */

/** Above so many points a line shows no mark on each of them. */
const MOST_MARKS = 62;
const FONT_SIZE = 12;
/** Usernames may have hundreds of characters; the longest code has 25. */
const LONGEST_NAME = 25;
const WIDEST_NAMES = 0.7;
const HEIGHT_OF_A_RANK = 22;
const HEIGHT_OF_THE_REST = 72;

/**
 * The height a chart needs so that no name covers the next; 0 where any height will do.
 *
 * @param {ChartData} data
 */
export function heightOf({ kind, labels }) {
  return kind === "ranking" ? labels.length * HEIGHT_OF_A_RANK + HEIGHT_OF_THE_REST : 0;
}

/**
 * Nothing moves, whatever the reader's system says about motion.
 *
 * @param {ChartData} data
 * @param {Palette} palette
 * @returns {Configuration}
 */
export function configurationOf(data, palette) {
  const isRanking = data.kind === "ranking";
  const labels = labelAxis(data, palette);
  const numbers = numberAxis(data, palette);
  return {
    type: data.kind === "lines" ? "line" : "bar",
    data: {
      labels: data.labels,
      datasets: data.series.map((one) =>
        data.kind === "lines" ? line(one, palette) : bars(one, palette, data),
      ),
    },
    options: {
      locale: document.documentElement.lang,
      font: { family: palette.font, size: FONT_SIZE },
      indexAxis: isRanking ? "y" : "x",
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", axis: isRanking ? "y" : "x", intersect: false },
      scales: isRanking ? { x: numbers, y: labels } : { x: labels, y: numbers },
      plugins: {
        legend: legend(data, palette),
        tooltip: tooltip(palette),
      },
    },
  };
}

/**
 * @param {Series} one
 * @param {Palette} palette
 * @param {ChartData} data
 * @returns {Dataset}
 */
function bars(one, palette, data) {
  return {
    label: one.label,
    data: one.values,
    backgroundColor: fillOf(one.key, palette.colour(one.key), palette.ground),
    barPercentage: data.labels.length > MOST_MARKS ? 1 : 0.9,
    categoryPercentage: data.labels.length > MOST_MARKS ? 1 : 0.86,
    maxBarThickness: data.kind === "ranking" ? 18 : 56,
  };
}

/**
 * @param {Series} one
 * @param {Palette} palette
 * @returns {Dataset}
 */
function line(one, palette) {
  const colour = palette.colour(one.key);
  const { values } = one;
  /** @param {number} index */
  const isAlone = (index) => values[index - 1] == null && values[index + 1] == null;
  return {
    label: one.label,
    data: values,
    borderColor: colour,
    backgroundColor: colour,
    pointBackgroundColor: colour,
    borderWidth: 2,
    borderDash: one.key === "p95" ? [6, 4] : [],
    pointStyle: one.key === "p95" ? "triangle" : "circle",
    // A point between two gaps has no line that would show it.
    pointRadius: ({ dataIndex }) => (values.length <= MOST_MARKS || isAlone(dataIndex) ? 3 : 0),
    pointHoverRadius: 5,
    spanGaps: false,
  };
}

/**
 * @param {ChartData} data
 * @param {Palette} palette
 * @returns {Axis}
 */
function labelAxis({ kind, labels, ticks }, palette) {
  const names = ticks ?? labels.map(shortened);
  return {
    stacked: kind !== "lines",
    // By itself an axis takes half of the chart at most, and cuts off the names on a phone.
    afterFit: (axis) => {
      if (kind !== "ranking") return;
      const widest = Math.max(...names.map((name) => axis.ctx.measureText(name).width)) + 12;
      axis.width = Math.max(axis.width, Math.min(widest, axis.chart.width * WIDEST_NAMES));
    },
    grid: { display: false, color: palette.line },
    border: { color: palette.line },
    ticks: {
      color: palette.quiet,
      autoSkip: kind !== "ranking",
      autoSkipPadding: 16,
      maxRotation: 0,
      callback: (_value, index) => names[index] || null,
    },
  };
}

/** @param {string} name */
function shortened(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

/**
 * @param {ChartData} data
 * @param {Palette} palette
 * @returns {Axis}
 */
function numberAxis({ kind, measure = "" }, palette) {
  return {
    stacked: kind !== "lines",
    beginAtZero: true,
    title: { display: measure !== "", text: measure, color: palette.quiet },
    grid: { color: palette.line },
    border: { color: palette.line },
    ticks: { color: palette.quiet, precision: 0, autoSkipPadding: 16, maxRotation: 0 },
  };
}

/**
 * @param {ChartData} data
 * @param {Palette} palette
 */
function legend({ kind, series }, palette) {
  return {
    display: series.length > 1,
    /** @type {"start"} */
    align: "start",
    // A chart is a picture: it offers nothing that the keyboard cannot reach.
    onClick: () => {},
    labels: {
      color: palette.ink,
      boxWidth: kind === "lines" ? 8 : 24,
      boxHeight: kind === "lines" ? 8 : 12,
      usePointStyle: kind === "lines",
    },
  };
}

/** @param {Palette} palette */
function tooltip(palette) {
  return {
    backgroundColor: palette.ink,
    titleColor: palette.ground,
    bodyColor: palette.ground,
    footerColor: palette.ground,
    multiKeyBackground: palette.ground,
    /** @param {{ raw: unknown }} item */
    filter: (item) => item.raw !== null,
  };
}
