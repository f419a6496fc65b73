const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Tells whether arrays and objects in JSON text are nested more than `limit` deep, in one pass and without parsing it.
 *
 * Text that is not JSON is told of by the parser that comes after.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i + 1);
    else if (isOpening(code) && ++depth > limit) return true;
    else if (isClosing(code)) depth--;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
}

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
