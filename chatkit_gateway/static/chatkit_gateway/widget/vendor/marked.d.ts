export type Token = { type: string; raw: string };
export type TokensList = Token[] & { links: Record<string, unknown> };

export type Renderer = {
  html(token: { text: string }): string;
  checkbox(token: { checked: boolean }): string;
  image(token: { href: string; text: string; title: string | null }): string;
};

export class Marked {
  constructor(options: { gfm?: boolean; breaks?: boolean; renderer?: Partial<Renderer> });
  lexer(source: string): TokensList;
  parser(tokens: Token[]): string;
}
