import type { Style } from './terminal.ts';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Returns JSON over several lines, coloured by `style`; what is no object or array of JSON as it is. */
export function prettyJson(text: string, style: (style: Style, text: string) => string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return JSON.stringify(value, undefined, 2).replaceAll(
    TOKEN,
    (token, string?: string, colon?: string, word?: string) => {
      if (string !== undefined) return `${style(colon ? 'cyan' : 'green', string)}${colon ?? ''}`;
      return style(word === undefined ? 'yellow' : 'magenta', token);
    },
  );
}
