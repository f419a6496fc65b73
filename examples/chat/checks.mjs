const MAX_NAME_LENGTH = 24;
const MAX_TEXT_LENGTH = 1_000;

// Control characters, and marks that turn the direction of what follows or can't be seen at all.
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Gives the name to use (trimmed, single spaces), or the problem with it in words for its owner. */
export function checkName(value) {
  if (typeof value !== 'string') return { problem: 'Please tell us your name' };
  const name = value.normalize('NFC').trim().replace(/\s+/gu, ' ');
  if (name === '') return { problem: 'Please tell us your name' };
  if ([...name].length > MAX_NAME_LENGTH) return { problem: `At most ${MAX_NAME_LENGTH} characters, please` };
  if (HIDDEN.test(name) || !VISIBLE.test(name)) return { problem: 'Letters, digits and signs only, please' };
  return { name };
}

/** Two names with the same key look the same to people. */
export function nameKey(name) {
  return name.normalize('NFKC').toLowerCase();
}

/** Gives the text to pass on (trimmed), or the problem with it in words for its author. */
export function checkText(value) {
  if (typeof value !== 'string' || value.trim() === '') return { problem: 'A message needs some text' };
  const text = value.trim();
  if (text.length > MAX_TEXT_LENGTH) return { problem: `At most ${MAX_TEXT_LENGTH} characters, please` };
  return { text };
}
