export const MAX_NAME_LENGTH = 24;
export const MAX_TEXT_LENGTH = 1_000;

/** What is fit to be used, or what is wrong with it, in words for its author. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string };

// Control characters, and marks that turn the direction of what follows or can't be seen at all.
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Gives a name, trimmed and with single spaces. */
export function checkName(input: unknown): Checked<string> {
  if (typeof input !== 'string') return { problem: 'Please tell us your name' };
  const value = input.normalize('NFC').trim().replace(/\s+/gu, ' ');
  if (value === '') return { problem: 'Please tell us your name' };
  if ([...value].length > MAX_NAME_LENGTH)
    return { problem: `At most ${MAX_NAME_LENGTH} characters, please` };
  if (HIDDEN.test(value) || !VISIBLE.test(value))
    return { problem: 'Letters, digits and signs only, please' };
  return { value };
}

/** Gives a text, trimmed. */
export function checkText(input: unknown): Checked<string> {
  const value = typeof input === 'string' ? input.trim() : '';
  if (value === '') return { problem: 'A message needs some text' };
  if (value.length > MAX_TEXT_LENGTH) return { problem: `At most ${MAX_TEXT_LENGTH} characters, please` };
  return { value };
}
