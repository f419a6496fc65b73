import { describe, expect, it } from 'vitest';
import { prettyJson } from '../../src/cli/json-text.ts';

const plain = (_style: unknown, text: string): string => text;
const marked = (style: unknown, text: string): string => `<${style}>${text}</>`;

describe('prettyJson', () => {
  it('lays objects and arrays out', () => {
    expect(prettyJson('{"a":[1,-2.5e3]}', plain)).toBe('{\n  "a": [\n    1,\n    -2500\n  ]\n}');
  });

  it.each(['hello', '12', '"text"', '{broken', '', '[1,]'])('leaves %o as it is', (text) => {
    expect(prettyJson(text, marked)).toBe(text);
  });

  it('has a style for each kind of value', () => {
    expect(prettyJson('[{"a b: 1":"x\\"1:"},1,true,null]', marked)).toBe(
      [
        '[',
        '  {',
        '    <cyan>"a b: 1"</>: <green>"x\\"1:"</>',
        '  },',
        '  <yellow>1</>,',
        '  <magenta>true</>,',
        '  <magenta>null</>',
        ']',
      ].join('\n'),
    );
  });
});
