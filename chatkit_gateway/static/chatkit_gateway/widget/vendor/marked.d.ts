export type Token = { type: string; raw: string; text?: string };
export type TokensList = Token[] & { links: Record<string, unknown> };

export type Renderer = {
  html(token: { text: string }): string;
  checkbox(token: { checked: boolean }): string;
  image(token: { href: string; text: string; title: string | null }): string;
};

export type Tokenizer = {
  rules: { block: { table: RegExp } };
  table(source: string): Token | false;
};

export type Options = {
  gfm?: boolean;
  breaks?: boolean;
  renderer?: Partial<Renderer>;
  tokenizer?: Partial<Tokenizer> & ThisType<Tokenizer>;
};

export class Lexer {
  constructor(options: Options);
  lex(source: string): TokensList;
  blockTokens(source: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  inlineTokens(source: string, tokens?: Token[]): Token[];
}

export class Marked {
  constructor(options: Options);
  defaults: Options;
  parser(tokens: Token[]): string;
}
