/**
 * Draws the charts of the Usage page from the numbers beside them, in the colours the page has now.
 * The tables hold the same numbers, so nothing is lost where this does not run.
 */
import { onAppearanceChange } from "../page/appearance.js";
import { configurationOf, heightOf } from "./usage/charts.js";
import { paletteOf } from "./usage/palette.js";
import "./vendor/chart.umd.min.js";

/** @import { ChartData } from "./usage/charts.js" */

/** @type {Chart[]} */
let charts = [];

function draw() {
  for (const chart of charts) chart.destroy();
  charts = [...document.querySelectorAll("canvas")].flatMap((canvas) => {
    const numbers = canvas.closest(".usage-views")?.querySelector("script");
    if (!numbers) return [];
    /** @type {ChartData} */
    const data = JSON.parse(numbers.text);
    if (canvas.parentElement) canvas.parentElement.style.minHeight = `${heightOf(data)}px`;
    return [new Chart(canvas, configurationOf(data, paletteOf(canvas)))];
  });
}

draw();
onAppearanceChange(draw);
