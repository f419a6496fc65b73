// The line that tells how far a run is.

/** One line that is written over again; on what is no terminal, nothing but the figures is printed. */
export function startProgress(total) {
  const started = Date.now();
  let done = 0;
  const clear = () => process.stdout.isTTY && process.stdout.write('\r\x1b[K');
  return {
    clear,
    step: (what) => {
      const seconds = Math.round((Date.now() - started) / 1000);
      const left = done === 0 ? '' : `, ${Math.round((seconds / done) * (total - done))} s to go`;
      done++;
      clear();
      if (process.stdout.isTTY) process.stdout.write(`bench: ${done}/${total} ${what}, ${seconds} s${left}`);
    },
  };
}
