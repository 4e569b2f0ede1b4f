/** The side of the square that repeats, in pixels of the page. */
const SIDE = 8;

/**
 * How a series is told from the next without seeing colours: strokes in the page's own colour
 * across the series' colour. What is not listed is plain.
 *
 * @type {Record<string, (pen: CanvasRenderingContext2D) => void>}
 */
const STROKES = {
  denied: (pen) => {
    pen.fillRect(0, 3, SIDE, 1);
    pen.fillRect(0, 7, SIDE, 1);
  },
  throttled: (pen) => diagonal(pen),
  failed: (pen) => {
    pen.fillRect(1, 1, 2, 2);
    pen.fillRect(5, 5, 2, 2);
  },
  rest: (pen) => diagonal(pen),
};

/**
 * What to fill the areas of a series with.
 *
 * @param {string} key
 * @param {string} colour
 * @param {string} ground
 * @returns {Paint}
 */
export function fillOf(key, colour, ground) {
  const stroke = STROKES[key];
  const tile = document.createElement("canvas");
  tile.width = tile.height = SIDE;
  const pen = tile.getContext("2d");
  if (!stroke || !pen) return colour;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.fillStyle = pen.strokeStyle = ground;
  stroke(pen);
  return pen.createPattern(tile, "repeat") ?? colour;
}

/** @param {CanvasRenderingContext2D} pen */
function diagonal(pen) {
  pen.lineWidth = 1.5;
  pen.beginPath();
  // Three strokes, so that the corners of one square meet those of the next.
  for (const shift of [-SIDE, 0, SIDE]) {
    pen.moveTo(shift - 1, SIDE + 1);
    pen.lineTo(shift + SIDE + 1, -1);
  }
  pen.stroke();
}
