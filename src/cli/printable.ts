/** Characters that command a terminal (ECMA-48): C0 but tab and line feed, DEL, C1. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** Returns a peer's text for people to read: what would command their terminal becomes visible, and does nothing. */
export function printable(text: string): string {
  return text.replace(CONTROLS, picture);
}

/** What Unicode has for it, or its number. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `<${code.toString(16)}>`;
}
