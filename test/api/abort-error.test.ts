import { describe, expect, it } from 'vitest';
import { abortError, whenAborted } from '../../src/api/abort-error.ts';

describe('abortError', () => {
  it('is as that of Node, with the reason', () => {
    const controller = new AbortController();
    controller.abort('enough');
    const error = abortError(controller.signal);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' });
    expect(error.message).toBe('The operation was aborted');
  });
});

describe('whenAborted', () => {
  it('calls once, unless it is kept from that', () => {
    const controller = new AbortController();
    const log: unknown[] = [];
    whenAborted(controller.signal, (error) => log.push(error.cause));
    const forget = whenAborted(controller.signal, () => log.push('forgotten'));
    forget();
    controller.abort('enough');
    expect(log).toEqual(['enough']);
  });
});
