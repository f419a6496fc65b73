import { type RefObject, useInsertionEffect, useRef } from 'react';

/** Keeps what the last finished render gave, for callbacks that live longer than one. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
