type Configuration = {
  ALLOWED_TAGS: string[];
  ALLOWED_ATTR: string[];
  ALLOWED_URI_REGEXP: RegExp;
  ALLOW_DATA_ATTR: boolean;
  ALLOW_ARIA_ATTR: boolean;
  RETURN_DOM_FRAGMENT: true;
};

type Purifier = {
  sanitize(html: string, configuration: Configuration): DocumentFragment;
};

declare const createPurifier: (window: Window) => Purifier;
export default createPurifier;
