// @vitest-environment happy-dom
import { createElement, type RefObject, useEffect } from 'react';
import { expect, it } from 'vitest';
import { useLatest } from '../../src/react/use-latest.ts';
import { mount } from './mounted.ts';

it('is one object, which has what the last render gave before effects run', async () => {
  const refs = new Set<RefObject<number>>();
  const seen: number[] = [];
  const Shown = ({ value }: { value: number }) => {
    const latest = useLatest(value);
    useEffect(() => {
      refs.add(latest);
      seen.push(latest.current);
    });
    return null;
  };
  const { render } = await mount(createElement(Shown, { value: 1 }));
  await render(createElement(Shown, { value: 2 }));
  expect([refs.size, [...new Set(seen)]]).toEqual([1, [1, 2]]);
});
