/**
 * Small building blocks that say what a value must be. A check throws, naming the place and what
 * was expected there, never the value.
 *
 * @typedef {(value: unknown, path: string) => void} Check
 */

/** Options that ChatKit would not accept, under the name its own element gives to this. */
export class InvalidFrameParamsError extends Error {
  name = "InvalidFrameParamsError";
}

/** @param {string} path @param {string} expected @returns {never} */
function refuse(path, expected) {
  throw new InvalidFrameParamsError(`${path}: expected ${expected}`);
}

/** @param {string} type @returns {Check} */
const typed = (type) => (value, path) => {
  if (typeof value !== type) refuse(path, `a ${type}`);
};

export const string = typed("string");
export const boolean = typed("boolean");
export const func = typed("function");

/** @type {Check} */
export const number = (value, path) => {
  if (typeof value !== "number" || Number.isNaN(value)) refuse(path, "a number");
};

/** @type {Check} */
export const text = (value, path) => {
  if (typeof value !== "string" || value.trim() === "") refuse(path, "a non-empty string");
};

/** @param {...(string | number)} values @returns {Check} */
export const oneOf = (...values) => (value, path) => {
  if (!values.includes(/** @type {any} */ (value))) refuse(path, `one of ${values.join(", ")}`);
};

/** @param {Check} check @returns {Check} */
export const nullable = (check) => (value, path) => {
  if (value !== null) check(value, path);
};

/** @param {Check} check @returns {Check} */
export const list = (check) => (value, path) => {
  if (!Array.isArray(value)) refuse(path, "a list");
  /** @type {unknown[]} */ (value).forEach((each, index) => check(each, `${path}[${index}]`));
};

/** @param {Check} check @returns {Check} */
export const record = (check) => (value, path) => {
  for (const [key, each] of Object.entries(asObject(value, path))) check(each, `${path}.${key}`);
};

/**
 * An object with these keys and no others. As in React, a key whose value is undefined is absent.
 *
 * @param {Record<string, Check>} required
 * @param {Record<string, Check>} [optional]
 * @returns {Check}
 */
export const shape = (required, optional = {}) => (value, path) => {
  const present = Object.entries(asObject(value, path)).filter(([, each]) => each !== undefined);
  for (const [key, each] of present) {
    const check = required[key] ?? optional[key];
    if (!check) refuse(at(path, key), "nothing: there is no such option");
    check(each, at(path, key));
  }
  const keys = present.map(([key]) => key);
  for (const key of Object.keys(required)) {
    if (!keys.includes(key)) refuse(at(path, key), "a value: it is required");
  }
};

/** @param {unknown} value @param {string} path */
function asObject(value, path) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(path, "an object");
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {string} path @param {string} key */
const at = (path, key) => (path === "options" ? key : `${path}.${key}`);

/**
 * The first alternative whose key is present decides.
 *
 * @param {Record<string, Check>} alternatives
 * @returns {Check}
 */
export const eitherBy = (alternatives) => (value, path) => {
  const present = asObject(value, path);
  const key = Object.keys(alternatives).find((each) => present[each] !== undefined);
  if (!key) refuse(path, `an object with ${Object.keys(alternatives).join(" or ")}`);
  alternatives[key]?.(value, path);
};

/** @param {Check} simple @param {Check} structured @returns {Check} */
export const orObject = (simple, structured) => (value, path) =>
  (typeof value === "object" ? structured : simple)(value, path);
