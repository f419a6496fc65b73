/** A place in a room's log, behind one of its messages: `milliseconds-sequence`, as Redis Streams number entries. */
export type Offset = string;

/** The place before the first message of any log. */
export const START: Offset = '0-0';

const OFFSET = /^\d{1,20}-\d{1,20}$/;

/** 2^64 - 1: the largest number in an offset. */
const MAX_NUMERAL = '18446744073709551615';

/** The place behind the last message that a log could have: nothing comes after it. */
export const LAST: Offset = `${MAX_NUMERAL}-${MAX_NUMERAL}`;

/** Tells whether a value of the peer's is an offset. */
export function isOffset(value: unknown): value is Offset {
  return (
    typeof value === 'string' &&
    OFFSET.test(value) &&
    partsOf(value).every((part) => compareNumerals(part, MAX_NUMERAL) <= 0)
  );
}

/** Compares two offsets: below 0 when `a` comes first, 0 when they are the same. */
export function compareOffsets(a: Offset, b: Offset): number {
  const [aTime, aSequence] = partsOf(a);
  const [bTime, bSequence] = partsOf(b);
  return compareNumerals(aTime, bTime) || compareNumerals(aSequence, bSequence);
}

function partsOf(offset: Offset): [time: string, sequence: string] {
  const dash = offset.indexOf('-');
  return [offset.slice(0, dash), offset.slice(dash + 1)];
}

/** Numbers up to 2^64 are more than a double holds; without leading zeros the longer numeral is the larger. */
function compareNumerals(a: string, b: string): number {
  const [left, right] = [withoutLeadingZeros(a), withoutLeadingZeros(b)];
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function withoutLeadingZeros(numeral: string): string {
  let start = 0;
  while (start < numeral.length - 1 && numeral[start] === '0') start++;
  return numeral.slice(start);
}
