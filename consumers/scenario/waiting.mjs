/** How long anything may take that a scenario waits for. All is on one machine, so nothing comes near it. */
const LIMIT_MS = 10_000;

/** Waits for an event of whatever has `once`, `on` or `addEventListener`; gives the arguments of its listener. */
export function next(emitter, event) {
  const add = emitter.once ?? emitter.on ?? emitter.addEventListener;
  return within(
    new Promise((resolve) => add.call(emitter, event, (...args) => resolve(args))),
    `the event '${String(event)}'`,
  );
}

/** Waits for a promise, and fails when it takes too long. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${LIMIT_MS} ms for ${what}`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
